"""What lies on a plate: one small seeded function each, as the steps of `kilpi.draw.degrade`."""

from __future__ import annotations

import cv2
import numpy as np

from kilpi.draw.noise import blend, smooth_field
from kilpi.types import Pixels


def dirt(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """Dust and road film: a brownish or greyish veil, thicker in patches and often towards one edge."""
    h, w = pixels.shape[:2]
    cover = smooth_field(h, w, rng, rng.uniform(3, 14)) * smooth_field(h, w, rng, rng.uniform(10, 40))
    edge = np.linspace(1, rng.uniform(0, 1), h, dtype=np.float32)[:: rng.choice((-1, 1))]
    tint = np.array((105, 92, 76), np.float32) * rng.uniform(0.4, 1.6)
    return blend(pixels, np.clip(tint, 0, 235), np.clip(cover * edge[:, None] * 1.6 * strength, 0, 0.85))


def splashes(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """Drops of mud, salt or insects."""
    h, w = pixels.shape[:2]
    cover = np.zeros((h, w), np.uint8)
    for _ in range(int(rng.integers(3, 8 + int(50 * strength)))):
        centre = (int(rng.integers(w)), int(rng.integers(h)))
        axes = (max(1, int(h * rng.exponential(0.012))), max(1, int(h * rng.exponential(0.018))))
        cv2.ellipse(
            cover, centre, axes, rng.uniform(0, 180), 0, 360, int(rng.integers(90, 256)), -1, cv2.LINE_AA
        )
    tint = rng.choice(np.array([(60, 50, 40), (120, 110, 95), (225, 225, 225), (30, 28, 25)]))
    return blend(pixels, tint, cover.astype(np.float32) * np.float32(rng.uniform(0.4, 0.95) / 255))


def snow(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """Snow or ice that grows from the upper or lower edge."""
    h, w = pixels.shape[:2]
    depth = 0.05 + 0.3 * strength * rng.random()
    reach = (smooth_field(1, w, rng, rng.uniform(4, 16))[0] * 1.4 - 0.2) * depth * h
    rows = np.arange(h, dtype=np.float32)[:, None]
    distance = rows if rng.random() < 0.5 else h - 1 - rows
    share = np.clip((reach[None, :] - distance) / (0.03 * h + 1) + 0.5, 0, 1)
    return blend(pixels, (228, 232, 238), (share * np.float32(0.95)).astype(np.float32))


def scratches(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """Thin bright or dark lines, and flaked ink."""
    out = pixels.copy()
    h, w = out.shape[:2]
    for _ in range(int(rng.integers(1, 3 + int(6 * strength)))):
        a = np.array([rng.integers(w), rng.integers(h)])
        b = a + np.round(rng.normal(0, h * 0.5, 2)).astype(int)
        shade = int(rng.choice((30, 90, 160, 210)))
        cv2.line(
            out, (int(a[0]), int(a[1])), (int(b[0]), int(b[1])), (shade,) * 3, max(1, h // 110), cv2.LINE_AA
        )
    return out


def occlusion(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """A plate frame's lip, a tow ball, a strap or a leaf over an edge; never over a whole character."""
    out = pixels.copy()
    h, w = out.shape[:2]
    shade = np.clip(rng.uniform(10, 90) + rng.normal(0, 6, 3), 0, 255).tolist()
    kind = rng.integers(4)
    lip = max(1, int(h * (0.03 + 0.07 * strength * rng.random())))
    if kind == 0:
        cv2.rectangle(out, (0, h - lip), (w, h), shade, -1)
        if rng.random() < 0.6:
            cv2.rectangle(out, (0, 0), (w, h), shade, max(1, lip // 2))
    elif kind == 1:  # a tow ball reaches up from below
        x, radius = int(w * rng.uniform(0.25, 0.75)), int(h * rng.uniform(0.08, 0.14))
        top = int(h * (1 - 0.22 * strength * rng.random()))
        cv2.circle(out, (x, top + radius), radius, shade, -1, cv2.LINE_AA)
    elif kind == 2:  # a cable or a strap, thin enough to read through
        top_x, low_x = int(w * rng.random()), int(w * rng.random())
        thick = max(1, int(h * rng.uniform(0.015, 0.05)))
        cv2.line(out, (top_x, 0), (low_x, h), shade, thick, cv2.LINE_AA)
    else:
        x, y = int(w * rng.random()), int(rng.choice((0, h)))
        axes = (int(h * rng.uniform(0.08, 0.25)), int(h * rng.uniform(0.05, 0.14)))
        leaf = np.array((150, 110, 50), np.float32) * rng.uniform(0.4, 1.2)
        cv2.ellipse(out, (x, y), axes, rng.uniform(0, 180), 0, 360, leaf.tolist(), -1, cv2.LINE_AA)
    return out
