"""How well a mark explains where its characters stand on the plate, and whether another explains it better.

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
from math import log
from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kilpi.decision.tracks import says
from kilpi.grammar import Grammars
from kilpi.grammar.lookalikes import confusables_of
from kilpi.types import Mark, Plate

Floats = NDArray[np.float64]

# Standard deviations, in cells (a character and the gap after it), of drawn plates seen through detector and
# reader: 273 clean folders of `kilpi.evaluation.mishaps`, seed 0. Real plates: see docs/how-it-decides.md.
PLACE, PLACE_ALONE = 0.07, 0.1  # of a character from its place: by several photos, by one
BEND = 0.1  # by which cells change from one end to the other: seen aslant, or letters wider than digits
# Of one margin less the other: marks are set by eye, and the more room is left the less exactly.
CENTRE, CENTRE_A_CELL, ROOM = 0.12, 0.055, 8.0  # ROOM: cells that a plate has
SPACE, SPACE_SPREAD = 0.55, 0.13  # between groups
SEALED, SEALED_SPREAD = 0.75, 0.25  # the same where seals or a sticker stand
STUCK = frozenset({"seals", "shield", "sticker", "sticker_gap"})  # furniture that stands in the first space
CELLS = {1: (0.125, 0.02), 2: (0.21, 0.035)}  # part of the ground's width and its spread, by rows
# Cells of characters that are narrower or wider; plates have either even cells or these.
WIDTHS = {"I": 0.5, "1": 0.65, "J": 0.85, "W": 1.15, "M": 1.12}
HIDDEN = {"?": 1.0, "i": 0.6}  # cells of a character that is supposed hidden: any, and a narrow one
NARROW_HIDDEN = 3.0  # cost of supposing that just a narrow character is hidden
RARE = 0.015  # series of fewer cars do not count as what a mark could be


class Line(NamedTuple):
    """One row of a plate: characters (? one that is not seen), and before which a space stands."""

    chars: str
    spaces: tuple[int, ...]


class How(NamedTuple):
    """What is the same for all marks of one plate."""

    rows: int
    sealed: bool  # seals or a sticker stand in the first space
    place: float  # standard deviation of a character's place


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a mark's characters stand, by the photos that read it: for each row of the plate, parts of the
    ground's width from its left end.
    """

    rows: tuple[tuple[float, ...], ...]
    photos: int


@dataclass(frozen=True, slots=True)
class Fit:
    """What is left unexplained: the cost, and the worst character's distance from its place in cells."""

    cost: float
    worst: float


def seen_places(mark: Mark, plates: Sequence[Plate], at_edge: float) -> Seen | None:
    """The median over the photos that read the mark and show the plate whole; None without such a photo."""
    shown = [plate for plate in plates if shows_whole(plate, mark, at_edge)]
    rows_of = [plate.layout.rows for plate in shown if plate.layout]
    if not shown:
        return None
    usual = max(set(rows_of), key=rows_of.count)
    places = [parts_of_ground(plate) for plate in shown if plate.layout and plate.layout.rows == usual]
    middle = [median(column) for column in zip(*places, strict=True)]
    rows = [tuple(x for x, row in zip(middle, usual, strict=True) if row == which) for which in (0, 1)]
    return Seen(tuple(row for row in rows if row), len(places))


def shows_whole(plate: Plate, mark: Mark, at_edge: float) -> bool:
    """Whether a photo reads the mark from a plate that is further than `at_edge` plate widths from the
    photo's left and right edge: it may go on beyond them.
    """
    layout = plate.layout
    if layout is None or len(layout.middles) != len(mark.compact) or layout.edge < at_edge:
        return False
    return says(plate, mark)


def parts_of_ground(plate: Plate) -> tuple[float, ...]:
    """The characters' middles as parts of the ground's width."""
    layout = plate.layout
    assert layout is not None
    ends = [layout.grounds[row] for row in layout.rows]
    return tuple((x - a) / max(b - a, 1e-6) for x, (a, b) in zip(layout.middles, ends, strict=True))


def fit(line: Line, places: Sequence[float], how: How) -> Fit:
    """Lays out one row; `places` are those of its seen characters (0..1 of the ground)."""
    even = tuple(0.0 if c in HIDDEN else 1.0 for c in line.chars)
    own = tuple(WIDTHS.get(c, 1.0) for c in line.chars)
    hidden = tuple(HIDDEN.get(c, 0.0) for c in line.chars)
    kinds = {even, tuple(0.0 if c in HIDDEN else w for c, w in zip(line.chars, own, strict=True))}
    fits = (solve(widths, hidden, line.spaces, tuple(places), how) for widths in kinds)
    return min(fits, key=lambda f: f.cost)


def solve(
    widths: tuple[float, ...], hidden: tuple[float, ...], spaces: tuple[int, ...], places: tuple[float, ...],
    how: How,
) -> Fit:  # fmt: skip
    """Least squares over the first cell's begin, the cell's width, its change and the spaces' widths."""
    unexplained, wanted, centre = system(widths, hidden, spaces, how)
    given = wanted.copy()
    n, spread = len(places), how.place * CELLS[how.rows][0]
    given[:n] = np.array(places) / spread
    left = unexplained @ given
    worst = float(np.abs(left[:n]).max(initial=0.0)) * how.place
    return Fit(float(left @ left) + 2 * log(centre), worst)


@lru_cache(maxsize=4096)
def system(
    widths: tuple[float, ...], hidden: tuple[float, ...], spaces: tuple[int, ...], how: How
) -> tuple[Floats, Floats, float]:
    """What of the wanted values no layout explains, as a matrix; the wanted values without the places; the
    standard deviation of one margin less the other. The same for all marks with as wide characters.
    """
    cells = np.array(widths) + np.array(hidden)
    starts = np.concatenate([[0.0], np.cumsum(cells)])
    seen = [i for i, width in enumerate(hidden) if not width]
    after = np.array([[float(i >= cut) for cut in spaces] for i in seen]).reshape(len(seen), len(spaces))
    n, k = len(seen), len(spaces)
    cell, spread_of_cell = CELLS[how.rows]
    middles = starts[seen] + cells[seen] / 2
    across = 2 * (middles - starts[-1] / 2) / max(float(starts[-1]), 1.0)  # -1 to 1
    terms, wanted = np.zeros((n + k + 3, 3 + k)), np.zeros(n + k + 3)
    terms[:n, :3] = np.stack([np.ones(n), middles, across**2 - 1 / 3], axis=1) / (how.place * cell)
    terms[:n, 3:] = after / (how.place * cell)
    for j in range(k):
        space, spread = (SEALED, SEALED_SPREAD) if how.sealed and j == 0 else (SPACE, SPACE_SPREAD)
        terms[n + j, 1], terms[n + j, 3 + j] = -space / (spread * cell), 1 / (spread * cell)
    terms[n + k, 1], wanted[n + k] = 1 / spread_of_cell, cell / spread_of_cell
    terms[n + k + 1, 2] = 1 / (BEND * cell)
    # Both margins alike: 2 begin + all widths = 1.
    centre = CENTRE + CENTRE_A_CELL * max(0.0, ROOM / how.rows - float(starts[-1]) - SPACE * k)
    terms[n + k + 2, :2] = 2 / (centre * cell), starts[-1] / (centre * cell)
    terms[n + k + 2, 3:] = 1 / (centre * cell)
    wanted[n + k + 2] = 1 / (centre * cell)
    explained = terms @ np.linalg.solve(terms.T @ terms, terms.T)
    return np.eye(len(wanted)) - explained, wanted, centre


def lines_of(
    mark: Mark, hidden: int | None, narrow: bool, spaces: Sequence[int], rows: Sequence[int]
) -> list[Line]:
    """A mark's rows as they are laid out; `hidden` is the place of a character that is not seen, `rows` how
    many seen characters each row has.
    """
    chars = mark.compact
    if hidden is not None:
        chars = chars[:hidden] + ("i" if narrow else "?") + chars[hidden:]
    if len(rows) == 1:
        return [Line(chars, tuple(spaces))]
    cut = rows[0]
    if hidden is not None and (hidden < cut or (hidden == cut and cut + 1 in spaces)):
        cut += 1  # it is in the upper row, perhaps its last one
    inner = [s for s in spaces if s != cut]
    upper = tuple(s for s in inner if s < cut)
    return [Line(chars[:cut], upper), Line(chars[cut:], tuple(s - cut for s in inner if s > cut))]


def laid_out(
    mark: Mark,
    seen: Seen,
    grammars: Grammars,
    spaces: Sequence[int],
    hidden: int | None = None,
    narrow: bool = False,
) -> Fit:
    """The mark laid out with these spaces, and perhaps with a character that is not seen."""
    lines = lines_of(mark, hidden, narrow, spaces, [len(row) for row in seen.rows])
    return cost_of(lines, seen, is_sealed(grammars, mark.country, mark.series))


def cost_of(lines: Sequence[Line], seen: Seen, sealed: bool = False) -> Fit:
    """All rows together. `sealed`: seals or a sticker stand in the first space."""
    how = How(len(lines), sealed, PLACE if seen.photos > 1 else PLACE_ALONE)
    fits = [fit(line, places, how) for line, places in zip(lines, seen.rows, strict=True)]
    return Fit(sum(f.cost for f in fits), max(f.worst for f in fits))


@lru_cache(maxsize=256)
def is_sealed(grammars: Grammars, country: str | None, series: str | None) -> bool:
    """Whether plates of a series have seals or a sticker in their first space."""
    if country is None or country not in grammars.countries:
        return False
    found = [s for s in grammars.country(country).series if s.name == series]
    return any(STUCK.intersection(style.furniture) for s in found for style, _ in s.plates)


def spaces_of(text: str) -> tuple[int, ...]:
    """Before which letters and digits of an official spelling something else stands."""
    cuts: list[int] = []
    at = 0
    for char in text:
        if char.isalnum():
            at += 1
        elif at and (not cuts or cuts[-1] != at):
            cuts.append(at)
    return tuple(cuts)


@lru_cache(maxsize=4096)
def longer_marks(
    grammars: Grammars, country: str | None, compact: str
) -> tuple[tuple[int, tuple[int, ...], float], ...]:
    """Where one more character makes another mark of the country: its place, before which spaces stand, and
    the prior of the commonest series that it may be of.
    """
    found: dict[tuple[int, tuple[int, ...]], float] = {}
    if country is None or country not in grammars.countries:
        return ()
    series = [s for s in grammars.country(country).series if s.prior >= RARE and s.identifies_car]
    forms = [(form, s.prior) for s in series for form in s.forms if len(form.slots) == len(compact) + 1]
    for at, char in product(range(len(compact) + 1), "AB19" if forms else ""):
        longer = compact[:at] + char + compact[at:]
        for form, prior in forms:
            if form.fits(longer):
                key = (at, tuple(before for before, _ in form.separators))
                found[key] = max(prior, found.get(key, 0.0))
    return tuple((at, spaces, prior) for (at, spaces), prior in sorted(found.items()))


def prior_of(grammars: Grammars, mark: Mark, otherwise: float = 1.0) -> float:
    """How common the series of a mark is in its country, 0..1; `otherwise` where that is not known."""
    if mark.country is None or mark.country not in grammars.countries:
        return otherwise
    named = (series for series in grammars.country(mark.country).series if series.name == mark.series)
    return next((series.prior for series in named), otherwise)


def rarer(prior: float, usual: float) -> float:
    """What a layout of a rarer series costs, as a sum of squares in standard deviations: Bayes' rule."""
    return max(0.0, 2 * log(usual / prior))


def other_spellings(grammars: Grammars, mark: Mark) -> Iterator[tuple[tuple[int, ...], float]]:
    """Where else spaces may stand, and what its rareness costs: other marks with these letters and digits, or
    with I for 1 and O for 0.
    """
    own = spaces_of(mark.text)
    if mark.country is None or mark.country not in grammars.countries:
        return
    usual = prior_of(grammars, mark)
    yielded = {own}
    beside = {at for cut in own for at in (cut - 1, cut)}  # only there another character moves a space
    options = [c + (confusables_of(c) if at in beside else "") for at, c in enumerate(mark.compact)]
    for chars in product(*options):
        compact = "".join(chars)
        for other in grammars.parse(compact, mark.country):
            spaces = spaces_of(other.text) or grouped(compact)
            if spaces not in yielded:
                yielded.add(spaces)
                yield spaces, rarer(prior_of(grammars, other, usual), usual)


def grouped(compact: str) -> tuple[int, ...]:
    """Where a free mark is grouped: between letters and digits, where it is one word and one number."""
    cuts = tuple(i for i in range(1, len(compact)) if compact[i].isdigit() != compact[i - 1].isdigit())
    return cuts if len(cuts) == 1 else ()
