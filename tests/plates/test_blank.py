"""What looks like a plate without a mark: asked for in photos of an end alone, beside what was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from tests.drawn_cars import drawn_plate
from tests.fakes import FakeDetector, reading_of

from kilpi.geometry import quad_from_box
from kilpi.images import decode_photo, encode_jpeg
from kilpi.plates.blank import find_blanks
from kilpi.plates.detector import PlateDetector
from kilpi.types import VIEWS, Box, Photo, Plate, Sighting, View, ViewGuess

PHOTO = decode_photo(encode_jpeg(np.full((600, 800, 3), 90, np.uint8)), "a.jpg")
READ, HIDDEN = Box(400, 500, 600, 550), Box(100, 300, 320, 350)


class Looks(PlateDetector):
    """Sees these places at whatever score it is asked for."""

    def __init__(self, *places: Box) -> None:
        self.places, self.asked = places, list[float]()

    def first_look(self, threshold: float) -> PlateDetector:
        self.asked.append(threshold)
        return self

    def find(self, photos: Sequence[Photo]) -> list[list[Sighting]]:
        return [[Sighting(quad_from_box(place), 0.3) for place in self.places] for _ in photos]


def guess(end: float) -> ViewGuess:
    shares = tuple(end if view is View.REAR else (1 - end if view is View.SEATS else 0.0) for view in VIEWS)
    return ViewGuess(View.REAR, 0.99, end, View.REAR, shares, ((0.5, 1.0), (0.5, 1.0)))


def plates() -> list[Plate]:
    return [
        replace(
            drawn_plate("a", "ABC123", np.random.default_rng(0)), sighting=Sighting(quad_from_box(READ), 0.9)
        )
    ]


def reads(text: str) -> Any:
    return lambda photo, seen: [Plate("a", one, reading_of(text), (), (800, 600)) for one in seen]


@pytest.mark.parametrize(("text", "found"), [("", 1), ("8118", 1), ("XYZ987", 0)])
def test_it_is_beside_the_plate_and_hardly_written_on(text: str, found: int) -> None:
    detector = Looks(READ, HIDDEN)
    blanks = find_blanks(PHOTO, plates(), guess(0.95), detector, reads(text))
    assert blanks is not None and [one.sighting.quad.box for one in blanks] == [HIDDEN] * found
    assert max(detector.asked) < 0.5, "it is less sure of a covered plate than of one"


def test_it_is_only_asked_for_where_a_plate_may_be_anothers() -> None:
    detector = Looks(HIDDEN)
    without_map = replace(guess(0.95), end_map=())
    assert find_blanks(PHOTO, [], guess(0.95), detector, reads("")) is None
    for unsure in (guess(0.65), None, without_map):
        assert find_blanks(PHOTO, plates(), unsure, detector, reads("")) is None
    assert find_blanks(PHOTO, plates(), guess(0.95), cast(Any, FakeDetector()), reads("")) is None
    assert detector.asked == []


def test_one_that_the_detector_is_sure_of_is_a_blank_too() -> None:
    taped = Plate("a", Sighting(quad_from_box(HIDDEN), 0.9), reading_of(""), (), (800, 600))
    assert find_blanks(PHOTO, [*plates(), taped], guess(0.95), Looks(), reads("")) == [taped]
