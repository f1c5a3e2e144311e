"""How well a mark explains where its characters stand on the plate, and whether another mark explains it better.

A lost character leaves a hole, or a margin too wide; a space in the wrong place makes another German mark. So
a mark is laid out as plates are: even cells, a space between groups, the whole in the middle of the ground.
What is then left unexplained is its cost, and every mark that it could be confused with is laid out as well:
longer by a character that was not seen, split elsewhere, or with I for 1. A cost is a sum of squares in
standard deviations, so that the difference of two is twice the logarithm of a likelihood ratio.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from statistics import median
from typing import NamedTuple

import numpy as np

from kilpi.grammar import load_grammars
from kilpi.grammar.lookalikes import twins_of
from kilpi.types import Mark, Plate

# Standard deviations, in cells (a character and the gap after it), of drawn plates seen through detector and
# reader: 273 clean folders of `kilpi.evaluation.mishaps`, seed 0. Real plates: see docs/how-it-decides.md.
PLACE = 0.07  # of a character from its place
CENTRE = 0.28  # of one margin less the other
SPACE, SPACE_SPREAD = 0.55, 0.13  # between groups
SEALED, SEALED_SPREAD = 0.8, 0.2  # the same where seals or a sticker stand
CELLS = {1: (0.125, 0.02), 2: (0.21, 0.035)}  # part of the ground's width and its spread, by rows
# Cells of characters that are narrower or wider; plates have either even cells or these.
WIDTHS = {"I": 0.5, "1": 0.65, "J": 0.85, "W": 1.15, "M": 1.12}
NARROW_HIDDEN = 3.0  # cost of supposing that just a narrow character is hidden
RARE = 0.015  # series of fewer cars do not count as what a mark could be
AT_EDGE = 0.03  # plate widths: a plate nearer to the photo's left or right edge may go on beyond it


class Line(NamedTuple):
    """One row of a plate: characters (? one that is not seen), and before which a space stands."""

    chars: str
    spaces: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a mark's characters stand, by the photos that read it: for each row of the plate, parts of the
    ground's width from its left end.
    """

    rows: tuple[tuple[float, ...], ...]
    photos: int


@dataclass(frozen=True, slots=True)
class Fit:
    """What is left unexplained: the cost, the worst character's distance from its place in cells, and the
    right margin less the left one in cells.
    """

    cost: float
    worst: float
    lopsided: float


def seen_places(mark: Mark, plates: Sequence[Plate]) -> Seen | None:
    """The median over the photos that read the mark and show the plate whole; None without such a photo."""
    shown = [plate for plate in plates if shows_whole(plate, mark)]
    rows_of = [plate.layout.rows for plate in shown if plate.layout]
    if not shown:
        return None
    usual = max(set(rows_of), key=rows_of.count)
    places = [parts_of_ground(plate) for plate in shown if plate.layout and plate.layout.rows == usual]
    middle = [median(column) for column in zip(*places, strict=True)]
    rows = [tuple(x for x, row in zip(middle, usual, strict=True) if row == which) for which in (0, 1)]
    return Seen(tuple(row for row in rows if row), len(places))


def shows_whole(plate: Plate, mark: Mark) -> bool:
    """Whether a photo reads the mark from a plate that does not go on beyond the photo's edge."""
    layout = plate.layout
    if layout is None or len(layout.middles) != len(mark.compact) or layout.edge < AT_EDGE:
        return False
    return bool(plate.candidates) and plate.candidates[0].mark.compact == mark.compact


def parts_of_ground(plate: Plate) -> tuple[float, ...]:
    """The characters' middles as parts of the ground's width."""
    layout = plate.layout
    assert layout is not None
    ends = [layout.grounds[row] for row in layout.rows]
    return tuple((x - a) / max(b - a, 1e-6) for x, (a, b) in zip(layout.middles, ends, strict=True))


def fit(line: Line, places: Sequence[float], sealed: bool = False, rows: int = 1) -> Fit:
    """Lays out one row; `places` are those of its seen characters (0..1 of the ground)."""
    return min((solve(line, tuple(places), even, sealed, rows) for even in (True, False)), key=lambda f: f.cost)


@lru_cache(maxsize=4096)
def solve(line: Line, places: tuple[float, ...], even: bool, sealed: bool, rows: int) -> Fit:
    """Least squares over the first cell's begin, the cell's width and the spaces' widths, with their priors."""
    widths = [1.0 if even else (0.6 if c == "i" else WIDTHS.get(c, 1.0)) for c in line.chars]
    starts = np.concatenate([[0.0], np.cumsum(widths)])
    seen = [i for i, c in enumerate(line.chars) if c not in "?i"]
    after = np.array([[float(i >= cut) for cut in line.spaces] for i in range(len(line.chars))])
    after = after.reshape(len(line.chars), len(line.spaces))
    n, k = len(seen), len(line.spaces)
    cell, spread_of_cell = CELLS[rows]
    terms = np.zeros((n + k + 2, 2 + k))
    wanted = np.zeros(n + k + 2)
    terms[:n, 0] = 1 / (PLACE * cell)
    terms[:n, 1] = (starts[seen] + np.array(widths)[seen] / 2) / (PLACE * cell)
    terms[:n, 2:] = after[seen] / (PLACE * cell)
    wanted[:n] = np.array(places) / (PLACE * cell)
    for j in range(k):
        space, spread = (SEALED, SEALED_SPREAD) if sealed and j == 0 else (SPACE, SPACE_SPREAD)
        terms[n + j, 1], terms[n + j, 2 + j] = -space / (spread * cell), 1 / (spread * cell)
    terms[n + k, 1], wanted[n + k] = 1 / spread_of_cell, cell / spread_of_cell
    # Both margins alike: 2 begin + all widths = 1.
    terms[n + k + 1, :2] = 2 / (CENTRE * cell), starts[-1] / (CENTRE * cell)
    terms[n + k + 1, 2:] = 1 / (CENTRE * cell)
    wanted[n + k + 1] = 1 / (CENTRE * cell)
    found = np.linalg.solve(terms.T @ terms, terms.T @ wanted)
    left = terms @ found - wanted
    worst = float(np.abs(left[:n]).max(initial=0.0)) * PLACE
    return Fit(float(left @ left), worst, float(-left[-1]) * CENTRE)


def lines_of(mark: Mark, hidden: int | None, narrow: bool, spaces: Sequence[int], rows: Sequence[int]) -> list[Line]:
    """A mark's rows as they are laid out; `hidden` is the place of a character that is not seen, `rows` how
    many seen characters each row has.
    """
    chars = mark.compact
    if hidden is not None:
        chars = chars[:hidden] + ("i" if narrow else "?") + chars[hidden:]
    if len(rows) == 1:
        return [Line(chars, tuple(spaces))]
    cut = rows[0] + (1 if hidden is not None and hidden < rows[0] else 0)
    inner = [s for s in spaces if s != cut]
    upper = tuple(s for s in inner if s < cut)
    return [Line(chars[:cut], upper), Line(chars[cut:], tuple(s - cut for s in inner if s > cut))]


def cost_of(lines: Sequence[Line], seen: Seen, sealed: bool = False) -> Fit:
    """All rows together. Where a row of one of the two would be empty it costs nothing."""
    fits = [fit(line, places, sealed, len(lines)) for line, places in zip(lines, seen.rows, strict=True)]
    lopsided = max((f.lopsided for f in fits), key=abs)
    return Fit(sum(f.cost for f in fits), max(f.worst for f in fits), lopsided)


def spaces_of(text: str) -> tuple[int, ...]:
    """Before which letters and digits of an official spelling something else stands."""
    cuts, at = [], 0
    for char in text:
        if char.isalnum():
            at += 1
        elif at and (not cuts or cuts[-1] != at):
            cuts.append(at)
    return tuple(cuts)


@lru_cache(maxsize=4096)
def longer_marks(country: str | None, compact: str) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Where one more character makes another mark of the country: (its place, before which spaces stand)."""
    found = set()
    grammars = load_grammars()
    if country not in grammars.countries:
        return ()
    series = [s for s in grammars.country(country).series if s.prior >= RARE and s.identifies_car]
    for at, char in product(range(len(compact) + 1), "AB19"):
        longer = compact[:at] + char + compact[at:]
        for form in (form for s in series for form in s.forms if form.fits(longer)):
            found.add((at, tuple(before for before, _ in form.separators)))
    return tuple(sorted(found))


def other_spellings(mark: Mark) -> Iterator[tuple[int, ...]]:
    """Where else spaces may stand: other marks with these letters and digits, or with I for 1 and O for 0."""
    grammars, own = load_grammars(), spaces_of(mark.text)
    yielded = {own}
    options = [char + twins_of(char) for char in mark.compact]
    for chars in product(*options):
        compact = "".join(chars)
        for other in grammars.parse(compact, mark.country):
            spaces = spaces_of(other.text) or changes(compact)
            if spaces not in yielded:
                yielded.add(spaces)
                yield spaces


def changes(compact: str) -> tuple[int, ...]:
    """Before which characters letters change to digits or back: there a free mark is grouped."""
    return tuple(i for i in range(1, len(compact)) if compact[i].isdigit() != compact[i - 1].isdigit())
