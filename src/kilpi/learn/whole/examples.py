"""What the network learns from that tells what is hidden: plates with covers on them, and plates without.

Drawn plates say of every character how much of its ink a cover hides. Real plates have no ink that is known;
their characters are where the shipped reader reads them rightly, and what lies on such a place hides it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.decision.diacritics import DOTTED
from kilpi.draw.cover_up import Covered, cover_up, hidden_ink, hidden_room
from kilpi.draw.degrade import degrade
from kilpi.draw.dress import dress
from kilpi.draw.holders import add_holder
from kilpi.draw.plates import RenderedPlate, render_plate
from kilpi.draw.trinkets import trinkets
from kilpi.geometry import UNIT, quad_size
from kilpi.grammar import SampledMark
from kilpi.labels.warps import View
from kilpi.learn.reader.crop_pool import vary_one
from kilpi.learn.reader.crops import Crop, Wear, age, columns_of, cut, place
from kilpi.learn.reader.marks import Blend, Marks
from kilpi.learn.reader.net import COLUMNS, TOKENS
from kilpi.plates.reader import HEIGHT, WIDTH, resized
from kilpi.types import Pixels

Rng = np.random.Generator

SISTERS = {"A": "AÅÄ", "Å": "AÅÄ", "Ä": "AÅÄ", "O": "OÖ", "Ö": "OÖ", "U": "UÜ", "Ü": "UÜ"}
NOTHING, HIDDEN, UNASKED = 0, 1, -1
# Parts of a character's ink, or of the room above a letter, under a cover: up to the first nothing is hidden,
# from the second on something is; between them nobody is asked.
INK, ROOM = (0.03, 0.12), (0.15, 0.45)
MAYBE = np.float32(sum(INK) / 2), np.float32(sum(ROOM) / 2)
# Part of a character's ink under the ground's own colour from which nobody is asked: nothing is left to be
# seen, and what tells it from a wide space is how the plate is laid out.
GONE = 0.8
COVERED = 0.55  # how often a plate has a cover on it
SISTER = 0.4  # how often letters are dealt out anew among those that a ring or dots part
SPREAD = 0.5  # how often the space between two groups of characters is made wider
WIDEST = 0.9  # characters by which it is at most: real plates have stickers there, or had
REAL = 0.25  # share of real plates, where there are any
WEAR = Wear(widths=(62.0, 340.0), strength=0.55, loose=0.1, trinkets=0.05, phone=0.25, angle=58.0)
BLEND = Blend(nordic=0.62, europe=0.26, accents=0.15)


class Example(NamedTuple):
    """A crop as the reader sees it, without its left end, and what each of the columns shows."""

    pixels: Pixels  # (HEIGHT, WIDTH, 3) uint8 RGB
    ink: NDArray[np.int8]  # (TOKENS,): NOTHING, HIDDEN, UNASKED
    room: NDArray[np.int8]  # (TOKENS,): the same of the room above a letter


@dataclass(frozen=True, slots=True)
class Sources:
    """What examples are made of: photos, and crops of real plates whose characters' places are known."""

    views: tuple[View, ...]
    real: tuple[Crop, ...] = ()


class Examples:
    """Endless examples of one seed."""

    def __init__(self, sources: Sources, seed: int) -> None:
        self.sources, self.marks, self.rng = sources, Marks(BLEND), np.random.default_rng([seed, 31])

    def __iter__(self) -> Examples:
        return self

    def __next__(self) -> Example:
        if self.sources.real and self.rng.random() < REAL:
            return real_example(self.sources.real[int(self.rng.integers(len(self.sources.real)))], self.rng)
        return drawn_example(self.marks.draw(self.rng).sample, self.sources.views, self.rng)


def drawn_example(sample: SampledMark, views: Sequence[View], rng: Rng) -> Example:
    """A drawn plate in one of the photos."""
    if rng.random() < SISTER:
        sample = with_sisters(sample, rng)
    low, high = np.log(WEAR.widths)
    width = float(np.exp(rng.uniform(low, high)))
    height = width * sample.plate.size_mm[1] / sample.plate.size_mm[0]
    plate = render_plate(sample, rng, int(np.clip(height * 1.5, 28, 128)))
    if rng.random() < SPREAD:
        plate = spread(plate, sample, rng)
    plate = dress(plate, sample.plate, rng)
    if rng.random() < WEAR.trinkets:
        plate = trinkets(plate, rng)
    chars = "".join("".join(groups) for groups in sample.rows)
    n = len(plate.boxes)
    ink = room = np.zeros(n, np.float32)
    if rng.random() < COVERED and n:
        covered = cover_up(plate.pixels, plate.boxes, rng)
        assert plate.ink is not None
        ink, room = hidden_parts(covered, plate.ink, plate.boxes, chars)
        plate = replace(plate, pixels=covered.pixels)
    inner = UNIT
    if rng.random() < WEAR.holder:
        plate, inner = add_holder(plate, rng)
    placed = place(plate, inner, views[int(rng.integers(len(views)))], width, WEAR, rng)
    strength = WEAR.strength * float(np.interp(width, (40, 160), (0.5, 1.0))) * float(rng.beta(1.1, 1.6))
    placed = replace(placed, pixels=age(placed.pixels, strength, WEAR, rng))
    pixels, boxes = cut(placed, WEAR, rng)
    crop = Crop(pixels, chars, "", plate.rows, boxes, quad_size(placed.quad)[0], strength)
    asked = np.array([char in SISTERS for char in chars])
    return Example(resized(pixels, WIDTH, HEIGHT), *targets(crop, ink, room, asked))


def hidden_parts(
    covered: Covered, ink: NDArray[np.uint8], boxes: NDArray[np.floating], chars: str
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(n,) each: which part of each character's ink is under covers, and of the room above it; between the
    limits, so that nobody is asked, where the ground's own colour leaves no trace of it.
    """
    dotted = np.array([char in DOTTED for char in chars])
    gone = hidden_ink(ink, covered.like_ground, boxes) > GONE
    bare = ~dotted & (hidden_room(covered.like_ground, boxes, dotted) > ROOM[0])
    inks, rooms = hidden_ink(ink, covered.mask, boxes), hidden_room(covered.mask, boxes, dotted)
    return np.where(gone, MAYBE[0], inks), np.where(bare, MAYBE[1], rooms)


def spread(plate: RenderedPlate, sample: SampledMark, rng: Rng) -> RenderedPlate:
    """A plate of one row with more space between two of its groups, all else a little narrower for it."""
    groups = sample.rows[0]
    if len(sample.rows) > 1 or len(groups) < 2 or plate.ink is None:
        return plate
    after = sum(map(len, groups[: int(rng.integers(1, len(groups)))]))
    end, begin = float(plate.boxes[after - 1, 2]), float(plate.boxes[after, 0])
    if begin - end < 2:
        return plate
    width = plate.pixels.shape[1]
    more = rng.uniform(0, WIDEST) * float(np.median(plate.boxes[:, 2] - plate.boxes[:, 0])) / 2
    before = np.array([0, end + 0.5, begin - 0.5, width], np.float64)
    wider = before + (0, -more, more, 0)
    if wider[1] < 0.6 * before[1] or width - wider[2] < 0.6 * (width - before[2]):
        return plate
    xs = np.interp(np.arange(width) + 0.5, wider, before).astype(np.float32) - np.float32(0.5)
    onto_x = np.broadcast_to(xs, plate.pixels.shape[:2]).copy()
    onto_y = np.broadcast_to(np.arange(len(onto_x), dtype=np.float32)[:, None], onto_x.shape).copy()

    def moved(part: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return np.asarray(cv2.remap(part, onto_x, onto_y, cv2.INTER_LINEAR), np.uint8)

    boxes = plate.boxes.copy()
    boxes[:, [0, 2]] = np.interp(boxes[:, [0, 2]], before, wider)
    return replace(plate, pixels=moved(plate.pixels), ink=moved(plate.ink), boxes=boxes)


def with_sisters(sample: SampledMark, rng: Rng) -> SampledMark:
    """The same plate with its A, O, U and their dotted sisters dealt out anew, each alike often."""

    def dealt(group: str) -> str:
        return "".join(str(rng.choice(list(SISTERS[char]))) if char in SISTERS else char for char in group)

    return replace(sample, rows=tuple(tuple(map(dealt, groups)) for groups in sample.rows))


def targets(
    crop: Crop, ink: NDArray[np.float32], room: NDArray[np.float32], letters: NDArray[np.bool_]
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """(TOKENS,) each: what the columns show of `ink` and `room`, the hidden part of each character and of the
    room above it; `letters` (n,) says which may have a ring or dots.
    """
    owners = columns_of(crop)
    inks, rooms = np.zeros(TOKENS, np.int8), np.full(TOKENS, UNASKED, np.int8)
    middles = np.tile((np.arange(COLUMNS) + 0.5) * (WIDTH / COLUMNS), 2)
    for i, (x1, _, x2, _) in enumerate(crop.boxes):
        own = owners == i
        inks[own] = level(float(ink[i]), INK)
        if letters[i]:
            rooms[own] = level(float(room[i]), ROOM)
        if inks[own].any():  # also where nobody is asked: the columns beside it see some of it
            inks[(owners < 0) & (middles > x1 - 8) & (middles < x2 + 8)] = UNASKED
    return inks, rooms


def level(part: float, limits: tuple[float, float]) -> int:
    """NOTHING up to the first limit, HIDDEN from the second on, UNASKED between them."""
    return NOTHING if part <= limits[0] else HIDDEN if part >= limits[1] else UNASKED


def real_example(crop: Crop, rng: Rng) -> Example:
    """A real plate as it is, or with a cover on it."""
    pixels = resized(crop.pixels, WIDTH, HEIGHT)
    n = len(crop.boxes)
    ink = room = np.zeros(n, np.float32)
    if rng.random() < COVERED:
        covered = cover_up(pixels, crop.boxes, rng)
        blur = float(np.interp(crop.width, (60, 200), (1.6, 0.3)))
        soft = cv2.GaussianBlur(covered.pixels, (0, 0), blur)
        near = cv2.GaussianBlur((covered.mask > 0.02).astype(np.float32), (0, 0), 1.5)[..., None]
        pixels = np.asarray(covered.pixels * (1 - near) + soft * near, np.uint8)
        full = np.full(pixels.shape[:2], 255, np.uint8)
        ink, room = hidden_parts(covered, full, crop.boxes, crop.text)
        # Where in its box a character's ink is, is not known.
        ink = np.where((ink > INK[0]) & (ink < 0.3), MAYBE[0], ink)
    if rng.random() < 0.5:
        pixels = degrade(pixels, rng, rng.uniform(0, 0.35))
    asked = np.array([char in SISTERS for char in crop.text], np.bool_)
    return Example(vary_one(pixels, rng), *targets(crop, ink, room, asked))
