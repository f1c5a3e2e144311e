"""One training crop: a rendered plate in a real photo, aged, photographed, cut out with a detector's errors.

Everything happens at the size that the plate has in the photo, and the cut is the one that reading makes, so
that the reader learns what it will meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.draw.composite import paste_plate, swap_plate
from kilpi.draw.degrade import degrade
from kilpi.draw.dress import dress
from kilpi.draw.holders import add_holder, write_on_band
from kilpi.draw.phone import phone
from kilpi.draw.plates import RenderedPlate, render_plate
from kilpi.draw.trinkets import trinkets
from kilpi.geometry import (
    UNIT,
    apply_homography,
    grow_quad,
    homography,
    is_convex,
    quad_from_array,
    quad_from_box,
    quad_size,
    quad_to_array,
)
from kilpi.images import warp_pixels
from kilpi.labels.warps import View
from kilpi.learn.reader.marks import Drawn
from kilpi.learn.reader.net import COLUMNS
from kilpi.plates.reader import HEIGHT, WIDTH
from kilpi.types import Pixels, Quad

Rng = np.random.Generator
Floats = NDArray[np.float64]

MARGINS = ((0.0, 0.07), (0.0, 0.14))  # of width and height: how far a quad is grown before it is cut
ENLARGED = 1.3  # a photo's real plate is replaced by one that is at most so much larger
ELSEWHERE = "elsewhere"  # the name of the styles of `kilpi.draw.elsewhere`
ANY_ELSEWHERE = 0.85  # how often one of those is in any letterform: nothing is known of theirs
VISIBLE = 0.93  # part of every character that a crop must show


@dataclass(frozen=True, slots=True)
class Wear:
    """How hard plates are to read. Widths are those of the plate in its photo, pixels."""

    widths: tuple[float, float] = (48.0, 340.0)
    strength: float = 0.7  # the hardest `degrade`; drawn between nothing and this
    swapped: float = 0.5  # how often a real plate of the photo is replaced, not one pasted elsewhere
    holder: float = 0.15  # how often a holder with a dealer's words is around the plate
    grey: float = 0.06
    cast: float = 0.08  # how often the whole picture has a strong cast
    loose: float = 0.25  # how often the cut leaves wide margins
    # What the trainings since the ninth add; test sets that were drawn before have none of it.
    letterforms: float = 0.0  # how often a plate is in any letterform, not in its country's
    trinkets: float = 0.0  # how often words, stickers or a hologram are on a plate that its rule has not
    phone: float = 0.0  # how often a phone's processing follows
    angle: float = 50.0  # degrees: how far a pasted plate is turned to the side at most


TRAINING_WEAR = Wear(
    widths=(52.0, 340.0), strength=0.62, loose=0.35, letterforms=0.2, trinkets=0.12, phone=0.25, angle=62.0
)


class Crop(NamedTuple):
    """A crop and all that is known of it. Boxes are (n, 4) x1, y1, x2, y2 in the crop's pixels once it is
    stretched to (64, 192), a character each.
    """

    pixels: Pixels  # (64, w, 3) uint8 RGB, upright, as `kilpi.plates.edges.straighten` cuts it
    text: str
    country: str
    rows: int
    boxes: Floats
    width: float  # of the plate in its photo, pixels
    strength: float  # of `degrade`
    typeface: str = ""  # of a rendered plate: `kilpi.draw.faces.kind_of_face`


@dataclass(frozen=True, slots=True)
class Placed:
    """A plate in a picture."""

    pixels: Pixels = field(repr=False)
    quad: Quad
    boxes: Floats  # (n, 4, 2): the characters' corners in the same picture


def draw_crop(drawn: Drawn, views: Sequence[View], wear: Wear, rng: Rng) -> Crop:
    """One crop of `drawn` in one of the photos."""
    low, high = np.log(wear.widths)
    width, low_width = float(np.exp(rng.uniform(low, high))), wear.widths[0]
    if drawn.sample.plate.rows == 2:
        width = max(width * 0.75, low_width)  # a plate of two rows shows half as many characters a row
    height = width * drawn.sample.plate.size_mm[1] / drawn.sample.plate.size_mm[0]
    anyhow = bool(wear.letterforms) and bool(
        rng.random() < (wear.letterforms if drawn.sample.plate.name != ELSEWHERE else ANY_ELSEWHERE)
    )
    plate = render_plate(drawn.sample, rng, int(np.clip(height * 1.5, 28, 128)), anyhow)
    plate = dress(plate, drawn.sample.plate, rng)
    if wear.trinkets and rng.random() < wear.trinkets:
        plate = trinkets(plate, rng)
    inner = UNIT
    if drawn.sample.plate.band_right != "none":
        plate = replace(plate, pixels=write_on_band(plate.pixels, plate.size_mm, rng))
    if rng.random() < wear.holder:
        plate, inner = add_holder(plate, rng)
    placed = place(plate, inner, views[int(rng.integers(len(views)))], width, wear, rng)
    # The fewer pixels, the less else may be wrong, or nobody could read it.
    hardest = wear.strength * float(np.interp(width, (40, 160), (0.5, 1.0)))
    strength = hardest * float(rng.beta(1.1, 1.6))
    placed = replace(placed, pixels=age(placed.pixels, strength, wear, rng))
    pixels, boxes = cut(placed, wear, rng)
    seen_width = quad_size(placed.quad)[0]
    return Crop(pixels, plate.text, drawn.country, plate.rows, boxes, seen_width, strength, plate.typeface)


def place(plate: RenderedPlate, inner: Floats, view: View, width: float, wear: Wear, rng: Rng) -> Placed:
    """The plate `width` pixels wide in a piece of the photo; `inner` are the plate's corners as parts of the
    picture.
    """
    drawn = None
    known = replaceable(view, wear)
    if known and rng.random() < wear.swapped:
        old = known[int(rng.integers(len(known)))]
        native, native_height = quad_size(quad_from_array(old))
        # Enlarged further, all would be blurred; and a plate of another shape is made narrower than the old.
        width = min(width, ENLARGED * native)
        narrower = plate.size_mm[0] / plate.size_mm[1] / (native / max(native_height, 1.0))
        scale = width / max(native, 4.0) / min(1.0, narrower**0.45)
        piece, shift = cut_piece(view.pixels, old.mean(axis=0), scale, width)
        old = (old - shift) * scale
        if is_convex(quad_from_array(old)):
            drawn = swap_plate(piece, quad_from_array(old), plate, rng)
    while drawn is None:
        h, w = view.pixels.shape[:2]
        piece, _ = cut_piece(
            view.pixels, rng.random(2) * (w, h), float(np.exp(rng.uniform(-0.9, 0.2))), width
        )
        share = width / piece.shape[1]
        drawn = paste_plate(piece, plate, rng, width=(share, share), max_angle=wear.angle)
    h, w = plate.alpha.shape
    onto = homography(UNIT * (w, h), quad_to_array(drawn.quad))
    corners = plate.boxes[:, [[0, 1], [2, 1], [2, 3], [0, 3]]].reshape(-1, 2).astype(np.float64)
    boxes = apply_homography(onto, corners).reshape(-1, 4, 2)
    quad = apply_homography(onto, inner * (w, h))
    return trim(Placed(drawn.pixels, quad_from_array(quad), boxes), width)


def replaceable(view: View, wear: Wear) -> list[Floats]:
    """The corners (4, 2) of a photo's plates that are large enough to take the place of.

    A plate drawn in the place of one 15 pixels wide is as blurred as that was, whatever its own width, and
    nobody can read it.
    """
    quads = [quad.astype(np.float64) for quad in view.quads]
    return [quad for quad in quads if quad_size(quad_from_array(quad))[0] * ENLARGED >= wear.widths[0]]


def cut_piece(pixels: Pixels, middle: Floats, scale: float, width: float) -> tuple[Pixels, Floats]:
    """A piece around `middle` for a plate of `width`, scaled; and its origin in the photo."""
    h, w = pixels.shape[:2]
    half = min(1.1 * width / scale, w / 2), min(0.95 * width / scale, h / 2)
    x = float(np.clip(middle[0], half[0], w - half[0]))
    y = float(np.clip(middle[1], half[1], h - half[1]))
    x0, y0 = int(x - half[0]), int(y - half[1])
    piece = pixels[y0 : int(y + half[1]) + 1, x0 : int(x + half[0]) + 1]
    # A small photo gives a small piece: it is enlarged until the plate has room.
    scale = max(scale, 1.9 * width / piece.shape[1], 1.6 * width / piece.shape[0])
    size = round(piece.shape[1] * scale), round(piece.shape[0] * scale)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(piece, size, interpolation=method), np.uint8), np.array([x0, y0], np.float64)


def trim(placed: Placed, width: float) -> Placed:
    """Only the plate's near surroundings: what is done next need not be done to a whole photo."""
    box, (h, w) = placed.quad.box, placed.pixels.shape[:2]
    x0, y0 = max(0, int(box.x1 - 0.2 * width)), max(0, int(box.y1 - 0.12 * width))
    x1, y1 = min(w, int(box.x2 + 0.2 * width) + 1), min(h, int(box.y2 + 0.12 * width) + 1)
    quad = quad_from_array(quad_to_array(placed.quad) - (x0, y0))
    return Placed(np.ascontiguousarray(placed.pixels[y0:y1, x0:x1]), quad, placed.boxes - (x0, y0))


def age(pixels: Pixels, strength: float, wear: Wear, rng: Rng) -> Pixels:
    """What dirt, light, lens and file do, and now and then a cast or no colour at all."""
    lot = rng.random()
    if lot < wear.grey:
        pixels = np.repeat(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    elif lot < wear.grey + wear.cast:
        pixels = np.clip(pixels * np.exp(rng.normal(-0.1, 0.35, 3)), 0, 255).astype(np.uint8)
    pixels = degrade(pixels, rng, strength)
    if wear.phone and rng.random() < wear.phone:
        pixels = phone(pixels, rng, 0.25 + 0.75 * strength)
    return pixels


def cut(placed: Placed, wear: Wear, rng: Rng) -> tuple[Pixels, Floats]:
    """The crop as a detector's erring corners would cut it, and the characters' boxes in it."""
    for attempt in range(6):
        quad = erring(placed.quad, wear, rng, 0.7**attempt)
        if not is_convex(quad):
            continue
        onto = homography(quad_to_array(quad), UNIT * (WIDTH, HEIGHT))
        corners = apply_homography(onto, placed.boxes.reshape(-1, 2)).reshape(-1, 4, 2)
        boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
        if seen_part(boxes) >= VISIBLE:
            break
    else:
        quad = grow_quad(placed.quad, 0.03, 0.06)
        onto = homography(quad_to_array(quad), UNIT * (WIDTH, HEIGHT))
        corners = apply_homography(onto, placed.boxes.reshape(-1, 2)).reshape(-1, 4, 2)
        boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    wide, tall = quad_size(quad)
    width = max(1, round(HEIGHT * np.clip(wide / tall, 1.0, 8.0)))
    return warp_pixels(placed.pixels, quad, width, HEIGHT), boxes


def erring(quad: Quad, wear: Wear, rng: Rng, size: float) -> Quad:
    """The corners as a detector would give them, grown by the margin; `size` scales the errors."""
    margin = np.array([rng.uniform(*limits) for limits in MARGINS])
    if rng.random() < wear.loose:
        if rng.random() < 0.4:
            quad = quad_from_box(quad.box)  # a file that somebody cut out upright
        margin += np.array([rng.uniform(-0.02, 0.12), rng.uniform(0, 0.4)])
    grown = grow_quad(quad, *margin.tolist())
    width = quad_size(quad)[0]
    spread = rng.uniform(0.003, 0.02) if rng.random() < 0.88 else rng.uniform(0.02, 0.045)
    errors = rng.normal(0, spread, (4, 2)) + rng.normal(0, spread * 0.6, (1, 2))
    return quad_from_array(quad_to_array(grown) + errors * width * size)


def seen_part(boxes: Floats) -> float:
    """The smallest part of a character's box that lies within the crop."""
    if not len(boxes):
        return 1.0
    inside = np.clip(boxes, 0, [WIDTH, HEIGHT, WIDTH, HEIGHT])
    whole = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return float(np.min(np.prod(inside[:, 2:] - inside[:, :2], axis=1) / np.maximum(whole, 1e-6)))


def columns_of(crop: Crop) -> NDArray[np.int8]:
    """(TOKENS,) which character of the text each of the net's columns shows, -1 for none.

    A column belongs to a character where its middle lies in the middle part of the character's box; the
    narrowest still gets the nearest column. Characters of a second row are in the second line.
    """
    owners = np.full((2, COLUMNS), -1, np.int8)
    middles = (np.arange(COLUMNS) + 0.5) * (WIDTH / COLUMNS)
    first_row = first_row_of(crop)
    for index, (x1, _, x2, _) in enumerate(crop.boxes):
        line = owners[0 if index < first_row else 1]
        centre, half = (x1 + x2) / 2, 0.32 * (x2 - x1)
        line[np.abs(middles - centre) <= half] = index
        line[int(np.argmin(np.abs(middles - centre)))] = index
    return owners.reshape(-1)


def first_row_of(crop: Crop) -> int:
    """How many characters stand in the first row."""
    if crop.rows == 1 or len(crop.boxes) < 2:
        return len(crop.boxes)
    starts = crop.boxes[:, 0]
    back = np.flatnonzero(np.diff(starts) < 0)  # the second row begins where x jumps back
    return int(back[0]) + 1 if len(back) else len(crop.boxes)
