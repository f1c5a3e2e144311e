"""Which car is asked next."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kilpi.cases.learning import teaching
from kilpi.cases.learning.teaching import RANDOM, TENTHS, is_random, rank, teaches
from kilpi.geometry import quad_from_box
from kilpi.types import Box, Guess, Plate, Reading, Sighting


def plate(top: float, width: float = 120, sharpness: float = 0.6) -> Plate:
    slots = tuple((Guess("A", top), Guess("B", 1 - top)) for _ in range(6))
    quad = quad_from_box(Box(10, 10, 10 + width, 40))
    return Plate("photo", Sighting(quad, 0.9), Reading(slots, "r"), (), (400, 300), sharpness)


ORDERED = next(f"case{i}" for i in range(99) if not is_random(f"case{i}"))


def test_an_unsure_reader_learns_more() -> None:
    assert teaches(plate(0.999)) < teaches(plate(0.9)) < teaches(plate(0.6))
    assert rank(ORDERED, [plate(0.6)]) < rank(ORDERED, [plate(0.999)])


@pytest.mark.parametrize("worse", [plate(0.6, width=20), plate(0.6, sharpness=0.05)])
def test_what_nobody_can_read_teaches_little(worse: Plate) -> None:
    assert teaches(worse) < teaches(plate(0.6)) / 2


def test_nothing_read_teaches_nothing() -> None:
    assert teaches(replace(plate(0.6), reading=None)) == 0
    assert rank(ORDERED, []) == 1


def test_the_random_part_is_a_fifth_also_of_what_is_asked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plates of usual questions teach 0.28 in the middle, so that their plain value would come last."""
    values = iter(np.interp(np.random.default_rng(0).random(5000), np.linspace(0, 1, len(TENTHS)), TENTHS))
    monkeypatch.setattr(teaching, "teaches", lambda plate: float(next(values)))
    ids = [f"case{i}" for i in range(5000)]
    queue = sorted(ids, key=lambda case_id: rank(case_id, [plate(0.6)]))
    for first in (250, 1000):
        assert sum(map(is_random, queue[:first])) / first == pytest.approx(RANDOM, abs=0.06)


def test_the_random_part_is_asked_in_no_order_and_stays_so() -> None:
    ids = [f"case{i}" for i in range(5000)]
    chosen = [case_id for case_id in ids if is_random(case_id)]
    assert len(chosen) / len(ids) == pytest.approx(RANDOM, abs=0.02)
    places = [rank(case_id, [plate(0.6)]) for case_id in chosen]
    assert places == [rank(case_id, [plate(0.999)]) for case_id in chosen]
    assert 0.45 < np.mean(places) < 0.55
