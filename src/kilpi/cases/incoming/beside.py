"""What dealers send along with photos that are kept in originals/: car.toml and notes of a car, stock lists.

`.beside/CASE/`: the texts of one case, and of earlier stock lists what a later one does not speak of
(`newer_lists`). `.stock/`: the last lists of each dealer. Files 0600, folders 0700.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, takewhile
from pathlib import Path

from kilpi.adverts.dealer_stock import CAR_FILE, NEWER, StockLine, StockList, in_order, read_stock_list
from kilpi.cases.case import Case
from kilpi.cases.incoming.dealers import same_name
from kilpi.errors import LabelError, OutputError
from kilpi.files import write_whole
from kilpi.hashing import file_sha256, sha256_hex
from kilpi.store.engines import make_private_folder

BESIDE, STOCK = ".beside", ".stock"  # hidden: no car's folder is called so
FORMER = ".former-list.csv"  # beside a case, hidden: it is none of the texts that came
OTHERS = ".others-row.csv"  # the same: what a list said of the car that had its reference before


@dataclass
class Beside:
    """Both, in one data folder."""

    data: Path
    read: dict[Path, tuple[int, StockList]] = field(default_factory=dict)  # with the time it was written, ns

    def folder(self, case_id: str) -> Path:
        """Where the texts of a case are, or would be."""
        return self.data / BESIDE / case_id

    def put(self, case_id: str, texts: Mapping[str, bytes]) -> bool:
        """Keeps texts beside those that are there; of one that came before under this name, the new content.

        A note that came after others is called so that it goes before them: `NEWER`. Whether anything is new.
        Raises OutputError.
        """
        folder, before = self.folder(case_id), {came_as(p): p for p in reversed(self.texts(case_id))}
        try:
            new = {
                name: content
                for name, content in texts.items()
                if name not in before or before[name].read_bytes() != content
            }
            if not new:
                return False
            make_private_folder(folder)
            lead = _lead(before.values())
            for name, content in new.items():
                path = folder / (name if name == CAR_FILE else f"{lead}{name}")
                write_whole(path, content, private=True)
                if name in before and before[name] != path:
                    before[name].unlink()
        except OSError as error:
            raise OutputError(f"{folder}: cannot be written ({error.strerror}); see its room") from None
        return True

    def texts(self, case_id: str) -> list[Path]:
        """The texts of a case, as they count: the newest note first."""
        folder = self.folder(case_id)
        if not folder.is_dir():
            return []
        return in_order(path for path in folder.iterdir() if not path.name.startswith("."))

    def sha256s(self, case_id: str) -> list[str]:
        """Of the texts of a case: under these names they came, and may lie among the originals still."""
        return [file_sha256(path) for path in self.texts(case_id)]

    def remove(self, case_id: str) -> None:
        """Of an erased case nothing stays."""
        shutil.rmtree(self.folder(case_id), ignore_errors=True)

    def put_lists(self, dealer: str, contents: Sequence[bytes]) -> None:
        """The dealer's stock lists from now on, the one that goes first first. Each was read once, so it can
        be. Raises OutputError.
        """
        try:
            make_private_folder(self.data / STOCK)
            for number, content in enumerate(contents):
                write_whole(self._list(dealer, number), content, private=True)
            for path in self._lists(dealer)[len(contents) :]:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"stock list: cannot be written ({error.strerror}); see the room") from None

    def stock(self, dealer: str, instead: Mapping[str, StockList] | None = None) -> StockList:
        """The dealer's list, and for what it does not tell the department's; empty where there is none.

        Of the department's hold the rows that name this dealer, and by their mark alone those that name
        nobody: two dealers may call two cars alike, and what another dealer asks is nobody else's to know.
        `instead`: lists that hold in place of those that are kept, by dealer.
        """
        given = instead or {}
        own = given[dealer] if dealer in given else self._stock(dealer)
        if not dealer:
            return own
        key, shared = same_name(dealer), given[""] if "" in given else self._stock("")
        told = {name for line in own.every_line for name in (line.mark, *line.names)} - {""}

        def kept(line: StockLine) -> StockLine | None:
            mine = line if line.offer.dealer else replace(line, names=())
            named = same_name(line.offer.dealer or key) == key
            return mine if named and told.isdisjoint({mine.mark, *mine.names}) else None

        return own.above(shared.only(kept))

    def stock_of(self, case: Case) -> StockList:
        """What all lists say of a case: its dealer's, and beneath them what earlier ones said of it."""
        return self.of_case(case.id, self.stock(case.dealer)).above(self.former(case.id))

    def of_case(self, case_id: str, stock: StockList) -> StockList:
        """A list as it speaks of a case: the row of the car that had its reference before is found by that
        one's mark alone, for as long as it says no more (`reused`).
        """
        row = self.others_row(case_id)
        if row is None:
            return stock

        def told(line: StockLine) -> StockLine:
            return replace(line, names=(), mark=line.mark or row.mark) if line.says_no_more(row) else line

        return stock.with_each(told)

    def others_row(self, case_id: str) -> StockLine | None:
        """What a list said of the car that had a case's reference before."""
        found = self._own_row(case_id, OTHERS)
        return found.lines[0] if found and found.lines else None

    def former(self, case_id: str) -> StockList | None:
        """What earlier lists said of a case and the last ones do not speak of."""
        return self._own_row(case_id, FORMER)

    def _own_row(self, case_id: str, name: str) -> StockList | None:
        path = self.folder(case_id) / name
        try:
            return read_stock_list(path) if path.is_file() else None
        except LabelError:
            return None

    def keep_others(self, case_id: str, line: StockLine | None) -> None:
        """What a list said of the car that had its reference before; None: nothing. Raises OutputError."""
        self._keep_row(case_id, OTHERS, line)

    def keep_former(self, case_id: str, line: StockLine | None) -> None:
        """What earlier lists said of a case, from now on; None: nothing. Raises OutputError."""
        self._keep_row(case_id, FORMER, line)

    def _keep_row(self, case_id: str, name: str, line: StockLine | None) -> None:
        path = self.folder(case_id) / name
        try:
            if line is None:
                path.unlink(missing_ok=True)
                return
            make_private_folder(path.parent)
            write_whole(path, line.as_list(), private=True)
        except OSError as error:
            raise OutputError(f"{path.parent}: cannot be written ({error.strerror}); see its room") from None

    def _stock(self, dealer: str) -> StockList:
        """The dealer's lists, the first above the others."""
        found = [one for path in self._lists(dealer) if (one := self._read(path)) is not None]
        return layered(found)

    def _read(self, path: Path) -> StockList | None:
        try:
            written = path.stat().st_mtime_ns
            if path not in self.read or self.read[path][0] != written:
                self.read[path] = written, read_stock_list(path)
            return self.read[path][1]
        except (OSError, LabelError):
            return None

    def _lists(self, dealer: str) -> list[Path]:
        """Where a dealer's lists lie, in their order; usually there is one."""
        return list(takewhile(Path.is_file, (self._list(dealer, number) for number in count())))

    def _list(self, dealer: str, number: int) -> Path:
        path = self.data / STOCK / sha256_hex(dealer.encode())[:24]
        return path.with_suffix(f".{number}") if number else path


def layered(lists: Sequence[StockList]) -> StockList:
    """Lists as one, the first above the others."""
    if not lists:
        return StockList()
    first, *others = lists
    return first.above(layered(others)) if others else first


def came_as(path: Path) -> str:
    """The name that a text came under."""
    newer = NEWER.fullmatch(path.name)
    return newer["name"] if newer else path.name


def car_file_in(texts: Iterable[Path]) -> Path | None:
    """The car.toml among a car's texts."""
    return next((path for path in texts if path.name == CAR_FILE), None)


def notes_among(texts: Iterable[Path]) -> list[Path]:
    """The others."""
    return [path for path in texts if path.name != CAR_FILE]


def _lead(before: Iterable[Path]) -> str:
    """What the names of notes begin with that come now: "" where they are the first."""
    notes = notes_among(before)
    numbers = [int(newer["number"]) for path in notes if (newer := NEWER.fullmatch(path.name))]
    return f"newer-{max(0, min(numbers, default=1000) - 1):03}-" if notes else ""
