"""Pairs and cases carry the right truth; bins follow the data; simple scores order sure before doubtful."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.drawn_cars import drawn_cars, drawn_plate

from kilpi.decision.features import CHARACTER_NUMBERS, CONTEXT
from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.rules import Rules
from kilpi.evaluation.car_marks import baselines, choices, judged_car, make_tokeniser, pairs_of, quantiles
from kilpi.evaluation.car_reads import CarReads
from kilpi.evaluation.metrics import auroc
from kilpi.grammar import load_grammars
from kilpi.types import Box

GRAMMARS = load_grammars()
RULES = Rules(GRAMMARS, DecisionPolicy(p=0.9))


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_pairs_know_whether_they_are_right() -> None:
    cars = drawn_cars(40, 1, clear=(0.9, 1.0))
    right = [pair.right for pair in pairs_of(cars, RULES, rng())]
    assert np.mean(right) > 0.9
    lying = [replace(car, truth="ZZZ999") for car in cars]
    assert not any(pair.right for pair in pairs_of(lying, RULES, rng()))


def test_choices_are_different_and_of_whole_photos() -> None:
    (car,) = drawn_cars(1, 2, photos=(4, 4))
    beside = drawn_plate(car.plates[0].photo_id, "XYZ987", rng())
    other = replace(car, plates=(*car.plates, beside), own=(*car.own, False))
    chosen = [frozenset(p.photo_id for p in plates) for plates in choices(other, rng(), 6)]
    assert len(chosen) == len(set(chosen)) > 1 and len(chosen[0]) == 4
    assert all((beside in plates) == (car.plates[0] in plates) for plates in choices(other, rng(), 6))


def test_a_neighbours_plate_read_well_is_a_wrong_pair() -> None:
    bare = [replace(car, truth=None) for car in drawn_cars(3, 3, clear=(1.0, 1.0))]
    pairs = pairs_of(bare, RULES, rng())
    assert pairs and not any(pair.right for pair in pairs)


def test_a_case_is_the_front_plate() -> None:
    (car,) = drawn_cars(1, 4, photos=(2, 2), clear=(1.0, 1.0))
    behind = drawn_plate("x", "XYZ987", rng(), 1.0, Box(10, 10, 60, 22))
    case = judged_car(replace(car, plates=(*car.plates, behind), own=(*car.own, False)), RULES)
    assert case.right and not case.sorted_out
    assert judged_car(CarReads("x", None, 2, (), ()), RULES).sorted_out
    trade = CarReads("x", "KOE123", 1, (drawn_plate("a", "KOE123", rng()),), (True,))
    assert judged_car(trade, RULES).sorted_out


def test_the_right_characters_of_another_country_match_but_are_not_right() -> None:
    plates = tuple(drawn_plate(photo, "ABC123", rng()) for photo in "ab")
    cases = [
        judged_car(CarReads("x", "ABC123", 2, plates, (True, True), code), RULES) for code in ("FI", "SE")
    ]
    assert [case.right for case in cases] == [True, False] and all(case.matches for case in cases)


def test_bins_have_about_equal_mass_and_are_finer_where_reads_are_weak() -> None:
    values = np.random.default_rng(0).random(5000)
    counts = np.bincount(np.searchsorted(quantiles(list(values)), values))
    assert counts[5:].max() < 1.2 * counts[5:].min()
    assert counts[:5].max() < 0.6 * counts[5:].min()
    assert quantiles([1.0, 2.0, 2.0, 3.0]) == (1.5, 2.5) and quantiles([]) == ()


def test_the_tokeniser_fits_its_pairs() -> None:
    pairs = pairs_of(drawn_cars(60, 5), RULES, rng())
    tokeniser = make_tokeniser(pairs, GRAMMARS.countries)
    assert tokeniser.series == ("FI/ordinary",) and set(tokeniser.edges) == {*CONTEXT, *CHARACTER_NUMBERS}
    assert tokeniser.encode([pair.evidence for pair in pairs]).max() < tokeniser.size


def test_simple_scores_are_higher_for_right_reads() -> None:
    pairs = pairs_of(drawn_cars(150, 6, clear=(0.2, 1.0)), RULES, rng())
    right = np.array([pair.right for pair in pairs])
    scores = baselines([pair.evidence for pair in pairs])
    assert len(scores) == 6
    for name in ("lowest character score", "agreement only", "share among candidates"):
        assert auroc(scores[name], right) > 0.6
