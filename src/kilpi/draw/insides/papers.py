"""Drawn papers: forms, letters, tables, booklets and keys, lying on a seat, a table or a floor."""

from __future__ import annotations

import cv2
import numpy as np

from kilpi.draw.insides.panels import FACES, WORDS, Rng, write
from kilpi.draw.insides.stuffs import INSIDES, hide
from kilpi.draw.noise import Floats, smooth_field
from kilpi.geometry import homography

LONG, SHORT = 300, 212  # pixels of a sheet in the proportions of A4


def draw_papers(height: int, width: int, rng: Rng, below: Floats | None = None) -> Floats:
    """(height, width, 3) float32 RGB: one to five papers, tilted, partly over each other.

    `below`, of the same shape, is what they lie on; by default some stuff of a car's inside, or a table.
    """
    ground = INSIDES[int(rng.integers(len(INSIDES)))]
    canvas = ground(height, width, hide(rng), rng) if below is None else below.copy()
    count = int(rng.choice((1, 1, 1, 2, 2, 3, 4, 5)))
    for _ in range(count):
        large = rng.uniform(0.75, 1.5) if count == 1 else rng.uniform(0.4, 0.85)
        lay(canvas, sheet(rng), large, rng)
    if rng.random() < 0.25:
        _keys(canvas, rng)
    if rng.random() < 0.15:
        _fingers(canvas, rng)
    canvas *= (0.7 + 0.5 * smooth_field(height, width, rng, 2))[:, :, None]
    return np.asarray(np.clip(canvas, 0, 255), np.float32)


def sheet(rng: Rng) -> Floats:
    """One paper, straight: a form, a letter, a table, a card, an open booklet or a cover with a picture."""
    if rng.random() < 0.25:  # two pages side by side
        left, right = _page(LONG, SHORT, rng), _page(LONG, SHORT, rng)
        both = np.concatenate([left, right], axis=1)
        fold = 1 - 0.35 * np.exp(-((np.arange(2 * SHORT, dtype=np.float32) - SHORT) ** 2) / 200)
        return np.asarray(both * fold[None, :, None], np.float32)
    if rng.random() < 0.2:  # a card or a small slip
        return _page(int(SHORT * 0.65), SHORT, rng)
    return _page(LONG, SHORT, rng)


def _page(height: int, width: int, rng: Rng) -> Floats:
    papers = (
        (246, 246, 242),
        (250, 250, 250),
        (238, 232, 210),
        (226, 236, 226),
        (236, 222, 226),
        (214, 228, 240),
    )
    paper = np.array(papers[0 if rng.random() < 0.6 else int(rng.integers(6))], np.float32)
    if rng.random() < 0.12:
        paper = rng.uniform(10, 160, 3).astype(np.float32)  # a booklet's or a folder's cover
    page = np.empty((height, width, 3), np.float32)
    page[:] = paper
    ink = (30.0, 30.0, 34.0) if paper.mean() > 140 else (235.0, 235.0, 235.0)
    y = height * rng.uniform(0.03, 0.08)
    title = " ".join(WORDS[int(rng.integers(len(WORDS)))] for _ in range(2))
    write(page, title, width / 2, y, height * 0.035,
          ink, FACES[int(rng.integers(6))])  # fmt: skip
    while y < height * 0.9 and paper.mean() > 140:
        y = _section(page, y + height * 0.04, ink, rng)
    _marks(page, rng)
    return page


def _section(page: Floats, y: float, ink: tuple[float, float, float], rng: Rng) -> float:
    """Lines of text, a table, or a frame with fields; gives where it ends."""
    height, width = page.shape[:2]
    kind, rows = rng.random(), int(rng.integers(2, 9))
    pitch = float(rng.uniform(5, 9))
    low = min(height * 0.95, y + rows * pitch)
    left, right = width * rng.uniform(0.06, 0.12), width * rng.uniform(0.7, 0.94)
    if kind > 0.6:
        cuts = np.sort(rng.uniform(left, right, int(rng.integers(1, 5))))
        for x in (left, *cuts, right):
            cv2.line(page, (int(x), int(y)), (int(x), int(low)), (110.0, 110.0, 110.0), 1)
        for k in range(rows + 1):
            cv2.line(page, (int(left), int(y + k * pitch)), (int(right), int(y + k * pitch)), (110.0,) * 3, 1)
        if rng.random() < 0.4:
            page[int(y) : int(y + pitch), int(left) : int(right)] *= rng.uniform(0.5, 0.9, 3).astype(
                np.float32
            )
    for k in range(rows):
        x, row = left + 2, y + (k + 0.6) * pitch
        while x < right - 6 and row < height * 0.96:
            long = float(rng.uniform(2, 14))
            if rng.random() < 0.75:
                _letters(page, x, row, min(long, right - x), pitch * 0.45, ink, rng)
            x += long + rng.uniform(2, 5)
    return float(low)


def _letters(
    page: Floats, x: float, y: float, long: float, tall: float, ink: tuple[float, float, float], rng: Rng
) -> None:
    """A word too small to be read: strokes."""
    x0, x1, y0, y1 = int(x), int(x + long), int(y - tall / 2), int(y + tall / 2) + 1
    place = page[y0:y1, x0:x1]
    cover = (rng.random(place.shape[:2]) < 0.6).astype(np.float32)[:, :, None] * np.float32(0.8)
    place += (np.array(ink, np.float32) - place) * cover


def _marks(page: Floats, rng: Rng) -> None:
    """A stamp, a signature, a logo, a coloured band."""
    height, width = page.shape[:2]
    if rng.random() < 0.35:
        at = (int(width * rng.uniform(0.2, 0.8)), int(height * rng.uniform(0.5, 0.95)))
        tint = ((40.0, 60.0, 170.0), (190.0, 40.0, 60.0))[int(rng.integers(2))]
        cv2.ellipse(
            page, at, (int(width * 0.12), int(width * 0.09)), rng.uniform(0, 90), 0, 360, tint, 1, cv2.LINE_AA
        )
        points = (np.cumsum(rng.normal(0, 5, (14, 2)), axis=0) + at).astype(np.int32)
        cv2.polylines(page, [points], False, (40.0, 50.0, 140.0), 1, cv2.LINE_AA)
    if rng.random() < 0.35:
        band = rng.uniform(30, 220, 3).astype(np.float32)
        top = int(height * rng.choice((0.0, 0.9)))
        page[top : top + int(height * rng.uniform(0.03, 0.12))] = band
    if rng.random() < 0.25:
        x, y = int(width * rng.uniform(0, 0.6)), int(height * rng.uniform(0.1, 0.6))
        picture = rng.uniform(20, 220, 3).astype(np.float32)
        page[y : y + int(height * 0.2), x : x + int(width * 0.35)] = picture


def lay(canvas: Floats, page: Floats, large: float, rng: Rng) -> None:
    """Puts a flat piece onto the canvas, turned and tilted, with a shadow; `large`: share of the height."""
    height, width = canvas.shape[:2]
    h, w = page.shape[:2]
    scale = large * height / max(h, w)
    corners = np.array([[-w, -h], [w, -h], [w, h], [-w, h]], np.float64) / 2 * scale
    turn = rng.normal(0, 0.35) + (np.pi / 2 * rng.integers(0, 4) if rng.random() < 0.25 else 0)
    c, s = np.cos(turn), np.sin(turn)
    corners = corners @ np.array([[c, s], [-s, c]])
    depth = 1 + corners[:, 1] / height * rng.uniform(-0.1, 0.5)
    corners = corners * depth[:, None] * (1, rng.uniform(0.65, 1.0))
    spread = 0.06 if large > 0.85 else 0.22
    corners += np.array((width, height)) * (0.5 + rng.normal(0, spread, 2))
    matrix = homography(np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float64), corners)
    seen = cv2.warpPerspective(page, matrix, (width, height), flags=cv2.INTER_AREA)
    whole = np.ones((h, w), np.float32)
    cover = cv2.warpPerspective(whole, matrix, (width, height), flags=cv2.INTER_AREA)
    shade = np.asarray(cv2.GaussianBlur(cover, (0, 0), height / 60), np.float32)[:, :, None]
    canvas *= 1 - np.float32(0.5) * shade
    canvas += (np.asarray(seen, np.float32) - canvas) * np.asarray(cover, np.float32)[:, :, None]


def _keys(canvas: Floats, rng: Rng) -> None:
    """One or two black key fobs with buttons, some with a ring."""
    for _ in range(int(rng.integers(1, 3))):
        fob = np.full((60, 26, 3), 22, np.float32)
        fob[:] += smooth_field(60, 26, rng, 2)[:, :, None] * np.float32(50)
        for y in (14, 28, 42):
            cv2.rectangle(fob, (7, y - 4), (19, y + 4), (60.0, 60.0, 62.0), -1)
        lay(canvas, fob, rng.uniform(0.12, 0.25), rng)


def _fingers(canvas: Floats, rng: Rng) -> None:
    """A thumb that holds the paper at an edge."""
    h, w = canvas.shape[:2]
    skin = np.array((206, 160, 132)) * rng.uniform(0.6, 1.1)
    at = (int(w * rng.choice((0.02, 0.98))), int(h * rng.uniform(0.4, 0.9)))
    axes = (int(w * 0.16), int(h * 0.05))
    cv2.ellipse(canvas, at, axes, rng.uniform(-30, 30), 0, 360, tuple(skin.tolist()), -1, cv2.LINE_AA)
