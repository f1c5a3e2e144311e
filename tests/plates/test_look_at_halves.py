"""A plate that a lamp parts in two is seen as halves, and covered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tests.fakes import reading_of

from kilpi.geometry import quad_from_array, quad_from_box, quad_iou, quad_to_array
from kilpi.grammar import load_grammars
from kilpi.images import decode_photo, encode_jpeg, open_photo
from kilpi.pipeline import Kilpi
from kilpi.plates.detector import PlateDetector
from kilpi.plates.look_at_halves import look_at_halves
from kilpi.plates.no_plate import Parted, is_mark
from kilpi.types import VIEWS, Box, Photo, Pixels, Plate, Quad, Reading, Sighting, View, ViewGuess

PHOTO = decode_photo(encode_jpeg(np.full((600, 800, 3), 90, np.uint8)), "a.jpg")
PLATE = quad_from_box(Box(300, 400, 420, 430))
LEFT, RIGHT = quad_from_box(Box(302, 402, 350, 428)), quad_from_box(Box(372, 402, 418, 428))
FRONT = ViewGuess(View.FRONT, 1.0, 1.0, View.FRONT, tuple(float(v is View.FRONT) for v in VIEWS))
SEATS = ViewGuess(View.SEATS, 1.0, 1.0, View.SEATS, tuple(float(v is View.SEATS) for v in VIEWS))


class Halves(PlateDetector):
    """Sees these, a little, in every look."""

    def __init__(self, *seen: Quad) -> None:
        self.seen, self.looks_made, self.corners = seen, 0, None

    def whole(self, *about: Any) -> list[Sighting]:
        self.looks_made += 1
        return [Sighting(quad, 0.2) for quad in self.seen]


class Says:
    """A reader to which everything may be a mark."""

    def read(self, crops: Sequence[Pixels]) -> list[Reading]:
        return [reading_of("XJO544", 0.7) for _ in crops]


def plate(quad: Quad, reading: Reading, score: float = 0.2) -> Plate:
    return Plate("a", Sighting(quad, score), reading, (), (PHOTO.width, PHOTO.height))


def looked(
    detector: Any, *plates: Plate, guess: ViewGuess | None = FRONT, text: str = "XJO544", score: float = 0.9
) -> list[Plate]:
    """What is found aside; the whole plate reads as `text` wherever a quad lies well on it."""

    def read(photo: Photo, seen: Sequence[Sighting]) -> list[Plate]:
        readings = [reading_of(text if quad_iou(s.quad, PLATE) > 0.6 else "X", score) for s in seen]
        return [plate(s.quad, reading) for s, reading in zip(seen, readings, strict=True)]

    found = look_at_halves(PHOTO, Parted([*plates], []), detector, Says(), read, lambda: guess)
    assert found.plates == [*plates], "no decision rests on it"
    return found.aside


@pytest.mark.parametrize("halves", [(LEFT, RIGHT), (RIGHT, LEFT), (LEFT,), (RIGHT,)])
def test_a_plate_of_which_halves_are_seen_is_found_once(halves: tuple[Quad, ...]) -> None:
    (found,) = looked(Halves(*halves))
    assert quad_iou(found.sighting.quad, PLATE) > 0.6


def test_its_score_is_how_clearly_it_reads_so_that_it_is_covered() -> None:
    (found,) = looked(Halves(LEFT, RIGHT), score=0.82)
    assert found.sighting.score == pytest.approx(0.82), "a half's score would leave it open"
    assert is_mark(found, load_grammars())


def test_what_lies_apart_is_of_no_one_plate() -> None:
    def below(quad: Quad) -> Quad:
        return quad_from_array(quad_to_array(quad) + (0, 60))

    seen: list[Sighting] = []

    def read(photo: Photo, sightings: Sequence[Sighting]) -> list[Plate]:
        seen.extend(sightings)
        return []

    look_at_halves(PHOTO, Parted([], []), Halves(LEFT, below(RIGHT)), Says(), read, lambda: FRONT)
    assert len(seen) == 6, "each widened to the left, to the right and about it; none from one to the other"


@pytest.mark.parametrize(
    ("text", "score"), [("XJO544", 0.7), ("XJOSVG", 0.95), ("135544", 0.95), ("X544", 0.95)]
)
def test_what_reads_dimly_or_as_no_mark_is_none(text: str, score: float) -> None:
    assert looked(Halves(LEFT, RIGHT), text=text, score=score) == []


def test_where_no_end_is_seen_or_a_plate_of_its_size_nobody_looks() -> None:
    detector = Halves(LEFT, RIGHT)
    own = plate(quad_from_box(Box(500, 400, 560, 415)), reading_of("KLT482"), 0.9)
    assert looked(detector, guess=None) == looked(detector, guess=SEATS) == looked(detector, own) == []
    assert not detector.looks_made
    behind = plate(quad_from_box(Box(700, 380, 720, 385)), reading_of("KLT482"), 0.9)
    assert looked(detector, behind), "a car behind has a smaller one"


def test_a_half_that_was_found_by_itself_and_hardly_read_hides_no_whole() -> None:
    (found,) = looked(Halves(LEFT), plate(LEFT, reading_of("XJ"), 0.7))
    assert quad_iou(found.sighting.quad, PLATE) > 0.6


def test_what_was_read_already_is_not_found_again() -> None:
    """A plate so narrow that it may be a car's behind, and a half of it."""
    narrow, half = quad_from_box(Box(300, 400, 331, 408)), quad_from_box(Box(300, 400, 324, 408))

    def read(photo: Photo, seen: Sequence[Sighting]) -> list[Plate]:
        return [plate(one.quad, reading_of("XJO544", 0.9)) for one in seen]

    def aside(*known: Plate) -> list[Plate]:
        return look_at_halves(PHOTO, Parted([*known], []), Halves(half), Says(), read, lambda: FRONT).aside

    assert aside() and not aside(plate(narrow, reading_of("XJO544"), 0.7))


def test_a_plate_behind_a_lamp_is_covered(tmp_path: Path) -> None:
    """Real networks: before they looked so, none saw this plate, which anybody can read."""
    kilpi = Kilpi(jobs=1)
    photo = open_photo(Path(__file__).parents[2] / "samples" / "golf" / "front.jpg")
    quad = kilpi.examine(photo).plates[0].sighting.quad
    tl, tr, _, _ = quad_to_array(quad) * (photo.pixels.shape[1] / photo.width)
    pixels = photo.pixels.copy()
    middle, radius = tl * 0.6 + tr * 0.4, 0.16 * float(np.hypot(*(tr - tl)))
    for colour, line in (((70, 80, 90), -1), ((20, 20, 20), 3)):
        cv2.circle(pixels, [int(v) for v in middle], int(radius), colour, line, cv2.LINE_AA)
    (tmp_path / "lamp.jpg").write_bytes(encode_jpeg(pixels))
    made = kilpi.advert(tmp_path / "lamp.jpg", reference="golf")
    assert made.decision.mark is None and made.pictures[0].covered == 1
    (covered,) = made.pictures[0].covers
    scale = photo.width / pixels.shape[1]
    assert quad_iou(quad_from_array(quad_to_array(covered) * scale), quad) > 0.5
