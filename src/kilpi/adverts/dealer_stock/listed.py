"""What a stock list says: its rows, by car, and what holds beneath it for what it does not speak of."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from kilpi.adverts.dealer_stock.columns import KEYS, column_field
from kilpi.adverts.dealer_stock.said import BARE, GONE, PRICED, Told, merge
from kilpi.text import compact_mark, name_key
from kilpi.types import Mark, Offer, Problem

GO_TOGETHER = (  # who tells one of them speaks of all: no make of one list beside a model of another
    frozenset({"price", *PRICED, "currency", GONE}),
    frozenset({"odometer_km", BARE}),
    frozenset({"make", "model", "make_and_model", "year", "vin"}),
)


@dataclass(frozen=True)
class StockLine:
    """One row: what it says, which car it is about, and where it stands."""

    offer: Offer
    mark: str = field(repr=False)  # letters and digits only, upper case; empty where the row has none
    told: Told = field(default_factory=Told, repr=False)
    where: str = ""  # file:line
    raw: str = field(default="", repr=False)  # of a row that no cells could be told of
    names: tuple[str, ...] = ()  # by column, where several hold a reference (an id and a stock number)
    cells: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # (column, text), of what is read
    columns: frozenset[str] = frozenset()  # the fields that its list has columns for, told here or not

    def may_be(self, reference: str, mark: Mark | None) -> bool:
        """Whether an unreadable row names this car."""
        cells = {name_key(cell.strip(' "')) for cell in re.split(r"[;,\t|\n]", self.raw)} - {""}
        return name_key(reference) in cells or (mark is not None and mark.compact in compact_mark(self.raw))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What of the row was not used."""
        return self.told.problems

    def over(self, older: StockLine) -> StockLine:
        """This row, and of an older one of the same car what this one's list has no column for."""
        left = older.left_by(self)
        if left is None:
            return self
        told = Told(
            {**left.told.values, **self.told.values},
            {**left.told.where, **self.told.where},
            self.told.problems,
            (*self.told.unclear, *left.told.unclear),
        )
        offer, _ = merge([told], self.offer.reference)
        more = tuple(cell for cell in left.cells if column_field(cell[0]) not in KEYS)
        columns = self.columns | (left.columns - spoken_of(self.columns))
        return replace(self, offer=offer, told=told, cells=(*self.cells, *more), columns=columns)

    def left_by(self, newer: StockLine) -> StockLine | None:
        """This row without what a newer one's list has columns for, also where they are empty: that the
        dealer took back. None where nothing is left, or where the reference is another car's by now.
        """
        if self.mark and newer.mark and self.mark != newer.mark:
            return None
        speaks = spoken_of(newer.columns)
        values = {name: value for name, value in self.told.values.items() if name not in speaks}
        unclear = tuple(entry for entry in self.told.unclear if entry[0] not in speaks)
        if not values and not unclear:
            return None
        where = {name: where for name, where in self.told.where.items() if name not in speaks}
        cells = tuple(one for one in self.cells if column_field(one[0]) not in speaks - set(KEYS))
        return replace(self, told=Told(values, where, (), unclear), cells=cells)

    def says_no_more(self, other: StockLine) -> bool:
        """Whether it tells of its car nothing but what another row does, under one of that one's names, or
        that it is gone since.
        """
        mine = {name: value for name, value in self.told.values.items() if name not in (*KEYS, GONE)}
        names = set(map(plain_name, self.names)).intersection(map(plain_name, other.names))
        same = all(other.told.values.get(name) == value for name, value in mine.items())
        return bool(names) and same and self.mark in ("", other.mark)

    def as_list(self) -> bytes:
        """A list of this row alone, which reads as it does here."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(name for name, _ in self.cells)
        writer.writerow(cell for _, cell in self.cells)
        return text.getvalue().encode()


def spoken_of(columns: frozenset[str]) -> frozenset[str]:
    """The fields of which a list with these columns speaks."""
    return columns.union(KEYS, *(group for group in GO_TOGETHER if group & columns))


@dataclass(frozen=True)
class StockList:
    """A dealer's stock list. `problems` are those of the whole list; `left_out` rows are used for no car.

    `beneath` is another, which holds where this one does not speak: for cars and columns that it lacks.
    """

    lines: tuple[StockLine, ...] = ()
    problems: tuple[Problem, ...] = ()
    left_out: tuple[StockLine, ...] = ()
    beneath: StockList | None = None

    def line(self, reference: str, mark: Mark | None = None) -> StockLine | None:
        """The row of the car with this reference (its folder's name), else of exactly this mark.

        Where its rows cannot be used, none of a list beneath is used instead.
        """
        own = self._own_line(reference, mark)
        if self.beneath is None or (own is None and any(self._lost(reference, mark))):
            return own
        older = self.beneath.line(reference, mark)
        return own.over(older) if own and older else own or older

    def _own_line(self, reference: str, mark: Mark | None) -> StockLine | None:
        key = plain_name(reference)
        marks = {compact_mark(reference), mark.compact if mark else ""} - {""}
        by_mark = [line for one in marks for line in self._by_mark.get(one, ())]
        for found in (self._by_name.get(key, ()) if key else (), by_mark):
            if len(found) == 1:
                return found[0]
        return None

    @cached_property
    def _by_name(self) -> dict[str, list[StockLine]]:
        found: dict[str, list[StockLine]] = {}
        for line in self.lines:
            for key in {plain_name(name) for name in line.names} - {""}:
                found.setdefault(key, []).append(line)
        return found

    @cached_property
    def _by_mark(self) -> dict[str, list[StockLine]]:
        found: dict[str, list[StockLine]] = {}
        for line in self.lines:
            if line.mark:
                found.setdefault(line.mark, []).append(line)
        return found

    def has_twice(self, vin: str) -> bool:
        """Whether several rows of one list have this VIN: it was copied, and says nothing of either car."""
        found = sum(line.told.values.get("vin") == vin for line in (*self.lines, *self.left_out))
        return found > 1 or (self.beneath is not None and self.beneath.has_twice(vin))

    @property
    def every_line(self) -> Iterator[StockLine]:
        """The rows of this list and of those beneath it."""
        yield from self.lines
        if self.beneath:
            yield from self.beneath.every_line

    @property
    def marks(self) -> frozenset[str]:
        """Of all cars that a row names by its mark, letters and digits."""
        return frozenset(line.mark for line in self.every_line if line.mark)

    def above(self, older: StockList | None) -> StockList:
        """This list with another beneath all that it has beneath it."""
        return replace(self, beneath=self.beneath.above(older) if self.beneath else older)

    def only(self, kept: Callable[[StockLine], StockLine | None]) -> StockList:
        """The rows that `kept` gives back, here and beneath; nothing else."""
        lines = tuple(found for line in self.lines if (found := kept(line)) is not None)
        return StockList(lines, beneath=self.beneath.only(kept) if self.beneath else None)

    def with_each(self, change: Callable[[StockLine], StockLine]) -> StockList:
        """The same with each row changed, here and beneath."""
        beneath = self.beneath.with_each(change) if self.beneath else None
        return replace(self, lines=tuple(map(change, self.lines)), beneath=beneath)

    def lost(self, reference: str, mark: Mark | None = None) -> Iterator[Problem]:
        """What is wrong with the rows that are, or may be, about this car and are not used."""
        yield from self._lost(reference, mark)
        if self.beneath and self._own_line(reference, mark) is None:
            yield from self.beneath.lost(reference, mark)

    def _lost(self, reference: str, mark: Mark | None) -> Iterator[Problem]:
        key = plain_name(reference)
        marks = {compact_mark(reference), mark.compact if mark else ""} - {""}
        for line in self.left_out:
            named = bool(key) and key in map(plain_name, line.names)
            if named or line.mark in marks or (line.raw and line.may_be(reference, mark)):
                yield from line.problems


def plain_name(reference: str) -> str:
    """A reference for comparing: spreadsheets take the zeros in front of a number away."""
    key = name_key(reference)
    return key.lstrip("0") or "0" if key.isdigit() else key
