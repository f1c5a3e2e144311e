"""What was read, ranked by the rules of countries."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.grammar.marks_read import GRAMMARS, doubtful, reading

from kilpi.types import CountryGuess, Reading


def test_letters_and_digits_are_settled_by_their_place() -> None:
    assert GRAMMARS.rank(reading("010110", country="FI"))[0].mark.text == "OIO-110"
    assert GRAMMARS.rank(reading("BCI7O7", country="FI"))[0].mark.text == "BCI-707"
    assert GRAMMARS.rank(reading("EL1O345", country="NO"))[0].mark.text == "EL 10345"


def test_a_finnish_number_does_not_begin_with_zero() -> None:
    best = GRAMMARS.rank(reading("010010", country="FI"))
    assert "OIO-010" not in [candidate.mark.text for candidate in best]


def test_scores_fall_and_sum_to_one() -> None:
    ranked = GRAMMARS.rank(reading("ABC123"), keep=4)
    scores = [candidate.score for candidate in ranked]
    assert 1 <= len(ranked) <= 4
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1.0)
    assert len({(c.mark.country, c.mark.text) for c in ranked}) == len(ranked)


@pytest.mark.parametrize("country", ["SE", "NO", "EE", "DE", None])
def test_no_rule_turns_a_clear_ring_into_a_plain_letter(country: str | None) -> None:
    # Swedish ordinary marks never have Å: the rule may find it unlikely, the reader saw it.
    seen = doubtful({"Å": 0.9, "A": 0.08}, {"B": 0.99}, {"C": 0.99}, {"1": 0.99}, {"2": 0.99}, {"3": 0.99},
                    country=country)  # fmt: skip
    best = GRAMMARS.rank(seen)[0].mark
    assert best.compact.startswith("Å")


def test_a_reader_in_doubt_leaves_both_letters() -> None:
    seen = doubtful({"Å": 0.5, "A": 0.45}, {"B": 0.99}, {"C": 0.99}, {"1": 0.99}, {"2": 0.99}, {"3": 0.99},
                    country="FI")  # fmt: skip
    ranked = {candidate.mark.text: candidate.score for candidate in GRAMMARS.rank(seen)}
    assert ranked["ÅBC-123"] == pytest.approx(0.5 / 0.45 * ranked["ABC-123"], rel=0.01)


@pytest.mark.parametrize(
    ("text", "country"), [("HELLO", "FI"), ("HELLO", None), ("KILPI42X", "FI"), ("7", "FI")]
)
def test_a_clearly_read_vanity_plate_survives_on_top(text: str, country: str | None) -> None:
    assert GRAMMARS.rank(reading(text, country=country))[0].mark.compact == text


def test_what_no_rule_parses_is_said_to_be_unparsed() -> None:
    best = GRAMMARS.rank(reading("HELLOFOLKS1", country="FI"))[0].mark
    assert (best.text, best.country, best.series) == ("HELLOFOLKS1", "FI", None)


@settings(max_examples=100, deadline=None)
@given(st.text("ABCÅÄÖ0123IO8", min_size=1, max_size=9), st.integers(1, 5))
def test_what_was_read_is_always_among_the_candidates(text: str, keep: int) -> None:
    ranked = GRAMMARS.rank(reading(text), keep=keep)
    assert len(ranked) <= keep
    assert any(candidate.mark.compact == text for candidate in ranked)


def test_a_trade_plate_is_told_from_an_ordinary_one() -> None:
    best = GRAMMARS.rank(reading("KOE123"))[0].mark
    assert (best.text, best.identifies_car) == ("KOE 123", False)
    tagged = GRAMMARS.rank(reading("KOE123", country="FI"))[0].mark
    assert tagged == best
    near = GRAMMARS.rank(reading("KOF123", country="FI"))[0].mark
    assert (near.text, near.identifies_car) == ("KOF-123", True)


def test_country_scores_decide_between_countries() -> None:
    def best(**scores: float) -> tuple[str, str | None]:
        guesses = tuple(CountryGuess(code, score) for code, score in scores.items())
        mark = GRAMMARS.rank(replace(reading("ABC123"), countries=guesses))[0].mark
        return mark.text, mark.country

    assert best(LT=0.9, FI=0.1) == ("ABC 123", "LT")
    assert best(FI=0.9, LT=0.1) == ("ABC-123", "FI")
    assert best(XX=0.98, LT=0.02) == ("ABC-123", "FI"), "where the looks say nothing the priors decide"
    assert best(XX=0.4, LT=0.6) == ("ABC 123", "LT")


def test_countries_cannot_push_all_characters_out() -> None:
    seen = doubtful(*({c: 0.6, d: 0.4} for c, d in zip("ABC123", "XYZ456", strict=True)))
    texts = {candidate.mark.compact for candidate in GRAMMARS.rank(seen, keep=5)}
    assert len(texts) >= 2


def test_a_better_second_guess_wins_by_the_rules() -> None:
    seen = doubtful({"A": 0.99}, {"8": 0.55, "B": 0.4}, {"C": 0.99}, {"1": 0.99}, {"2": 0.99}, {"3": 0.99},
                    country="FI")  # fmt: skip
    assert GRAMMARS.rank(seen)[0].mark.text == "ABC-123"


def test_an_empty_reading_gives_nothing() -> None:
    assert GRAMMARS.rank(Reading((), "test")) == ()
    assert GRAMMARS.rank(reading("ABC123"), keep=0) == ()
