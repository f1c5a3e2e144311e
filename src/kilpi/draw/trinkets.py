"""Small things beside a plate's mark: words, stickers, holograms, emblems, pictures, another script.

Everything is drawn onto an (h, w, 3) float32 canvas in place; `plate` tells where its characters are.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.draw import plate_parts
from kilpi.draw.noise import smooth_field
from kilpi.draw.plates import RenderedPlate

Rng = np.random.Generator
Floats = NDArray[np.float32]
Colour = tuple[float, ...]

MOTTO = (
    "STATE",
    "THE",
    "LAND",
    "OF",
    "SUN",
    "FIRST",
    "IN",
    "GREAT",
    "LAKES",
    "GARDEN",
    "PEACE",
    "WILD",
    "AND",
    "FREE",
    "GO",
    "COUNTY",
    "COM",
    "GOV",
    "LIVE",
    "BEACH",
    "MOTORS",
    "AUTO",
)
INKS: tuple[Colour, ...] = (
    (24, 40, 110),
    (150, 26, 40),
    (20, 84, 50),
    (24, 24, 26),
    (60, 60, 120),
    (110, 60, 30),
)


def trinkets(plate: RenderedPlate, rng: Rng) -> RenderedPlate:
    """Any plate with a sticker in a corner, small words at an edge, or a hologram's faint stripes."""
    canvas = plate.pixels.astype(np.float32)
    lot = rng.random()
    if lot < 0.4:
        stickers(canvas, plate, rng, 0.35)
    elif lot < 0.7:
        edge_words(canvas, plate, rng)
    else:
        hologram(canvas, rng)
    return replace(plate, pixels=np.clip(canvas, 0, 255).astype(np.uint8))


def phrase(words: tuple[str, ...], count: int, rng: Rng, joined: bool = False) -> str:
    """Some of the words."""
    return ("" if joined else " ").join(str(word) for word in rng.choice(words, count))


def write(canvas: Floats, text: str, centre: tuple[float, float], cap: float, ink: Colour) -> None:
    """Words around a middle, pixels; spaces are kept."""
    x = centre[0] - 0.3 * cap * len(text)
    for word in text.split():
        stamp = plate_parts.word(word, max(3, round(cap)), ink)
        wide = stamp.alpha.shape[1]
        plate_parts.put(canvas, stamp, (x + wide / 2, centre[1]))
        x += wide * 0.85


def free(plate: RenderedPlate) -> tuple[float, float]:
    """Where the mark begins and ends from above, pixels."""
    return float(plate.boxes[:, 1].min()), float(plate.boxes[:, 3].max())


def pictured(canvas: Floats, rng: Rng) -> None:
    """Hills, clouds, a sunset: the ground darker and of another colour in soft shapes; ink hardly changes."""
    h, w = canvas.shape[:2]
    for _ in range(int(rng.integers(1, 4))):
        if rng.random() < 0.5:
            share = smooth_field(h, w, rng, rng.uniform(1.5, 7))
            share = np.clip((share - rng.uniform(0.3, 0.6)) * rng.uniform(2, 9), 0, 1).astype(np.float32)
        else:
            xs = np.linspace(0, rng.uniform(3, 16), w)
            edge = h * (rng.uniform(0.2, 0.85) + 0.1 * np.sin(xs + rng.uniform(0, 6)) * rng.random())
            share = np.clip(np.arange(h)[:, None] - edge[None, :], 0, 1).astype(np.float32)
        tint = np.clip(rng.uniform(0.55, 1.0) + rng.normal(0, 0.13, 3), 0.3, 1.08).astype(np.float32)
        canvas *= 1 + share[:, :, None] * (tint - 1)


def stickers(canvas: Floats, plate: RenderedPlate, rng: Rng, often: float) -> None:
    """Month, year and inspection stickers in the corners, never over a character by more than its edge."""
    h, w = canvas.shape[:2]
    top, low = free(plate)
    for x in (0.09, 0.91):
        for y, room in ((0.0, top), (1.0, h - low)):
            if rng.random() >= often or room < 0.08 * h:
                continue
            size = max(4, round(min(room * rng.uniform(0.8, 1.25), 0.26 * h)))
            stamp = plate_parts.sticker(size, int(rng.integers(plate_parts.VARIANTS)))
            centre = w * (x + rng.normal(0, 0.02)), (size / 2 + 1 if y == 0 else h - size / 2 - 1)
            plate_parts.put(canvas, stamp, centre)


def edge_words(canvas: Floats, plate: RenderedPlate, rng: Rng) -> None:
    """Small words between the mark and an edge."""
    h, w = canvas.shape[:2]
    top, low = free(plate)
    above = rng.random() < 0.5
    room = top if above else h - low
    cap = room * rng.uniform(0.35, 0.6)
    if cap < 3:
        return
    y = room * 0.5 if above else h - room * 0.5
    write(
        canvas,
        phrase(MOTTO, int(rng.integers(1, 4)), rng),
        (w * rng.uniform(0.35, 0.65), y),
        cap,
        INKS[int(rng.integers(len(INKS)))],
    )


def hologram(canvas: Floats, rng: Rng) -> None:
    """Faint waves or rings in the sheet."""
    h, w = canvas.shape[:2]
    ys, xs = np.mgrid[:h, :w].astype(np.float32)
    angle, length = rng.uniform(0, np.pi), h * rng.uniform(0.08, 0.3)
    wave = np.sin((xs * np.cos(angle) + ys * np.sin(angle)) * np.float32(2 * np.pi / length))
    canvas += (np.clip(wave - 0.6, 0, 1) * np.float32(rng.uniform(8, 45)) * rng.choice((-1, 1)))[:, :, None]


def emblem(canvas: Floats, plate: RenderedPlate, rng: Rng) -> None:
    """A state's outline, a star or a tree in the widest gap between two characters."""
    order = plate.boxes[np.argsort(plate.boxes[:, 0])]
    gaps = order[1:, 0] - order[:-1, 2]
    if not len(gaps) or gaps.max() < 0.06 * canvas.shape[0]:
        return
    at = int(gaps.argmax())
    x, y = float(order[at, 2] + gaps[at] / 2), float(order[at, 1] + order[at, 3]) / 2
    size = float(gaps[at]) * rng.uniform(0.4, 0.62)
    points = int(rng.integers(4, 12))
    turn = np.sort(rng.uniform(0, 2 * np.pi, points))
    reach = size * rng.uniform(0.5, 1.0, points)
    shape = np.stack([x + reach * np.cos(turn), y + reach * rng.uniform(0.8, 1.8) * np.sin(turn)], axis=1)
    tint = np.clip(rng.uniform(20, 200) + rng.normal(0, 45, 3), 0, 255)
    cv2.fillPoly(canvas, [shape.round().astype(np.int32)], tuple(tint.tolist()), cv2.LINE_AA)


def script(canvas: Floats, box: tuple[float, float, float, float], ink: Colour, rng: Rng) -> None:
    """Strokes of another script within a box x1, y1, x2, y2: curves, bars and dots that are no letters."""
    x1, y1, x2, y2 = box
    thick = max(1, round((y2 - y1) * rng.uniform(0.1, 0.2)))
    x = x1
    while x < x2:
        step = (y2 - y1) * rng.uniform(0.4, 1.1)
        lot, middle = rng.random(), (round(x + step / 2), round(y1 + (y2 - y1) * rng.uniform(0.4, 0.7)))
        radius = max(1, round(step * 0.4))
        if lot < 0.5:
            begin = rng.uniform(0, 360)
            cv2.ellipse(
                canvas,
                middle,
                (radius, max(1, round(radius * rng.uniform(0.5, 1.2)))),
                0,
                begin,
                begin + rng.uniform(120, 300),
                ink,
                thick,
                cv2.LINE_AA,
            )
        elif lot < 0.8:
            cv2.line(
                canvas, (middle[0], round(y1)), (middle[0] + radius // 2, round(y2)), ink, thick, cv2.LINE_AA
            )
        if rng.random() < 0.5:
            cv2.circle(
                canvas, (middle[0], round(rng.choice((y1, y2)))), max(1, thick * 2 // 3), ink, -1, cv2.LINE_AA
            )
        x += step
