"""What only the dealer knows: from car.toml, from the stock list, from a note or mail beside the photos.

The three are asked in that order, field by field; everything in them is used or named with its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from kilpi.adverts.dealer_stock.car_file import CAR_FILE, read_car_file, read_car_mark
from kilpi.adverts.dealer_stock.listed import StockLine, StockList
from kilpi.adverts.dealer_stock.plain_words import SUFFIXES, read_plain_words
from kilpi.adverts.dealer_stock.said import Told, merge
from kilpi.adverts.dealer_stock.stock_list import read_stock_list
from kilpi.errors import LabelError
from kilpi.types import Mark, Offer, Problem

__all__ = [
    "CAR_FILE",
    "NEWER",
    "StockLine",
    "StockList",
    "in_order",
    "load_offer",
    "notes_in",
    "read_car_file",
    "read_car_mark",
    "read_plain_words",
    "read_stock_list",
]

MOST_NOTES = 50  # a car may have a long correspondence
NEWER = re.compile(r"newer-(?P<number>[0-9]{3})-(?P<name>.+)")  # a note that came after others: see `Beside`


def notes_in(folder: Path) -> list[Path]:
    """The text files directly in a car's folder, newer ones first, then by name; nothing that Kilpi wrote."""
    if not folder.is_dir() or (folder / "decision.json").exists():
        return []
    found = (p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))
    return in_order(path for path in found if path.is_file())[:MOST_NOTES]


def in_order(notes: Iterable[Path]) -> list[Path]:
    """Notes as they count: what came later goes before what came first."""
    return sorted(notes, key=lambda path: (NEWER.fullmatch(path.name) is None, path.name))


def load_offer(
    reference: str,
    car_file: Path | None = None,
    stock: StockList | None = None,
    notes: Iterable[Path] = (),
    mark: Mark | None = None,
    given: bool = False,
) -> tuple[Offer, tuple[Problem, ...]]:
    """What the dealer says of one car, and what of it could not be used. Never raises.

    `given`: the mark is a person's. A row that the folder's name finds and that has another one is then
    another car's, as where a stock number was given anew; its figures are not this car's.
    """
    sources: list[Told] = []
    problems: list[Problem] = []
    if car_file is not None:
        try:
            sources.append(read_car_file(car_file))
        except LabelError as error:
            problems.append(Problem(str(car_file), error))
    if stock is not None:
        line = stock.line(reference, mark)
        problems += [*(line.problems if line else ()), *stock.lost(reference, mark)]
        if line is not None:
            values = {name: value for name, value in line.told.values.items() if name != "reference"}
            if line.mark and line == stock.line(reference):  # found by the folder, not by the mark read
                values["mark"] = line.mark
                if given and mark and line.mark != mark.compact:
                    values = {"mark": line.mark}
                    words = f"{line.where}: has another mark than was given; nothing else of this row is used"
                    problems.append(Problem(line.where, LabelError(words)))
            if values.get("vin") and stock.has_twice(values["vin"]):
                del values["vin"]
                words = f"{line.where}: its VIN stands in another row, too; it is not used"
                problems.append(Problem(line.where, LabelError(words)))
            sources.append(Told(values, line.told.where, (), line.told.unclear))
    sources += read_notes(notes)
    offer, said = merge(sources, reference)
    return offer, (*problems, *said)


def read_notes(notes: Iterable[Path]) -> list[Told]:
    """What notes tell. Where a newer one leaves a figure in doubt, an older one's does not stand."""
    told: list[Told] = []
    doubted: set[str] = set()
    for note in notes:
        one = read_plain_words(note)
        values = {name: value for name, value in one.values.items() if name not in doubted}
        told.append(replace(one, values=values))
        if NEWER.fullmatch(note.name):
            doubted |= one.doubted
    return told
