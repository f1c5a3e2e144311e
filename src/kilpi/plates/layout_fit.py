"""Where each letter of a row of a plate lies, in which typeface, how wide and how blurred.

The mark that was read is drawn in its country's typefaces and laid over the plate. All letters of a plate
have one face, one stretch (it is seen aslant) and one blur; each may then differ a little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np

from kilpi.plates.layout_letters import CAP, SIDE, TOP, Floats, Letter, letter, stepped, styles

BLURS = (0.6, 1.2, 2.2, 3.2)  # pixels of `CAP`
USUAL_BLUR = 1.2
STRETCHES = (0.94, 1.0, 1.06)  # of the width that a face's letters have on this plate
FACES = 4  # that fit the plate best, tried for each letter
ASIDE, ALONG = 2, 3  # pixels of ground around a letter that must be seen; that it may be off its place
STEMS = frozenset("I1J")  # what a rest of another letter looks like


@dataclass(frozen=True, slots=True)
class Placed:
    """A letter laid where it fits best: correlation, middle and width in pixels of the row, its face."""

    score: float
    middle: float
    width: float
    face: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a plate at the letters' scale: picture (ROWS, w), the characters and where they stand."""

    picture: Floats
    text: str
    places: tuple[float, ...]  # columns
    widths: tuple[float | None, ...]  # of the ink; None where it melts into what is beside it
    ends: tuple[float, float]  # columns between which there is ground


def fit_plate(row: Row, faces: Sequence[str]) -> tuple[list[str], float, float]:
    """The faces that fit the whole row best, best first; how wide the best one's letters are; the blur."""
    usual = {face: usual_stretch(row, face) for face in faces}
    rated = {face: fit_of(row, face, usual[face], USUAL_BLUR) for face in faces}
    best = sorted(faces, key=lambda face: -rated[face])[:FACES]
    ways = [(face, usual[face] * around) for face in best for around in STRETCHES]
    fits = {way: rated[way[0]] if way[1] == usual[way[0]] else fit_of(row, *way, USUAL_BLUR) for way in ways}
    face, stretch = max(ways, key=lambda way: fits[way])
    best.sort(key=lambda other: other != face)
    return best, stretch, max(BLURS, key=lambda blur: fit_of(row, face, stretch, blur))


def usual_stretch(row: Row, face: str) -> float:
    """How much wider than a face's its letters are on this plate, by the widths of their inks."""
    found = [
        wide / letter(face, char, 0, 100, USUAL_BLUR).width
        for char, wide in zip(row.text, row.widths, strict=True)
        if wide is not None and char not in STEMS
    ]
    return float(np.clip(median(found), 0.5, 2.0)) if found else 1.0


def fit_of(row: Row, face: str, stretch: float, blur: float) -> float:
    """Mean correlation of a row's letters, the worst quarter left out: one of them may be covered."""
    scores = sorted(place(row, i, face, stretch, blur).score for i in range(len(row.text)))
    return float(np.mean(scores[len(scores) // 4 :]))


def place(row: Row, i: int, face: str, stretch: float, blur: float) -> Placed:
    """The row's letter `i` laid where it fits best, a few pixels around its place."""
    return max(
        (
            lay(row.picture, row.places[i], letter(face, row.text[i], style, stepped(stretch), blur), face)
            for style in styles(row.text[i])
        ),
        key=lambda p: p.score,
    )


def lay(picture: Floats, middle: float, drawn: Letter, face: str) -> Placed:
    """A drawn letter laid around `middle`."""
    above = max(0, TOP + CAP - drawn.height - ASIDE - 1)
    part = drawn.picture[above : TOP + CAP + ASIDE + 1, SIDE - ASIDE : SIDE + drawn.width + ASIDE]
    left = round(middle - part.shape[1] / 2) - ALONG
    rows = slice(max(0, above - 2), TOP + CAP + ASIDE + 3)
    seen = columns(picture, left, left + part.shape[1] + 2 * ALONG)[rows]
    scores = fits(seen, part)
    at = int(scores.argmax())
    x = left + at % scores.shape[1] + part.shape[1] / 2
    return Placed(float(scores.flat[at]), x, drawn.width, face)


def fits(picture: Floats, part: Floats) -> Floats:
    """The correlations of a part laid on each place of a picture."""
    scores = cv2.matchTemplate(
        np.ascontiguousarray(picture), np.ascontiguousarray(part), cv2.TM_CCOEFF_NORMED
    )
    return np.where(np.abs(scores) <= 1.001, scores, np.float32(-1.0))  # of even ground it says anything


def columns(picture: Floats, left: int, right: int) -> Floats:
    """Columns of a picture (..., rows, w), or of several; beyond its ends there is ground."""
    wide = picture.shape[-1]
    part = picture[..., max(0, left) : max(0, min(wide, right))]
    missing = max(0, min(right, 0) - left), max(0, right - max(wide, left))
    if any(missing):
        part = np.pad(part, [(0, 0)] * (picture.ndim - 1) + [missing])
    return part
