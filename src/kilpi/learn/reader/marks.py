"""Which plates the reader learns from: the Nordic countries' by grammar, Europe's by grammar, and marks of no
format.

A mark without a format, on a plate of no country, can only be read by its pixels. A quarter of all plates is
of that kind, so that the reader does not guess a character from what a country would allow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

import numpy as np

from kilpi.draw.elsewhere import elsewhere
from kilpi.grammar import ANY, Grammars, PlateStyle, SampledMark, load_grammars
from kilpi.plates.alphabet import ALPHABET
from kilpi.types import Mark

Rng = np.random.Generator

MOST = 10  # characters a plate; the reader has as many slots
# Shares among the Nordic plates. Finland is where Kilpi begins; the small ones need enough to be learnt at
# all.
NORDIC = {
    "FI": 0.36,
    "SE": 0.15,
    "NO": 0.12,
    "DK": 0.10,
    "EE": 0.07,
    "LT": 0.06,
    "LV": 0.05,
    "IS": 0.05,
    "AX": 0.04,
}
ACCENTS = frozenset("ÅÄÖÆØÜ")
READABLE = frozenset(ALPHABET)
SLENDER = "1IJLT7"  # at a plate's end these look like its border, or like nothing
SLENDER_ENDS = 0.25  # how often a mark of no format ends in one of them
TRIES = 12  # draws for a plate with a wanted property before any is taken

LETTERS, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
# Ink and ground of plates anywhere, with how often each is drawn.
COLOURS = (
    ("#151515", "#f5f5f2", 0.56),
    ("#151515", "#f3c518", 0.12),
    ("#f5f5f2", "#151515", 0.08),
    ("#1c3f94", "#f5f5f2", 0.05),
    ("#b01820", "#f5f5f2", 0.06),
    ("#0f6b3c", "#f5f5f2", 0.04),
    ("#f5f5f2", "#1c3f94", 0.03),
    ("#f5f5f2", "#b01820", 0.03),
    ("#f5f5f2", "#0f6b3c", 0.03),
)
ONE_ROW = (
    (520, 110),
    (520, 110),
    (470, 110),
    (440, 120),
    (400, 120),
    (520, 120),
    (305, 152),
    (330, 130),
    (372, 135),
)
TWO_ROWS = ((280, 200), (340, 220), (240, 180), (220, 165), (305, 160), (256, 200), (330, 165))
BANDS = ("none", "none", "none", "eu", "eu", "eu", "plain", "blue", "green")
# What stands on strips of countries without a grammar here: codes of the UN's list of distinguishing signs.
ELSEWHERE = (
    "AL", "BG", "BIH", "BY", "CY", "FL", "GBZ", "GE", "GR", "HR", "KZ", "L", "M", "MC", "MD", "MK", "MNE",
    "RKS", "RUS", "SCO", "SLO", "SRB", "TR", "UA", "V",
)  # fmt: skip
SEPARATORS = ("dash", "gap", "gap", "dot", "none")


@dataclass(frozen=True, slots=True)
class Blend:
    """What share of the plates is of which kind; each number but `two_rows` and `accents` a share of all."""

    nordic: float = 0.48
    europe: float = 0.27
    rare: float = 0.25  # of a country's plates: its series drawn alike often, not by their priors
    two_rows: float = 0.2  # how often a plate in two rows is asked for
    accents: float = 0.3  # how often a mark with Å, Ä, Ö, Æ, Ø or Ü is asked for
    world: float = (
        0.0  # of the plates of no country: how many look like those of some other part of the world
    )
    foreign: float = 0.45  # how often a plate with letters on its strip has all else from anywhere


TRAINING_BLEND = Blend(nordic=0.58, europe=0.18, world=0.55)  # of the ninth's last leg; 0.4, 0.2 before


class Drawn(NamedTuple):
    """A mark on a plate, and the country that the reader is to name (XX: none that it knows)."""

    sample: SampledMark
    country: str


class Marks:
    """Draws marks on plates as `Blend` says."""

    def __init__(self, blend: Blend | None = None, grammars: Grammars | None = None) -> None:
        self.blend = blend or Blend()
        self.grammars = grammars or load_grammars()
        known = self.grammars.countries
        self.nordic = {code: share for code, share in NORDIC.items() if code in known}
        self.europe = tuple(code for code in known if code not in NORDIC)

    def draw(self, rng: Rng) -> Drawn:
        """One plate that the reader has the signs for (no Š)."""
        while True:
            drawn = self.draw_any(rng)
            if 1 <= len(drawn.sample.mark.compact) <= MOST and READABLE.issuperset(drawn.sample.mark.compact):
                return drawn

    def draw_any(self, rng: Rng) -> Drawn:
        """One plate."""
        lot = rng.random()
        if lot < self.blend.nordic or not self.europe:
            shares = np.array(list(self.nordic.values()))
            code = str(rng.choice(list(self.nordic), p=shares / shares.sum()))
        elif lot < self.blend.nordic + self.blend.europe:
            code = str(rng.choice(self.europe))
        elif self.blend.world and rng.random() < self.blend.world:
            return Drawn(elsewhere(rng), ANY)
        else:
            return Drawn(anywhere(rng, rng.random() < self.blend.two_rows, self.blend.accents), ANY)
        two_rows, accent = rng.random() < self.blend.two_rows, rng.random() < self.blend.accents
        foreign = rng.random() < self.blend.foreign
        if foreign and rng.random() < 0.5:  # strips are learnt of all countries alike
            code = self.any_country(rng)
        sample = self.of_country(code, rng, two_rows, accent)
        if foreign and sample.plate.band_text:
            sample = self.with_foreign_mark(sample, rng)
        return Drawn(sample, code)

    def any_country(self, rng: Rng) -> str:
        """The code of a country, all alike often."""
        return str(rng.choice([*self.nordic, *self.europe]))

    def with_foreign_mark(self, sample: SampledMark, rng: Rng) -> SampledMark:
        """A plate with the same strip, but a mark of any country or none, and any dashes and colours.

        Else a reader names the country by the mark's format, which is for the grammars to judge, or by a
        dash, and never learns to read the strip: it took Polish plates for Slovak, and Belgian for Finnish.
        """
        plate = replace(sample.plate, separator=str(rng.choice(SEPARATORS)))
        if rng.random() < 0.3:
            ink, ground = any_colours(rng)
            plate = replace(plate, ink=ink, ground=ground)
        two_rows = sample.plate.rows == 2
        for _ in range(TRIES):
            if rng.random() < 0.3:
                other = anywhere(rng, two_rows, self.blend.accents)
            else:
                other = self.of_country(self.any_country(rng), rng, two_rows)
            longer = len(other.mark.compact) - len(sample.mark.compact)
            if other.plate.rows == sample.plate.rows and longer <= 1:
                return SampledMark(other.mark, plate, other.rows)
        return sample

    def of_country(self, code: str, rng: Rng, two_rows: bool = False, accent: bool = False) -> SampledMark:
        """A plate of one country, with two rows or an accented letter where that is asked for."""
        series = self.grammars.country(code).series
        name = str(rng.choice([s.name for s in series])) if rng.random() < self.blend.rare else None
        best = self.grammars.sample(code, rng, name)
        for _ in range(TRIES):
            fits = (not two_rows or best.plate.rows == 2) and (
                not accent or bool(ACCENTS & set(best.mark.compact))
            )
            if fits:
                break
            other = str(rng.choice([s.name for s in series])) if rng.random() < 0.5 else None
            best = self.grammars.sample(code, rng, other)
        return best


@cache
def _strips() -> frozenset[str]:
    """What stands on the strips of known countries: a plate with one of these is not of no country."""
    grammars = load_grammars()
    series = (s for code in grammars.countries for s in grammars.country(code).series)
    return frozenset(plate.band_text for s in series for plate, _ in s.plates)


@cache
def _faces_of() -> tuple[str, ...]:
    return (*load_grammars().countries, ANY, ANY)


def anywhere(rng: Rng, two_rows: bool, accents: float) -> SampledMark:
    """Any letters and digits in any groups, on a plate of no country; `accents` is the chance of an Å or the
    like.
    """
    rows = tuple(_groups(rng, two_rows) for _ in range(2 if two_rows else 1))
    if rng.random() < accents:
        rows = _with_accent(rows, rng)
    if rng.random() < SLENDER_ENDS:
        rows = _with_slender_end(rows, rng)
    text = "".join(group for row in rows for group in row)
    if len(text) > MOST:
        return anywhere(rng, two_rows, accents)
    return SampledMark(Mark(text), anywhere_style(rng, two_rows), rows)


def anywhere_style(rng: Rng, two_rows: bool) -> PlateStyle:
    """A plate of no country: size, colours, strips and separator drawn by lot."""
    ink, ground = any_colours(rng)
    sizes = TWO_ROWS if two_rows else ONE_ROW
    width, height = sizes[int(rng.integers(len(sizes)))]
    letters = str(rng.choice(ELSEWHERE)) if rng.random() < 0.5 else ""
    while letters in _strips() and rng.random() < 0.7:
        letters = "".join(rng.choice(list(LETTERS), int(rng.integers(1, 4))))
    return PlateStyle(
        name="anywhere",
        country=str(rng.choice(_faces_of())),  # whose typefaces and stickers
        size_mm=(round(width * rng.uniform(0.93, 1.07)), height),
        rows=2 if two_rows else 1,
        ink=ink,
        ground=ground,
        border=ink if rng.random() < 0.5 else None,
        band=str(rng.choice(BANDS)),
        band_text="" if letters in _strips() else letters,
        band_right=str(rng.choice(("none", "none", "none", "blue", "blue", "plain"))),
        separator=str(rng.choice(SEPARATORS)),
    )


def any_colours(rng: Rng) -> tuple[str, str]:
    """Ink and ground of a plate anywhere."""
    shares = np.array([share for *_, share in COLOURS])
    ink, ground, _ = COLOURS[int(rng.choice(len(COLOURS), p=shares / shares.sum()))]
    return ink, ground


def _groups(rng: Rng, short: bool) -> tuple[str, ...]:
    """One row: one to three groups of letters, of digits, or of both."""
    count = int(rng.choice((1, 1, 2) if short else (1, 2, 2, 2, 3, 3)))
    longest = {1: 5 if short else 8, 2: 3 if short else 4, 3: 3}[count]
    groups = []
    for _ in range(count):
        size = int(rng.integers(3 if count == 1 and not short else 1, longest + 1))
        kind = (LETTERS, DIGITS, LETTERS + DIGITS)[int(rng.choice(3, p=(0.42, 0.42, 0.16)))]
        if rng.random() < 0.12:  # the same sign again and again, which a counter finds hardest
            groups.append(str(rng.choice(list(kind))) * min(size, 4))
        else:
            groups.append("".join(rng.choice(list(kind), size)))
    return tuple(groups)


def _with_accent(rows: tuple[tuple[str, ...], ...], rng: Rng) -> tuple[tuple[str, ...], ...]:
    """One letter or digit changed into an accented letter."""
    row = int(rng.integers(len(rows)))
    group = int(rng.integers(len(rows[row])))
    word = rows[row][group]
    at = int(rng.integers(len(word)))
    changed = word[:at] + str(rng.choice(sorted(ACCENTS))) + word[at + 1 :]
    groups = (*rows[row][:group], changed, *rows[row][group + 1 :])
    return (*rows[:row], groups, *rows[row + 1 :])


def _with_slender_end(rows: tuple[tuple[str, ...], ...], rng: Rng) -> tuple[tuple[str, ...], ...]:
    """The last character of the last row changed into a slender one."""
    *groups, last = rows[-1]
    return (*rows[:-1], (*groups, last[:-1] + str(rng.choice(list(SLENDER)))))
