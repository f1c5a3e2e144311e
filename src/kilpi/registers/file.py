"""A register in a file: a list (CSV or workbook) or JSON that a dealer keeps, or that a test or demo brings.

Headers, words and codes that are understood: maps/file.toml, told in docs/registers.md. Only the listed
columns are read, so a column with an owner or an insurance never gets in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from kilpi.errors import NotRegistered, RegisterRefused, RegisterUnavailable, UsageError
from kilpi.registers.file_rows import Rows, read_rows
from kilpi.registers.file_values import RowProblem, RowReader, same_country
from kilpi.text import compact_mark, is_vin
from kilpi.types import Mark, Vehicle

__all__ = ["FileRegister", "RowProblem", "same_country"]

MAX_BYTES = 50_000_000
MAX_ROWS = 50_000
"""A larger file is no dealer's stock. Ours: 50,000 vehicles take about 460 MB."""
ONLY_REGISTERS = frozenset(
    {"first_registered", "vin", "vehicle_class", "mass_kg", "status", "next_inspection"}
)


@dataclass(frozen=True, slots=True)
class LostRow:
    """A row that could not be used. Whether it holds a mark is asked of it; it is never shown."""

    line: int
    letters: str  # all of its letters and digits; of a row that was read, its mark
    vin: str = ""  # of a row that was read

    def may_hold(self, mark: str) -> bool:
        """Whether the mark may stand in this row."""
        return mark in self.letters

    def may_have(self, vin: str) -> bool:
        """Whether the VIN may stand in this row."""
        return vin in self.letters or vin == self.vin


class FileRegister:
    """Vehicles by mark from one file. `problems` tells what was not understood, in file order."""

    def __init__(
        self,
        name: str,
        vehicles: Mapping[str, tuple[Vehicle, ...]],
        problems: tuple[RowProblem, ...],
        ignored: tuple[str, ...],
        doubled: frozenset[str],
        lost: tuple[LostRow, ...] = (),
        prices: bool = False,
    ) -> None:
        self.name = name
        self.problems = problems
        self.ignored_columns = ignored
        self._vehicles = vehicles
        self._doubled = doubled
        self._lost = lost
        self._prices = prices

    def __len__(self) -> int:
        return sum(len(group) for group in self._vehicles.values())

    @classmethod
    def open(cls, path: str | Path) -> FileRegister:
        """Reads the file. Raises UsageError where nothing of it can be used; bad rows go to `problems`."""
        path = Path(path)
        try:
            if path.stat().st_size > MAX_BYTES:
                raise UsageError(f"register {path.name}: larger than {MAX_BYTES} bytes; split it")
            data = path.read_bytes()
        except OSError as error:
            raise UsageError(
                f"register {path.name}: cannot be read ({error.strerror}); check the path"
            ) from None
        fetched = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return _load(read_rows(data, path), path.name, fetched)

    def look_up(self, mark: Mark) -> Vehicle:
        """The row of this mark, and of its country where both name one.

        Raises NotRegistered; RegisterUnavailable where the file holds the mark more than once, or in a row
        that cannot be used; RegisterRefused where several countries have it and the mark names none.
        """
        key = compact_mark(mark.text)
        if key in self._doubled:
            raise lasting(f"{self.name} holds this mark more than once; remove the wrong rows")
        found = [v for v in self._vehicles.get(key, ()) if same_country(v.mark.country, mark.country)]
        if not found:
            for row in self._lost:
                if row.may_hold(key):
                    raise lasting(f"{self.name}: line {row.line} may hold this mark; correct it")
            if self._prices:
                raise lasting(f"{self.name} has prices: a stock list cannot say who is registered")
            raise NotRegistered(f"{self.name} does not hold this mark")
        if len(found) > 1:
            raise RegisterRefused(f"{self.name} holds this mark for several countries; name the country")
        # A file without countries does not say whose mark it is, whoever was asked about.
        return replace(found[0], mark=replace(mark, country=found[0].mark.country))

    def look_up_vin(self, vin: str) -> Vehicle:
        """The row of this VIN. Raises NotRegistered; RegisterUnavailable where several rows have it, or a row
        that cannot be used may.
        """
        key = compact_mark(vin)
        if not is_vin(key):
            raise NotRegistered(f"{self.name}: this is no whole VIN")
        found = [v for group in self._vehicles.values() for v in group if compact_mark(v.vin or "") == key]
        if len(found) > 1 or any(row.may_have(key) for row in self._lost):
            raise lasting(f"{self.name} holds this VIN more than once; remove the wrong rows")
        if not found:
            raise NotRegistered(f"{self.name} does not hold this VIN")
        return found[0]


def lasting(why: str) -> RegisterUnavailable:
    """No answer, until somebody corrects the file."""
    return RegisterUnavailable(why, lasting=True)


def _load(rows: Rows, name: str, fetched: datetime) -> FileRegister:
    """Rows -> vehicles, and what went wrong. Raises UsageError where the file can be no register."""
    if len(rows.rows) > MAX_ROWS:
        raise UsageError(f"register {name}: has more than {MAX_ROWS:,} rows; split it")
    reader = RowReader(name, fetched, rows)
    _refuse_others(reader, name)
    seen: dict[str, list[tuple[int, Vehicle]]] = {}
    problems: list[RowProblem] = []
    lost: list[LostRow] = []
    for fault in rows.faults:
        problems.append(RowProblem(fault.line, fault.column, fault.what, kept=fault.kept))
        if not fault.kept:
            lost.append(LostRow(fault.line, compact_mark(fault.raw)))
    for line, cells in rows.rows:
        vehicle = reader.vehicle(line, cells, problems)
        if vehicle is None:
            lost.append(LostRow(line, compact_mark(" ".join(cells.values()))))
        else:
            same = seen.setdefault(compact_mark(vehicle.mark.text), [])
            if all(_told(vehicle) != _told(other) for _, other in same):  # what says it once more is no other
                same.append((line, vehicle))
    doubled = frozenset(key for key, group in seen.items() if _is_doubled(group, problems))
    kept: dict[str, tuple[Vehicle, ...]] = {}
    for key, group in seen.items():
        unsure = [line for line, one in group if reader.names_countries and one.mark.country is None]
        if key in doubled:
            unsure = [line for line, _ in group]
        else:
            problems += map(reader.without_country, unsure)
        lost += [LostRow(line, key, compact_mark(one.vin or "")) for line, one in group if line in unsure]
        kept[key] = tuple(vehicle for line, vehicle in group if line not in unsure)
    problems.sort(key=lambda problem: problem.line)
    if not seen:
        first = f" ({problems[0]})" if problems else ""
        raise UsageError(f"register {name}: holds no vehicle{first}")
    return FileRegister(name, kept, tuple(problems), reader.ignored, doubled, tuple(lost), reader.prices)


def _told(vehicle: Vehicle) -> object:
    """All that a row says, also what could not be used of it."""
    return vehicle, {name: origin["value"] for name, origin in vehicle.raw.items()}


def _refuse_others(reader: RowReader, name: str) -> None:
    """A price list is no register: it would say "not registered" of every car that is not for sale."""
    told = reader.fields - {"mark", "country"}
    if "mark" not in reader.fields:
        raise UsageError(f"register {name}: no column holds the mark; name one 'mark' or 'rekisteritunnus'")
    if reader.prices and not told & ONLY_REGISTERS:
        raise UsageError(f"register {name}: is a price list, not a register; give it as --offers")
    if not told:
        raise UsageError(f"register {name}: has no column about the vehicle, such as make or vin")


def _is_doubled(group: list[tuple[int, Vehicle]], problems: list[RowProblem]) -> bool:
    clashing = {
        line
        for line, one in group
        for other_line, other in group
        if line != other_line and same_country(one.mark.country, other.mark.country)
    }
    for line in clashing:
        others = ", ".join(str(other) for other in sorted(clashing - {line}))
        what = f"has the same mark as line {others}; which is right is unknown, so none is used"
        problems.append(RowProblem(line, None, what, kept=False))
    return bool(clashing)
