"""Sheets: what is painted on and set into a drawn car's body, seen from one side.

A sheet is drawn for the hatchback's measures; others are brought to them before look-up. Metres; the first
axis runs to the right as seen (x for the side, y for front and rear), its second axis is z, up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.draw.cars.shape import Floats, curve, loop
from kilpi.draw.plate_parts import Colour

PER_METRE = 420
SHARE = np.float32(1 / 255)
Points = Sequence[tuple[float, float]]


@dataclass(slots=True)
class Sheet:
    """Colour and coverage over the paint, mirror gloss (0..1), own glow (0..1) and height (m)."""

    left: float
    width: float
    colour: NDArray[np.uint8]
    cover: NDArray[np.uint8]
    gloss: NDArray[np.uint8]
    glow: NDArray[np.uint8]
    height: Floats

    @staticmethod
    def blank(left: float, width: float, tall: float = 2.1) -> Sheet:
        """An empty sheet from `left`, `width` wide, from the ground up to `tall`."""
        h, w = int(tall * PER_METRE), int(width * PER_METRE)
        cover, gloss, glow = (np.zeros((h, w), np.uint8) for _ in range(3))
        return Sheet(
            left, width, np.zeros((h, w, 3), np.uint8), cover, gloss, glow, np.zeros((h, w), np.float32)
        )

    def _pixels(self, points: NDArray[np.float64]) -> NDArray[np.int32]:
        tall = self.cover.shape[0] / PER_METRE
        flat = (np.asarray(points) - (self.left, tall)) * (PER_METRE, -PER_METRE)
        return np.asarray(np.round(flat * 16).astype(np.int32))

    def fill(
        self, points: Points, ink: Colour, gloss: float = 0.4, glow: float = 0.0, rounded: bool = True
    ) -> None:
        """A filled outline; `rounded` takes its points as those of a curve."""
        fixed = self._pixels(loop(tuple(points)) if rounded else np.array(points))
        for plane, value in ((self.cover, 1.0), (self.gloss, gloss), (self.glow, glow)):
            cv2.fillPoly(plane, [fixed], int(value * 255), cv2.LINE_AA, 4)
        cv2.fillPoly(self.colour, [fixed], ink, cv2.LINE_AA, 4)
        cv2.polylines(self.colour, [fixed], True, ink, 2, cv2.LINE_AA, 4)  # no paint bleeds in at the edge

    def line(
        self,
        points: Points,
        ink: Colour,
        wide: float,
        gloss: float = 0.2,
        glow: float = 0.0,
        bend: bool = True,
    ) -> None:
        """A stroke `wide` metres thick."""
        fixed = self._pixels(curve(tuple(points)) if bend else np.array(points))
        thick = max(1, round(wide * PER_METRE))
        cv2.polylines(self.colour, [fixed], False, ink, thick + 2, cv2.LINE_AA, 4)
        for plane, value in ((self.cover, 255), (self.gloss, int(gloss * 255)), (self.glow, int(glow * 255))):
            cv2.polylines(plane, [fixed], False, value, thick, cv2.LINE_AA, 4)

    def crease(self, points: Points, high: float, wide: float, filled: bool = False) -> None:
        """A ridge (or, filled, a plateau) `high` metres tall with flanks about `wide` metres broad."""
        mask = np.zeros(self.cover.shape, np.uint8)
        fixed = self._pixels(curve(tuple(points)))
        if filled:
            cv2.fillPoly(mask, [fixed], 255, cv2.LINE_AA, 4)
        else:
            cv2.polylines(mask, [fixed], False, 255, max(1, round(wide * PER_METRE)), cv2.LINE_AA, 4)
        soft = cv2.GaussianBlur(mask, (0, 0), wide * PER_METRE / 2)
        self.height += soft.astype(np.float32) * np.float32(high / 255)

    def both(self, draw: str, points: Points, *args: object, **options: object) -> None:
        """Calls a drawing method for the points and for their mirror image."""
        getattr(self, draw)(points, *args, **options)
        getattr(self, draw)([(-x, z) for x, z in points], *args, **options)

    def sample(self, a: Floats, z: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
        """Colour (n, 3) 0..255, cover, gloss, glow (n,) 0..1 and height's slopes along both axes (n,)."""
        tall = self.cover.shape[0] / PER_METRE
        u, v = (a - self.left) * PER_METRE - 0.5, (tall - z) * PER_METRE - 0.5
        dx = cv2.Sobel(self.height, cv2.CV_32F, 1, 0, ksize=3) * (PER_METRE / 8)
        dz = cv2.Sobel(self.height, cv2.CV_32F, 0, 1, ksize=3) * (-PER_METRE / 8)
        planes = [self.colour, self.cover, self.gloss, self.glow, dx, dz]
        colour, cover, gloss, glow, dx, dz = (_read(plane, u, v) for plane in planes)
        return colour, cover * SHARE, gloss * SHARE, glow * SHARE, dx, dz


def _read(plane: NDArray[np.generic], u: Floats, v: Floats) -> Floats:
    n, width = len(u), 4096
    rows = -(-n // width)
    uu, vv = np.full(rows * width, -9, np.float32), np.full(rows * width, -9, np.float32)
    uu[:n], vv[:n] = u, v
    got = cv2.remap(np.asarray(plane), uu.reshape(rows, width), vv.reshape(rows, width), cv2.INTER_LINEAR)
    return got.reshape(rows * width, *got.shape[2:])[:n].astype(np.float32)
