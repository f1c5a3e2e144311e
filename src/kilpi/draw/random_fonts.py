"""Alphabets drawn by chance: no two plate authorities press the same W, J, Q, 1 or 7.

A chance alphabet takes each character from one of the ways in which plates show it, moves its bars and
points a little, and gives all of them one stroke, one corner radius and one width. So a reader learns what
makes a W, not how the few typefaces at hand draw it. The notation is that of `kilpi.draw.stroke_fonts`.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from kilpi.draw.dies import DIES
from kilpi.draw.stroke_fonts import ALPHABETS, Alphabet, Glyphs

COUNT = 160  # alphabets; each is drawn once and kept
PREFIX = "chance-"
MOVED = 3.5  # hundredths: how far a bar or an inner point lies from its usual place, one standard deviation
# Further ways to draw a character, beside those of the alphabets that are drawn by hand.
MORE: dict[str, tuple[tuple[float, tuple[str, ...]], ...]] = {
    "A": (
        (0.58, ("0,100 36,0! 64,0! 100,100", "14,66 86,66")),
        (0.52, ("0,100 0,0 100,0 100,100", "0,58 100,58")),
        (0.56, ("0,100 50,0! 100,100", "22,60 78,60")),
    ),
    "G": (
        (0.55, ("100,22 100,0 0,0 0,100 100,100 100,52! 74,52",)),
        (0.55, ("100,25 100,0 0,0 0,100 92,100 92,54! 56,54", "92,54 92,100")),
    ),
    "I": ((0.26, ("0,0 100,0", "50,0 50,100", "0,100 100,100")),),
    "J": (
        (0.44, ("100,0 100,100 0,100 0,86",)),
        (0.42, ("100,0 100,100 10,100",)),
        (0.46, ("40,0 100,0! 100,100 0,100 0,80",)),
        (0.34, ("100,0 100,100 0,100",)),
    ),
    "K": (
        (0.56, ("0,0 0,100", "100,0 0,54!", "0,54! 100,100")),
        (0.56, ("0,0 0,100", "96,0 22,50! 100,100", "0,50 22,50")),
    ),
    "M": (
        (0.66, ("0,100 0,0! 50,100! 100,0! 100,100",)),
        (0.60, ("0,100 0,0! 50,42! 100,0! 100,100",)),
        (0.72, ("0,100 8,0! 50,76! 92,0! 100,100",)),
        (0.56, ("0,100 0,0! 50,56! 100,0! 100,100",)),
    ),
    "N": ((0.58, ("0,100 0,0! 100,100! 100,0",)),),
    "Q": (
        (0.55, ("o 0,0 100,0 100,100 0,100", "66,74 100,100")),
        (0.55, ("o 0,0 100,0 100,100 0,100", "50,62 96,100")),
        (0.55, ("o 0,0 100,0 100,100 0,100", "54,72 54,106")),
        (0.55, ("o 0,0 100,0 100,92 0,92", "44,78 100,100")),
        (0.56, ("100,66 100,0 0,0 0,100 72,100", "52,66 100,100")),
    ),
    "R": (
        (0.54, ("0,100 0,0! 100,0 100,52 0,52!", "60,52 100,60 100,100")),
        (0.55, ("0,100 0,0! 100,0 100,48 0,48!", "24,48 100,100")),
    ),
    "S": (
        (0.52, ("100,22 100,0 0,0 0,42 100,58 100,100 0,100 0,78",)),
        (0.52, ("96,0 0,0 0,48 100,48 100,100 4,100",)),
    ),
    "T": ((0.50, ("0,0 100,0", "50,0 50,100")),),
    "U": ((0.52, ("0,0 0,100 100,100 100,0",)),),
    "V": ((0.54, ("0,0 44,100! 56,100! 100,0",)),),
    "W": (
        (0.62, ("0,0 10,100! 50,46! 90,100! 100,0",)),
        (0.60, ("0,0 0,100! 50,52! 100,100! 100,0",)),
        (0.64, ("0,0 14,100! 50,30! 86,100! 100,0",)),
        (0.56, ("0,0 16,100! 50,38! 84,100! 100,0",)),
        (0.74, ("0,0 24,100! 50,0! 76,100! 100,0",)),
        (0.66, ("0,0 6,100! 50,62! 94,100! 100,0",)),
    ),
    "Y": (
        (0.58, ("0,0 50,40! 100,0", "50,40 50,100")),
        (0.54, ("0,0 0,50 100,50 100,0", "50,50 50,100")),
    ),
    "Z": ((0.52, ("0,0 100,0! 0,100! 100,100", "26,50 76,50")),),
    "0": (
        (0.44, ("o 0,0 100,0 100,100 0,100",)),
        (0.54, ("o 0,0 100,0 100,100 0,100",)),
    ),
    "1": (
        (0.34, ("10,18 55,0! 55,100", "0,100 100,100")),
        (0.30, ("0,34 100,0! 100,100",)),
        (0.16, ("0,14 100,0! 100,100",)),
        (0.20, ("0,8 100,8", "100,0 100,100")),
    ),
    "2": (
        (0.49, ("0,24 0,0 100,0 100,46 0,66 0,100! 100,100",)),
        (0.47, ("0,20 0,0 100,0 100,48 30,76 0,100! 100,100",)),
    ),
    "3": (
        (0.48, ("4,0 96,0! 42,40! 100,44 100,100 0,100 0,80",)),
        (0.48, ("0,16 0,0 92,0 92,46 36,46", "56,46 100,46 100,100 0,100 0,84")),
    ),
    "4": (
        (0.52, ("78,100 78,0! 0,70! 100,70",)),
        (0.52, ("40,0 0,64! 100,64", "72,36 72,100")),
        (0.50, ("70,0 0,74! 100,74", "72,0 72,100")),
    ),
    "5": (
        (0.49, ("96,0 0,0! 0,44! 100,44 100,100 0,100 0,80",)),
        (0.48, ("92,0 10,0! 6,50! 40,40 100,48 100,100 0,100 0,84",)),
    ),
    "6": (
        (0.50, ("82,0 0,20 0,100 100,100 100,42 0,42",)),
        (0.50, ("60,0 10,46", "o 0,40 100,40 100,100 0,100")),
    ),
    "7": (
        (0.47, ("0,0 100,0! 58,44 40,100",)),
        (0.48, ("0,12 0,0! 100,0! 40,100",)),
        (0.48, ("0,0 100,0! 34,100", "34,52 78,52")),
    ),
    "9": (
        (0.50, ("18,100 100,80 100,0 0,0 0,58 100,58",)),
        (0.50, ("40,100 90,54", "o 0,0 100,0 100,60 0,60")),
    ),
}  # fmt: skip


def chance_names() -> tuple[str, ...]:
    """The faces' names."""
    return tuple(f"{PREFIX}{number}" for number in range(COUNT))


@cache
def chance_alphabet(name: str) -> Alphabet:
    """The alphabet of one such name: the same each time, on each machine."""
    rng = np.random.default_rng([int(name.removeprefix(PREFIX)), 59])
    drawn = [glyphs for glyphs, _, _ in ALPHABETS.values()]
    wide = rng.uniform(0.85, 1.12)
    glyphs: Glyphs = {}
    for char in drawn[0]:
        ways = [g[char] for g in drawn] + list(MORE.get(char, ()))
        width, strokes = ways[int(rng.integers(len(ways)))]
        if width > 0.1:  # a bare I has none
            width *= wide * rng.normal(1, 0.05)
        glyphs[char] = (width, _moved(strokes, rng))
    return glyphs, rng.uniform(0.095, 0.18), rng.uniform(0.05, 0.32)


def _moved(strokes: tuple[str, ...], rng: np.random.Generator) -> tuple[str, ...]:
    """The strokes with their inner places moved; what lay at one height or in one upright still does."""
    moves: dict[tuple[int, int], float] = {}

    def moved(axis: int, text: str) -> str:
        value = int(text)
        if 4 < value < 96:
            move = moves.setdefault((axis, value), rng.normal(0, MOVED))
            return str(round(min(max(value + move, 3), 97)))
        return text

    def point(word: str) -> str:
        if word == "o":
            return word
        x, y = word.rstrip("!").split(",")
        return f"{moved(0, x)},{moved(1, y)}{'!' if word.endswith('!') else ''}"

    return tuple(" ".join(point(word) for word in stroke.split()) for stroke in strokes)


PRESSED = "pressed-"
PRESSED_COUNT = 200
PLAIN_SHARE = 0.35  # how often a pressed alphabet takes a character from the other alphabets all the same


def pressed_names() -> tuple[str, ...]:
    """The names of the dies' alphabets."""
    return tuple(f"{PRESSED}{number}" for number in range(PRESSED_COUNT))


@cache
def pressed_alphabet(name: str) -> tuple[Alphabet, bool]:
    """An alphabet of dies, and whether its strokes end flat; the same each time."""
    rng = np.random.default_rng([int(name.removeprefix(PRESSED)), 61])
    drawn = [glyphs for glyphs, _, _ in ALPHABETS.values()]
    wide, even = rng.uniform(0.8, 1.15), rng.uniform(0.0, 0.9)
    glyphs: Glyphs = {}
    for char in drawn[0]:
        ways = list(DIES.get(char, ()))
        if not ways or rng.random() < PLAIN_SHARE:
            ways = [g[char] for g in drawn] + list(MORE.get(char, ()))
        width, strokes = ways[int(rng.integers(len(ways)))]
        if width > 0.3 and char not in "MW":  # dies are of nearly one width
            width += even * (0.48 - width)
        if width > 0.1:
            width *= wide * rng.normal(1, 0.04)
        glyphs[char] = (width, _moved(strokes, rng))
    return (glyphs, rng.uniform(0.1, 0.185), rng.uniform(0.08, 0.42)), bool(rng.random() < 0.5)
