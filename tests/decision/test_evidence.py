"""Numbers in, numbers out: what is believed of a read, and what ties make of it."""

from __future__ import annotations

import pytest

from kilpi.decision.evidence import Belief, Tie, add_up, believe

COLOUR = Tie("colour", misread=0.3, another=1.0)
MARK = Tie("mark", misread=0.001, another=0.01)


@pytest.mark.parametrize("p", [0.0, 0.5, 0.93, 1.0])
@pytest.mark.parametrize("least", [0.0, 0.5])
def test_what_is_believed_adds_up_to_one(p: float, least: float) -> None:
    belief = believe(p, 0.4, least)
    assert belief.right + belief.misread + belief.another == pytest.approx(1.0)


def test_without_doubts_of_the_place_the_read_is_believed_as_p_says() -> None:
    belief = believe(0.9, 0.5)
    assert (belief.right, belief.misread, belief.another) == pytest.approx((0.9, 0.05, 0.05))


def test_a_plate_aside_is_another_cars_however_well_it_was_read() -> None:
    assert believe(0.999, 0.5, 0.5).another == pytest.approx(0.5, abs=0.001)


def test_ties_follow_bayes_rule() -> None:
    made = add_up(Belief(0.8, 0.1, 0.1), [Tie("x", 0.5, 0.2, 0.9), Tie("y", 0.4, 1.0)])
    assert made == pytest.approx(0.72 / (0.72 + 0.1 * 0.2 + 0.1 * 0.2))


def test_no_tie_changes_nothing() -> None:
    assert add_up(believe(0.9, 0.5), []) == pytest.approx(0.9)


def test_what_another_car_would_show_as_well_says_nothing_against_it() -> None:
    belief = believe(0.99, 0.5, 0.5)
    assert add_up(belief, [COLOUR] * 9) == pytest.approx(0.5, abs=0.01)


def test_larger_shares_are_worth_less_and_never_more_than_a_certainty() -> None:
    belief = believe(0.9, 0.5)
    half, once, twice, ten = (add_up(belief, [COLOUR, MARK], times) for times in (0.5, 1.0, 2.0, 10.0))
    assert half > once > twice > ten > 0.9
    assert add_up(belief, [COLOUR], 100.0) == pytest.approx(0.9)


def test_a_right_car_that_seldom_fits_is_worth_less() -> None:
    belief = believe(0.9, 0.5)
    assert add_up(belief, [Tie("x", 0.5, 0.5, right=0.5)]) == pytest.approx(0.9)


@pytest.mark.parametrize("numbers", [(1.1, 0.5, 0.0), (0.5, -0.1, 0.0), (0.5, 0.5, 2.0)])
def test_numbers_that_are_no_chances_are_refused(numbers: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"0\.\.1"):
        believe(*numbers)
