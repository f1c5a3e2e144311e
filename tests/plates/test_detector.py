"""The detector's own logic, with a network that answers as told."""

from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest

from kilpi.geometry import quad_from_box, quad_iou
from kilpi.plates.detector import (
    FIRST_SIDE,
    GLANCE_SIDE,
    LINE_SIDE,
    PlateDetector,
    cut_out,
    decode,
    fit_side,
    pad,
)
from kilpi.types import Box, Photo
from kilpi.weights import Card, Network


def photo(width: int, height: int, reduction: int = 1) -> Photo:
    pixels = np.full((height // reduction, width // reduction, 3), 90, np.uint8)
    return Photo("0" * 64, "drawn", width, height, pixels, reduction)


@dataclass
class Scripted:
    """Answers run after run with the given peaks: (score, box in the input's pixels)."""

    answers: list[list[tuple[float, Box]]]
    shapes: list[tuple[int, ...]] = field(default_factory=list)

    def run(self, _names: object, feed: dict[str, Any]) -> list[Any]:
        pixels = feed["pixels"]
        self.shapes.append(pixels.shape)
        rows, columns = pixels.shape[1] // 8, pixels.shape[2] // 8
        scores = np.zeros((1, rows, columns), np.float32)
        corners = np.zeros((1, rows, columns, 8), np.float32)
        for score, box in self.answers.pop(0) if self.answers else []:
            row, column = int((box.y1 + box.y2) / 16), int((box.x1 + box.x2) / 16)
            scores[0, row, column] = score
            corners[0, row, column] = np.array(quad_from_box(box)).reshape(8)
        return [scores, corners]


def detector(
    answers: list[list[tuple[float, Box]]], looks: int = 3, glance: list[tuple[float, Box]] | None = None
) -> tuple[PlateDetector, Scripted]:
    """`answers` begin with the first look's; a glance sees nothing unless told."""
    session = Scripted([glance or [], *answers])
    card = Card("detector", "", 0, {}, {"score": 0.5, "close": 0.6})
    return PlateDetector(Network(card, cast(Any, session)), looks=looks), session


def test_quads_come_back_in_native_pixels() -> None:
    made, session = detector([[(0.9, Box(100, 200, 180, 220))]])
    (found,) = made.find([photo(4000, 3000, reduction=2)])
    assert session.shapes[1:] == [(1, FIRST_SIDE * 3 // 4 + 8, FIRST_SIDE, 3)]  # rows are padded to 32
    assert np.allclose(found[0].quad.box, np.array([100, 200, 180, 220]) * 4000 / FIRST_SIDE)


def test_one_look_is_enough_where_it_is_sure() -> None:
    made, session = detector([[(0.9, Box(100, 200, 180, 220)), (0.2, Box(300, 100, 340, 110))]])
    assert len(made.find_one(photo(1600, 1200))) == 1
    assert len(session.shapes) == 2  # a glance and the first look


@pytest.mark.parametrize(("score", "width", "enough"), [(0.9, 40, True), (0.55, 40, False), (0.9, 20, False)])
def test_a_glance_is_enough_where_a_wide_plate_is_sure(score: float, width: int, enough: bool) -> None:
    made, session = detector([[]], looks=1, glance=[(score, Box(100, 100, 100 + width, 110))])
    assert len(made.find_one(photo(1600, 1200))) == enough
    assert session.shapes[0] == (1, 192, GLANCE_SIDE, 3) and len(session.shapes) == 2 - enough


def test_for_hiding_it_looks_on_and_lists_each_plate_once() -> None:
    large, small = Box(100, 200, 180, 220), Box(40, 1000, 90, 1012)
    again = Box(*(side * 1600 / FIRST_SIDE for side in large))
    made, session = detector([[(0.9, large)], [(0.8, again), (0.45, small), (0.3, Box(900, 400, 950, 412))]])
    session.answers.pop(0)  # the glance's: there is none
    found = made.for_hiding(0.2).find_one(photo(1920, 1440))
    assert len(session.shapes) == 2 and [s.score for s in found] == pytest.approx([0.9, 0.45])
    assert made.threshold == 0.5 and not made.looks_on


def test_a_second_look_finds_what_the_first_did_not() -> None:
    made, session = detector([[], [(0.8, Box(800, 600, 840, 610))]], looks=2)
    (found,) = made.find_one(photo(3200, 2400))
    assert session.shapes[2] == (1, 1216, 1600, 3)
    assert found.quad.box == pytest.approx((1600, 1200, 1680, 1220))


def test_a_third_look_decides_at_native_pixels() -> None:
    suspect = (0.1, Box(800, 600, 812, 603))
    made, session = detector([[], [suspect], [(0.95, Box(145, 156, 175, 164))]])
    (found,) = made.find_one(photo(4000, 3000))
    assert session.shapes[3] == (1, 320, 320, 3)
    box = found.quad.box
    assert found.score == pytest.approx(0.95) and box.x2 - box.x1 == pytest.approx(30)
    assert 1990 < (box.x1 + box.x2) / 2 < 2040


@pytest.mark.parametrize("native", [8, 60, 400])
def test_a_piece_lies_where_it_was_cut(native: int) -> None:
    """A bright square of `native` pixels is found again in the cut, at its place."""
    pixels = np.zeros((900, 1200, 3), np.uint8)
    pixels[300 : 300 + native, 500 : 500 + native] = 255
    seen = Photo("0" * 64, "drawn", 1200, 900, pixels)
    quad = quad_from_box(Box(500, 300, 500 + native, 300 + native))
    look = cut_out(seen, quad, (4.0 * native, 4.0 * native), (128, 128))
    rows, columns = np.nonzero(look.pixels[..., 0] > 127)
    edges = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
    assert np.allclose(edges, [48, 48, 80, 80], atol=1)
    assert np.allclose(edges[:2] / look.scale + look.origin, [500, 300], atol=native / 16)


def test_a_suspect_that_stays_weak_is_no_plate() -> None:
    made, _ = detector([[], [(0.3, Box(800, 600, 812, 603))], []])
    assert made.find_one(photo(4000, 3000)) == []


def test_a_small_photo_is_looked_at_no_closer_and_not_blown_up_far() -> None:
    made, session = detector([[]])
    assert made.find_one(photo(100, 80)) == []
    assert session.shapes == [(1, 160, 224, 3)] * 2


def test_nothing_in_the_padding_counts() -> None:
    made, _ = detector([[(0.9, Box(100, 278, 180, 286))]], looks=1)
    assert made.find_one(photo(1600, 1066)) == []  # 277 rows, padded to 288; the peak lies below


def test_decode_removes_doubles_and_orders() -> None:
    scores = np.zeros((20, 20), np.float32)
    corners = np.zeros((20, 20, 8), np.float32)
    for row, column, score, box in [
        (5, 5, 0.6, Box(20, 38, 62, 50)),
        (5, 6, 0.9, Box(20, 40, 60, 50)),
        (12, 12, 0.7, Box(80, 90, 120, 100)),
        (15, 2, 0.1, Box(0, 110, 30, 120)),
    ]:
        scores[row, column] = score
        corners[row, column] = np.array(quad_from_box(box)).reshape(8)
    found = decode(scores, corners, 0.3)
    assert [round(s, 2) for _, s in found] == [0.9, 0.7]
    assert quad_iou(found[0][0], quad_from_box(Box(20, 40, 60, 50))) == pytest.approx(1)


def test_decode_drops_what_is_no_quadrilateral() -> None:
    scores = np.zeros((4, 4), np.float32)
    scores[1, 1] = 0.9
    corners = np.zeros((4, 4, 8), np.float32)  # all four corners in one place
    assert decode(scores, corners, 0.3) == []


@pytest.mark.parametrize(("width", "height"), [(4000, 3000), (3000, 4000), (640, 480), (33, 500), (1, 1)])
def test_every_shape_fits_the_network(width: int, height: int) -> None:
    look = fit_side(np.zeros((height, width, 3), np.uint8), 512, width, height)
    batch = pad(look.pixels)
    assert max(look.pixels.shape) <= 512
    assert batch.shape[1] % 32 == 0 and batch.shape[2] % 32 == 0 and batch.dtype == np.uint8


def test_for_the_line_the_second_look_is_smaller_and_of_the_middle_band_alone() -> None:
    made, session = detector([[], [(0.9, Box(320, 64, 400, 96))]], looks=2)
    (found,) = made.for_line(closely=True).find_one(photo(1600, 1200))
    assert session.shapes[-1][2] == LINE_SIDE
    assert session.shapes[-1][1] < 1200 * LINE_SIDE / 1600
    scale = 1600 / LINE_SIDE
    assert np.allclose(found.quad.box, (320 * scale, 300 + 64 * scale, 400 * scale, 300 + 96 * scale), atol=1)
    assert made.second_side > LINE_SIDE, "the detector itself is as it was"


def test_for_the_line_a_photo_of_no_end_is_not_looked_at_again() -> None:
    made, session = detector([[], [(0.9, Box(320, 64, 400, 96))]])
    assert made.for_line(closely=False).find_one(photo(1600, 1200)) == []
    assert len(session.shapes) == 2


def test_a_look_at_a_photo_is_not_made_again_for_what_is_surer() -> None:
    peaks = [(0.9, Box(100, 100, 200, 130)), (0.3, Box(40, 40, 80, 50))]
    seen, other = photo(800, 600), photo(800, 600)
    finder, network = detector([peaks, peaks], glance=peaks)
    assert len(finder.whole(seen, FIRST_SIDE, 0.25)) == 2
    assert len(finder.for_line(closely=True).whole(seen, FIRST_SIDE, 0.5)) == 1
    assert len(network.shapes) == 1, "both are of one run"
    finder.whole(other, FIRST_SIDE, 0.5)
    finder.whole(seen, FIRST_SIDE, 0.5)
    assert len(network.shapes) == 3, "another photo was looked at in between"


@pytest.mark.parametrize(
    ("side", "threshold", "band"),
    [(FIRST_SIDE, 0.05, (0.0, 1.0)), (LINE_SIDE, 0.5, (0.0, 1.0)), (FIRST_SIDE, 0.5, (0.25, 0.9))],
)
def test_another_look_is_made(side: int, threshold: float, band: tuple[float, float]) -> None:
    seen, weak = photo(800, 600), [(0.1, Box(100, 100, 200, 130))]
    finder, network = detector([weak], glance=weak)
    assert finder.whole(seen, FIRST_SIDE, 0.5) == []
    assert len(finder.whole(seen, side, threshold, band)) == (threshold < 0.1) and len(network.shapes) == 2
