"""Flat pieces of stuff: leather, cloth, grained plastic, wood, carpet, gravel, asphalt, paving, metal.

Every function gives (h, w, 3) float32 RGB, 0..255, seen straight on in even light.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from kilpi.draw.noise import Floats, normal_noise, smooth_field

Rng = np.random.Generator
Ink = tuple[float, float, float]

# Seats and trims as cars have them: mostly black and grey, then beige, brown, tan, white, red.
HIDES: tuple[Ink, ...] = (
    (30, 30, 32), (36, 36, 38), (24, 25, 28), (52, 53, 56), (92, 92, 94), (140, 138, 134), (196, 186, 168),
    (176, 156, 126), (150, 92, 52), (110, 58, 34), (70, 44, 34), (214, 210, 202), (120, 24, 24), (44, 52, 72),
)  # fmt: skip


def hide(rng: Rng) -> Ink:
    """A colour of seats, dark ones as often as not."""
    pick = int(rng.integers(0, 5)) if rng.random() < 0.55 else int(rng.integers(len(HIDES)))
    return tuple((np.array(HIDES[pick]) * rng.uniform(0.8, 1.25)).clip(8, 240).tolist())


def _flat(height: int, width: int, ink: Ink, factor: Floats) -> Floats:
    plain = np.broadcast_to(np.array(ink, np.float32), (height, width, 3))
    return np.asarray(plain * factor[:, :, None], np.float32)


def _soft(values: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)


def leather(height: int, width: int, ink: Ink, rng: Rng) -> Floats:
    """Soft folds, fine grain, and often a seam or two with stitches."""
    folds = _soft(normal_noise((height, width), rng), max(height, width) / 40)
    folds = folds / max(float(folds.std()), 1e-6) * np.float32(rng.uniform(0.02, 0.09))
    grain = _soft(normal_noise((height, width), rng), 0.8) * np.float32(0.05)
    light = 0.8 + 0.5 * smooth_field(height, width, rng, 2)
    out = _flat(height, width, ink, np.asarray(light + folds + grain, np.float32))
    for _ in range(int(rng.integers(0, 4))):
        seam(out, rng)
    return out


def seam(canvas: Floats, rng: Rng) -> None:
    """A groove across, with stitches beside it."""
    height, width = canvas.shape[:2]
    a, b = (rng.uniform(-0.1, 1.1, 2) * (width, height) for _ in range(2))
    ends = [tuple(np.round(p * 16).astype(int).tolist()) for p in (a, b)]
    thick = max(1, round(max(height, width) / 110))
    dark = tuple(float(v) for v in canvas.mean(axis=(0, 1)) * 0.45)
    cv2.line(canvas, ends[0], ends[1], dark, thick, cv2.LINE_AA, 4)
    thread = tuple(float(v) for v in np.clip(canvas.mean(axis=(0, 1)) * 1.6 + 30, 0, 255))
    along = (b - a) / max(float(np.linalg.norm(b - a)), 1e-6)
    aside = np.array([-along[1], along[0]]) * thick * 1.8
    for t in np.arange(0, float(np.linalg.norm(b - a)), max(5.0, thick * 3.0)):
        p, q = a + along * t + aside, a + along * (t + thick * 1.8) + aside
        cv2.line(canvas, tuple(p.astype(int).tolist()), tuple(q.astype(int).tolist()), thread, 1, cv2.LINE_AA)


def cloth(height: int, width: int, ink: Ink, rng: Rng) -> Floats:
    """Woven cloth, plain, striped or with small figures."""
    weave = normal_noise((height, width), rng) * np.float32(rng.uniform(0.08, 0.2))
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    kind = rng.random()
    figure = np.zeros((height, width), np.float32)
    period = np.float32(rng.uniform(6, 24))
    if kind < 0.35:
        figure = np.sin(xs / period * 6.3) * np.float32(0.15)
    elif kind < 0.6:
        figure = (np.sin(xs / period * 6.3) * np.sin(ys / period * 6.3) > 0.4) * np.float32(0.3)
    light = 0.8 + 0.4 * smooth_field(height, width, rng, 2)
    return _flat(height, width, ink, np.asarray(light + weave + figure, np.float32))


def plastic(height: int, width: int, ink: Ink, rng: Rng) -> Floats:
    """Grained plastic in a soft light."""
    grain = _soft(normal_noise((height, width), rng), 0.9) * np.float32(rng.uniform(0.03, 0.12))
    light = 0.6 + 0.9 * smooth_field(height, width, rng, rng.uniform(1, 3))
    return _flat(height, width, ink, np.asarray(light + grain, np.float32))


def carpet(height: int, width: int, ink: Ink, rng: Rng) -> Floats:
    """Short pile."""
    pile = normal_noise((height, width), rng) * np.float32(0.25)
    light = 0.7 + 0.5 * smooth_field(height, width, rng, 3)
    return _flat(height, width, ink, np.asarray(light + pile, np.float32))


def wood(height: int, width: int, ink: Ink, rng: Rng) -> Floats:
    """Long grain, of a table or a trim."""
    long = _soft(normal_noise((height, width), rng), 1.0)
    long = np.asarray(cv2.blur(long, (max(3, width // 4) | 1, 1)), np.float32)
    long = long / max(float(long.std()), 1e-6) * np.float32(rng.uniform(0.08, 0.2))
    tint = np.array((rng.uniform(90, 190), rng.uniform(55, 130), rng.uniform(30, 90)))
    brown = tuple(np.sort(tint)[::-1].tolist())
    light = 0.8 + 0.4 * smooth_field(height, width, rng, 2)
    return _flat(height, width, brown, np.asarray(light + long, np.float32))


def gravel(height: int, width: int, ink: Ink, rng: Rng) -> Floats:
    """Stones of many greys, smaller towards the top as the ground runs away."""
    stones = np.zeros((height, width), np.float32)
    for size in (1.2, 2.4, 5.0):
        field = _soft(normal_noise((height, width), rng), size)
        stones += field / max(float(field.std()), 1e-6) * np.float32(0.14)
    grey = rng.uniform(90, 170)
    return _flat(height, width, (grey, grey * 0.98, grey * 0.95), np.asarray(1 + stones, np.float32))


def asphalt(height: int, width: int, ink: Ink, rng: Rng) -> Floats:
    """Grey grit, sometimes cracked."""
    grit = normal_noise((height, width), rng) * np.float32(0.14)
    grey = rng.uniform(60, 150)
    light = 0.8 + 0.4 * smooth_field(height, width, rng, 4)
    return _flat(height, width, (grey, grey, grey * 1.02), np.asarray(light + grit, np.float32))


def paving(height: int, width: int, ink: Ink, rng: Rng) -> Floats:
    """Bricks or slabs with dark joints."""
    out = asphalt(height, width, ink, rng) * np.array((1.1, 1.0, 0.92), np.float32)
    tall = max(6, int(height * rng.uniform(0.06, 0.16)))
    wide = int(tall * rng.uniform(1, 2.2))
    for row, y in enumerate(range(0, height, tall)):
        cv2.line(out, (0, y), (width, y), (50.0, 48.0, 45.0), 2)
        for x in range(-(row % 2) * wide // 2, width, wide):
            cv2.line(out, (x, y), (x, y + tall), (50.0, 48.0, 45.0), 2)
    return out


def metal(height: int, width: int, ink: Ink, rng: Rng) -> Floats:
    """Painted or brushed sheet that mirrors soft surroundings."""
    mirror = 0.5 + 1.1 * smooth_field(height, width, rng, rng.uniform(1, 4))
    brush = np.asarray(cv2.blur(normal_noise((height, width), rng), (31, 1)), np.float32) * np.float32(0.1)
    return _flat(height, width, ink, np.asarray(mirror + brush, np.float32))


Stuff = Callable[[int, int, Ink, Rng], Floats]
GROUNDS: tuple[Stuff, ...] = (gravel, asphalt, paving)
INSIDES: tuple[Stuff, ...] = (leather, leather, cloth, plastic, plastic, wood, carpet)
