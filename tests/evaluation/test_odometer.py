"""Every slip of the figure is tried, and outcomes are counted."""

from __future__ import annotations

from kilpi.evaluation.odometer import doubled_digit, lost_digit, score_odometer, swapped, wrong_digit
from kilpi.geometry import quad_from_box
from kilpi.types import Box, DistanceReading, DistanceUnit


def reading(value: int) -> DistanceReading:
    return DistanceReading(
        "a", quad_from_box(Box(0, 0, 9, 3)), value, DistanceUnit.KM, score=0.99, looks=5, looked=5
    )


def test_slips() -> None:
    wrong = list(wrong_digit(120))
    assert len(wrong) == len(set(wrong)) == 8 + 9 + 9 and 120 not in wrong and min(wrong) == 100
    assert lost_digit(1223) == [122, 123, 223]
    assert doubled_digit(122) == [1122, 1222]
    assert swapped(1223) == [1232, 2123]


def test_a_misread_photo_confirms_the_slip_that_it_shows() -> None:
    scores = score_odometer([(160068, [reading(160068)]), (235891, [reading(236891)]), (77777, [])])
    assert (scores.right.checks, scores.right.confirmed, scores.right.contradicted) == (3, 1, 1)
    assert scores.one_digit_wrong.checks == 2 * (8 + 5 * 9) + 8 + 4 * 9
    assert scores.one_digit_wrong.confirmed == 1
    assert scores.one_digit_lost.confirmed == scores.neighbours_swapped.confirmed == 0
