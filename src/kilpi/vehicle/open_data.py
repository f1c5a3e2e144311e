"""Traficom's open file of vehicles -> how frequent makes, colours and years are, for `vehicle.ties`.

The file has a row a vehicle and no marks (`;`, ISO-8859-1, some 5 million rows; traficom.fi, "Open data for
vehicles", CC BY 4.0). Its rows are counted as they come, and nothing of a single vehicle is kept.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

from kilpi.errors import UsageError
from kilpi.registers.maps import load_map
from kilpi.vocabulary import Colour

CLASSES = ("M1", "N1")  # cars and vans; M1G, N1G and the like begin so
COLUMNS = ("ajoneuvoluokka", "merkkiselvakielinen", "vari", "ensirekisterointipvm")
YEARS = 3  # a year fits where it is one apart at most: three years fit
LISTED = 0.005  # part of the cars from which a make has a line of its own
LEAST = 0.001  # no share is stated smaller
FEWEST = 10_000  # cars that a table needs: shares of a thousandth are counted from


@dataclass
class Counts:
    """How many cars have what."""

    cars: int = 0
    makes: Counter[str] = field(default_factory=Counter)
    colours: Counter[str] = field(default_factory=Counter)
    years: Counter[int] = field(default_factory=Counter)

    def add(self, make: str, colour: str | None, year: int | None) -> None:
        """One car; what is not known is counted nowhere."""
        self.cars += 1
        if make:
            self.makes[make] += 1
        if colour:
            self.colours[colour] += 1
        if year:
            self.years[year] += 1


def count_cars(path: Path) -> Counts:
    """Counts the file's cars and vans. Raises UsageError where it cannot be read, is another file or holds
    too few.
    """
    counts = Counts()
    colours: Mapping[str, str] = load_map("traficom")["codes"]["colour"]
    try:
        with path.open(encoding="latin-1", newline="") as file:
            for kind, make, colour, first in cells_of(file, path):
                if kind.startswith(CLASSES):
                    year = re.match(r"(19|20)\d\d", first)
                    name = make.partition(",")[0].strip()  # "Volkswagen, VW"
                    counts.add(name, colours.get(colour), int(year[0]) if year else None)
    except (OSError, csv.Error) as error:
        raise UsageError(f"{path.name}: cannot be read ({error}); give Traficom's open file") from None
    if counts.cars < FEWEST:
        raise UsageError(f"{path.name}: holds {counts.cars} cars and vans; {FEWEST} are needed for shares")
    return counts


def cells_of(file: Iterator[str], path: Path) -> Iterator[tuple[str, ...]]:
    """Of every row the cells of `COLUMNS`, without spaces around them; short rows are left out."""
    rows = csv.reader(file, delimiter=";")
    header = [name.strip("\ufeffï»¿ \t").lower() for name in next(rows, [])]
    if missing := [name for name in COLUMNS if name not in header]:
        raise UsageError(
            f"{path.name}: has no column {', '.join(missing)}; give Traficom's open file of vehicles"
        )
    places = [header.index(name) for name in COLUMNS]
    for row in rows:
        if len(row) > max(places):
            yield tuple(row[place].strip() for place in places)


def table_of(counts: Counts, source: str) -> str:
    """The shares as TOML, rounded up; `source` says what was counted."""
    makes = {name: share(n, counts.makes.total()) for name, n in counts.makes.most_common()}
    listed = {name: part for name, part in makes.items() if part >= LISTED}
    other = max((part for name, part in makes.items() if name not in listed), default=LEAST)
    colours = {str(c): share(counts.colours[str(c)], counts.colours.total()) for c in Colour}
    years = counts.years
    near = max(sum(years[year + i] for i in range(YEARS)) for year in years) if years else years.total()
    tables = {
        "misread": {"year": share(near, years.total())},
        "make": {**listed, "other": other},
        "colour": colours,
    }
    lines = [f"# {source}: {counts.cars} cars and vans, counted by kilpi registers table; shares rounded up."]
    for name, shares in tables.items():
        lines += ["", f"[{name}]", *(f"{json.dumps(k, ensure_ascii=False)} = {v}" for k, v in shares.items())]
    return "\n".join(lines) + "\n"


def share(n: int, of: int) -> float:
    """A part, rounded up to a thousandth; 1 where nothing was counted."""
    return max(LEAST, ceil(1000 * n / of) / 1000) if of else 1.0
