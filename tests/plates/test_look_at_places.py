"""A place where a car wears its plate, and nothing was found there, is looked at once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from tests.drawn_cars import drawn_plate
from tests.fakes import reading_of

from kilpi.geometry import quad_from_box
from kilpi.grammar import load_grammars
from kilpi.images import decode_photo, encode_jpeg
from kilpi.plates.detector import PlateDetector
from kilpi.plates.look_at_places import LEAST, look_at_places
from kilpi.plates.no_plate import Parted
from kilpi.ports import Detector
from kilpi.types import VIEWS, Box, Photo, Plate, PlatePlace, Quad, Sighting, View, ViewGuess

PHOTO = decode_photo(encode_jpeg(np.full((600, 800, 3), 90, np.uint8)), "a.jpg")
PLACE = PlatePlace(0.5, 0.75, 0.1, 0.9)  # of this photo: 80 pixels wide around 400, 450
THERE, BESIDE = Box(360, 435, 440, 465), Box(560, 435, 640, 465)


class Looks(PlateDetector):
    """Sees these boxes in every window."""

    def __init__(self, *boxes: Box) -> None:
        self.boxes, self.windows, self.corners = boxes, list[Quad](), None

    def window(self, photo: Photo, quad: Quad, region: float, side: int, threshold: float) -> list[Sighting]:
        self.windows.append(quad)
        return [Sighting(quad_from_box(box), 0.4) for box in self.boxes]


def guess(*places: PlatePlace, view: View = View.FRONT) -> ViewGuess:
    shares = tuple(1.0 if one is view else 0.0 for one in VIEWS)
    return ViewGuess(view, 1.0, 1.0, view, shares, (), places)


def read(photo: Photo, seen: Sequence[Sighting]) -> list[Plate]:
    frame = photo.width, photo.height
    return [Plate("a", one, reading_of("XYZ987"), (), frame) for one in seen]


def looked(detector: Any, told: ViewGuess | None, found: Parted | None = None) -> Parted:
    return look_at_places(PHOTO, found or Parted([], []), detector, read, lambda: told, load_grammars())


def test_what_is_seen_at_an_empty_place_is_found() -> None:
    detector = Looks(BESIDE, THERE)
    found = looked(detector, guess(PLACE))
    assert [one.sighting.quad.box for one in found.plates] == [THERE], "and what is elsewhere is not"
    middle = np.mean(detector.windows[0], axis=0)
    assert middle == pytest.approx([400, 450])


@pytest.mark.parametrize(
    "told",
    [
        None,
        guess(),
        guess(PLACE._replace(score=LEAST - 0.01)),
        guess(PLACE, view=View.SEATS),
        guess(PLACE, view=View.EXTERIOR_DETAIL),
    ],
)
def test_without_a_place_nobody_looks(told: ViewGuess | None) -> None:
    detector = Looks(THERE)
    assert looked(detector, told) == Parted([], []) and not detector.windows


@pytest.mark.parametrize(("score", "found"), [(0.28, 1), (0.25, 0)])
def test_a_doubtful_place_asks_for_a_surer_find(score: float, found: int) -> None:
    assert len(looked(Looks(THERE), guess(PLACE._replace(score=score))).plates) == found


def test_places_beside_each_other_show_one_plate_once() -> None:
    beside = PlatePlace(0.56, 0.75, 0.1, 0.8)
    assert len(looked(Looks(THERE), guess(PLACE, beside)).plates) == 1


@pytest.mark.parametrize("aside", [False, True])
def test_a_place_with_a_find_is_not_looked_at(aside: bool) -> None:
    known = replace(
        drawn_plate("a", "ABC123", np.random.default_rng(0)), sighting=Sighting(quad_from_box(THERE), 0.9)
    )
    known = replace(known, frame=(800, 600))
    found, detector = Parted([] if aside else [known], [known] if aside else []), Looks(THERE)
    assert looked(detector, guess(PLACE), found) == found and not detector.windows


def test_another_detector_is_not_asked() -> None:
    class Other:
        def find(self, photos: Sequence[Photo]) -> list[list[Sighting]]:
            raise AssertionError

    assert looked(cast("Detector", Other()), guess(PLACE)) == Parted([], [])
