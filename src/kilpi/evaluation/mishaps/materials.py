"""What lies on a plate: the shape of a patch, and what it is made of."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.draw.noise import normal_noise, smooth_field
from kilpi.types import Pixels

Rng = np.random.Generator
Mask = NDArray[np.float32]  # (h, w) 0..1
Box = tuple[float, float, float, float]
Shape = Callable[[tuple[int, int], Box, Rng], Mask]
Paint = Callable[[Pixels, Rng], NDArray[np.float32]]


def rectangle(size: tuple[int, int], box: Box, rng: Rng) -> Mask:
    """A sticker, slightly turned."""
    x1, y1, x2, y2 = box
    points = cv2.boxPoints(((((x1 + x2) / 2), (y1 + y2) / 2), (x2 - x1, y2 - y1), float(rng.normal(0, 3))))
    return polygon(size, points)


def upright(size: tuple[int, int], box: Box, rng: Rng) -> Mask:
    """From the plate's upper to its lower edge: tape, a bar, a strap."""
    return rectangle(size, (box[0], -4, box[2], size[0] + 4), rng)


def ellipse(size: tuple[int, int], box: Box, rng: Rng) -> Mask:
    """A round cap or sticker that covers the box."""
    x1, y1, x2, y2 = box
    mask = np.zeros(size, np.uint8)
    axes = ((x2 - x1) * 0.62, (y2 - y1) * 0.62)
    centre = ((x1 + x2) / 2, (y1 + y2) / 2)
    cv2.ellipse(mask, (centre, (2 * axes[0], 2 * axes[1]), float(rng.normal(0, 5))), 255, -1, cv2.LINE_AA)
    return np.asarray(mask / np.float32(255), np.float32)


def blob(size: tuple[int, int], box: Box, rng: Rng) -> Mask:
    """A lump with an uneven edge."""
    x1, y1, x2, y2 = box
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    reach = 1.18 + np.convolve(rng.normal(0, 0.16, 26), [0.25, 0.5, 0.25], "valid")
    xs = (x1 + x2) / 2 + np.cos(angles) * reach * (x2 - x1) / 2 * 1.1
    ys = (y1 + y2) / 2 + np.sin(angles) * reach * (y2 - y1) / 2 * 1.1
    soft = cv2.GaussianBlur(polygon(size, np.stack([xs, ys], axis=1)), (0, 0), max(0.6, size[0] * 0.012))
    return np.asarray(soft, np.float32)


def polygon(size: tuple[int, int], points: np.ndarray) -> Mask:
    """A filled outline with clean edges."""
    mask = np.zeros(size, np.uint8)
    cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return np.asarray(mask / np.float32(255), np.float32)


def plain(*colour: float) -> Paint:
    """One colour with a little unevenness."""

    def paint(plate: Pixels, rng: Rng) -> NDArray[np.float32]:
        h, w = plate.shape[:2]
        tint = np.array(colour, np.float32) * np.float32(rng.uniform(0.92, 1.05))
        return np.asarray(tint + normal_noise((h, w, 3), rng) * np.float32(2.5), np.float32)

    return paint


def ground(plate: Pixels, rng: Rng) -> NDArray[np.float32]:
    """The plate's own ground, as worn-off or painted-over characters leave it."""
    grey = plate.mean(axis=2)
    tint = np.median(plate[grey >= np.percentile(grey, 70)], axis=0)
    h, w = plate.shape[:2]
    return np.asarray(tint + normal_noise((h, w, 3), rng) * np.float32(2), np.float32)


def snowy(plate: Pixels, rng: Rng) -> NDArray[np.float32]:
    """Wet snow or salt: white with grey hollows."""
    h, w = plate.shape[:2]
    field = smooth_field(h, w, rng, 14)[:, :, None]
    return np.asarray(np.array((250, 251, 253), np.float32) - np.float32(38) * field, np.float32)


def muddy(plate: Pixels, rng: Rng) -> NDArray[np.float32]:
    """Mud or road dirt: brown and grey, uneven."""
    h, w = plate.shape[:2]
    field = smooth_field(h, w, rng, 10)[:, :, None]
    tint = np.array(((92, 74, 56), (110, 104, 96), (70, 60, 52))[int(rng.integers(3))], np.float32)
    return np.asarray(tint * (np.float32(0.75) + np.float32(0.5) * field), np.float32)


def printed(plate: Pixels, rng: Rng) -> NDArray[np.float32]:
    """An inspection sticker: coloured, with a disc and bars on it."""
    h, w = plate.shape[:2]
    colours = ((200, 40, 45), (30, 90, 170), (235, 190, 30), (60, 140, 80))
    canvas = np.empty((h, w, 3), np.uint8)
    canvas[:] = colours[int(rng.integers(4))]
    step = max(4, h // 5)
    for y in range(0, h, step):
        cv2.line(canvas, (0, y), (w, y), (245, 245, 245), max(1, h // 40))
    return canvas.astype(np.float32)


def striped(plate: Pixels, rng: Rng) -> NDArray[np.float32]:
    """A strap or grille bar: dark with a bright edge."""
    h, w = plate.shape[:2]
    wave = (np.sin(np.arange(w) / w * 60 + rng.uniform(0, 6)) * 22 + 60).astype(np.float32)
    return np.broadcast_to(wave[None, :, None], (h, w, 3)).copy()


# Thresholds are chosen on the first; the second only judge.
LOOKED_AT: dict[str, tuple[Shape, Paint]] = {
    "white sticker": (rectangle, plain(246, 246, 244)),
    "dark sticker": (rectangle, plain(28, 28, 30)),
    "ground colour": (rectangle, ground),
    "mud": (blob, muddy),
}
KEPT_APART: dict[str, tuple[Shape, Paint]] = {
    "snow": (blob, snowy),
    "printed sticker": (ellipse, printed),
    "silver tape": (upright, plain(168, 170, 174)),
    "dark bar": (upright, striped),
    "white blob": (blob, plain(240, 240, 238)),
    "black cap": (ellipse, plain(18, 18, 20)),
}


def put(plate: Pixels, mask: Mask, paint: Paint, rng: Rng) -> Pixels:
    """A copy of the plate with the patch on it."""
    cover = mask[:, :, None]
    mixed = plate * (1 - cover) + paint(plate, rng) * cover
    return np.asarray(np.clip(mixed, 0, 255), np.uint8)
