"""One photo of a composed car: its drawn plate in the place of a real one, neighbours' plates behind."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.decision.rules import CARS
from kilpi.draw.composite import paste_plate, swap_plate
from kilpi.draw.dirt import dirt, scratches, snow, splashes
from kilpi.draw.plates import RenderedPlate, render_plate
from kilpi.geometry import is_convex, quad_from_array, quad_size, quad_to_array, scale_quad
from kilpi.grammar import Grammars, SampledMark, Series, load_grammars
from kilpi.labels.warps import View
from kilpi.learn.hard_negatives import add_decoys
from kilpi.learn.verifier.car_recipes import CarRecipe
from kilpi.plates.alphabet import ALPHABET
from kilpi.types import Pixels, Quad

Rng = np.random.Generator
SOIL = (dirt, splashes, snow, scratches)
READABLE = frozenset(ALPHABET)
MOST = 10  # characters; the reader has as many slots
ENLARGED = 1.3  # a photo's real plate is replaced by one at most so much larger, or all would be blurred
NARROWEST = 240  # pixels of a photo's width, as far as the photo it is made from allows
PLATE_PX = 96  # height of a drawn plate


class Worn(NamedTuple):
    """A drawn plate and its mark."""

    sample: SampledMark
    drawn: RenderedPlate


@dataclass(frozen=True, slots=True)
class Shot:
    """One composed photo: (h, w, 3) uint8 RGB, the car's own plate, and others' plates."""

    pixels: Pixels = field(repr=False, compare=False)
    own: Quad | None
    others: tuple[Quad, ...] = ()


class Neighbours:
    """The plates of two other cars, which stand behind in several photos; drawn when first seen."""

    def __init__(self, recipe: CarRecipe, rng: Rng) -> None:
        self.recipe, self.sources = recipe, rng.spawn(2)
        self.drawn: dict[int, Worn] = {}

    def plate(self, number: int) -> Worn:
        """The plate of one of the two."""
        which = number % len(self.sources)
        if which not in self.drawn:
            self.drawn[which] = worn_plate(load_grammars(), self.recipe, self.sources[which], False)
        return self.drawn[which]


def worn_plate(grammars: Grammars, recipe: CarRecipe, rng: Rng, trade: bool) -> Worn:
    """A plate of one of the recipe's countries that the reader has the signs for."""
    codes, shares = zip(*recipe.countries, strict=True)
    while True:
        code = str(rng.choice(codes, p=np.array(shares) / sum(shares)))
        series = None
        fitting = [s for s in grammars.country(code).series if fits_car(s, trade)]
        if trade or rng.random() < recipe.rare:
            if not fitting:
                continue
            series = fitting[int(rng.integers(len(fitting)))].name
        sample = grammars.sample(code, rng, series)
        text = sample.mark.compact
        known = sample.mark.series in {s.name for s in fitting}
        if known and len(text) <= MOST and READABLE.issuperset(text):
            break
    drawn = render_plate(sample, rng, PLATE_PX * sample.plate.rows)
    if rng.random() < recipe.soiled:
        step = SOIL[int(rng.integers(len(SOIL)))]
        drawn = replace(drawn, pixels=step(drawn.pixels, rng, float(rng.uniform(0.1, recipe.strength))))
    return Worn(sample, drawn)


def fits_car(series: Series, trade: bool) -> bool:
    """Whether a car wears plates of a series: its own, or a trade plate; motorcycles are no cars."""
    return series.identifies_car != trade and (trade or series.vehicle in CARS)


def with_car(view: View, own: Worn | None, neighbours: Neighbours, recipe: CarRecipe, rng: Rng) -> Shot:
    """The photo with its largest plate replaced by the car's own (or painted over), and all others too."""
    sizes = [quad_size(quad_from_array(quad))[0] for quad in view.quads]
    main = int(np.argmax(sizes))
    wanted = float(np.exp(rng.uniform(*np.log(recipe.widths))))
    if own is not None and own.sample.plate.rows == 2:
        wanted *= 0.62  # two rows are cut as high as one, hence half as wide
    scale = min(max(wanted / sizes[main], NARROWEST / view.pixels.shape[1]), ENLARGED)
    size = sizes[main] * scale
    share = float(np.exp(rng.uniform(*np.log(recipe.share))))
    share = max(min(share, size / NARROWEST), size / recipe.longest)
    pixels, quads, origin = window(view, view.quads[main].mean(axis=0), sizes[main] / share, rng)
    shape = max(64, round(pixels.shape[1] * scale)), max(48, round(pixels.shape[0] * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    pixels = np.asarray(cv2.resize(pixels, shape, interpolation=method), np.uint8)
    others = []
    place = None
    for i, corners in enumerate(quads - origin):
        quad = scale_quad(quad_from_array(corners), scale)
        if not (is_convex(quad) and inside(quad, pixels)):
            continue
        new = own if i == main else neighbours.plate(i)
        if new is None or quad_size(quad)[0] < 6:
            pixels = erase(pixels, quad)
            continue
        done = swap_plate(pixels, quad, new.drawn, rng)
        pixels = done.pixels
        if i == main:
            place = done.quad
        else:
            others.append(done.quad)
    return Shot(pixels, place, tuple(others))


def window(
    view: View, middle: NDArray[np.float32], width: float, rng: Rng
) -> tuple[Pixels, NDArray[np.float32], NDArray[np.float32]]:
    """A piece about `width` pixels wide around a place: pixels, all quads, and the piece's origin."""
    height, full = view.pixels.shape[:2]
    wide = min(full, round(width))
    tall = min(height, round(wide * rng.uniform(0.62, 0.78)))
    x = int(np.clip(middle[0] - wide * rng.uniform(0.3, 0.7), 0, full - wide))
    y = int(np.clip(middle[1] - tall * rng.uniform(0.4, 0.75), 0, height - tall))
    return view.pixels[y : y + tall, x : x + wide], view.quads, np.array([x, y], np.float32)


def inside(quad: Quad, pixels: Pixels) -> bool:
    """Whether a quad lies wholly in a picture."""
    height, width = pixels.shape[:2]
    box = quad.box
    return box.x1 >= 1 and box.y1 >= 1 and box.x2 <= width - 2 and box.y2 <= height - 2


def erase(pixels: Pixels, quad: Quad) -> Pixels:
    """The picture with a quad painted over from around it."""
    mask = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.round(quad_to_array(quad)).astype(np.int32), 255)
    wider = np.asarray(cv2.dilate(mask, np.ones((5, 5), np.uint8)), np.uint8)
    return np.asarray(cv2.inpaint(pixels, wider, 3, cv2.INPAINT_TELEA), np.uint8)


def without_car(view: View, recipe: CarRecipe, rng: Rng) -> Shot:
    """A detail of a photo that shows none of its plates, now and then with lettering; no car's mark."""
    height, full = view.pixels.shape[:2]
    low = view.quads.min(axis=1) if len(view.quads) else np.zeros((0, 2))
    high = view.quads.max(axis=1) if len(view.quads) else np.zeros((0, 2))
    for _ in range(20):
        wide, tall = int(full * rng.uniform(0.3, 0.6)), int(height * rng.uniform(0.3, 0.6))
        corner = np.array([rng.integers(0, full - wide + 1), rng.integers(0, height - tall + 1)])
        end = corner + np.array([wide, tall])
        if not np.any(np.all((low < end) & (high > corner), axis=1)):
            break
    pixels = view.pixels
    for quad in view.quads:  # one that no piece avoids is painted over
        if np.all((quad.min(axis=0) < end) & (quad.max(axis=0) > corner)):
            pixels = erase(pixels, quad_from_array(quad))
    piece = pixels[corner[1] : corner[1] + tall, corner[0] : corner[0] + wide]
    scale = min(recipe.longest, 480) / max(piece.shape[:2])
    size = max(64, round(wide * scale)), max(48, round(tall * scale))
    pixels = np.asarray(cv2.resize(piece, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    return Shot(pixels, None)


def with_neighbour(shot: Shot, neighbours: Neighbours, recipe: CarRecipe, rng: Rng) -> Shot:
    """Now and then a plate of a neighbour, smaller than the car's own."""
    if rng.random() >= recipe.behind:
        return shot
    width = shot.pixels.shape[1]
    front = quad_size(shot.own)[0] / width if shot.own else 0.15
    share = float(np.clip(front * rng.uniform(0.25, 0.6), 0.02, 0.12))
    avoid = [q for q in (shot.own, *shot.others) if q is not None]
    chosen = neighbours.plate(int(rng.integers(2)))
    pasted = paste_plate(shot.pixels, chosen.drawn, rng, avoid, (share, share * 1.01), 45.0)
    if pasted is None:
        return shot
    return Shot(pasted.pixels, shot.own, (*shot.others, pasted.quad))


def lettered(shot: Shot, recipe: CarRecipe, rng: Rng) -> Pixels:
    """The photo, now and then with words, signs and badges that are no plates."""
    if rng.random() >= recipe.lettered:
        return shot.pixels
    taken = [quad_to_array(q) for q in (shot.own, *shot.others) if q is not None]
    return add_decoys(shot.pixels, np.array(taken, np.float32).reshape(-1, 4, 2), rng, 2)
