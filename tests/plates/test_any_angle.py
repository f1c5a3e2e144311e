"""Plates of the drawn samples, turned: seen, placed, read, covered; a photo on its side is stood upright."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kilpi.geometry import quad_from_array, quad_from_box, quad_to_array
from kilpi.images import decode_photo, encode_png, open_photo
from kilpi.pictures.hide import finish
from kilpi.pictures.lie import Lie
from kilpi.pictures.search import readable
from kilpi.pipeline import Kilpi
from kilpi.plates.any_angle import AnyAngleFinder, level_angle, side_of, upside_down, ways_round
from kilpi.plates.detector import Look, PlateDetector
from kilpi.types import Box, Photo, Pixels, Point, Quad, Sighting

SAMPLE = "samples/golf/rear.jpg"


@pytest.fixture(scope="module")
def line() -> Kilpi:
    return Kilpi()


def turned(degrees: float) -> Photo:
    """The sample, smaller, on a square grey ground."""
    pixels = cv2.resize(open_photo(SAMPLE).pixels, (800, 600), interpolation=cv2.INTER_AREA)
    ground = np.full((1000, 1000, 3), 114, np.uint8)
    ground[200:800, 100:900] = pixels
    matrix = cv2.getRotationMatrix2D((500, 500), degrees, 1)
    made = cv2.warpAffine(ground, matrix, (1000, 1000), borderValue=(114,) * 3)
    return decode_photo(encode_png(np.asarray(made, np.uint8)), "turned")


@pytest.mark.parametrize("degrees", [0, 60, 90, 135, 180, 270])
def test_a_plate_at_any_angle_is_covered(line: Kilpi, degrees: int) -> None:
    picture = finish(turned(degrees), [], line.search)
    assert picture.covered >= 1
    assert picture.turns == {90: 3, 180: 2, 270: 1}.get(degrees, 0), "on its side: stood upright"


@pytest.mark.parametrize("degrees", [60, 90, 180])
def test_what_is_only_suspected_is_read_as_well(
    line: Kilpi, monkeypatch: pytest.MonkeyPatch, degrees: int
) -> None:
    # As where a lamp parts a plate: however closely the detector looks, it sees none.
    monkeypatch.setattr(AnyAngleFinder, "look_closely", lambda *_: [])
    photo = turned(degrees)
    (plate,) = readable(photo, [], line.search, Lie(closely=True))
    middle = np.mean(quad_to_array(plate), axis=0)
    seen = line.detector.find([turned(0)])[0][0]
    matrix = cv2.getRotationMatrix2D((500, 500), degrees, 1)
    assert middle == pytest.approx(matrix @ (*np.mean(quad_to_array(seen.quad), axis=0), 1.0), abs=8)
    assert readable(photo, [], line.search) == []  # upright pictures are not asked


def lines(degrees: float) -> Pixels:
    """White bars on black, turned."""
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[16:24] = pixels[36:44] = 255
    matrix = cv2.getRotationMatrix2D((32, 32), -degrees, 1)
    return np.asarray(cv2.warpAffine(pixels, matrix, (64, 64)), np.uint8)


@pytest.mark.parametrize("degrees", [-40, -15, 0, 10, 30])
def test_edges_tell_by_how_much_a_patch_is_turned(degrees: int) -> None:
    assert level_angle(lines(degrees)) == pytest.approx(degrees, abs=4)


def test_a_picture_is_looked_at_by_its_size() -> None:
    def sized(width: int) -> Photo:
        return Photo("x", "x", width, 600, np.zeros((1, 1, 3), np.uint8))

    assert [side_of(sized(width)) for width in (500, 1100, 1600, 4000)] == [416, 416, 605, 832]


def test_upside_down_twice_is_as_before() -> None:
    quad = Quad(Point(0, 0), Point(4, 0), Point(4, 1), Point(0, 1))
    assert upside_down(quad)[0] == Point(4, 1)
    assert upside_down(upside_down(quad)) == quad


class Scout:
    """Suspects one place, and only in a picture that stands on end."""

    threshold = 0.15

    def whole(self, photo: Photo, side: int, threshold: float) -> list[Sighting]:
        quad = quad_from_box(Box(30, 100, 50, 120))
        return [Sighting(quad, 0.4)] if photo.height > photo.width else []


class Near(PlateDetector):
    """Sees a plate in its second look only; no network."""

    def __init__(self) -> None:
        self.threshold, self.corners, self.looks = 0.2, None, 0

    def see(self, look: Look, threshold: float) -> list[Sighting]:
        self.looks += 1
        return [Sighting(quad_from_box(Box(40, 56, 88, 72)), 0.7)] if self.looks == 2 else []


def lying() -> Photo:
    pixels = np.random.default_rng(1).integers(0, 255, (90, 200, 3), dtype=np.uint8)
    return Photo("x", "x", 200, 90, pixels)


def test_a_picture_that_may_be_turned_is_searched_a_quarter_turned_too() -> None:
    finder = AnyAngleFinder(Scout(), Near())  # type: ignore[arg-type]
    assert finder.find([lying()]) == [[]]
    (seen,) = finder.find_turned(lying())
    assert seen.quad.box == Box(80, 30, 100, 50), "where it is in the picture as it lies"
    stood = lying()
    assert np.array_equal(np.rot90(stood.pixels)[100:120, 30:50], np.rot90(stood.pixels[30:50, 80:100]))


def test_a_suspect_is_looked_at_upside_down_too() -> None:
    near = Near()
    suspect = Sighting(quad_from_box(Box(80, 40, 110, 50)), 0.4)
    (seen,) = AnyAngleFinder(Scout(), near).look(lying(), [suspect])  # type: ignore[arg-type]
    assert seen.score == 0.7 and near.looks == 2


class Late(Near):
    """Sees a plate in one of its looks only: the third is a little askew, the seventh on its side."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at

    def see(self, look: Look, threshold: float) -> list[Sighting]:
        self.looks += 1
        return [Sighting(quad_from_box(Box(40, 56, 88, 72)), 0.7)] if self.looks == self.at else []


@pytest.mark.parametrize(("score", "at", "seen"), [(0.5, 3, 1), (0.5, 7, 1), (0.3, 3, 0)])
def test_a_likely_suspect_is_looked_at_other_ways_before_it_is_given_up(
    score: float, at: int, seen: int
) -> None:
    near, suspect = Late(at), Sighting(quad_from_box(Box(80, 40, 110, 50)), score)
    blank = Photo("x", "x", 200, 90, np.full((90, 200, 3), 114, np.uint8))  # level, as far as one can tell
    assert len(AnyAngleFinder(Scout(), near).look(blank, [suspect])) == seen  # type: ignore[arg-type]
    assert near.looks <= (2 if seen == 0 else 8)


class Beside(Near):
    """Sees something beside the suspect first, upside down the plate."""

    def __init__(self, score: float) -> None:
        super().__init__()
        self.score = score

    def see(self, look: Look, threshold: float) -> list[Sighting]:
        self.looks += 1
        box, score = (Box(40, 26, 88, 42), 0.6) if self.looks == 1 else (Box(40, 56, 88, 72), self.score)
        return [Sighting(quad_from_box(box), score)]


@pytest.mark.parametrize("score", [0.8, 0.7, 0.5])
def test_what_lies_beside_a_suspect_neither_ends_the_looks_nor_hides_the_plate(score: float) -> None:
    near = Beside(score)
    suspect = Sighting(quad_from_box(Box(80, 40, 110, 50)), 0.4)
    seen = AnyAngleFinder(Scout(), near).look(lying(), [suspect])  # type: ignore[arg-type]
    assert near.looks == 2 and {one.score for one in seen} == {0.6, score}


def rolled(degrees: float, width: float = 50, height: float = 12) -> Quad:
    turn = np.radians(degrees)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return quad_from_array(np.array(quad_from_box(Box(0, 0, width, height))) @ matrix.T)


@pytest.mark.parametrize("degrees", [0, 30, 60, 90, 150, 210, 240, 300])
def test_a_plates_longer_side_tells_how_it_lies(degrees: int) -> None:
    level = (degrees + 45) % 90 - 45 + 6  # as the direction of its edges tells it, not quite right
    ways = ways_round(rolled(degrees), level)
    assert len(ways) == 2 and min(abs((way - degrees - 6) % 360) for way in ways) < 1e-6
    assert len(ways_round(rolled(degrees, 24, 20), level)) == 4, "it may as well stand on end"
    assert len(ways_round(rolled(degrees), level + 40)) == 4, "between the two"
