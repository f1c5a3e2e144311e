"""Characters as masks: free typefaces and two stroke alphabets, missing accents composed, all cached.

A mask is (h, w) uint8: 255 where ink is; its rows run from the top of the accent (or of the capital) to the
base line, its columns are the ink's own.
"""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from kilpi.draw.letterforms import base_of, reshaped
from kilpi.draw.random_fonts import PREFIX, PRESSED, chance_alphabet, pressed_alphabet
from kilpi.draw.stroke_fonts import ALPHABETS, stroke_mask
from kilpi.errors import UsageError

FOLDER = Path(__file__).parent / "fonts"
MASTER = 192  # pixels of a capital in the masters that smaller masks come from
LEVELS = (16, 24, 32, 48, 64, 96, 128, MASTER)  # pixels of a capital

FALLBACK = "a-semi"  # has the most characters

Mask = NDArray[np.uint8]

# What an accented letter is made of, for faces without it and for plates that shrink its body.
PARTS = {"Å": ("A", "ring"), "Ä": ("A", "dots"), "Ö": ("O", "dots"), "Ü": ("U", "dots")}
ACCENTS = {
    "\u030a": "ring",
    "\u0308": "dots",
    "\u030b": "dots",
}  # combining marks; any other is a slanted bar


@dataclass(frozen=True, slots=True)
class Habit:
    """How one country sets characters; millimetres on a plate of the usual size."""

    char_mm: float
    width_mm: float
    gap_mm: float
    faces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character's mask. `cap` is a capital's height in the mask's pixels; an accent adds to it."""

    mask: Mask
    cap: int


@cache
def _settings() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "faces.toml").read_text(encoding="utf-8"))


def face_names() -> tuple[str, ...]:
    """Every face that can be drawn with, but those of `chance_faces`."""
    return tuple(_settings()["faces"])


def more_face_names() -> tuple[str, ...]:
    """Faces beside `face_names`, for plates of the world's other parts."""
    return tuple(_settings()["more"])


@cache
def habit(country: str | None) -> Habit:
    """How `country` (ISO alpha-2) sets its characters; a middling one where nothing is known."""
    table = _settings()["countries"]
    row = table.get(country or "default", table["default"])
    return Habit(row["char_mm"], row["width_mm"], row["gap_mm"], tuple(row["faces"]))


@cache
def _traits(face: str) -> dict[str, Any]:
    """A face's line in faces.toml; those drawn by chance have none and need none."""
    known = {**_settings()["faces"], **_settings()["more"]}
    row: dict[str, Any] = known.get(base_of(face), {"thicken": 0.0})
    return row


@cache
def _font(face: str) -> ImageFont.FreeTypeFont:
    path = next(FOLDER.glob(f"{face}.?tf"))
    probe = ImageFont.truetype(str(path), 200)
    _, top, _, bottom = probe.getbbox("H")
    return ImageFont.truetype(str(path), round(200 * MASTER / (bottom - top)))


def resized(mask: Mask, width: int, height: int) -> Mask:
    """A mask averaged (or stretched) to another size."""
    return np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _typeset(face: str, char: str) -> Mask | None:
    """A character from a font file at the master's size, or None where the font lacks it."""
    font = _font(face)
    left, top, right, bottom = (int(v) for v in font.getbbox(char, anchor="ls"))
    if right - left < 4:
        return None
    # A lacking character is drawn as .notdef, whose outline was emptied when the fonts were cut.
    image = Image.new("L", (right - left + 8, bottom - top + 8))
    ImageDraw.Draw(image).text((4 - left, 4 - top), char, fill=255, font=font, anchor="ls")
    mask = np.asarray(image)[
        : 4 - top
    ]  # cut off at the base line, but for Q and J, which are squeezed onto it
    tail = np.asarray(image)[4 - top :]
    if char in "QJ" and tail.any():
        full = np.asarray(image)[4 : 4 - top + int(0.2 * MASTER)]
        full = full[: int(np.flatnonzero(full.max(axis=1) > 40)[-1]) + 1]
        mask = resized(full, full.shape[1], MASTER)
    columns = np.flatnonzero(mask.max(axis=0) > 40)
    rows = np.flatnonzero(mask.max(axis=1) > 40)
    if len(columns) == 0:
        return None
    return np.ascontiguousarray(mask[rows[0] :, columns[0] : columns[-1] + 1])


def _ring(size: int, stroke: int) -> Mask:
    canvas = np.zeros((size, size), np.uint8)
    radius = (size - stroke) / 2
    cv2.circle(canvas, (size // 2, size // 2), max(2, int(radius)), 255, stroke, cv2.LINE_AA)
    return canvas


def _dots(width: int, stroke: int) -> Mask:
    height = int(stroke * 1.0)
    canvas = np.zeros((height, width), np.uint8)
    canvas[:, :height] = 255
    canvas[:, -height:] = 255
    return canvas


def _bar(stroke: int) -> Mask:
    canvas = np.zeros((int(stroke * 1.3), int(stroke * 1.8)), np.uint8)
    h, w = canvas.shape
    cv2.line(
        canvas,
        (stroke // 3, h - stroke // 3),
        (w - stroke // 3, stroke // 3),
        255,
        stroke * 2 // 3,
        cv2.LINE_AA,
    )
    return canvas


def _compose(body: Mask, accent: str, stroke: int, inside: bool) -> Mask:
    """A body under a ring or two dots; `inside` shrinks the body so that both fit a capital's height."""
    if accent == "ring":
        mark = _ring(int(stroke * 2.6), max(3, int(stroke * 0.72)))
    elif accent == "bar":
        mark = _bar(stroke)
    else:
        mark = _dots(max(int(body.shape[1] * 0.62), 3 * stroke), stroke)
    gap = 0 if accent == "ring" else int(stroke * 0.45)
    overlap = int(stroke * 0.55) if accent == "ring" else 0  # a ring sits into the A's point
    if inside:
        height = MASTER - mark.shape[0] - gap + overlap
        body = resized(body, body.shape[1], height)
    width = max(body.shape[1], mark.shape[1])
    top = mark.shape[0] + gap - overlap
    canvas = np.zeros((top + body.shape[0], width), np.uint8)
    x = (width - body.shape[1]) // 2
    canvas[top:, x : x + body.shape[1]] = body
    x = (width - mark.shape[1]) // 2
    place = canvas[: mark.shape[0], x : x + mark.shape[1]]
    np.maximum(place, mark, out=place)
    return canvas


def _slashed(body: Mask, stroke: int) -> Mask:
    pad = int(stroke * 0.35)
    canvas = np.pad(body, ((0, 0), (pad, pad)))
    h, w = canvas.shape
    cv2.line(canvas, (pad // 2, h - pad), (w - pad // 2, pad), 255, max(2, int(stroke * 0.8)), cv2.LINE_AA)
    return canvas


def _joined(a: Mask, e: Mask) -> Mask:
    """Æ of an A and an E that share its right leg."""
    e = resized(e, int(e.shape[1] * 0.8), e.shape[0])
    a = a[-e.shape[0] :]
    half = int(a.shape[1] * 0.62)
    canvas = np.zeros((e.shape[0], half + e.shape[1]), np.uint8)
    canvas[: a.shape[0], : min(half + 8, a.shape[1])] = a[:, : half + 8]
    np.maximum(canvas[:, half:], e, out=canvas[:, half:])
    return canvas


def stroke_width(mask: Mask) -> int:
    """Typical stroke of a letter, pixels: the usual run of ink in its rows."""
    runs = []
    for row in mask[:: max(1, mask.shape[0] // 12)] > 127:
        edges = np.flatnonzero(np.diff(np.concatenate(([0], row.view(np.int8), [0]))))
        runs.extend((edges[1::2] - edges[::2]).tolist())
    return max(3, int(np.percentile(runs, 30))) if runs else 3


def _draw(face: str, char: str) -> Mask | None:
    base = base_of(face)
    if base != face:
        drawn = _draw(base, char)
        return None if drawn is None else reshaped(drawn, face)
    if face.startswith(PRESSED):
        alphabet, square = pressed_alphabet(face)
        return stroke_mask(alphabet, char, MASTER, square)
    if face.startswith(PREFIX):
        return stroke_mask(chance_alphabet(face), char, MASTER)
    if face in ALPHABETS:
        return stroke_mask(ALPHABETS[face], char, MASTER)
    return _typeset(face, char)


@cache
def _stroke_of(face: str) -> int:
    mask = _draw(face, "H")
    return stroke_width(mask) if mask is not None else MASTER // 7


@lru_cache(maxsize=8192)
def _master(face: str, char: str, style: int) -> Mask:
    """A character at the master's size. `style` 1 keeps the accent within a capital's height."""
    lacks = _traits(face).get("lacks", "")
    mask = None if char in lacks or (style == 1 and char in PARTS) else _draw(face, char)
    if mask is not None:
        return mask
    if char == "0":
        oval = _master(face, "O", 0)
        return resized(oval, int(oval.shape[1] * 0.9), oval.shape[0])
    stroke = _stroke_of(face)
    if char in PARTS:
        base, accent = PARTS[char]
        return _compose(_master(face, base, 0), accent, stroke, inside=style == 1)
    if char == "Ø":
        return _slashed(_master(face, "O", 0), stroke)
    if char == "Æ":
        return _joined(_master(face, "A", 0), _master(face, "E", 0))
    plain = unicodedata.normalize("NFD", char)
    if len(plain) == 2:
        return _compose(_master(face, plain[0], 0), ACCENTS.get(plain[1], "bar"), stroke, inside=style == 1)
    if face == FALLBACK:
        raise UsageError(f"no typeface here can draw {char!r}: take it out of the grammar's alphabet")
    return _master(FALLBACK, char, 0)


def _thicken(mask: Mask, pixels: float) -> Mask:
    size = round(abs(pixels))
    if size == 0:
        return mask
    padded = np.pad(mask, ((0, 0), (size, size)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size + 1, size + 1))
    change = cv2.dilate if pixels > 0 else cv2.erode
    changed = change(padded, kernel)
    columns = np.flatnonzero(changed.max(axis=0) > 40)
    return np.ascontiguousarray(changed[:, columns[0] : columns[-1] + 1]) if len(columns) else mask


@lru_cache(maxsize=65536)
def glyph(face: str, char: str, style: int, weight: int, level: int) -> Glyph:
    """A cached character. `weight`: hundredths of the cap height more; `level`: one of LEVELS."""
    mask = _master(face, char, style)
    thicken = _traits(face)["thicken"] + weight
    mask = _thicken(mask, thicken * MASTER / 100)
    cap = level
    height = max(2, round(mask.shape[0] * level / MASTER))
    width = max(2, round(mask.shape[1] * level / MASTER))
    small = resized(mask, width, height) if level < MASTER else mask.copy()
    small.setflags(write=False)
    return Glyph(small, cap)


def level_for(cap_px: float) -> int:
    """The smallest cached size that is not below `cap_px`: scaling down a little keeps edges clean."""
    return next((level for level in LEVELS if level >= cap_px), LEVELS[-1])
