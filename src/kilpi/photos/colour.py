"""The colour of a car's paint, estimated around its plate, and how good that is on labelled photos.

"Unsure" is an answer, and a frequent one: light, reflections, grilles and the road all mix in. Colours that
light can turn into each other never contradict.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.errors import LabelError
from kilpi.geometry import apply_homography, homography, quad_from_box, quad_to_array
from kilpi.images import native, open_photo
from kilpi.types import Box, Pixels, Quad
from kilpi.vocabulary import Colour

# Where paint is, in plate widths right and down from the plate's centre: left and right of it, and above it.
# A car is about 3.5 plates wide (1.8 m to 0.52 m), so these lie on the car.
PATCHES = (((-1.5, -0.6), (-0.35, 0.25)), ((0.6, 1.5), (-0.35, 0.25)), ((-1.0, 1.0), (-0.9, -0.2)))
GROUND = ((-0.45, 0.45), (-0.08, 0.08))  # the plate's own middle
GRID = 40  # samples a side and patch
MIN_PLATE_PX = 12.0  # width; below that a patch is a handful of pixels

# CIELAB thresholds, set on the part "thresholds" of labels/colours/cars.jsonl; numbers: docs/registers.md.
PAINTED = 18.0  # chroma from which a pixel has a hue
DEEP = 30.0  # chroma that no bluish evening light gives to white paint
SHARE = 0.35  # of the samples must have one hue
NEUTRAL_SHARE = 0.15  # at most so many may have any hue for a surely neutral car
HUES: tuple[tuple[float, float, Colour], ...] = (
    (8.0, 44.0, Colour.RED),
    (44.0, 66.0, Colour.ORANGE),
    (80.0, 108.0, Colour.YELLOW),
    (125.0, 195.0, Colour.GREEN),
    (245.0, 305.0, Colour.BLUE),
)
"""Lab hue angles in degrees; what lies between them is told by nobody."""
DEEP_ONLY = frozenset({Colour.ORANGE, Colour.YELLOW})  # earth and dry grass have these hues, paler

_ANY = frozenset({Colour.MULTICOLOUR})
COMPATIBLE: dict[Colour, frozenset[Colour]] = {
    Colour.BLACK: _ANY
    | {Colour.BLACK, Colour.GREY, Colour.BLUE, Colour.GREEN, Colour.BROWN, Colour.VIOLET, Colour.RED},
    Colour.SILVER: _ANY
    | {
        Colour.SILVER,
        Colour.GREY,
        Colour.WHITE,
        Colour.BEIGE,
        Colour.GOLD,
        Colour.BROWN,
        Colour.BLUE,
        Colour.BLACK,
    }
    | {Colour.GREEN, Colour.TURQUOISE},
    Colour.WHITE: _ANY | {Colour.WHITE, Colour.SILVER, Colour.GREY, Colour.BEIGE},
    Colour.RED: _ANY | {Colour.RED, Colour.ORANGE, Colour.BROWN, Colour.PINK, Colour.VIOLET},
    Colour.ORANGE: _ANY | {Colour.ORANGE, Colour.RED, Colour.BROWN, Colour.GOLD, Colour.YELLOW},
    Colour.YELLOW: _ANY | {Colour.YELLOW, Colour.GOLD, Colour.BEIGE, Colour.ORANGE, Colour.GREEN},
    Colour.GREEN: _ANY
    | {Colour.GREEN, Colour.TURQUOISE, Colour.GREY, Colour.BLACK, Colour.BLUE, Colour.SILVER}
    | {Colour.BEIGE},
    Colour.BLUE: _ANY
    | {Colour.BLUE, Colour.TURQUOISE, Colour.VIOLET, Colour.BLACK, Colour.GREY, Colour.SILVER}
    | {Colour.GREEN},
}
"""Colour seen -> registered colours that it does not contradict."""


@dataclass(frozen=True, slots=True)
class SeenColour:
    """An estimate; `colour` None means unsure. `hue_share` is the share of samples that have the commonest
    hue, `light` their median lightness relative to the plate's ground."""

    colour: Colour | None
    hue_share: float
    light: float


UNSURE = SeenColour(None, 0.0, 0.0)


def see_colour(pixels: Pixels, quad: Quad) -> SeenColour:
    """The colour of the paint around one plate.

    `pixels`: (h, w, 3) uint8 RGB; `quad`: the plate in the same pixels.
    """
    corners = quad_to_array(quad)
    width = float(np.linalg.norm(corners[1] - corners[0]))
    if width < MIN_PLATE_PX:
        return UNSURE
    ground = _sample(pixels, corners, GROUND)
    if not len(ground):
        return UNSURE
    bright = max(float(np.percentile(_lab(ground)[:, 0], 85)), 30.0)
    paint = [_sample(pixels, corners, patch) for patch in PATCHES]
    told = [_judge(_lab(rgb), bright) for rgb in paint if len(rgb) >= GRID * GRID // 2]
    # One patch may lie on another car, on grass, or on black plastic: two must agree.
    colour = agreed_colour(told)
    named = sum(one.colour == colour for one in told)
    share = float(np.mean([one.hue_share for one in told])) if told else 0.0
    light = float(np.mean([one.light for one in told])) if told else 0.0
    return SeenColour(colour if named >= 2 else None, share, light)


def _sample(
    pixels: Pixels, corners: NDArray[np.float64], patch: tuple[tuple[float, float], tuple[float, float]]
) -> NDArray[np.uint8]:
    """(n, 3) pixels on a grid of one patch, those outside the photo left out."""
    (left, right), (top, bottom) = patch
    tall = _tallness(corners)
    plane = np.array([[-0.5, -tall], [0.5, -tall], [0.5, tall], [-0.5, tall]])
    x, y = np.meshgrid(np.linspace(left, right, GRID), np.linspace(top, bottom, GRID))
    places = apply_homography(homography(plane, corners), np.stack([x.ravel(), y.ravel()], axis=1))
    columns, rows = np.round(places).astype(np.int64).T
    inside = (columns >= 0) & (columns < pixels.shape[1]) & (rows >= 0) & (rows < pixels.shape[0])
    return np.asarray(pixels[rows[inside], columns[inside]])


def _tallness(corners: NDArray[np.float64]) -> float:
    """Half the plate's height in plate widths, kept believable: a box around a turned plate is too tall."""
    across = np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3])
    down = np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])
    return float(np.clip(down / across, 0.15, 0.75)) / 2


def _lab(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, 3) uint8 RGB -> (n, 3) CIELAB: L 0..100, a and b about -127..127."""
    lab = cv2.cvtColor(rgb.reshape(-1, 1, 3).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return np.asarray(lab.reshape(-1, 3), dtype=np.float32)


def _judge(lab: NDArray[np.float32], bright: float) -> SeenColour:
    """One patch, (n, 3) CIELAB, against the lightness of the plate's ground."""
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360
    painted = (chroma > PAINTED) & (lab[:, 0] > 10)
    light = float(np.median(lab[:, 0])) / bright
    share, colour = 0.0, None
    for low, high, name in HUES:
        these = painted & (hue >= low) & (hue < high)
        if name in DEEP_ONLY:
            these &= chroma > DEEP
        if (part := float(these.mean())) > share:
            share, colour = part, name
    if share >= SHARE:
        return SeenColour(colour, share, light)
    if float(painted.mean()) > NEUTRAL_SHARE:
        return SeenColour(None, share, light)
    return SeenColour(_neutral(light, float(np.percentile(lab[:, 0], 75)) / bright), share, light)


def _neutral(middle: float, upper: float) -> Colour | None:
    """Black, silver or white by lightness relative to the plate's ground; grey is never sure."""
    if middle < 0.36 and upper < 0.75:
        return Colour.BLACK
    if middle > 0.80 and upper > 0.90:
        return Colour.WHITE
    return Colour.SILVER if middle > 0.55 else None


def agreed_colour(seen: Iterable[SeenColour]) -> Colour | None:
    """The colour that most of the sure estimates name, where none of the others contradicts it."""
    sure = [one.colour for one in seen if one.colour is not None]
    for colour in dict.fromkeys(sure):
        others = [other for other in sure if other != colour]
        if 2 * len(others) < len(sure) and all(other in COMPATIBLE[colour] for other in others):
            return colour
    return None


@dataclass(frozen=True, slots=True)
class ColourConfusion:
    """Estimates against labels, a photo each; `counts` by (labelled colour, seen colour, None: unsure)."""

    counts: Mapping[tuple[str, str | None], int]
    missing: int  # labelled photos that were not found

    @property
    def photos(self) -> int:
        """How many photos were judged."""
        return sum(self.counts.values())

    @property
    def unsure(self) -> int:
        """How many of them got no colour."""
        return sum(count for (_, seen), count in self.counts.items() if seen is None)

    @property
    def false_contradictions(self) -> int:
        """How many would contradict a register that has the labelled colour."""
        return sum(
            count
            for (label, seen), count in self.counts.items()
            if seen and label not in COMPATIBLE[Colour(seen)]
        )

    @property
    def caught(self) -> float:
        """Share of (photo, other colour) pairs that contradict, over every wrong colour of the vocabulary."""
        wrong = [colour for colour in Colour if colour is not Colour.MULTICOLOUR]
        hits = sum(
            count * sum(colour not in COMPATIBLE[Colour(seen)] for colour in wrong if colour != label)
            for (label, seen), count in self.counts.items()
            if seen
        )
        return hits / (self.photos * (len(wrong) - 1)) if self.counts else 0.0

    def table(self) -> str:
        """Rows: labelled; columns: seen; and the summary below."""
        seen = [*sorted({column for _, column in self.counts if column}), None]
        lines = [f"{'labelled':<10}" + "".join(f"{column or 'unsure':>8}" for column in seen)]
        for label in sorted({label for label, _ in self.counts}):
            cells = "".join(f"{self.counts.get((label, column), 0):>8}" for column in seen)
            lines.append(f"{label:<10}{cells}")
        lines.append(
            f"photos {self.photos}, unsure {self.unsure}, false contradictions {self.false_contradictions}, "
            f"wrong colours caught {self.caught:.0%}, photos missing {self.missing}"
        )
        return "\n".join(lines)


def colour_confusion(labels: Path, photos: Path, part: str | None = None) -> ColourConfusion:
    """Measures `see_colour` on labelled photos, of one `part` of the labels or of all.

    `labels`: JSON lines with photo (sha256), box, colour and part; `photos`: a folder in which files are
    found by their sha256. Raises LabelError where a line is not such a record.
    """
    found = {
        hashlib.sha256(path.read_bytes()).hexdigest(): path for path in photos.rglob("*") if path.is_file()
    }
    counts: Counter[tuple[str, str | None]] = Counter()
    missing = 0
    for number, line in enumerate(labels.read_text(encoding="utf-8").splitlines(), 1):
        try:
            record = json.loads(line)
            photo, label = found.get(record["photo"]), Colour(record["colour"])
            quad, own = quad_from_box(Box(*record["box"])), record["part"]
        except (ValueError, KeyError, TypeError):
            raise LabelError(
                f"{labels.name}, line {number}: is no colour label; correct or delete it"
            ) from None
        if part is not None and own != part:
            continue
        if photo is None:
            missing += 1
            continue
        seen = see_colour(native(open_photo(photo)).pixels, quad).colour
        counts[label.value, seen.value if seen else None] += 1
    return ColourConfusion(dict(counts), missing)
