"""Drawn close-ups: a wheel, a tyre, an engine bay, and controls of the inside."""

from __future__ import annotations

import cv2
import numpy as np

from kilpi.draw.insides.panels import FACES, WORDS, Rng, dash_face, disc, ground, lay_part, pad, screen, write
from kilpi.draw.insides.stuffs import GROUNDS, Ink, carpet, hide, leather, metal, plastic
from kilpi.draw.noise import Floats, normal_noise, smooth_field

PAINTS: tuple[Ink, ...] = (
    (206, 208, 210), (160, 163, 166), (60, 62, 66), (22, 23, 25), (238, 238, 236), (150, 22, 28),
    (30, 60, 120), (90, 110, 140), (60, 40, 34), (40, 70, 56), (196, 176, 140),
)  # fmt: skip


def paint(rng: Rng) -> Ink:
    """A car's colour."""
    return tuple((np.array(PAINTS[int(rng.integers(len(PAINTS)))]) * rng.uniform(0.7, 1.1)).tolist())


def draw_wheel(height: int, width: int, rng: Rng) -> Floats:
    """A wheel under its arch: tyre, rim with spokes, brake disc, body above and ground below."""
    canvas = metal(height, width, paint(rng), rng)
    low = int(height * rng.uniform(0.7, 0.95))
    if rng.random() < 0.85:
        canvas[low:] = GROUNDS[int(rng.integers(3))](height - low, width, (0, 0, 0), rng)
    r = height * rng.uniform(0.32, 0.6)
    at = (int(width * rng.uniform(0.4, 0.6)), int(min(low - r * rng.uniform(0.8, 1.0), height * 0.6)))
    squeeze, turn = rng.uniform(0.55, 1.0), rng.normal(0, 6)

    def oval(part: float, ink: Ink, thick: int = -1) -> None:
        axes = (max(1, int(r * part * squeeze)), max(1, int(r * part)))
        cv2.ellipse(canvas, at, axes, turn, 0, 360, ink, thick, cv2.LINE_AA)

    oval(1.14, (6, 6, 7))
    tone = float(rng.uniform(22, 60))
    for k in np.linspace(1, 0.74, 8):
        oval(float(k), (tone * (1.3 - 0.4 * k),) * 3)
    if rng.random() < 0.5:
        _letters_around(canvas, at, r * 0.87, squeeze)
    rim = float(rng.uniform(60, 225))
    oval(0.74, (rim * 0.8,) * 3)
    oval(0.69, (14, 14, 15))
    if rng.random() < 0.7:
        oval(0.45, (110, 108, 104))
        oval(0.2, (50, 48, 46))
    _spokes(canvas, at, r, squeeze, rim, rng)
    oval(0.13, (rim * 0.9,) * 3)
    oval(0.09, tuple(rng.uniform(10, 160, 3).tolist()))
    canvas *= (0.6 + 0.7 * smooth_field(height, width, rng, 3))[:, :, None]
    return canvas


def _letters_around(canvas: Floats, at: tuple[int, int], r: float, squeeze: float) -> None:
    for k, char in enumerate("WINTER 205 55 R16"):
        a = -2.4 + 0.1 * k
        write(canvas, char, at[0] + r * squeeze * np.cos(a), at[1] + r * np.sin(a), r * 0.09, (96, 96, 96))


def _spokes(canvas: Floats, at: tuple[int, int], r: float, squeeze: float, rim: float, rng: Rng) -> None:
    count, pairs = int(rng.integers(5, 13)), rng.random() < 0.4
    wide = (0.16 if count < 7 else 0.09) * rng.uniform(0.7, 1.3)
    first = rng.uniform(0, 2 * np.pi)
    for k in range(count):
        for shift in (-0.12, 0.12) if pairs else (0.0,):
            a = first + 2 * np.pi * k / count + shift
            points = []
            for part, half in ((0.1, wide * 1.2), (0.7, wide)):
                for side in (-1, 1) if part == 0.1 else (1, -1):
                    x = part * np.cos(a) - side * half * 0.5 * np.sin(a)
                    y = part * np.sin(a) + side * half * 0.5 * np.cos(a)
                    points.append((at[0] + r * squeeze * x, at[1] + r * y))
            fixed = np.round(np.array(points) * 16).astype(np.int32)
            tone = float(np.clip(rim * (0.85 + 0.3 * np.sin(a + 2)), 0, 250))
            cv2.fillPoly(canvas, [fixed], (tone * 0.98, tone, tone * 1.02), cv2.LINE_AA, 4)


def draw_tyre(height: int, width: int, rng: Rng) -> Floats:
    """A tyre's tread seen from before it: a dark band of blocks and grooves, with an arch and ground."""
    canvas = metal(height, width, paint(rng), rng)
    low = int(height * rng.uniform(0.75, 1.0))
    if low < height:
        canvas[low:] = GROUNDS[int(rng.integers(3))](height - low, width, (0, 0, 0), rng)
    x0, x1 = int(width * rng.uniform(0.1, 0.35)), int(width * rng.uniform(0.55, 0.95))
    cv2.ellipse(
        canvas, ((x0 + x1) // 2, low), ((x1 - x0) * 3 // 4, int(height * 0.95)), 0, 180, 360, (5.0,) * 3, -1
    )
    w = x1 - x0
    tread = np.full((height, w, 3), rng.uniform(40, 80), np.float32)
    lean, pitch = rng.uniform(0.1, 0.9), max(5, int(height * rng.uniform(0.03, 0.07)))
    for y in range(-height, 2 * height, pitch):
        for side in (-1, 1):
            a, b = (w // 2, y), (w // 2 + side * w // 2, int(y + side * lean * w / 2 * rng.choice((1, side))))
            cv2.line(tread, a, b, (12.0, 12.0, 12.0), max(1, pitch // 4), cv2.LINE_AA)
    for part in (0.2, 0.4, 0.6, 0.8):
        cv2.line(tread, (int(w * part), 0), (int(w * part), height), (8.0,) * 3, max(2, w // 30))
    xs = np.linspace(-1, 1, w, dtype=np.float32)
    tread *= (1.1 - 0.8 * xs**4)[None, :, None]
    top = int(height * rng.uniform(0, 0.15))
    canvas[top:low, x0:x1] = tread[top:low]
    return canvas


def draw_engine(height: int, width: int, rng: Rng) -> Floats:
    """Under the bonnet: a cover with a name, hoses, boxes, caps, between painted wings."""
    canvas = plastic(height, width, (26, 26, 28), rng)
    for _ in range(int(rng.integers(25, 60))):
        x, y = int(rng.uniform(-0.1, 1) * width), int(rng.uniform(-0.1, 1) * height)
        w, h = (int(v) for v in rng.uniform(0.05, 0.3, 2) * (width, height))
        tone = rng.uniform(14, 90) if rng.random() < 0.75 else rng.uniform(110, 200)
        pad(canvas, (x, y, w, h), (tone, tone, tone * 1.02), rng.uniform(0, 1), 1.2)
        if rng.random() < 0.3:
            disc(canvas, x + w / 2, y + h / 2, min(w, h) * 0.3, (rng.uniform(15, 60),) * 3, rng)
    for _ in range(int(rng.integers(5, 14))):
        points = np.cumsum(rng.normal(0, width * 0.09, (4, 2)), axis=0) + rng.uniform(0, 1, 2) * (
            width,
            height,
        )
        tone = float(rng.uniform(15, 80))
        thick = int(rng.integers(3, max(5, width // 25)))
        for k, light in ((thick, 0.6), (max(1, thick // 2), 1.3), (1, 2.0)):
            cv2.polylines(canvas, [points.astype(np.int32)], False, (tone * light,) * 3, k, cv2.LINE_AA)
    w, h = int(width * rng.uniform(0.3, 0.6)), int(height * rng.uniform(0.25, 0.55))
    x, y = (width - w) // 2 + int(rng.normal(0, width * 0.06)), int(height * rng.uniform(0.15, 0.4))
    tone = rng.uniform(20, 60) if rng.random() < 0.7 else rng.uniform(110, 190)
    pad(canvas, (x, y, w, h), (tone, tone, tone), rng.uniform(0.1, 0.5), 1.5)
    for k in range(int(rng.integers(0, 7))):
        cv2.line(canvas, (x + w * (k + 1) // 8, y + h // 8), (x + w * (k + 1) // 8, y + h * 7 // 8),
                 (tone * 0.4,) * 3, max(1, w // 50), cv2.LINE_AA)  # fmt: skip
    write(canvas, WORDS[int(rng.integers(20))], x + w / 2, y + h / 2, h * 0.16, (190, 190, 190), FACES[3])
    _wings(canvas, rng)
    canvas *= (0.5 + 1.0 * smooth_field(height, width, rng, 4))[:, :, None]
    return canvas


def _wings(canvas: Floats, rng: Rng) -> None:
    """Painted edges left, right and in front of the bay."""
    h, w = canvas.shape[:2]
    ink = np.array(paint(rng))
    for side in (0, 1):
        if rng.random() < 0.7:
            x = [0, int(w * rng.uniform(0.03, 0.14)), int(w * rng.uniform(0, 0.08)), 0]
            points = np.array(
                list(zip([w - v if side else v for v in x], (0, 0, h, h), strict=True)), np.int32
            )
            cv2.fillPoly(canvas, [points], tuple(ink.tolist()), cv2.LINE_AA)
    if rng.random() < 0.6:
        y = int(h * rng.uniform(0.86, 0.97))
        cv2.rectangle(canvas, (0, y), (w, h), tuple((ink * 0.9).tolist()), -1)


def draw_controls(height: int, width: int, rng: Rng) -> Floats:
    """A close look at controls: buttons, a screen, a vent, knobs, a lever, or bare stuff with seams."""
    kind = rng.random()
    if kind < 0.3:
        return dash_face(height, width, rng)
    canvas = ground(height, width, rng)
    if kind < 0.42:
        return _bare(canvas, rng)
    if rng.random() < 0.5:  # another stuff beyond a slanting edge
        other = (leather, carpet, plastic)[int(rng.integers(3))](height, width, hide(rng), rng)
        slant = np.add.outer(np.arange(height) * rng.normal(0, 1), np.arange(width) * rng.normal(0, 1))
        mask = (slant > np.quantile(slant, rng.uniform(0.2, 0.8))).astype(np.float32)
        soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), 1.5), np.float32)[:, :, None]
        canvas += (other - canvas) * soft
    w, h = int(width * rng.uniform(0.3, 0.95)), int(height * rng.uniform(0.2, 0.7))
    box = (int((width - w) * rng.random()), int((height - h) * rng.random()), w, h)
    if kind < 0.62:
        screen(canvas, box, rng)
        return canvas
    if rng.random() < 0.7:
        pad(canvas, (box[0] - w // 12, box[1] - h // 12, w + w // 6, h + h // 6),
            (rng.uniform(15, 160),) * 3, rng.uniform(0.1, 0.9), 1.2)  # fmt: skip
    lay_part(canvas, ("vents", "knobs", "buttons", "buttons")[int(rng.integers(4))], box, rng)
    return canvas


def _bare(canvas: Floats, rng: Rng) -> Floats:
    """A trim with folds and a shadow, nothing on it."""
    h, w = canvas.shape[:2]
    for _ in range(int(rng.integers(1, 5))):
        points = np.cumsum(rng.normal(0, 1, (4, 2)) * (w * 0.3, h * 0.15), axis=0) + rng.uniform(0, 1, 2) * (
            w,
            h,
        )
        mask = np.zeros((h, w), np.uint8)
        cv2.polylines(
            mask, [points.astype(np.int32)], False, 255, int(rng.integers(2, max(3, h // 25))), cv2.LINE_AA
        )
        soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), h / 100 + 1), np.float32)[:, :, None] / np.float32(
            255
        )
        canvas *= 1 - soft * np.float32(rng.uniform(0.2, 0.7))
        canvas += np.roll(soft, 3, axis=0) * np.float32(rng.uniform(0, 40))
    canvas += normal_noise((h, w, 1), rng)
    return canvas
