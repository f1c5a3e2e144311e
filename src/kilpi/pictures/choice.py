"""Which of a car's photos to publish, and in which order.

Everything is measured on what is at hand: the decoded photo and the plates in it. What a photo shows is a
guess from the plate's place and from red lamps beside it; "unsure" is an answer.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.errors import UsageError
from kilpi.geometry import quad_size, scale_quad
from kilpi.images import shrink_to
from kilpi.types import LeftOut, Photo, Pixels, Quad, Reason, Sighting

WORK_SIDE = 1000  # pixels, longer side on which everything is measured; smaller photos stay as they are
TILES = 6  # rows and columns of tiles for sharpness
# Sharpness below this counts as blurred. Of 74 training photos at 400 px all but the weakest 5 % had more
# than 29; after a Gaussian blur of 2 px half were below 5.8, after one of 3 px 95 % below 4.6.
MIN_SHARPNESS = 5.0
DARK = 60.0  # 95th percentile of luminance, 0..255; below it even the brightest parts are hard to see
SAME_BITS = 6  # of 64; photos whose hashes differ by no more show the same thing
HASH_SIDE, HASH_KEPT = 32, 8  # perceptual hash: DCT of 32 x 32, its lowest 8 x 8

Grey = NDArray[np.float32]


class View(StrEnum):
    """What a photo shows, as far as it can be told. "End" is front or rear, "quarter" is seen at an angle."""

    FRONT = "front"
    FRONT_QUARTER = "front_quarter"
    REAR = "rear"
    REAR_QUARTER = "rear_quarter"
    END = "end"
    END_QUARTER = "end_quarter"
    DETAIL = "detail"
    DOCUMENT = "document"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Profile:
    """What one consumer wants: counts, sizes in pixels, shape, JPEG quality, and which view comes first."""

    name: str
    most: int
    wanted: int
    min_width: int
    min_height: int
    long_side: int
    quality: int
    aspect: tuple[float, float]  # narrowest and widest width / height; see `frame`
    order: tuple[View, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """One photo as measured. `sharpness` and `bright` are in grey levels, sizes in native pixels."""

    photo_id: str
    path: str
    width: int
    height: int
    sharpness: float
    bright: float  # 95th percentile of luminance
    view: View
    fingerprint: int = field(repr=False)  # 64 bits

    @property
    def quality(self) -> float:
        """For choosing among photos of the same thing: sharpness times detail."""
        return self.sharpness * math.sqrt(self.width * self.height)


@dataclass(frozen=True, slots=True)
class Choice:
    """The photos to publish, in order, and the others with the reason."""

    kept: tuple[Look, ...]
    left_out: tuple[LeftOut, ...]


@lru_cache(maxsize=8)
def load_profile(name: str = "site") -> Profile:
    """A profile of profiles/. Raises UsageError that names those there are."""
    folder = files("kilpi.pictures") / "profiles"
    known = sorted(
        path.name.removesuffix(".toml") for path in folder.iterdir() if path.name.endswith(".toml")
    )
    if name not in known:
        raise UsageError(f"no picture profile {name!r}; there are {', '.join(known)}")
    values = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
    values["aspect"] = tuple(values["aspect"])
    values["order"] = tuple(View(view) for view in values["order"])
    return Profile(**{key: value for key, value in values.items() if key not in {"source", "soft"}})


def look_at(photo: Photo, sightings: Sequence[Sighting]) -> Look:
    """Measure one photo and guess what it shows; `sightings` are the plates in it, in native pixels."""
    pixels = shrink_to(photo.pixels, WORK_SIDE)
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.float32)
    scale = pixels.shape[1] / photo.width
    quads = sorted((scale_quad(s.quad, scale) for s in sightings), key=lambda quad: -quad_size(quad)[0])
    return Look(
        photo_id=photo.id,
        path=photo.path,
        width=photo.width,
        height=photo.height,
        sharpness=sharpness(grey),
        bright=float(np.percentile(grey, 95)),
        view=guess_view(pixels, quads[0] if quads else None),
        fingerprint=fingerprint(grey),
    )


def sharpness(grey: Grey) -> float:
    """The sharpest tenth of 36 tiles: a car may be sharp before a soft background. Grey levels."""
    edges = cv2.Laplacian(grey, cv2.CV_32F)
    tiles = [tile for row in np.array_split(edges, TILES) for tile in np.array_split(row, TILES, axis=1)]
    return float(np.percentile([float(tile.std()) for tile in tiles if tile.size], 90))


def fingerprint(grey: Grey) -> int:
    """64-bit perceptual hash: which of the lowest DCT terms are above their median."""
    small = cv2.resize(grey, (HASH_SIDE, HASH_SIDE), interpolation=cv2.INTER_AREA)
    low = cv2.dct(small)[:HASH_KEPT, :HASH_KEPT].ravel()
    bits = low > np.median(low[1:])
    return int("".join("1" if bit else "0" for bit in bits), 2)


# Shares of the photo's width unless said otherwise. The lamp rule was chosen on 52 training photos with one
# plate each, labelled by eye (27 fronts, 25 rears): it called 14 of the rears rear and none of the fronts. On
# 74 others it called 24 rear, of which 22 were, and 23 front, of which 18 were and 3 were not.
CLOSE_UP = 0.45  # a wider plate is a close-up
BACKGROUND = 0.035  # a narrower plate may be another car's
OFF_CENTRE = 0.14  # a plate further from the middle belongs to a car seen at an angle
LAMP_ZONE = (0.8, 3.0, 1.4, 0.3)  # plate widths: from, to beside the plate's centre; above and below it
PAINT_ZONE = (0.7, 1.2, 0.3)  # plate widths: half as wide; from and to above the plate's centre
LAMPS_SEEN = 0.02  # share of red pixels in the zone, on both sides
NO_LAMPS = 0.002  # on neither side
RED_PAINT = 0.15  # share of red above the plate; then lamps cannot be told from the car


def guess_view(pixels: Pixels, plate: Quad | None) -> View:
    """What (h, w, 3) RGB shows, given its widest plate in the same pixels."""
    if plate is None:
        return View.DOCUMENT if looks_like_document(pixels) else View.UNSURE
    width = pixels.shape[1]
    share = quad_size(plate)[0] / width
    if share > CLOSE_UP:
        return View.DETAIL
    if share < BACKGROUND:
        return View.UNSURE
    box = plate.box
    angled = abs((box.x1 + box.x2) / 2 / width - 0.5) > OFF_CENTRE
    end = guess_end(pixels, plate)
    return View(f"{end}_quarter") if angled else end


def guess_end(pixels: Pixels, plate: Quad) -> View:
    """Front, rear, or just "end", by the red lamps left and right of the plate."""
    hue, saturation, value = cv2.split(cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV))
    red = ((hue < 9) | (hue > 170)) & (saturation > 120) & (value > 70)
    box, (unit, _) = plate.box, quad_size(plate)
    x, y = (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2
    near, far, above, below = LAMP_ZONE
    top, bottom = y - above * unit, y + below * unit
    sides = (
        zone_share(red, x - far * unit, x - near * unit, top, bottom),
        zone_share(red, x + near * unit, x + far * unit, top, bottom),
    )
    half, high, low = PAINT_ZONE
    paint = zone_share(red, x - half * unit, x + half * unit, y - high * unit, y - low * unit)
    if paint < RED_PAINT and min(sides) > LAMPS_SEEN:
        return View.REAR
    if paint < RED_PAINT and max(sides) < NO_LAMPS:
        return View.FRONT
    return View.END


def zone_share(mask: NDArray[np.bool_], x1: float, x2: float, y1: float, y2: float) -> float:
    """The share of true pixels in a rectangle, cut to the picture; 0 where nothing of it is inside."""
    h, w = mask.shape
    part = mask[max(0, int(y1)) : max(0, min(h, int(y2))), max(0, int(x1)) : max(0, min(w, int(x2)))]
    return float(part.mean()) if part.size else 0.0


PAPER = (150, 40)  # a page's median luminance is above the first, its median saturation below the second
# Small dark marks, spread over at least SPREAD of the picture's 8 x 8 fields. A drawn page has 1200 to 2400;
# no pale training photo had more than 360 (8 of 99). Wrongly called a document, a photo would be lost.
LETTERS_OF_PAGE = 700
SPREAD = 0.4


def looks_like_document(pixels: Pixels) -> bool:
    """Whether a photo without a plate is mostly pale paper with print on it."""
    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
    if np.median(hsv[..., 2]) < PAPER[0] or np.median(hsv[..., 1]) > PAPER[1]:
        return False
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 18)
    _, _, stats, centres = cv2.connectedComponentsWithStats(ink)
    h, w = grey.shape
    size = max(h, w)
    tall, wide = stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_WIDTH]
    letters = (tall > 0.005 * size) & (tall < 0.04 * size) & (wide < 0.06 * size)
    fields = {(int(8 * x / w), int(8 * y / h)) for x, y in centres[1:][letters]}
    return int(letters.sum()) >= LETTERS_OF_PAGE and len(fields) >= SPREAD * 64


def choose(looks: Sequence[Look], profile: Profile) -> Choice:
    """The photos that a profile wants, in its order; the others stay listed with the reason.

    Where every photo is blurred or dark, the sharpest stays: a car with one poor picture is seen by a person.
    """
    faults = {look.photo_id: fault(look, profile) for look in looks}
    if looks and all(faults.values()):
        best = max(looks, key=lambda look: look.sharpness)
        if (why := faults[best.photo_id]) and why.code in {"blurred", "dark"}:
            faults[best.photo_id] = None
    good = [look for look in looks if faults[look.photo_id] is None]
    left = [LeftOut(look.path, why) for look in looks if (why := faults[look.photo_id])]
    single, doubles = without_doubles(good)
    ranks = {view: rank for rank, view in enumerate(profile.order)}
    ordered = sorted(single, key=lambda look: ranks.get(look.view, len(ranks)))
    cut = [LeftOut(look.path, Reason("too_many", {"most": profile.most})) for look in ordered[profile.most :]]
    return Choice(tuple(ordered[: profile.most]), (*left, *doubles, *cut))


def fault(look: Look, profile: Profile) -> Reason | None:
    """Why a photo is of no use, or None."""
    if look.view is View.DOCUMENT:
        return Reason("document")
    wide, tall = sorted((look.width, look.height), reverse=True)
    if wide < profile.min_width or tall < profile.min_height:
        return Reason("too_small", {"width": look.width, "height": look.height})
    if look.sharpness < MIN_SHARPNESS:
        return Reason("blurred")
    if look.bright < DARK:
        return Reason("dark")
    return None


def without_doubles(looks: Sequence[Look]) -> tuple[list[Look], list[LeftOut]]:
    """Of photos that show the same thing the best one, at the first one's place."""
    kept: list[Look] = []
    doubles: list[LeftOut] = []
    for look in looks:
        twin = next((i for i, other in enumerate(kept) if is_same(look, other)), None)
        if twin is None:
            kept.append(look)
            continue
        worse, kept[twin] = sorted((look, kept[twin]), key=lambda one: one.quality)
        doubles.append(LeftOut(worse.path, Reason("near_duplicate")))
    return kept, doubles


def is_same(a: Look, b: Look) -> bool:
    """Whether two photos' fingerprints differ by so little that they show the same thing."""
    return (a.fingerprint ^ b.fingerprint).bit_count() <= SAME_BITS
