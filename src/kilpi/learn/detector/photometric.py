"""Plate swapping: where a photo's corners are known, a rendered plate of any country takes the old one's
place.

So each of a few hundred photos gives thousands of plates with true corners, in the photo's own light.
Plates are also pasted where there were none.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kilpi.draw.composite import Composite, paste_plate, swap_plate
from kilpi.draw.dirt import dirt, occlusion, scratches, snow, splashes
from kilpi.draw.plates import RenderedPlate, render_plate
from kilpi.geometry import quad_from_array, quad_to_array
from kilpi.grammar import Grammars, load_grammars
from kilpi.labels.warps import View

Rng = np.random.Generator

SWAPPED = 0.7  # of the plates with true corners, when a photo is retouched at all
PASTED = 0.2  # retouched photos that also get a plate where there was none
SOILED = 0.25
KEPT = 300  # rendered plates at hand; each is drawn anew after some uses
RENEWED = 0.08  # chance that a use draws a plate anew
HEIGHT = 64  # pixels a row of characters
SOIL = (dirt, splashes, snow, scratches, occlusion)


class PlateSwapper:
    """A `pictures.Retouch` that swaps and pastes plates of all countries that have a grammar."""

    def __init__(
        self, countries: tuple[str, ...] | None = None, swapped: float = SWAPPED, pasted: float = PASTED
    ) -> None:
        """`countries` are codes of grammars, default all; `swapped` and `pasted` are probabilities."""
        self.swapped, self.pasted = swapped, pasted
        self.grammars: Grammars = load_grammars()
        self.countries = countries or self.grammars.countries
        self.stock: list[RenderedPlate] = []

    def plate(self, rng: Rng) -> RenderedPlate:
        """A rendered plate, mostly from the stock: drawing takes longer than all else."""
        if len(self.stock) < KEPT:
            self.stock.append(self.draw(rng))
            return self.stock[-1]
        place = int(rng.integers(KEPT))
        if rng.random() < RENEWED:
            self.stock[place] = self.draw(rng)
        return self.stock[place]

    def draw(self, rng: Rng) -> RenderedPlate:
        """A new plate, now and then dirty, snowed in or half covered."""
        country = self.countries[int(rng.integers(len(self.countries)))]
        sample = self.grammars.sample(country, rng)
        plate = render_plate(sample, rng, HEIGHT * len(sample.rows))
        if rng.random() < SOILED:
            step = SOIL[int(rng.integers(len(SOIL)))]
            plate = replace(plate, pixels=step(plate.pixels, rng, float(rng.uniform(0.2, 1.0))))
        return plate

    def __call__(self, view: View, rng: Rng) -> View:
        """The view with other plates; its pixels are a new array."""
        pixels, quads, exact = view.pixels, view.quads.copy(), view.exact.copy()
        for i in np.flatnonzero(exact):
            if rng.random() < self.swapped and drawable(view, quads[i]):
                done = swap_plate(pixels, quad_from_array(quads[i]), self.plate(rng), rng)
                pixels, quads[i] = done.pixels, quad_to_array(done.quad)
        if rng.random() < self.pasted:
            taken = [quad_from_array(quad) for quad in np.concatenate([quads, view.ignore])]
            pasted: Composite | None = paste_plate(pixels, self.plate(rng), rng, taken)
            if pasted is not None:
                pixels = pasted.pixels
                quads = np.concatenate([quads, quad_to_array(pasted.quad)[None].astype(np.float32)])
                exact = np.append(exact, True)
        return View(pixels, quads.astype(np.float32), exact, view.ignore)


def drawable(view: View, quad: np.ndarray) -> bool:
    """Whether a plate lies wholly inside and is large enough for its light to be measured."""
    height, width = view.pixels.shape[:2]
    low, high = quad.min(axis=0), quad.max(axis=0)
    return bool(
        (low >= 1).all() and (high <= (width - 2, height - 2)).all() and (high - low >= (14, 4)).all()
    )
