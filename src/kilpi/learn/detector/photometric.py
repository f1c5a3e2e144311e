"""Plate swapping: where a photo's corners are known, a rendered plate of any country takes the old one's
place.

So each of a few hundred photos gives thousands of plates with true corners, in the photo's own light. Some
are bent, in a dealer's holder, black with pale writing, or a dealer's own; lamps stand before some. Plates
are also pasted where there were none.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kilpi.draw.clutter.lamps import lamps_over
from kilpi.draw.composite import Composite, paste_plate, swap_plate
from kilpi.draw.dirt import dirt, occlusion, scratches, snow, splashes
from kilpi.draw.holders import add_holder
from kilpi.draw.plate_variants import bent, old_black, show_plate
from kilpi.draw.plates import RenderedPlate, render_plate
from kilpi.geometry import UNIT, apply_homography, homography, quad_from_array, quad_to_array
from kilpi.grammar import Grammars, load_grammars
from kilpi.labels.warps import Floats, View
from kilpi.learn.stock import Stock

Rng = np.random.Generator

SWAPPED = 0.7  # of the plates with true corners, when a photo is retouched at all
PASTED = 0.2  # retouched photos that also get a plate where there was none
SOILED = 0.25
BLACK = 0.05  # plates with pale writing on a dark ground
SHOWN = 0.18  # swapped plates that are a dealer's own: told from a sign by where they hang
BENT = 0.15
HELD = 0.25  # plates in a dealer's holder with words below
LIT = 0.07  # swapped plates with lamps before or above them
KEPT = 300  # rendered plates at hand; each is drawn anew after some uses
RENEWED = 0.08  # chance that a use draws a plate anew
HEIGHT = 64  # pixels a row of characters
SOIL = (dirt, splashes, snow, scratches, occlusion)

Fitted = tuple[RenderedPlate, np.ndarray]
"""What is drawn, and the plate's corners in it as parts of its width and height, (4, 2) float64."""


class PlateSwapper:
    """A `pictures.Retouch` that swaps and pastes plates of all countries that have a grammar."""

    def __init__(
        self,
        countries: tuple[str, ...] | None = None,
        swapped: float = SWAPPED,
        pasted: float = PASTED,
        lit: float = LIT,
    ) -> None:
        """`countries` are codes of grammars, default all; `swapped`, `pasted` and `lit` are probabilities."""
        self.swapped, self.pasted, self.lit = swapped, pasted, lit
        self.grammars: Grammars = load_grammars()
        self.countries = countries or self.grammars.countries
        self.plate = Stock(self.draw, KEPT, RENEWED)
        self.show_plate = Stock(draw_show_plate, KEPT // 4, 2 * RENEWED)

    def draw(self, rng: Rng) -> Fitted:
        """A new plate, now and then dirty, snowed in or half covered, bent or in a holder."""
        country = self.countries[int(rng.integers(len(self.countries)))]
        sample = self.grammars.sample(country, rng)
        plate = render_plate(sample, rng, HEIGHT * len(sample.rows))
        if rng.random() < BLACK:
            plate = old_black(plate, rng)
        if rng.random() < SOILED:
            step = SOIL[int(rng.integers(len(SOIL)))]
            plate = replace(plate, pixels=step(plate.pixels, rng, float(rng.uniform(0.2, 1.0))))
        return fitted(plate, rng)

    def __call__(self, view: View, rng: Rng) -> View:
        """The view with other plates; its pixels are a new array."""
        pixels, quads, exact = view.pixels, view.quads.copy(), view.exact.copy()
        for i in np.flatnonzero(exact):
            if rng.random() < self.swapped and drawable(view, quads[i]):
                plate, inner = (self.show_plate if rng.random() < SHOWN else self.plate)(rng)
                done = swap_plate(pixels, quad_from_array(quads[i]), plate, rng)
                pixels, quads[i] = done.pixels, corners_in(done, inner)
                if rng.random() < self.lit:
                    pixels = lamps_over(pixels, quads[i], rng)
        if rng.random() < self.pasted:
            taken = [quad_from_array(quad) for quad in np.concatenate([quads, view.ignore])]
            plate, inner = self.plate(rng)
            pasted: Composite | None = paste_plate(pixels, plate, rng, taken)
            if pasted is not None:
                pixels = pasted.pixels
                quads = np.concatenate([quads, corners_in(pasted, inner)[None]])
                exact = np.append(exact, True)
        return View(pixels, quads.astype(np.float32), exact, view.ignore)


def draw_show_plate(rng: Rng) -> Fitted:
    """A dealer's own plate, and where its corners are."""
    return fitted(show_plate(rng, HEIGHT), rng)


def fitted(plate: RenderedPlate, rng: Rng) -> Fitted:
    """The plate as it is, bent, or in a holder, and where its corners are in the drawn picture."""
    chance = rng.random()
    if chance < BENT:
        return bent(plate, rng)
    return add_holder(plate, rng) if chance < BENT + HELD else (plate, UNIT)


def corners_in(done: Composite, inner: np.ndarray) -> Floats:
    """The plate's corners (4, 2) in the photo, `inner` being their parts of what was drawn there."""
    return apply_homography(homography(UNIT, quad_to_array(done.quad)), inner).astype(np.float32)


def drawable(view: View, quad: np.ndarray) -> bool:
    """Whether a plate lies wholly inside and is large enough for its light to be measured."""
    height, width = view.pixels.shape[:2]
    low, high = quad.min(axis=0), quad.max(axis=0)
    return bool(
        (low >= 1).all() and (high <= (width - 2, height - 2)).all() and (high - low >= (14, 4)).all()
    )
