"""Draws one flat plate of the world set: ground, words, strips, stickers, characters with pressed edges."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from recipes.world.faces import mask_of

from kilpi.draw.plates import RenderedPlate

Rng = np.random.Generator
Floats = NDArray[np.float32]
Colour = tuple[int, int, int]

SCALE = 1.1  # pixels a millimetre


@dataclass(frozen=True, slots=True)
class Word:
    """Something written that is no part of the mark: where its middle is and how high, parts of the plate."""

    text: str
    x: float
    y: float
    cap: float
    ink: Colour
    face: str = "w-plain"


@dataclass(frozen=True, slots=True)
class Patch:
    """A strip, sticker or seal: x, y, width, height in parts of the plate; its words stand on it."""

    box: tuple[float, float, float, float]
    ground: Colour
    round: bool = False
    word: str = ""
    ink: Colour = (245, 245, 245)


@dataclass(frozen=True, slots=True)
class Spec:
    """All that is on a plate. `rows` are groups of characters with " ", "-", ".", ":" (seals) or "*" (an
    emblem) between them.
    """

    rows: tuple[str, ...]
    size_mm: tuple[int, int]
    face: str
    ink: Colour
    ground: Colour
    ground_low: Colour | None = None  # the colour at the lower edge of a ground that changes
    cap_mm: float = 75.0
    width_mm: float = 44.0  # of a usual character
    gap_mm: float = 9.0
    zone: tuple[float, float] = (0.03, 0.97)  # where characters may stand, parts of the width
    lines: tuple[float, ...] = (0.5,)  # the rows' middles, parts of the height
    border: bool = True
    emboss: float = 35.0
    hills: bool = False
    words: tuple[Word, ...] = ()
    patches: tuple[Patch, ...] = ()
    country: str = "XX"
    part: str = ""


def draw_plate(spec: Spec, rng: Rng) -> RenderedPlate:
    """The plate straight on, clean."""
    width, height = (round(v * SCALE) for v in spec.size_mm)
    canvas = ground(spec, width, height, rng)
    for patch in spec.patches:
        draw_patch(canvas, patch)
    for word in spec.words:
        write(canvas, word)
    cover = np.zeros((height, width), np.float32)
    boxes: list[tuple[float, float, float, float]] = []
    for row, middle in zip(spec.rows, spec.lines, strict=True):
        boxes += set_row(canvas, cover, row, middle * height, spec, rng)
    canvas += (np.array(spec.ink, np.float32) - canvas) * cover[..., None]
    press(canvas, cover, spec.emboss * rng.uniform(0.3, 1.3), rng)
    if spec.border:
        inset = int(rng.integers(2, 6))
        ink = tuple(float(v) for v in spec.ink)
        cv2.rectangle(canvas, (inset, inset), (width - 1 - inset, height - 1 - inset), ink, 2, cv2.LINE_AA)
    pixels = np.clip(canvas, 0, 255).astype(np.uint8)
    text = "".join(c for row in spec.rows for c in row if c.isalnum())
    alpha = np.full((height, width), 255, np.uint8)
    return RenderedPlate(
        text, spec.country, len(spec.rows), spec.size_mm, pixels, alpha, np.array(boxes, np.float32)
    )


def ground(spec: Spec, width: int, height: int, rng: Rng) -> Floats:
    """The sheet: one colour, or one that changes downwards, and now and then hills."""
    low = np.array(spec.ground_low or spec.ground, np.float32)
    share = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    rows = np.array(spec.ground, np.float32) * (1 - share) + low * share
    canvas: Floats = np.repeat(rows, width, axis=1) + rng.normal(0, 3, 3).astype(np.float32)
    if spec.hills:
        for _ in range(3):
            xs = np.linspace(0, 1, 24)
            ys = rng.uniform(0.35, 0.8) + 0.12 * np.sin(xs * rng.uniform(4, 14) + rng.uniform(0, 6))
            points = np.stack([xs * width, ys * height], axis=1)
            points = np.concatenate([points, [[width, height], [0, height]]]).round().astype(np.int32)
            layer = canvas.copy()
            tint = np.array(spec.ground) * rng.uniform(0.6, 0.97) + rng.uniform(0, 12, 3)
            cv2.fillPoly(layer, [points], tuple(float(v) for v in tint), cv2.LINE_AA)
            canvas = cv2.addWeighted(canvas, 0.4, layer, 0.6, 0).astype(np.float32)
    return np.ascontiguousarray(canvas, np.float32)


def set_row(
    canvas: Floats, cover: Floats, row: str, middle: float, spec: Spec, rng: Rng
) -> list[tuple[float, float, float, float]]:
    """Sets one row's characters into the zone; their boxes in pixels."""
    cap = spec.cap_mm * SCALE
    stretch = (
        spec.width_mm / spec.cap_mm / (mask_of(spec.face, "H").shape[1] / mask_of(spec.face, "H").shape[0])
    )
    items: list[tuple[str, float, float]] = []  # character, width, height
    for char in row:
        if not char.isalnum():
            items.append((char, {" ": 0.28, "-": 0.32, ".": 0.22, ":": 0.52, "*": 0.5}[char] * cap, 0.0))
            continue
        mask = mask_of(spec.face, char)
        items.append((char, mask.shape[1] / 128 * cap * stretch, mask.shape[0] / 128 * cap))
    gap = spec.gap_mm * SCALE
    left, right = (v * cover.shape[1] for v in spec.zone)
    total = sum(width + gap for _, width, _ in items) - gap
    squeeze = min(1.0, (right - left) / total)
    x = left + (right - left - total * squeeze) * (0.5 + rng.normal(0, 0.05))
    boxes = []
    for char, width, high in items:
        wide = width * squeeze
        if char.isalnum():
            base = middle + cap / 2
            place(cover, mask_of(spec.face, char), x, base - high, wide, high)
            boxes.append((x, base - high, x + wide, base))
        elif char == ":":
            seals(canvas, x + wide / 2, middle, 0.5 * cap, rng)
        elif char == "*":
            emblem(canvas, x + wide / 2, middle, 0.42 * cap, rng)
        elif char != " ":
            long = wide if char == "-" else 0.13 * cap
            half, from_x = 0.06 * cap, x + (wide - long) / 2
            y0, y1 = int(middle - half), int(middle + half) + 1
            cover[y0:y1, max(0, int(from_x)) : int(from_x + long) + 1] = 1.0
        x += wide + gap * squeeze
    return boxes


def seals(canvas: Floats, x: float, y: float, size: float, rng: Rng) -> None:
    """Two round seals above one another, or one with arms, some faded."""
    single = rng.random() < 0.3
    for shift in (0.0,) if single else (-0.55, 0.6):
        radius = round(size * (0.6 if single else 0.46))
        centre = round(x), round(y + shift * size * 1.05)
        tint = np.clip(rng.uniform(70, 235) + rng.normal(0, 35, 3), 0, 255)
        layer = canvas.copy()
        cv2.circle(layer, centre, radius, tuple(tint.tolist()), -1, cv2.LINE_AA)
        cv2.circle(layer, centre, radius, (70.0, 70.0, 70.0), 1, cv2.LINE_AA)
        cv2.circle(layer, centre, max(1, radius // 2), (90.0, 60.0, 60.0), max(1, radius // 5), cv2.LINE_AA)
        share = rng.uniform(0.35, 1.0)
        canvas += (layer - canvas) * np.float32(share)


def emblem(canvas: Floats, x: float, y: float, size: float, rng: Rng) -> None:
    """A state's outline, a star or a tree: some shape in a colour of its own."""
    points = int(rng.integers(5, 12))
    reach = size * rng.uniform(0.45, 1.0, points)
    turn = np.sort(rng.uniform(0, 2 * np.pi, points))
    shape = np.stack([x + reach * 0.7 * np.cos(turn), y + reach * np.sin(turn)], axis=1)
    tint = np.clip(rng.uniform(20, 190) + rng.normal(0, 40, 3), 0, 255)
    cv2.fillPoly(canvas, [shape.round().astype(np.int32)], tuple(tint.tolist()), cv2.LINE_AA)


def place(cover: Floats, mask: NDArray[np.uint8], x: float, y: float, width: float, height: float) -> None:
    """Lays a mask on the cover, `width` x `height` pixels, with its top left at x, y."""
    sx, sy = width / mask.shape[1], height / mask.shape[0]
    matrix = np.array([[sx, 0, x + sx / 2 - 0.5], [0, sy, y + sy / 2 - 0.5]])
    size = cover.shape[1], cover.shape[0]
    drawn = cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_AREA).astype(np.float32) / 255
    np.maximum(cover, drawn, out=cover)


def press(canvas: Floats, cover: Floats, strength: float, rng: Rng) -> None:
    """Light on the pressed edges, from any side."""
    angle = rng.uniform(0, 2 * np.pi)
    soft = cv2.GaussianBlur(cover, (0, 0), rng.uniform(0.8, 2.0))
    slope = cv2.Sobel(soft, cv2.CV_32F, 1, 0) * np.cos(angle) + cv2.Sobel(soft, cv2.CV_32F, 0, 1) * np.sin(
        angle
    )
    canvas += (slope * strength)[..., None].astype(np.float32)


def write(canvas: Floats, word: Word) -> None:
    """A word or two around its middle."""
    height, width = canvas.shape[:2]
    cap = word.cap * height
    masks = [mask_of(word.face, c) if c.isalnum() else None for c in word.text]
    wide = [0.3 * cap if m is None else m.shape[1] / 128 * cap for m in masks]
    gap = 0.14 * cap
    x = word.x * width - (sum(wide) + gap * (len(wide) - 1)) / 2
    cover = np.zeros((height, width), np.float32)
    for mask, step in zip(masks, wide, strict=True):
        if mask is not None:
            place(cover, mask, x, word.y * height - cap / 2, step, cap)
        x += step + gap
    canvas += (np.array(word.ink, np.float32) - canvas) * cover[..., None]


def draw_patch(canvas: Floats, patch: Patch) -> None:
    """A strip or sticker, and the word on it."""
    height, width = canvas.shape[:2]
    x, y, w, h = patch.box
    colour = tuple(float(v) for v in patch.ground)
    x0, y0, x1, y1 = round(x * width), round(y * height), round((x + w) * width), round((y + h) * height)
    if patch.round:
        radius = max(2, (y1 - y0) // 2)
        cv2.circle(canvas, ((x0 + x1) // 2, (y0 + y1) // 2), radius, colour, -1, cv2.LINE_AA)
        cv2.circle(canvas, ((x0 + x1) // 2, (y0 + y1) // 2), radius, (60.0, 60.0, 60.0), 1, cv2.LINE_AA)
    else:
        cv2.rectangle(canvas, (x0, y0), (x1, y1), colour, -1)
    if patch.word:
        cap = min(0.45 * h, 0.55 * w * width / height / max(1, len(patch.word) * 0.75))
        write(canvas, Word(patch.word, x + w / 2, y + h * 0.74 if h > 0.6 else y + h / 2, cap, patch.ink))
