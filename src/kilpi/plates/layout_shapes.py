"""Whether each character looks as it was read, or like a part of another: analysis by synthesis.

Half a 5 under a white sticker is read as a 1. So the mark that was read is drawn in its country's typefaces,
laid over the plate, and what is left unexplained is compared with what another character, of which a cover
hides one side, leaves in the same place. Nothing is judged: `kilpi.decision` weighs the numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import log
from statistics import median

import cv2
import numpy as np

from kilpi.plates.canvas import HEIGHT, Canvas, level
from kilpi.plates.layout_fit import STEMS, Placed, Row, columns, fit_plate, fits, place
from kilpi.plates.layout_letters import (
    CAP,
    ROWS,
    SIDE,
    TOP,
    Floats,
    covered,
    faces_of,
    letter,
    stepped,
    styles,
)
from kilpi.types import Mark, Pixels, PlateLayout, Reading

OWN_STRETCHES = (0.92, 1.0, 1.08)  # of a letter's width, around the plate's
# The same for letters that plates squeeze or widen to fit their cells.
WIDE, WIDE_STRETCHES = 0.55, (0.72, 0.8, 0.88, 1.0, 1.12)
OWN_FACES = 2  # that fit the plate best, tried where a letter is not sure
# Reader's score from which a character is not looked at: of 269 rests of characters that were read as others
# (folders `part` of `kilpi.evaluation.mishaps`, seed 0) 3 had more, of 6,646 whole ones 57 %.
SURE = 0.995
ALIKE = 0.93  # correlation from which a letter is what it was read as; not so for stems
REACH = 10  # pixels to either side of a narrow letter in which a cover would be seen
ACROSS, DOWN = 2, 1  # pixels by which a letter may be off its place
OVERLAP = 2  # pixels that a letter may reach into its neighbours' room
NOISE = 1e-3  # part of what stands there that no letter explains
SURELY_OWN = 0.1  # ratio below which no other face is tried
FEWEST = 3  # characters of a row, and two of them with ink, or nothing is said


def measure_shapes(
    crop: Pixels, layout: PlateLayout | None, reading: Reading, mark: Mark | None
) -> PlateLayout | None:
    """The layout with `covered`, for the mark that this plate was read as; `crop` as for `measure_layout`."""
    if layout is None or mark is None or not len(mark.compact) == len(layout.middles) == len(reading.slots):
        return layout
    found: list[float | None] = [0.0] * len(mark.compact)
    unsure = [slot[0].score < SURE for slot in reading.slots]
    if not any(unsure):
        return replace(layout, covered=tuple(found))
    if crop.shape[0] != HEIGHT:
        size = max(16, round(crop.shape[1] * HEIGHT / crop.shape[0])), HEIGHT
        crop = np.asarray(cv2.resize(crop, size), np.uint8)
    canvas = level(crop, layout.middles)
    if canvas is None:
        return layout
    for which in sorted(set(layout.rows)):
        own = [i for i, row in enumerate(layout.rows) if row == which]
        row = row_of(canvas, layout, mark.compact, own, which)
        values = misfits(row, faces_of(mark.country), [unsure[i] for i in own]) if row else [None] * len(own)
        for i, value in zip(own, values, strict=True):
            found[i] = value
    return replace(layout, covered=tuple(found))


def row_of(canvas: Canvas, layout: PlateLayout, text: str, own: Sequence[int], which: int) -> Row | None:
    """A row at the scale of the letters; None where too little of it is seen."""
    inks = [layout.own_inks[i] for i in own]
    seen = [ink for ink in inks if ink is not None]
    if len(own) < FEWEST or len(seen) < 2:
        return None
    tall = median(ink.bottom - ink.top for ink in seen) * canvas.size[1]
    scale = CAP / max(tall, 4.0)
    bottom = median(ink.bottom for ink in seen) * canvas.size[1] + canvas.origin[1]
    matrix = np.array([[scale, 0, 0], [0, scale, TOP + CAP - bottom * scale]], np.float32)
    size = max(8, round(canvas.light.shape[1] * scale)), ROWS
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    light = np.clip(canvas.light, -0.3, 1.3)
    picture = cv2.warpAffine(light, matrix, size, flags=method, borderMode=cv2.BORDER_REPLICATE)

    def column(x: float) -> float:
        return (x * canvas.size[0] + canvas.origin[0]) * scale

    middles = [
        column((ink.left + ink.right) / 2 if ink else layout.middles[i])
        for i, ink in zip(own, inks, strict=True)
    ]
    widths = tuple((ink.right - ink.left) * canvas.size[0] * scale if ink else None for ink in inks)
    begin, end = layout.grounds[which]
    return Row(
        np.asarray(picture, np.float32), "".join(text[i] for i in own), tuple(middles), widths,
        (column(begin + 0.012), column(end - 0.012)),
    )  # fmt: skip


def misfits(row: Row, faces: Sequence[str], unsure: Sequence[bool]) -> list[float | None]:
    """For each character the logarithm of what it leaves unexplained over what a covered other one leaves."""
    if not any(unsure):
        return [0.0] * len(row.text)
    best, stretch, blur = fit_plate(row, faces)
    placed = tuple(
        max(
            (place(row, i, face, around * stretch, blur) for face in best for around in OWN_STRETCHES),
            key=lambda p: p.score,
        )
        for i in range(len(row.text))
    )
    looked = [
        doubted and (placed[i].score <= ALIKE or row.text[i] in STEMS) for i, doubted in enumerate(unsure)
    ]
    return [
        misfit(Look(row, i, placed, tuple(best), tuple(faces), stretch, blur)) if look else 0.0
        for i, look in enumerate(looked)
    ]


@dataclass(frozen=True, slots=True)
class Look:
    """One letter of a row that is looked at closely; `best` are the faces that fit the plate."""

    row: Row
    i: int
    placed: tuple[Placed, ...]
    best: tuple[str, ...]
    faces: tuple[str, ...]
    stretch: float
    blur: float

    @property
    def char(self) -> str:
        """The letter, as it was read."""
        return self.row.text[self.i]

    @property
    def at(self) -> Placed:
        """Where it was laid."""
        return self.placed[self.i]

    def neighbours(self) -> tuple[float, float]:
        """Where the letter before ends and the one after begins, columns."""
        others = [p for i, p in enumerate(self.placed) if i != self.i]
        before = [p.middle + p.width / 2 for p in others if p.middle < self.at.middle]
        after = [p.middle - p.width / 2 for p in others if p.middle >= self.at.middle]
        return max(before, default=-1e9), min(after, default=1e9)

    def room(self) -> tuple[int, int]:
        """The columns in which only this letter, or what covers it, may stand."""
        middle, (before, after) = self.at.middle, self.neighbours()
        reach = max(self.at.width / 2 + 4, REACH)
        begin = max(middle - reach, before + 1, self.row.ends[0], 0)
        end = min(middle + reach, after - 1, self.row.ends[1], self.row.picture.shape[1])
        return round(begin), round(end)


def misfit(look: Look) -> float:
    """The logarithm of what a letter leaves unexplained in its room over what a covered other one leaves."""
    room = look.room()
    seen = look.row.picture[TOP - 3 : TOP + CAP + 3, room[0] : room[1]]
    inked = np.flatnonzero((seen > 0.42).sum(axis=0) >= 3) if room[1] - room[0] >= 5 else np.zeros(0)
    if not len(inked):
        return 0.0
    other = best_other(look, room, (room[0] + int(inked[0]), room[0] + int(inked[-1]) + 1))
    for faces in (look.best[:OWN_FACES], look.faces):
        own = best_own(look, room, dict.fromkeys((look.at.face, *faces)))
        ratio = log((1 - own**2 + NOISE) / (1 - other**2 + NOISE))
        if ratio < SURELY_OWN:  # else it may only be a strange face
            break
    return float(np.clip(ratio, -1.0, 2.0))


def best_own(look: Look, room: tuple[int, int], faces: Iterable[str]) -> float:
    """The best correlation of the letter as it was read with what stands in its room."""
    best = 0.0
    seen = np.ascontiguousarray(look.row.picture[TOP - 3 : TOP + CAP + 3, room[0] : room[1]])
    for face in faces:
        for around in WIDE_STRETCHES if look.at.width > WIDE * CAP else OWN_STRETCHES:
            for style in styles(look.char):
                drawn = letter(face, look.char, style, stepped(look.stretch * around), look.blur)
                begin = round(look.at.middle - drawn.width / 2) - SIDE
                part = columns(drawn.picture, room[0] - begin - ACROSS, room[1] - begin + ACROSS)
                laid = fits(part[TOP - 3 - DOWN : TOP + CAP + 3 + DOWN], seen)
                best = max(best, float(laid.max()))
    return best


def best_other(look: Look, room: tuple[int, int], edges: tuple[int, int]) -> float:
    """The same of another character of which a cover leaves one side. Its outer edge is the ink's, and
    all of it must have room between the neighbours.
    """
    bank = covered(look.best[0], look.char.isdigit(), stepped(look.stretch), look.blur)
    before, after = look.neighbours()
    best = 0.0
    for left in (True, False):
        for wide in np.unique(bank.widths):
            chosen = (bank.left == left) & (bank.widths == wide) & (bank.chars != look.char)
            begin = edges[0] if left else edges[1] - int(wide)
            if not chosen.any() or begin < before - OVERLAP or begin + wide > after + OVERLAP:
                continue
            pictures = bank.pictures[chosen]
            for x in (-1, 0, 1):
                best = max(best, correlation(look.row, room, laid_in(pictures, begin + x, room, 0)))
    return best


def laid_in(pictures: Floats, begin: int, room: tuple[int, int], down: int) -> Floats:
    """Drawn pictures (..., ROWS, w), their letters beginning at a column, cut to the room."""
    part = columns(pictures, room[0] - begin + SIDE, room[1] - begin + SIDE)
    return part[..., TOP - 3 - down : TOP + CAP + 3 - down, :]


def correlation(row: Row, room: tuple[int, int], laid: Floats) -> float:
    """The best one, of what stands in the room with drawn pictures (n, h, w)."""
    seen = row.picture[TOP - 3 : TOP + CAP + 3, room[0] : room[1]]
    seen = (seen - seen.mean()).ravel()
    flat = laid.reshape(len(laid), -1)
    sums, squares = flat.sum(axis=1), np.einsum("ij,ij->i", flat, flat)
    spread = np.sqrt(np.maximum(squares - sums**2 / flat.shape[1], 0)) * float(np.sqrt(seen @ seen))
    return float((flat @ seen / np.maximum(spread, 1e-6)).max())
