"""Drawn instruments: dials with needles, displays between them, or one display that shows it all."""

from __future__ import annotations

import cv2
import numpy as np

from kilpi.draw.insides.panels import FACES, GLOWS, WORDS, Rng, sign, write
from kilpi.draw.insides.stuffs import Ink, hide, leather, plastic
from kilpi.draw.noise import Floats, smooth_field


def draw_cluster(height: int, width: int, rng: Rng) -> Floats:
    """(height, width, 3) float32 RGB: an instrument panel in its hood, seen from the driver's seat."""
    canvas = (leather if rng.random() < 0.3 else plastic)(height, width, hide(rng), rng)
    x0, x1 = width * rng.uniform(-0.1, 0.12), width * rng.uniform(0.88, 1.1)
    y0, y1 = height * rng.uniform(-0.1, 0.2), height * rng.uniform(0.8, 1.1)
    _glass(canvas, x0, x1, y0, y1, rng)
    digital = rng.random() < 0.35
    middle_y, r = (y0 + y1) / 2 + height * 0.03, min((y1 - y0) * 0.42, (x1 - x0) * 0.24)
    ink: Ink = GLOWS[0] if rng.random() < 0.7 else GLOWS[int(rng.integers(1, 5))]
    dials = int(rng.choice((1, 2, 2, 2, 3)))
    for k in range(dials):
        x = x0 + (x1 - x0) * ((k + 0.5) / dials if dials != 2 else (0.27, 0.73)[k])
        _dial(canvas, x, middle_y, r if k % 2 == 0 or dials < 3 else r * 1.15, ink, digital, rng)
    w = (x1 - x0) * (0.2 if dials == 2 else 0.14)
    if dials != 3:
        side = (x0 + x1) / 2 if dials == 2 else x0 + (x1 - x0) * rng.choice((0.17, 0.83))
        _display(canvas, side, middle_y, w, (y1 - y0) * rng.uniform(0.25, 0.6), rng)
    _lamps(canvas, x0, x1, y0, y1, rng)
    if rng.random() < 0.4:
        _rim(canvas, rng)
    glare = smooth_field(height, width, rng, 3)[:, :, None] ** 2
    canvas += glare * np.float32(rng.uniform(0, 60))
    return np.asarray(np.clip(canvas, 0, 255), np.float32)


def _glass(canvas: Floats, x0: float, x1: float, y0: float, y1: float, rng: Rng) -> None:
    """A dark opening under a hood: an ellipse, a rounded box, or two circles joined."""
    mask = np.zeros(canvas.shape[:2], np.uint8)
    centre, half = ((x0 + x1) / 2, (y0 + y1) / 2), ((x1 - x0) / 2, (y1 - y0) / 2)
    kind = rng.random()
    if kind < 0.4:
        axes = (int(half[0]), int(half[1]))
        cv2.ellipse(mask, (int(centre[0]), int(centre[1])), axes, 0, 0, 360, 255, -1)
    elif kind < 0.75:
        cv2.rectangle(mask, (int(x0), int(y0)), (int(x1), int(y1)), 255, -1)
        mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(2.0, half[1] * 0.12)))
        mask = ((mask > 127) * 255).astype(np.uint8)
    else:
        for side in (-1, 1):
            at = (int(centre[0] + side * half[0] * 0.48), int(centre[1]))
            cv2.circle(mask, at, int(min(half[1] * 1.05, half[0] * 0.6)), 255, -1)
        cv2.rectangle(mask, (int(x0 + half[0] * 0.6), int(y0 + half[1] * 0.4)),
                      (int(x1 - half[0] * 0.6), int(y1)), 255, -1)  # fmt: skip
    cover = np.asarray(cv2.GaussianBlur(mask, (0, 0), 1.2), np.float32)[:, :, None] / np.float32(255)
    shadow = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(2.0, half[1] * 0.1)), np.float32)[:, :, None]
    canvas *= 1 - shadow / np.float32(255) * np.float32(0.6)
    dark = np.array((rng.uniform(6, 30),) * 3, np.float32) + rng.uniform(0, 8, 3).astype(np.float32)
    canvas += (dark - canvas) * cover


def _dial(canvas: Floats, x: float, y: float, r: float, ink: Ink, digital: bool, rng: Rng) -> None:
    """A round scale: rim, marks, numbers, needle, often a small display or a number in its middle."""
    at = (round(x), round(y))
    rim = float(rng.uniform(50, 210))
    if rng.random() < 0.7:
        cv2.circle(canvas, at, round(r * 1.06), (rim, rim, rim * 1.03), max(1, round(r * 0.05)), cv2.LINE_AA)
    if rng.random() < 0.3:
        cv2.circle(canvas, at, round(r), (235.0, 235.0, 232.0), -1, cv2.LINE_AA)
        ink = (25, 25, 28)
    start, sweep = np.radians(rng.uniform(120, 150)), np.radians(rng.uniform(230, 290))
    count = int(rng.integers(7, 15))
    step = int(rng.choice((1, 1, 10, 20, 20, 30)))
    for k in range(count * 5 - 4):
        a = start + sweep * k / (count * 5 - 5)
        inner = 0.86 if k % 5 == 0 else 0.93
        ends = [(round(x + r * f * np.cos(a)), round(y + r * f * np.sin(a))) for f in (inner, 0.98)]
        tint = (230.0, 50.0, 40.0) if step == 1 and k > count * 5 * 0.78 else ink
        cv2.line(
            canvas, ends[0], ends[1], tint, max(1, round(r * (0.03 if k % 5 == 0 else 0.014))), cv2.LINE_AA
        )
        if k % 5 == 0:
            spot = (x + r * 0.7 * np.cos(a), y + r * 0.7 * np.sin(a))
            write(canvas, str(k // 5 * step), spot[0], spot[1], r * 0.17, ink, FACES[1])
    turn = start + sweep * (0 if rng.random() < 0.5 else rng.uniform(0, 0.9))
    red: Ink = (240, 60, 40) if rng.random() < 0.6 else (240, 240, 240)
    if not digital or rng.random() < 0.5:
        tip = (round(x + r * 0.85 * np.cos(turn)), round(y + r * 0.85 * np.sin(turn)))
        cv2.line(canvas, at, tip, red, max(1, round(r * 0.035)), cv2.LINE_AA)
        cv2.circle(canvas, at, max(2, round(r * 0.13)), (18.0, 18.0, 19.0), -1, cv2.LINE_AA)
    if digital:
        write(canvas, str(int(rng.integers(0, 140))), x, y, r * 0.45, ink, FACES[1])
        write(canvas, "km/h", x, y + r * 0.35, r * 0.14, ink)
    elif rng.random() < 0.5:
        write(canvas, ("km/h", "x1000 rpm", "1/min")[int(rng.integers(3))], x, y + r * 0.4, r * 0.12, ink)
        write(canvas, f"{int(rng.integers(1000, 320000))}", x, y + r * 0.62, r * 0.15, ink, FACES[1])


def _display(canvas: Floats, x: float, y: float, w: float, h: float, rng: Rng) -> None:
    """Between the dials: mileage, range, temperature, gear."""
    back = np.array(
        ((10, 12, 16), (60, 14, 10), (14, 26, 50), (40, 60, 44))[int(rng.integers(4))], np.float64
    )
    tint: Ink = GLOWS[0] if back.sum() < 60 else GLOWS[int(rng.integers(5))]
    left, top = (round(x - w / 2), round(y - h / 2))
    cv2.rectangle(canvas, (left, top), (round(x + w / 2), round(y + h / 2)), tuple(back.tolist()), -1)
    total = int(rng.integers(1000, 340000))
    lines = [f"{total} km" if rng.random() < 0.6 else f"ODO {total}", f"{rng.uniform(0, 999):.1f}",
             f"{int(rng.integers(-20, 32))} C", WORDS[int(rng.integers(len(WORDS)))]]  # fmt: skip
    shown = lines[: int(rng.integers(1, 5))]
    for i, text in enumerate(shown):
        size = min(h / (len(shown) + 1) * 0.7, w / max(4, len(text)) * 1.6)
        write(canvas, text, x, top + h * (i + 1) / (len(shown) + 1), size, tint, FACES[int(rng.integers(6))])


def _lamps(canvas: Floats, x0: float, x1: float, y0: float, y1: float, rng: Rng) -> None:
    """Warning lamps, lit and unlit."""
    for _ in range(int(rng.integers(0, 9))):
        tint = ((240, 60, 40), (250, 170, 40), (80, 220, 90), (70, 130, 250))[int(rng.integers(4))]
        x, y = rng.uniform(x0 + (x1 - x0) * 0.2, x0 + (x1 - x0) * 0.8), y0 + (y1 - y0) * rng.uniform(0.1, 0.9)
        sign(canvas, float(x), float(y), float((y1 - y0) * 0.05), tint, rng)


def _rim(canvas: Floats, rng: Rng) -> None:
    """The steering wheel's rim and spokes before it, out of focus."""
    h, w = canvas.shape[:2]
    mask = np.zeros((h, w), np.uint8)
    y = h * rng.uniform(0.9, 1.5)
    axes = (int(w * rng.uniform(0.5, 0.75)), int(h * rng.uniform(0.75, 1.15)))
    cv2.ellipse(mask, (int(w * rng.uniform(0.4, 0.6)), int(y)), axes, 0, 180, 360, 255, int(h * 0.09))
    cover = np.asarray(cv2.GaussianBlur(mask, (0, 0), h / 90), np.float32)[:, :, None] / np.float32(255)
    tone = np.linspace(70, 14, h, dtype=np.float32)[:, None, None]
    canvas += (tone - canvas) * cover


def lit_at_night(canvas: Floats, rng: Rng) -> Floats:
    """The same in the dark: only what shines is seen, in the lamps' colour, with a glow around it."""
    tints = ((255, 80, 40), (255, 130, 50), (255, 255, 255), (90, 170, 255), (120, 255, 140), (255, 50, 30))
    tint = np.array(tints[int(rng.integers(len(tints)))], np.float32) / np.float32(255)
    bright = np.clip((canvas.max(axis=2) - 110) / 120, 0, 1)[:, :, None]
    own = canvas * np.float32(rng.uniform(0, 0.5)) + 255 * tint * np.float32(rng.uniform(0.5, 1))
    glow = np.asarray(cv2.GaussianBlur(bright * own, (0, 0), max(2.0, canvas.shape[0] / 25)), np.float32)
    dark = canvas * np.float32(rng.uniform(0.0, 0.12))
    return np.asarray(
        np.clip(dark + bright * own + glow * np.float32(rng.uniform(0.2, 0.8)), 0, 255), np.float32
    )


def around_instruments(height: int, width: int, cluster: Floats, rng: Rng) -> Floats:
    """The instruments in a photo of (height, width): cut where they are larger, else in the dashboard."""
    tone = float(np.clip(np.median(cluster) * rng.uniform(0.5, 2.5) + rng.uniform(0, 40), 3, 220))
    canvas = plastic(height, width, (tone, tone, tone), rng)
    h, w = cluster.shape[:2]
    x = round((width - w) * rng.uniform(0.25, 0.75))
    y = round((height - h) * rng.uniform(0.2, 0.7))
    part = cluster[max(0, -y) : max(0, -y) + height, max(0, -x) : max(0, -x) + width]
    top, left = max(0, y), max(0, x)
    mask = np.zeros((height, width), np.float32)
    mask[top : top + part.shape[0], left : left + part.shape[1]] = 1
    layer = canvas.copy()
    layer[top : top + part.shape[0], left : left + part.shape[1]] = part
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(1.0, min(h, w) / 25)), np.float32)[:, :, None]
    canvas += (layer - canvas) * (soft if h < height or w < width else np.float32(1))
    if h < height * 0.8 and rng.random() < 0.7:  # the column below it
        axes = (int(width * rng.uniform(0.2, 0.5)), int(height * 0.2))
        grey = tone * rng.uniform(0.3, 0.8)
        cv2.ellipse(
            canvas, (width // 2, min(height, y + h + axes[1])), axes, 0, 0, 360, (grey,) * 3, -1, cv2.LINE_AA
        )
    return canvas
