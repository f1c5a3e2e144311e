from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from kilpi.geometry import quad_from_box
from kilpi.images import open_photo
from kilpi.photos.view import default_viewer
from kilpi.pictures.lie import UPRIGHT, Lie, lie_of, looked_at, turns_to_stand, upright_of, ways_it_lies
from kilpi.pictures.turn import quarter
from kilpi.plates.no_plate import is_inside
from kilpi.types import VIEWS, Box, Photo, View, ViewGuess

GOLF = Path(__file__).parents[2] / "samples" / "golf"
PLATE = quad_from_box(Box(10, 60, 50, 70))  # of a picture 80 x 100


def test_an_upright_inside_is_told_from_a_car_that_lies_turned() -> None:
    viewer = default_viewer(1)  # the shipped network
    inside, front = open_photo(GOLF / "inside.jpg"), open_photo(GOLF / "front.jpg")
    told = upright_of(inside, viewer, *looked_at([inside], viewer))
    assert told and is_inside(told.guess)
    lying = [quarter(front, turns) for turns in (1, 2, 3)]
    guesses = looked_at(lying, viewer)
    assert [upright_of(*one) for one in zip(lying, [viewer] * 3, guesses, strict=True)] == [None] * 3
    assert upright_of(inside, None, told.guess) is None and looked_at([inside], None) == []


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_car_that_lies_on_its_side_or_head_is_stood_upright_by_its_looks(turns: int) -> None:
    viewer = default_viewer(1)
    front = open_photo(GOLF / "front.jpg")
    lying = quarter(front, turns)
    expected = (4 - turns) % 4
    assert turns_to_stand(lying, viewer, *looked_at([lying], viewer)) == expected
    ways = (0,) if turns else ()
    assert lie_of(lying, [], viewer, None, maybe_inside=False) == Lie(
        expected, bool(turns), False, ways, True
    )
    assert turns_to_stand(lying, None, *looked_at([lying], viewer)) == 0


@pytest.mark.parametrize(
    ("orientation", "view", "stood", "turns"),
    [
        ({3: 0.95}, View.UNSURE, View.FRONT, 1),
        ({6: 0.95}, View.BOOT, View.SIDE, 2),
        ({3: 0.85}, View.FRONT, View.FRONT, 0),  # not sure
        ({4: 0.95}, View.FRONT, View.FRONT, 0),  # between two quarters
        ({9: 0.95}, View.SEATS, View.SEATS, 0),  # no outside, of which alone it is known
        ({}, View.FRONT, View.FRONT, 0),  # a network of an earlier version
    ],
)
def test_only_what_is_surely_an_outside_once_it_stands_is_turned(
    orientation: dict[int, float], view: View, stood: View, turns: int
) -> None:
    class Fake:
        def read(self, photos: Sequence[Photo]) -> list[ViewGuess]:
            return [guess(stood, {0: 0.95}) for _ in photos]

    def guess(view: View, shares: dict[int, float]) -> ViewGuess:
        lies = tuple(shares.get(at, 0.0) for at in range(12)) if shares else ()
        return replace(shows(view, 0.0), orientation=lies)

    photo = Photo("x", "x", 90, 60, np.zeros((60, 90, 3), np.uint8))
    assert turns_to_stand(photo, Fake(), guess(view, orientation)) == turns


def test_an_outside_that_surely_stands_is_not_searched_closely_and_an_unsure_one_is() -> None:
    photo = Photo("x", "x", 90, 60, np.zeros((60, 90, 3), np.uint8))

    class Fake:
        def __init__(self, share: float) -> None:
            self.share = share

        def read(self, photos: Sequence[Photo]) -> list[ViewGuess]:
            lies = (self.share, 1 - self.share, *[0.0] * 10)
            return [replace(shows(View.SIDE, 0.0), orientation=lies) for _ in photos]

    assert lie_of(photo, [], Fake(0.95), None, maybe_inside=False) == Lie(0, closely=False, stands=True)
    assert lie_of(photo, [], Fake(0.8), None, maybe_inside=False) == Lie(
        0, closely=True, ways=(30,), stands=True
    )
    assert lie_of(photo, [], None, None, maybe_inside=True) == Lie(0, closely=True)
    assert lie_of(photo, [PLATE], Fake(0.8), None, maybe_inside=False) == UPRIGHT, (
        "an upright plate is enough"
    )


@pytest.mark.parametrize(
    ("own", "ends", "sure"),
    [
        (0.01, (0.0, 0.0, 0.0), True),
        (0.01, (0.0, 0.03, 0.0), False),
        (0.2, (0.0, 0.0, 0.0), None),
        (0.01, (0.0, 0.1, 0.0), None),
    ],
)
def test_small_copies_turned_by_each_quarter_are_asked(
    own: float, ends: tuple[float, ...], sure: bool | None
) -> None:
    seen: list[Photo] = []

    class Fake:
        """Takes the picture for an inside, and its copies for ends of a car by so much."""

        def read(self, photos: Sequence[Photo]) -> list[ViewGuess]:
            seen.extend(photos)
            shares = (own,) if len(seen) == 1 else ends
            return [shows(View.COCKPIT, end) for _, end in zip(photos, shares, strict=True)]

    pixels = np.zeros((600, 900, 3), np.uint8)
    photo = Photo("x", "x", 1800, 1200, pixels)
    fake = Fake()
    told = upright_of(photo, fake, *looked_at([photo], fake))
    assert (told and told.sure) is sure
    whole, *copies = seen
    if own > 0.1:
        assert not copies, "of what is told no more surely nothing is spared"
        return
    assert whole.pixels is pixels and whole.pixels.shape[0] == 600
    assert [copy.pixels.shape[:2] for copy in copies] == [(448, 299), (299, 448), (448, 299)]
    assert [(copy.width, copy.height) for copy in copies] == [(1200, 1800), (1800, 1200), (1200, 1800)]


def shows(view: View, end: float) -> ViewGuess:
    """A photo of that view, and of a car's front by a share."""
    shares = tuple(1 - end if one is view else end if one is View.FRONT else 0.0 for one in VIEWS)
    return ViewGuess(view, 1 - end, 1 - end, view, shares)


def test_a_viewer_that_fails_tells_nothing() -> None:
    class Broken:
        def read(self, photos: Sequence[Photo]) -> list[ViewGuess]:
            raise RuntimeError

    inside = open_photo(GOLF / "inside.jpg")
    assert looked_at([inside], Broken()) == []
    assert upright_of(inside, Broken(), shows(View.COCKPIT, 0.0)) is None
    assert lie_of(inside, [], Broken(), None, maybe_inside=True) == Lie(0, closely=True)


@pytest.mark.parametrize("degrees", [30, 150, 240])
def test_a_car_that_lies_between_the_quarters_is_to_be_seen_as_it_would_stand(degrees: int) -> None:
    viewer, front = default_viewer(1), open_photo(GOLF / "front.jpg")
    height, width = front.pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 0.6)
    pixels = np.asarray(
        cv2.warpAffine(front.pixels, matrix, (width, height), borderValue=(114,) * 3), np.uint8
    )
    lying = replace(front, pixels=pixels)
    lie = lie_of(lying, [], viewer, None, maybe_inside=False)
    assert (lie.turns, lie.closely) == (0, True) and degrees in lie.ways


def test_of_what_is_no_outside_once_it_stands_no_way_is_tried() -> None:
    class Fake:
        def __init__(self, view: View, upright: float) -> None:
            self.guess = replace(shows(view, 0.0), orientation=(upright, *[0.0] * 11))

        def read(self, photos: Sequence[Photo]) -> list[ViewGuess]:
            return [self.guess for _ in photos]

    photo = Photo("x", "x", 90, 60, np.zeros((60, 90, 3), np.uint8))
    lies = (0.3, 0.1, 0.0, 0.6, *[0.0] * 8)
    guess = replace(shows(View.UNSURE, 0.0), orientation=lies)
    assert ways_it_lies(photo, Fake(View.SIDE, 0.5), guess) == (90,), "as it is it was searched already"
    assert ways_it_lies(photo, Fake(View.SEATS, 0.5), guess) == ()
    assert ways_it_lies(photo, Fake(View.SIDE, 0.2), guess) == ()
    assert ways_it_lies(photo, None, guess) == ways_it_lies(photo, Fake(View.SIDE, 0.5), None) == ()
    assert Lie(ways=(90, 180)).stood(1) == Lie(turns=1, ways=(0, 90)), "counted from how it stands then"
