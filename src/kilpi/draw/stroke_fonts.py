"""Alphabets drawn as strokes, for the plate faces that no free font comes near.

`s-stroke` is a plain rounded grotesque; `s-forgery` has the traits that make German-style letters hard to
alter: gaps in 0, P and R, feet on I, a long flag on 1; `s-slender` is narrow and thin, with straight stems on
6 and 9 and steep W and M, as in Poland. Drawn by hand for Kilpi from descriptions, not traced.

Notation: a glyph is its width (of the cap height) and its strokes; a stroke is points "x,y" in hundredths of
the glyph's own box, y down. A corner is rounded by the alphabet's radius unless the point ends in "!"; "o"
closes a stroke.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Glyphs = dict[str, tuple[float, tuple[str, ...]]]
Alphabet = tuple[Glyphs, float, float]  # glyphs; stroke and corner radius, both of the cap height

PLAIN: Glyphs = {
    "A": (0.60, ("0,100 50,0! 100,100", "17,68 83,68")),
    "B": (0.54, ("0,47! 85,47 85,0 0,0! 0,100! 100,100 100,47 70,47",)),
    "C": (0.54, ("100,27 100,0 0,0 0,100 100,100 100,73",)),
    "D": (0.55, ("o 0,0! 100,0 100,100 0,100!",)),
    "E": (0.48, ("100,0 0,0! 0,100! 100,100", "0,48 86,48")),
    "F": (0.46, ("100,0 0,0! 0,100", "0,50 86,50")),
    "G": (0.56, ("100,25 100,0 0,0 0,100 100,100 100,55! 60,55",)),
    "H": (0.55, ("0,0 0,100", "100,0 100,100", "0,48 100,48")),
    "I": (0.01, ("50,0 50,100",)),
    "J": (0.46, ("100,0 100,100 0,100 0,72",)),
    "K": (0.57, ("0,0 0,100", "96,0 2,58", "36,38 100,100")),
    "L": (0.46, ("0,0 0,100! 100,100",)),
    "M": (0.66, ("0,100 0,0! 50,70! 100,0! 100,100",)),
    "N": (0.56, ("0,100 0,0! 100,100! 100,0",)),
    "O": (0.55, ("o 0,0 100,0 100,100 0,100",)),
    "P": (0.52, ("0,100 0,0! 100,0 100,55 0,55!",)),
    "Q": (0.55, ("o 0,0 100,0 100,100 0,100", "58,72 104,106")),
    "R": (0.55, ("0,100 0,0! 100,0 100,52 0,52!", "48,52 100,100")),
    "S": (0.53, ("100,24 100,0 0,0 0,48 100,48 100,100 0,100 0,76",)),
    "T": (0.54, ("0,0 100,0", "50,0 50,100")),
    "U": (0.55, ("0,0 0,100 100,100 100,0",)),
    "V": (0.60, ("0,0 50,100! 100,0",)),
    "W": (0.80, ("0,0 25,100! 50,20! 75,100! 100,0",)),
    "X": (0.58, ("0,0 100,100", "100,0 0,100")),
    "Y": (0.58, ("0,0 50,52! 100,0", "50,52 50,100")),
    "Z": (0.52, ("0,0 100,0! 0,100! 100,100",)),
    "0": (0.50, ("o 0,0 100,0 100,100 0,100",)),
    "1": (0.24, ("0,22 100,0! 100,100",)),
    "2": (0.49, ("0,26 0,0 100,0 100,38 0,100! 100,100",)),
    "3": (0.49, ("0,22 0,0 96,0 96,46 40,46", "60,46 100,46 100,100 0,100 0,76")),
    "4": (0.54, ("62,0 0,72! 100,72", "74,42 74,100")),
    "5": (0.49, ("94,0 8,0! 2,46! 50,38 100,42 100,100 0,100 0,78",)),
    "6": (0.50, ("96,20 96,0 0,0 0,100 100,100 100,44 0,44",)),
    "7": (0.48, ("0,0 100,0! 36,100",)),
    "8": (0.51, ("o 5,0 95,0 95,46 5,46", "o 0,46 100,46 100,100 0,100")),
    "9": (0.50, ("4,80 4,100 100,100 100,0 0,0 0,56 100,56",)),
}

FORGERY: Glyphs = PLAIN | {
    "A": (0.60, ("0,100 42,0! 60,0! 100,100", "16,70 86,70")),
    "B": (0.55, ("12,47 80,47 80,0 0,0! 0,100! 100,100 100,47 66,47",)),
    "C": (0.55, ("100,22 92,0 0,0 0,100 92,100 100,78",)),
    "D": (0.56, ("0,100! 0,0! 100,4 100,96 12,100!",)),
    "E": (0.50, ("100,0 0,0! 0,100! 100,100", "0,48 76,48", "76,42 76,54")),
    "F": (0.48, ("100,0 0,0! 0,100", "0,52 76,52", "76,46 76,58")),
    "G": (0.57, ("96,16 96,0 0,0 0,100 100,100! 100,52! 62,52",)),
    "I": (0.34, ("0,0 100,0", "50,0 50,100", "0,100 100,100")),
    "J": (0.50, ("28,0 100,0! 100,100 0,100 0,70",)),
    "K": (0.58, ("0,0 0,100", "96,0 10,52 30,52 100,100")),
    "M": (0.64, ("0,100 0,0! 50,48! 100,0! 100,100",)),
    "O": (0.55, ("o 0,0 100,0 100,100 0,100",)),
    "P": (0.53, ("0,100 0,0! 100,0 100,56 20,56",)),
    "Q": (0.56, ("100,62 100,0 0,0 0,100 70,100", "56,66 106,106")),
    "R": (0.56, ("0,100 0,0! 100,0 100,52 22,52", "52,52 100,100")),
    "S": (0.53, ("98,20 88,0 0,0 0,46 100,54 100,100 10,100 0,80",)),
    "U": (0.56, ("0,0 0,100 100,100 100,0",)),
    "W": (0.70, ("0,0 18,100! 50,44! 82,100! 100,0",)),
    "Z": (0.53, ("0,0 100,0! 0,100! 100,100", "28,50 72,50")),
    "0": (0.51, ("86,8 70,0 0,0 0,100 100,100 100,22",)),
    "1": (0.30, ("0,30 100,0! 100,100",)),
    "2": (0.50, ("2,22 8,0 100,0 100,40 0,100! 100,100",)),
    "3": (0.50, ("0,0 98,0! 40,40! 100,44 100,100 6,100 0,80",)),
    "4": (0.55, ("46,0 0,66! 100,66", "76,40 76,100")),
    "6": (0.51, ("70,0 4,44 0,100 100,100 100,42 8,42",)),
    "7": (0.50, ("0,0 100,0! 34,100",)),
    "8": (0.52, ("o 8,0 92,0 92,45 8,45", "o 0,45 100,45 100,100 0,100")),
    "9": (0.51, ("30,100 96,56 100,0 0,0 0,58 92,58",)),
}

SLENDER: Glyphs = PLAIN | {
    "G": (0.56, ("100,24 100,0 0,0 0,100 100,100 100,56! 56,56",)),
    "J": (0.42, ("100,0 100,100 0,100 0,78",)),
    "M": (0.62, ("0,100 0,0! 50,62! 100,0! 100,100",)),
    "Q": (0.56, ("o 0,0 100,0 100,100 0,100", "56,70 102,106")),
    "W": (0.58, ("0,0 13,100! 50,36! 87,100! 100,0",)),
    "1": (0.20, ("0,20 100,0! 100,100",)),
    "3": (0.48, ("4,0 96,0! 40,42! 60,42 100,42 100,100 0,100 0,78",)),
    "4": (0.54, ("58,0 0,70! 100,70", "72,46 72,100")),
    "6": (0.51, ("66,0 8,56", "o 0,42 100,42 100,100 0,100")),
    "7": (0.48, ("0,0 100,0! 30,100",)),
    "9": (0.51, ("34,100 92,44", "o 0,0 100,0 100,58 0,58")),
}

ALPHABETS: dict[str, Alphabet] = {
    "s-stroke": (PLAIN, 0.145, 0.22),
    "s-forgery": (FORGERY, 0.145, 0.20),
    "s-slender": (SLENDER, 0.115, 0.28),
}


def _parse(stroke: str) -> tuple[list[tuple[float, float, bool]], bool]:
    words = stroke.split()
    closed = words[0] == "o"
    points = []
    for word in words[1:] if closed else words:
        x, y = word.rstrip("!").split(",")
        points.append((float(x) / 100, float(y) / 100, word.endswith("!")))
    return points, closed


def _fillet(a: Floats, b: Floats, c: Floats, r: float) -> list[Floats]:
    """The corner at b between a and c as a quadratic curve that starts `r` before it."""
    to_a, to_c = a - b, c - b
    la, lc = float(np.linalg.norm(to_a)), float(np.linalg.norm(to_c))
    start = b + to_a / la * min(r, la / 2)
    end = b + to_c / lc * min(r, lc / 2)
    # a blend between a circle's arc and a straight cut: weights of a conic with a full shoulder
    w = 0.75
    t = np.linspace(0, 1, 9)[:, None]
    weights = (1 - t) ** 2 + 2 * w * t * (1 - t) + t**2
    curve = ((1 - t) ** 2 * start + 2 * w * t * (1 - t) * b + t**2 * end) / weights
    return list(curve)


def _path(stroke: str, width: float, height: float, r: float) -> tuple[Floats, bool]:
    points, closed = _parse(stroke)
    where = [np.array([x * width, y * height]) for x, y, _ in points]
    n = len(points)
    out: list[Floats] = []
    for i, (_, _, sharp) in enumerate(points):
        inner = closed or 0 < i < n - 1
        if sharp or not inner:
            out.append(where[i])
        else:
            out.extend(_fillet(where[i - 1], where[i], where[(i + 1) % n], r))
    return np.array(out), closed


def stroke_mask(alphabet: Alphabet, char: str, cap: int, square: bool = True) -> NDArray[np.uint8] | None:
    """(cap, w) uint8 coverage of a character, cap pixels high, or None where the alphabet lacks it.

    `square`: strokes end flat, as most plates press them; else round.
    """
    glyphs, stroke, radius = alphabet
    if char not in glyphs:
        return None
    width, strokes = glyphs[char]
    thick = stroke * cap
    pad = thick / 2
    box_w, box_h = max(1.0, width * cap - (thick if width > 0.1 else 0)), cap - thick
    over = 0.14 if any(y > 1 for text in strokes for _, y, _ in _parse(text)[0]) else 0.0  # a Q's tail
    canvas: NDArray[np.uint8] = np.zeros(
        (cap + int(over * cap), int(box_w + thick * (1 + over)) + 2), np.uint8
    )
    for text in strokes:
        path, closed = _path(text, box_w, box_h, radius * cap)
        fixed = np.round((path + pad) * 16).astype(np.int32)
        cv2.polylines(canvas, [fixed[:, None]], closed, 255, max(1, round(thick)), cv2.LINE_AA, 4)
        if square and not closed:
            _square_ends(canvas, path + pad, thick)
    if over:  # what goes below the base line is squeezed onto it, as plates do
        size = (canvas.shape[1], cap)
        canvas = np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    columns = np.flatnonzero(canvas.max(axis=0) > 40)
    return np.ascontiguousarray(canvas[:, columns[0] : columns[-1] + 1])


def _square_ends(canvas: NDArray[np.uint8], path: Floats, thick: float) -> None:
    """Plates are pressed with flat stroke ends, OpenCV's are round: square both ends."""
    for end, before in ((path[0], path[1]), (path[-1], path[-2])):
        along = (end - before) / max(1e-6, float(np.linalg.norm(end - before)))
        side = np.array([-along[1], along[0]]) * thick / 2
        tip = end + along * thick / 2 * 0.9
        corners = np.array([end - side, tip - side, tip + side, end + side])
        cv2.fillConvexPoly(canvas, np.round(corners * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
