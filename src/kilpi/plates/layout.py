"""Measures what a straightened plate shows besides its characters. The only place where that is done.

The crop is what the reader sees: upright, with `reader.MARGIN` around the quad. Characters are known by their
places from the reader; here their ink, the ground around them and the ground's ends are looked for. Nothing
is judged: `kilpi.decision` weighs the numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.geometry import quad_size
from kilpi.plates.canvas import HEIGHT, Canvas, level
from kilpi.plates.layout_above import above, clear_above, room_above
from kilpi.plates.layout_dash import dashes
from kilpi.plates.layout_strokes import feet_of
from kilpi.plates.reader import MARGIN
from kilpi.tint import tint_word
from kilpi.types import Ink, Pixels, Place, PlateLayout, Quad, Reading
from kilpi.types.layout import own_inks

INKED = 0.5  # contrasts below the ground from which a pixel is ink
GROUND = 0.35  # contrasts from the ground within which a pixel is ground
# Heights of the crop between which the ground's ends are looked for, a pair a row of characters.
BANDS = {1: ((0.25, 0.75),), 2: ((0.14, 0.46), (0.56, 0.88))}
TALL, WIDE = 0.35, 0.30  # least height of a character's ink in plate heights; most width in plate widths
# Plate widths from either end within which the ground begins, by rows: strips are 40 to 50 mm wide.
ENDS = {1: 0.145, 2: 0.2}
TINTED = 22.0  # blue less red by which a column differs from the ground, grey values
WIDEST = 0.08  # half of the widest character
HALF = 0.045  # half a character where its ink is not known, plate widths
BORDER = 0.03  # plate widths at either end that its border and round corners take
INSIDE = {
    0: ((0.15, 0.85),),
    1: ((0.1, 0.46), (0.54, 0.9)),
}  # heights of the rows' characters, by the last row


def measure_layout(
    crop: Pixels, reading: Reading | None, quad: Quad, frame: tuple[int, int]
) -> PlateLayout | None:
    """The numbers of one plate: `crop` (h, w, 3) uint8 RGB as the reader was given it, `quad` and `frame`
    (width, height) in the photo's native pixels. None where nothing was read, or the reader tells no places.
    """
    if reading is None or not reading.places or crop.shape[0] < 16 or crop.shape[1] < 16:
        return None
    if crop.shape[0] != HEIGHT:
        crop = np.asarray(
            cv2.resize(crop, (max(16, round(crop.shape[1] * HEIGHT / crop.shape[0])), HEIGHT)), np.uint8
        )
    wide, tall = quad_size(quad)
    places = [Place(place.x * (1 + 2 * MARGIN[0]) - MARGIN[0], place.row) for place in reading.places]
    middles, rows = tuple(p.x for p in places), tuple(p.row if reading.rows == 2 else 0 for p in places)
    canvas = level(crop, middles)
    near = edge_distance(quad, frame[0], wide)
    aspect = wide / max(tall, 1e-6)
    if canvas is None:
        n = len(places)
        whole = ((0.0, 1.0),) * reading.rows
        return PlateLayout(middles, rows, (None,) * n, (1.0,) * n, whole, near, aspect, "", "")
    inks = find_inks(canvas, places, reading.rows)
    hues, bands = blueness(crop, canvas), BANDS[reading.rows]
    firsts = [first_edge(middles, rows, inks, row) for row in range(len(bands))]
    grounds = tuple(
        ends_of_ground(canvas, band, hues, x, reading.rows) for band, x in zip(bands, firsts, strict=True)
    )
    return PlateLayout(
        middles, rows, inks, above(canvas, inks, places), grounds, near, aspect,
        tint_of(crop, canvas, grounds[0]), strip_of(crop, canvas, grounds[0]),
        gaps(canvas, middles, rows, inks), margins(canvas, middles, rows, inks, grounds), canvas.contrast,
        clear=clear_above(canvas, inks), feet=feet_of(canvas, own_inks(inks), reading.text),
        dashes=dashes(canvas, own_inks(inks), rows), room=room_above(canvas, inks, rows),
    )  # fmt: skip


def edge_distance(quad: Quad, width: int, wide: float) -> float:
    """How far the nearest corner is from the photo's left or right edge, in plate widths."""
    xs = [point.x for point in quad]
    return float(min(min(xs), width - max(xs)) / max(wide, 1e-6))


def first_edge(middles: Sequence[float], rows: Sequence[int], inks: Sequence[Ink | None], row: int) -> float:
    """Where a row's first character begins, plate widths; without ink or characters a safe guess."""
    own = [i for i, which in enumerate(rows) if which == row]
    if not own:
        return 0.3
    return side(inks[own[0]], middles[own[0]], -1) if inks[own[0]] is not None else middles[own[0]] - WIDEST


def blueness(crop: Pixels, canvas: Canvas) -> NDArray[np.bool_]:
    """(w,): whether a column's colour is the ground's; a faded strip is as bright as the ground, but blue."""
    rows = crop[round(HEIGHT * 0.3) : round(HEIGHT * 0.7) : 2].astype(np.float32)
    blue = np.median(rows[:, :, 2] - rows[:, :, 0], axis=0)
    inner = blue[canvas.column(0.2) : canvas.column(0.9)]
    return np.asarray(np.abs(blue - np.median(inner)) < TINTED, np.bool_)


def ends_of_ground(
    canvas: Canvas, band: tuple[float, float], alike: NDArray[np.bool_], first: float, rows: int
) -> tuple[float, float]:
    """Where the ground begins and ends along the plate, plate widths; 0 and 1 where that is not seen. `first`
    is where the first character begins, `alike` from `blueness`.
    """
    h = canvas.light.shape[0]
    lines = canvas.light[round(h * band[0]) : round(h * band[1])]
    ground = ((np.abs(lines) < GROUND).mean(axis=0) > 0.6) & alike
    reach = round(ENDS[rows] * canvas.size[0])
    start = canvas.column(0.0)
    left = next((i for i in range(start, start + reach) if ground[i : i + 3].all()), start)
    # A bright rim may stand left of a strip: what counts is where the last thing before the characters ends.
    for i in range(canvas.column(first) - 1, left, -1):
        if not ground[i - 1 : i + 1].any():
            left = i + 1 if i < start + reach else left
            break
    stop = canvas.column(1.0)
    right = next((i for i in range(stop, stop - reach, -1) if ground[i - 3 : i].all()), stop)
    return canvas.x(left), canvas.x(right)


def find_inks(canvas: Canvas, places: Sequence[Place], rows: int) -> tuple[Ink | None, ...]:
    """Each character's ink: the tall component under its place."""
    mask = (canvas.light > INKED).astype(np.uint8)
    top, bottom = max(0, canvas.line(0.02)), canvas.line(0.98)
    mask[:top], mask[bottom:] = 0, 0
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    least, most = TALL * canvas.size[1] / rows, WIDE * canvas.size[0]
    fine = (stats[:, cv2.CC_STAT_HEIGHT] >= least) & (stats[:, cv2.CC_STAT_WIDTH] <= most)
    fine[0] = False
    found: list[Ink | None] = []
    for place in places:
        x = float(np.clip(canvas.column(place.x), 0, mask.shape[1] - 1))
        best, gap = 0, 0.05 * canvas.size[0]
        for i in np.flatnonzero(fine):
            left, width = stats[i, cv2.CC_STAT_LEFT], stats[i, cv2.CC_STAT_WIDTH]
            middle = (stats[i, cv2.CC_STAT_TOP] + stats[i, cv2.CC_STAT_HEIGHT] / 2) / mask.shape[0]
            if rows == 2 and (middle > 0.5) != bool(place.row):
                continue
            away = abs(left + width / 2 - x)
            if away < gap:
                best, gap = int(i), away
        found.append(box_of(canvas, stats[best]) if best else None)
    return tuple(found)


def box_of(canvas: Canvas, stats: NDArray[np.int32]) -> Ink:
    """A component's box in plate units."""
    left, top, width, height = (float(v) for v in stats[:4])
    return Ink(canvas.x(left), canvas.y(top), canvas.x(left + width), canvas.y(top + height))


def gaps(
    canvas: Canvas, middles: Sequence[float], rows: Sequence[int], inks: Sequence[Ink | None]
) -> tuple[float, ...]:
    """How much of the height of each gap between neighbours is not ground: a dash, a seal, a patch."""
    found = []
    for i, (row, after) in enumerate(pairwise(rows)):
        same = row == after
        left, right = side(inks[i], middles[i], 1), side(inks[i + 1], middles[i + 1], -1)
        found.append(stuff(canvas, left, right, row, max(rows)) if same else 0.0)
    return tuple(found)


def margins(
    canvas: Canvas, middles: Sequence[float], rows: Sequence[int], inks: Sequence[Ink | None],
    grounds: Sequence[tuple[float, float]],
) -> tuple[tuple[float, float], ...]:  # fmt: skip
    """The same of what is left and right of each row's characters, inside the plate's border."""
    found = []
    for row, (begin, end) in enumerate(grounds):
        own = [i for i, which in enumerate(rows) if which == row]
        if not own:
            found.append((0.0, 0.0))
            continue
        first, last = own[0], own[-1]
        left = stuff(canvas, begin + BORDER, side(inks[first], middles[first], -1), row, max(rows))
        right = stuff(canvas, side(inks[last], middles[last], 1), end - BORDER, row, max(rows))
        found.append((left, right))
    return tuple(found)


def side(ink: Ink | None, middle: float, way: int) -> float:
    """Where a character ends to the right (`way` 1) or left (-1), plate widths."""
    if ink is None:
        return middle + way * HALF
    return ink.right if way > 0 else ink.left


def stuff(canvas: Canvas, left: float, right: float, row: int, last_row: int) -> float:
    """Part of the characters' height between two places along the plate that something stands on."""
    x1, x2 = max(0, canvas.column(left) + 1), canvas.column(right) - 1
    if x2 - x1 < 2:
        return 0.0
    y1, y2 = INSIDE[last_row][row]
    part = np.abs(canvas.light[max(0, canvas.line(y1)) : canvas.line(y2), x1:x2]) > GROUND
    return float(part.any(axis=1).mean())


def tint_of(crop: Pixels, canvas: Canvas, ground: tuple[float, float]) -> str:
    """The word for the ground's colour."""
    inner = crop[
        round(crop.shape[0] * 0.2) : round(crop.shape[0] * 0.8),
        canvas.column(ground[0]) : canvas.column(ground[1]),
    ]
    light = canvas.light[
        round(crop.shape[0] * 0.2) : round(crop.shape[0] * 0.8),
        canvas.column(ground[0]) : canvas.column(ground[1]),
    ]
    if not inner.size:
        return ""
    flat = inner[np.abs(light) < GROUND]
    if len(flat) < 50:
        return ""
    word = tint_word(*(float(v) for v in np.median(flat, axis=0)))
    # In the dark a white ground is grey: only one brighter than its ink is taken for white.
    return "white" if word == "black" and canvas.contrast > 0 else word


def strip_of(crop: Pixels, canvas: Canvas, ground: tuple[float, float]) -> str:
    """The word for the colour of what stands left of the ground; "" where that is no strip's width."""
    if ground[0] < 0.05:
        return ""
    part = crop[
        round(crop.shape[0] * 0.2) : round(crop.shape[0] * 0.8),
        canvas.column(0.015) : canvas.column(ground[0] - 0.01),
    ]
    return tint_word(*(float(v) for v in np.median(part.reshape(-1, 3), axis=0))) if part.size else ""
