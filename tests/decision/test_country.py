"""A mark's country by the plates' looks: photos add up, and only countries that have such marks compete."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.drawn_cars import drawn_plate

from kilpi.decision.country import doubts_of_country, looks_of
from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.tracks import Track, find_tracks
from kilpi.grammar import load_grammars
from kilpi.types import CountryGuess

GRAMMARS = load_grammars()
POLICY = DecisionPolicy(p=0.9)
Scores = dict[str, float]


def track(*photos: Scores, text: str = "ABC123") -> Track:
    """One plate in as many photos, each of which scores countries so."""
    plates = []
    for i, scores in enumerate(photos):
        made = drawn_plate(str(i), text, np.random.default_rng(i))
        assert made.reading is not None
        guesses = tuple(CountryGuess(*item) for item in sorted(scores.items(), key=lambda item: -item[1]))
        plates.append(replace(made, reading=replace(made.reading, countries=guesses)))
    (found,) = find_tracks(plates, GRAMMARS)
    assert found.candidates[0].mark.country == "FI"
    return found


def told(made: Track) -> list[str] | None:
    """The countries that a person is told of; None where there is no doubt."""
    doubts = doubts_of_country(made, GRAMMARS, POLICY)
    return doubts[0].values["countries"] if doubts else None


def test_photos_that_name_the_country_leave_no_doubt() -> None:
    assert told(track({"FI": 0.98})) is None
    assert told(track({"FI": 0.98}, {"FI": 0.6})) is None


def test_what_no_photo_shows_is_unsure_and_only_countries_are_told() -> None:
    assert told(track({"XX": 0.9}, {"XX": 0.8, "FI": POLICY.country_seen - 0.1})) == ["FI"]


def test_a_country_that_has_such_marks_competes() -> None:
    assert told(track({"FI": 0.9, "SE": 0.1}, {"SE": 0.6, "FI": 0.4})) == ["FI", "SE"]


def test_photos_that_contradict_each_other_leave_a_doubt() -> None:
    clear, other = {"FI": 0.95, "SE": 0.05}, {"SE": 0.95, "FI": 0.05}
    assert looks_of(track(clear, clear, clear, other), GRAMMARS).share > POLICY.country_share
    assert told(track(clear, clear, clear, other)) == ["FI", "SE"]


def test_a_country_without_such_marks_does_not() -> None:
    one, other = ({"FI": 0.6, code: 0.4} for code in ("SE", "NO"))
    assert "NO" not in GRAMMARS.homes("ABC123")
    assert (
        looks_of(track(one, one), GRAMMARS).share
        < POLICY.country_share
        < looks_of(track(other, other), GRAMMARS).share
    )


def test_photos_add_up() -> None:
    shares = [looks_of(track(*[{"FI": 0.7, "SE": 0.2}] * n), GRAMMARS).share for n in (1, 2, 4)]
    assert shares == sorted(shares) and shares[0] == pytest.approx(0.7 / 0.9)


def test_no_single_photo_rules_a_country_out() -> None:
    assert looks_of(track({"FI": 0.9}, {"FI": 0.9}, {"FI": 0.9}, {"SE": 1.0}), GRAMMARS).share > 0.9


def test_a_mark_that_fetches_no_car_needs_no_country() -> None:
    plates = [drawn_plate("a", "KOE123", np.random.default_rng(0))]
    (trade,) = find_tracks(plates, GRAMMARS)
    assert not trade.candidates[0].mark.identifies_car and not doubts_of_country(trade, GRAMMARS, POLICY)


def test_at_home_a_plate_need_not_prove_its_country_only_not_look_like_anothers() -> None:
    unclear = track({"FI": 0.6, "SE": 0.3})
    assert doubts_of_country(unclear, GRAMMARS, POLICY) and doubts_of_country(
        unclear, GRAMMARS, POLICY, {"SE"}
    )
    assert not doubts_of_country(unclear, GRAMMARS, POLICY, {"FI", "SE"})
    assert doubts_of_country(track({"FI": 0.3, "SE": 0.6}), GRAMMARS, POLICY, {"FI"})
    assert doubts_of_country(
        track({"FI": 0.99}, {"FI": 0.99}, {"SE": POLICY.country_seen}), GRAMMARS, POLICY, {"FI"}
    )
