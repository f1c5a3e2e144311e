"""A canvas for drawn interiors: layers that cast shadows and catch light."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from kilpi.draw.cars.shape import Floats, loop
from kilpi.draw.glyphs import glyph

Points = Sequence[tuple[float, float]]
Ink = tuple[float, ...]


class Canvas:
    """Layers with a soft shadow below, light from above and a bright rim; places are shares of the size."""

    def __init__(self, width: int, height: int) -> None:
        self.w, self.h = width, height
        self.image: Floats = np.zeros((height, width, 3), np.float32)

    def mask(self, points: Points, rounded: bool) -> Floats:
        """0..1 inside an outline; `rounded` takes its points as those of a curve."""
        outline = loop(tuple(points)) if rounded else np.array(points)
        fixed = np.round(outline * (self.w, self.h) * 16).astype(np.int32)
        mask = np.zeros((self.h, self.w), np.uint8)
        cv2.fillPoly(mask, [fixed], 255, cv2.LINE_AA, 4)
        return (mask / np.float32(255)).astype(np.float32)

    def ring(self, x: float, y: float, r: float, thick: float, tall: float = 1.0) -> Floats:
        """0..1 on a ring, or a disc where `thick` is negative."""
        mask = np.zeros((self.h, self.w), np.uint8)
        axes = (int(r * self.w), int(r * self.w * tall))
        cv2.ellipse(
            mask, (int(x * self.w), int(y * self.h)), axes, 0, 0, 360, 255, int(thick * self.w), cv2.LINE_AA
        )
        return (mask / np.float32(255)).astype(np.float32)

    def lay(self, mask: Floats, top: Ink, low: Ink, deep: float = 0.012, rim: float = 26.0) -> None:
        """Paints through a mask, from `top` to `low`, standing `deep` of the width off what is below."""
        blur = max(1.0, deep * self.w)
        rows, columns = np.flatnonzero(mask.max(axis=1)), np.flatnonzero(mask.max(axis=0))
        if len(rows) == 0:
            return
        room = int(4 * blur) + 2  # nothing happens farther from the mask than its shadow reaches
        place = np.s_[
            max(0, rows[0] - room) : rows[-1] + room, max(0, columns[0] - room) : columns[-1] + room
        ]
        part, image = mask[place], self.image[place]
        shadow = np.zeros_like(part)
        shadow[int(blur) :] = part[: len(part) - int(blur)]
        shade = np.asarray(cv2.GaussianBlur(shadow, (0, 0), blur), np.float32)
        image *= 1 - np.float32(0.55) * shade[:, :, None]
        t = np.clip((np.arange(len(part)) + place[0].start - rows[0]) / max(1, rows[-1] - rows[0]), 0, 1)
        fill = (
            np.array(top, np.float32) + np.outer(t, np.array(low) - np.array(top)).astype(np.float32)[:, None]
        )
        soft = cv2.GaussianBlur(part, (0, 0), max(1.0, blur * 0.35))
        edge = np.clip(cv2.Sobel(soft, cv2.CV_32F, 0, 1) * blur * 0.35, -0.4, 1)[:, :, None]
        image += (fill + edge * np.float32(rim) - image) * part[:, :, None]

    def text(self, words: str, x: float, y: float, cap: float, ink: Ink) -> None:
        """Small lettering, `cap` of the height tall, from x rightwards on base line y."""
        at = x * self.w
        for char in words:
            if char == " ":
                at += cap * self.h * 0.5
                continue
            sign = glyph("a-semi", char, 0, 0, 96)
            size = (
                max(1, int(sign.mask.shape[1] * cap * self.h / 96)),
                max(1, int(sign.mask.shape[0] * cap * self.h / 96)),
            )
            mask = cv2.resize(sign.mask, size, interpolation=cv2.INTER_AREA)[:, :, None] / np.float32(255)
            y0, x0 = int(y * self.h) - size[1], int(at)
            place = self.image[y0 : y0 + size[1], x0 : x0 + size[0]]
            place += (np.array(ink, np.float32) - place) * mask[: place.shape[0], : place.shape[1]]
            at += size[0] + cap * self.h * 0.18


def stroke(
    c: Canvas, middle: tuple[float, float], angle: float, r0: float, r1: float, thick: float, ink: Ink
) -> None:
    """A line outwards from `middle` at `angle`, from `r0` to `r1`; all lengths are shares of the width."""
    x, y = middle[0] * c.w, middle[1] * c.h
    a = np.array([np.cos(angle), np.sin(angle)]) * c.w
    (x0, y0), (x1, y1) = (np.round((np.array([x, y]) + a * r) * 16).astype(int).tolist() for r in (r0, r1))
    cv2.line(c.image, (x0, y0), (x1, y1), ink, max(1, int(thick * c.w)), cv2.LINE_8, 4)
