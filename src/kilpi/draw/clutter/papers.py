"""What is printed: papers, stickers with numbers, dealers' boards and walls, writing laid over a photo."""

from __future__ import annotations

import cv2
import numpy as np

from kilpi.draw.clutter.displays import plain
from kilpi.draw.clutter.lettering import (
    Cover,
    Piece,
    Rng,
    ink_on,
    number,
    phrase,
    scaled,
    stacked,
    typeset,
    word,
)

INKS = ((20, 20, 20), (245, 245, 245), (190, 25, 30), (20, 60, 160), (240, 200, 30), (170, 175, 180))
GROUNDS = ((245, 245, 245), (20, 20, 20), (20, 70, 170), (200, 30, 30), (245, 205, 20), (30, 120, 60))


def pick(inks: tuple[tuple[int, int, int], ...], rng: Rng) -> tuple[float, ...]:
    """One of the inks, a little off."""
    ink = np.array(inks[int(rng.integers(len(inks)))]) + rng.normal(0, 14, 3)
    return tuple(float(v) for v in np.clip(ink, 0, 255))


def paper(rng: Rng) -> Piece:
    """A page: a heading, lines of text in columns, boxes with figures, a bar code."""
    width = int(rng.integers(220, 360))
    height = int(width * rng.uniform(0.5, 1.4))
    tone = rng.uniform(190, 255)
    canvas = plain(height, width, (tone, tone * rng.uniform(0.94, 1), tone * rng.uniform(0.88, 1)))
    y = 8
    while y < height - 12:
        tall = int(rng.choice((6, 8, 8, 10, 14, 22)))
        x = int(rng.integers(6, width // 3))
        for _ in range(int(rng.integers(1, 4))):
            text = scaled(typeset(phrase(rng, 4), rng, 24), tall)[:, : max(2, width - x - 6)]
            ink_on(canvas, text, (x, y), (20.0, 22.0, float(rng.choice((20, 110)))))
            if rng.random() < 0.12:
                cv2.rectangle(canvas, (x - 3, y - 3), (x + text.shape[1] + 3, y + tall + 3), (90, 90, 90), 1)
            x += text.shape[1] + int(rng.integers(10, 60))
            if x > width - 30:
                break
        if rng.random() < 0.08:
            cv2.line(canvas, (4, y + tall + 3), (width - 4, y + tall + 3), (120, 120, 120), 1)
        y += tall + int(rng.integers(4, 16))
    return canvas, np.ones((height, width), np.float32)


def bars(height: int, width: int, rng: Rng) -> Cover:
    """A bar code."""
    row = np.repeat(rng.random(width // 2 + 1) < 0.5, 2)[:width].astype(np.float32)
    return np.repeat(row[None], height, axis=0)


def sticker(rng: Rng) -> Piece:
    """A small label with a part's number, a bar code or a warning."""
    lines = [scaled(typeset(number(rng) if rng.random() < 0.5 else word(rng), rng), int(rng.integers(14, 40)))
             for _ in range(int(rng.integers(1, 4)))]  # fmt: skip
    if rng.random() < 0.4:
        lines.insert(
            int(rng.integers(len(lines) + 1)), bars(int(rng.integers(20, 50)), lines[0].shape[1] + 30, rng)
        )
    text = stacked(lines, float(rng.uniform(0.1, 0.4)), rng)
    edge = int(rng.integers(4, 26))
    ground = pick(GROUNDS if rng.random() < 0.4 else GROUNDS[:1], rng)
    canvas = plain(text.shape[0] + 2 * edge, text.shape[1] + 2 * edge, ground)
    ink = (25.0, 25.0, 25.0) if sum(ground) > 330 else (240.0, 240.0, 240.0)
    ink_on(canvas, text, (edge, edge), ink)
    return canvas, np.ones(canvas.shape[:2], np.float32)


def bare_letters(rng: Rng) -> Piece:
    """Letters stuck on a wall, a window or a body."""
    text = typeset(phrase(rng), rng)
    canvas = plain(text.shape[0], text.shape[1], pick(INKS, rng))
    return canvas, text * np.float32(rng.uniform(0.5, 1))


def board(rng: Rng) -> Piece:
    """A dealer's sign: one or two lines, squarer or much longer than a plate, sometimes on two grounds."""
    text = typeset(phrase(rng), rng)
    if rng.random() < 0.4:
        text = stacked([text, scaled(typeset(phrase(rng), rng), int(rng.integers(12, 40)))], 0.35, rng)
    height, width = text.shape
    if rng.random() < 0.55:  # squarer
        board_w, board_h = width + 20, int((width + 20) / rng.uniform(0.7, 1.7))
    else:  # a band along a wall
        board_w, board_h = (
            max(int(height * rng.uniform(8, 16)), width + 10),
            height + int(rng.integers(8, 50)),
        )
    board_w, board_h = max(board_w, width + 8), max(board_h, height + 8)
    ground = pick(GROUNDS, rng)
    canvas = plain(board_h, board_w, ground)
    if rng.random() < 0.25:
        canvas[: int(board_h * rng.uniform(0.2, 0.8))] = pick(GROUNDS, rng)
    pale = float(np.mean(canvas)) > 120
    inks = INKS[:1] + INKS[2:4] if pale else (INKS[1], INKS[4])
    ink_on(canvas, text, ((board_w - width) // 2, (board_h - height) // 2), pick(inks, rng))
    if rng.random() < 0.3:
        cv2.rectangle(canvas, (0, 0), (board_w - 1, board_h - 1), pick(INKS, rng), int(rng.integers(2, 10)))
    return canvas, np.ones((board_h, board_w), np.float32)


def overlay(rng: Rng) -> Piece:
    """A seller's name laid over the photo, half seen through."""
    text = typeset(phrase(rng), rng)
    dark = cv2.dilate(text, np.ones((3, 3), np.uint8)) * np.float32(0.5 * rng.random())
    canvas = plain(text.shape[0], text.shape[1], (10.0, 10.0, 10.0))
    ink_on(canvas, text, (0, 0), (240.0, 240.0, 240.0))
    return canvas, np.maximum(text * np.float32(rng.uniform(0.2, 0.8)), dark).astype(np.float32)
