"""What shines or is lettered on a dashboard: displays, screens, rows of buttons, dials, single labels."""

from __future__ import annotations

import colorsys

import cv2
import numpy as np

from kilpi.draw.clutter.lettering import (
    Cover,
    Piece,
    Rng,
    dots,
    ink_on,
    number,
    phrase,
    scaled,
    segments,
    stacked,
    typeset,
    word,
)
from kilpi.types import Pixels

HUES = (0.0, 0.02, 0.06, 0.09, 0.13, 0.25, 0.35, 0.5, 0.57, 0.62)  # red, amber, yellow, green, blue


def colour(rng: Rng, value: float) -> tuple[float, float, float]:
    """A display's colour, RGB, its brightest channel at `value` (0..255); white or grey one time in four."""
    if rng.random() < 0.25:
        return value, value * 0.98, value * 0.95
    red, green, blue = colorsys.hsv_to_rgb(float(rng.choice(HUES)), float(rng.uniform(0.5, 1)), 1.0)
    return red * value, green * value, blue * value


def plain(height: int, width: int, ink: tuple[float, ...]) -> Pixels:
    """An even ground, a little lighter at one side."""
    slope = np.linspace(0.92, 1.06, width, dtype=np.float32)[None, :, None]
    tones = np.ones((height, 1, 1), np.float32) * slope * np.array(ink, np.float32)
    return np.asarray(np.clip(tones, 0, 255), np.uint8)


def line(rng: Rng) -> Cover:
    """One line of a display, 56 pixels high or less."""
    kind = rng.random()
    if kind < 0.35:
        return segments(number(rng), rng)
    written = dots(phrase(rng, 2), rng) if kind < 0.7 else typeset(phrase(rng, 2), rng)
    return scaled(written, int(rng.integers(26, 56)))


def display(rng: Rng) -> Piece:
    """One to three lines of glowing writing on a dark ground, or dark writing on a lit one, with a rim."""
    text = stacked([line(rng) for _ in range(int(rng.integers(1, 4)))], float(rng.uniform(0.1, 0.5)), rng)
    left, top = (int(rng.uniform(0.1, 1.2) * 50) for _ in range(2))
    rim = int(rng.integers(0, 14))
    height, width = text.shape[0] + top + rim * 2 + 10, text.shape[1] + 2 * (left + rim)
    lit = rng.random() < 0.5
    ground = colour(rng, float(rng.uniform(90, 255))) if lit else colour(rng, float(rng.uniform(2, 45)))
    ink = colour(rng, float(rng.uniform(0, 40))) if lit and rng.random() < 0.6 else colour(rng, 255.0)
    canvas = plain(height, width, ground)
    ink_on(canvas, text, (rim + left, rim + top // 2), ink)
    if not lit or rng.random() < 0.3:  # light spreads around what shines
        glow = cv2.GaussianBlur(canvas, (0, 0), float(rng.uniform(3, 10))).astype(np.float32)
        canvas = np.clip(canvas + glow * float(rng.uniform(0.2, 0.8)), 0, 255).astype(np.uint8)
    if rim:
        shade = (float(rng.uniform(5, 130)),) * 3
        cv2.rectangle(canvas, (0, 0), (width - 1, height - 1), shade, 2 * rim)
    return canvas, np.ones((height, width), np.float32)


def screen(rng: Rng) -> Piece:
    """A navigation or radio screen: a grid of tiles or rows with a word each."""
    height, width = int(rng.integers(170, 260)), int(rng.integers(240, 440))
    dark = rng.random() < 0.75
    ground = colour(rng, float(rng.uniform(5, 70) if dark else rng.uniform(170, 250)))
    canvas = plain(height, width, ground)
    rows, columns = int(rng.integers(2, 6)), int(rng.integers(1, 5))
    for r in range(rows):
        for c in range(columns):
            x, y = c * width // columns + 5, r * height // rows + 4
            w, h = width // columns - 10, height // rows - 8
            if rng.random() < 0.4:
                tile = tuple(float(v) for v in np.clip(np.array(ground) + rng.normal(0, 50, 3), 0, 255))
                cv2.rectangle(canvas, (x, y), (x + w, y + h), tile, -1)
            text = scaled(typeset(phrase(rng, 2), rng, 28), int(h * rng.uniform(0.25, 0.6)) + 4)
            ink = colour(rng, 255.0 if dark else float(rng.uniform(0, 60)))
            ink_on(canvas, text[:, :w], (x + int(rng.uniform(0, 0.3) * w), y + int(0.2 * h)), ink)
    return canvas, np.ones((height, width), np.float32)


def pictogram(rng: Rng) -> Cover:
    """A sign as on a key: a few strokes, arcs and triangles."""
    sign = np.zeros((40, int(rng.integers(30, 70))), np.float32)
    size = np.array(sign.shape[::-1])
    for _ in range(int(rng.integers(1, 5))):
        a, b = ((rng.uniform(0.1, 0.9, 2) * size).astype(int).tolist() for _ in range(2))
        kind, stroke = int(rng.integers(4)), int(rng.integers(2, 5))
        if kind == 0:
            cv2.line(sign, a, b, 1.0, stroke, cv2.LINE_AA)
        elif kind == 1:
            axes = (int(rng.integers(4, 18)), int(rng.integers(4, 18)))
            cv2.ellipse(sign, a, axes, 0, int(rng.integers(0, 180)), int(rng.integers(200, 380)), 1.0, stroke)
        elif kind == 2:
            cv2.rectangle(sign, a, b, 1.0, stroke)
        else:
            cv2.fillPoly(sign, [(rng.uniform(0.1, 0.9, (3, 2)) * size).astype(np.int32)], 1.0, cv2.LINE_AA)
    return sign


def buttons(rng: Rng) -> Piece:
    """A row of keys with a word, a reading or a sign each."""
    count, h = int(rng.integers(1, 6)), int(rng.integers(30, 70))
    w = int(h * rng.uniform(1, 3.2))
    shade = float(rng.uniform(8, 90))
    body = plain(h + 8, count * (w + 6) + 6, (shade * 0.7,) * 3)
    for i in range(count):
        x = 6 + i * (w + 6)
        cv2.rectangle(body, (x, 4), (x + w, 4 + h), (shade * float(rng.uniform(0.8, 1.5)),) * 3, -1)
        if rng.random() < 0.5:
            cv2.line(body, (x, 4), (x + w, 4), (min(255.0, shade * 2),) * 3, 1)
        sign = pictogram(rng) if rng.random() < 0.45 else typeset(word(rng), rng, 28)
        text = scaled(sign, int(h * rng.uniform(0.25, 0.5)))
        ink = colour(rng, float(rng.uniform(140, 255)))
        ink_on(
            body, text[:, :w], (x + max(2, (w - text.shape[1]) // 2), 4 + int(h * rng.uniform(0.2, 0.5))), ink
        )
    return body, np.ones(body.shape[:2], np.float32)


def dial(rng: Rng) -> Piece:
    """A round instrument: ticks, figures along them, a needle, perhaps a small display in it."""
    side = 240
    ground, ink = colour(rng, float(rng.uniform(3, 60))), colour(rng, float(rng.uniform(150, 255)))
    if rng.random() < 0.15:
        ground, ink = (235.0, 235.0, 230.0), (25.0, 25.0, 25.0)
    canvas = plain(side, side, ground)
    cover = np.zeros((side, side), np.float32)
    cv2.circle(cover, (side // 2, side // 2), side // 2 - 2, 1.0, -1)
    cv2.circle(canvas, (side // 2, side // 2), side // 2 - 4, colour(rng, 160.0), int(rng.integers(1, 7)))
    step, figures = float(rng.choice((1, 10, 20, 30))), int(rng.integers(6, 14))
    for i in range(figures):
        a = np.pi * (0.8 + 1.4 * i / (figures - 1))
        way = np.array((np.cos(a), np.sin(a)))
        ends = [tuple(int(v) for v in side / 2 + way * r) for r in (98, 108)]
        cv2.line(canvas, ends[0], ends[1], ink, 3, cv2.LINE_AA)
        text = scaled(typeset(str(int(i * step)), rng, 28), int(rng.integers(15, 22)))
        x, y = side / 2 + way * 80 - np.array(text.shape[::-1]) / 2
        ink_on(canvas, text, (int(x), int(y)), ink)
    a = rng.uniform(0.8, 2.2) * np.pi
    tip = int(side / 2 + 90 * np.cos(a)), int(side / 2 + 90 * np.sin(a))
    cv2.line(canvas, (side // 2, side // 2), tip, colour(rng, 230.0), 4, cv2.LINE_AA)
    unit = scaled(typeset(word(rng), rng, 28), int(rng.integers(10, 18)))[:, :110]
    ink_on(canvas, unit, (side // 2 - unit.shape[1] // 2, int(side * rng.uniform(0.3, 0.4))), ink)
    if rng.random() < 0.6:
        text = scaled(line(rng), int(rng.integers(14, 26)))[:, :120]
        x, y = side // 2 - text.shape[1] // 2, int(side * rng.uniform(0.62, 0.78))
        cv2.rectangle(
            canvas, (x - 4, y - 3), (x + text.shape[1] + 4, y + text.shape[0] + 3), colour(rng, 40.0), -1
        )
        ink_on(canvas, text, (x, y), ink)
    return canvas, cover


def label(rng: Rng) -> Piece:
    """Printed or glowing writing by itself, as on a switch, a dashboard or an airbag's cover."""
    text = typeset(phrase(rng, 2), rng)
    text = text if rng.random() < 0.7 else stacked([text, typeset(word(rng), rng)], 0.3, rng)
    ink = colour(rng, float(rng.uniform(60, 255)))
    canvas = plain(text.shape[0], text.shape[1], ink)
    return canvas, text * np.float32(rng.uniform(0.4, 1))
