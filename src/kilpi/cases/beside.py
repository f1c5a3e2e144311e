"""What dealers send along with photos that are kept in originals/: car.toml and notes of a car, stock lists.

`.beside/CASE/`: the texts of one case. `.stock/`: the last list of each dealer. Files 0600, folders 0700.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from kilpi.adverts.dealer_stock import StockList, read_stock_list
from kilpi.cases.dealers import same_name
from kilpi.errors import LabelError, OutputError
from kilpi.files import write_whole
from kilpi.hashing import file_sha256, sha256_hex
from kilpi.store.engines import make_private_folder

BESIDE, STOCK = ".beside", ".stock"  # hidden: no car's folder is called so


@dataclass
class Beside:
    """Both, in one data folder."""

    data: Path
    read: dict[Path, tuple[int, StockList]] = field(default_factory=dict)  # with the time it was written, ns

    def folder(self, case_id: str) -> Path:
        """Where the texts of a case are, or would be."""
        return self.data / BESIDE / case_id

    def put(self, case_id: str, texts: Mapping[str, bytes]) -> bool:
        """Keeps texts by name, beside those that are there. Whether anything is new. Raises OutputError."""
        folder, new = self.folder(case_id), False
        try:
            for name, content in texts.items():
                path = folder / name
                if not path.is_file() or path.read_bytes() != content:
                    make_private_folder(folder)
                    write_whole(path, content, private=True)
                    new = True
        except OSError as error:
            raise OutputError(f"{folder}: cannot be written ({error.strerror}); see its room") from None
        return new

    def texts(self, case_id: str) -> list[Path]:
        """The texts of a case, by name."""
        folder = self.folder(case_id)
        return (
            sorted(path for path in folder.iterdir() if not path.name.startswith("."))
            if folder.is_dir()
            else []
        )

    def sha256s(self, case_id: str) -> list[str]:
        """Of the texts of a case: under these names they came, and may lie among the originals still."""
        return [file_sha256(path) for path in self.texts(case_id)]

    def remove(self, case_id: str) -> None:
        """Of an erased case nothing stays."""
        shutil.rmtree(self.folder(case_id), ignore_errors=True)

    def put_list(self, dealer: str, content: bytes) -> None:
        """The dealer's stock list from now on; it was read once, so it can be. Raises OutputError."""
        try:
            make_private_folder(self.data / STOCK)
            write_whole(self._list(dealer), content, private=True)
        except OSError as error:
            raise OutputError(f"stock list: cannot be written ({error.strerror}); see the room") from None

    def stock(self, dealer: str) -> StockList:
        """The dealer's list, and for what it does not tell the department's; empty where there is none.

        Of the department's hold the rows that name this dealer, and by their mark alone those that name
        nobody: two dealers may call two cars alike, and what another dealer asks is nobody else's to know.
        """
        own = self._stock(dealer)
        if not dealer:
            return own
        key, shared = same_name(dealer), self._stock("")
        told = {line.mark for line in own.lines} | {name for line in own.lines for name in line.names}
        more = [
            line if line.offer.dealer else replace(line, names=())
            for line in shared.lines
            if same_name(line.offer.dealer or key) == key and told.isdisjoint({line.mark, *line.names} - {""})
        ]
        return replace(own, lines=(*own.lines, *more)) if more else own

    def _stock(self, dealer: str) -> StockList:
        path = self._list(dealer)
        try:
            written = path.stat().st_mtime_ns
            if path not in self.read or self.read[path][0] != written:
                self.read[path] = written, read_stock_list(path)
            return self.read[path][1]
        except (OSError, LabelError):
            return StockList()

    def _list(self, dealer: str) -> Path:
        return self.data / STOCK / sha256_hex(dealer.encode())[:24]
