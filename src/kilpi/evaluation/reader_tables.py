"""The tables of a reader's evaluation: by kind of mark, country and condition; what is taken for what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from kilpi.evaluation.line import share
from kilpi.types import Pixels

ACCENTS = "ÅÄÖÆØÜ"
PLAIN = str.maketrans({"Å": "A", "Ä": "A", "Ö": "O", "Æ": "A", "Ø": "O", "Ü": "U"})
NOTHING = "–"  # in the confusion matrix: a character that was not read, or read where none is
WIDTHS = (0, 60, 90, 130, 180, 10_000)  # pixels of the plate in its photo
FACES = ("own", "other", "chance")
WEARS = (0.0, 0.1, 0.2, 0.3, 0.45, 1.01)
LEVELS = (0.0, 0.08, 0.15, 0.25, 0.4, 1.01)  # of contrast


@dataclass(frozen=True, slots=True)
class Read:
    """One labelled plate and what was read. `pixels` is the straightened crop."""

    path: str
    expected: str  # compact
    raw: str  # the reading's text
    ranked: str  # the best candidate's, after the grammars
    score: float
    country: str | None  # as labelled
    named: str | None  # as read
    rows: int
    named_rows: int
    width: float  # of the plate in its photo, pixels
    wear: float | None  # of a rendered plate: how much was done to it, 0..1
    contrast: float  # of the crop, 0..1: 95th minus 5th percentile of grey
    sharpness: float  # of the crop, as `kilpi.sharpness` has it
    pixels: Pixels = field(compare=False, repr=False)
    typeface: str = ""  # of a rendered plate: "own" for its country's kind, "other", "chance"


class Row(NamedTuple):
    """One line of a table: of how many, read exactly, and after ranking."""

    name: str
    n: int
    exact: float | None
    ranked: float | None


def tables_of(results: Sequence[Read]) -> dict[str, tuple[Row, ...]]:
    """The figures by kind of mark, by country, and by what the picture is like."""
    kinds = [
        ("marks with Å, Ä, Ö, Æ, Ø or Ü", [r for r in results if set(r.expected) & set(ACCENTS)]),
        ("one row", [r for r in results if r.rows == 1]),
        ("two rows", [r for r in results if r.rows == 2]),
    ]
    countries = sorted({r.country or "not labelled" for r in results})
    by_country = [(c, [r for r in results if (r.country or "not labelled") == c]) for c in countries]
    by_face = [(face, [r for r in results if r.typeface == face]) for face in FACES]
    sharp = np.quantile([r.sharpness for r in results], (0, 0.1, 0.25, 0.5, 1)).tolist()
    return {
        "Kind": rows_of(kinds),
        "Country": rows_of(by_country),
        "Width of the plate in its photo, pixels": rows_of(bins(results, lambda r: r.width, WIDTHS, ".0f")),
        "Wear of a rendered plate": rows_of(bins(results, wear_of, WEARS, ".2f")),
        "Typeface of a rendered plate": rows_of(by_face),
        "Contrast": rows_of(bins(results, lambda r: r.contrast, LEVELS, ".2f")),
        "Sharpness (tenth, quarter, half, rest)": rows_of(
            bins(results, lambda r: r.sharpness, (*sharp[:-1], sharp[-1] + 1), ".2f")
        ),
    }


def wear_of(read: Read) -> float:
    """Its wear; below every bin where nobody knows it."""
    return -1.0 if read.wear is None else read.wear


def bins(
    results: Sequence[Read], of: Callable[[Read], float], edges: Sequence[float], style: str
) -> list[tuple[str, list[Read]]]:
    """The plates between each two edges."""
    return [
        (f"{low:{style}} to {high:{style}}", [r for r in results if low <= of(r) < high])
        for low, high in pairwise(edges)
    ]


def rows_of(groups: Sequence[tuple[str, list[Read]]]) -> tuple[Row, ...]:
    """A table's rows, without the empty ones."""
    return tuple(
        Row(
            name,
            len(some),
            share(sum(r.raw == r.expected for r in some), len(some)),
            share(sum(r.ranked == r.expected for r in some), len(some)),
        )
        for name, some in groups
        if some
    )


def confusions_of(results: Sequence[Read]) -> tuple[tuple[str, str, int], ...]:
    """Which character was read as which, most frequent first."""
    counts = Counter(
        pair
        for r in results
        for pair in aligned(r.expected, r.raw)
        if r.raw != r.expected and pair[0] != pair[1]
    )
    return tuple((wanted, got, n) for (wanted, got), n in counts.most_common())


def aligned(expected: str, got: str) -> list[tuple[str, str]]:
    """Both texts side by side with the fewest edits; what one lacks is `NOTHING`."""
    table = [[0] * (len(got) + 1) for _ in range(len(expected) + 1)]
    for i in range(len(expected) + 1):
        for j in range(len(got) + 1):
            if i == 0 or j == 0:
                table[i][j] = i + j
                continue
            change = table[i - 1][j - 1] + (expected[i - 1] != got[j - 1])
            table[i][j] = min(change, table[i - 1][j] + 1, table[i][j - 1] + 1)
    pairs, i, j = [], len(expected), len(got)
    while i or j:
        if i and j and table[i][j] == table[i - 1][j - 1] + (expected[i - 1] != got[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((expected[i], got[j]))
        elif i and table[i][j] == table[i - 1][j] + 1:
            i -= 1
            pairs.append((expected[i], NOTHING))
        else:
            j -= 1
            pairs.append((NOTHING, got[j]))
    return pairs[::-1]
