"""What processes that died left in the data folder of cars that are over goes, once a day.

Nothing is guessed: a car's folder names its case (`Record.case`) and lies where Kilpi wrote it, and only the
files that its record names are taken, so that no folder or file of anybody else's is touched.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from kilpi.adverts.folders import NEW, OLD, recover
from kilpi.adverts.held import take_away
from kilpi.adverts.public_advert import MARK_LIKE, slugify
from kilpi.adverts.records import DECISION
from kilpi.cases.case import OPEN, State
from kilpi.cases.incoming.beside import BESIDE, Beside
from kilpi.cases.incoming.sent_cars import LAID_OUT, clear_laid_out
from kilpi.cases.jobs import in_hand
from kilpi.cases.records import WORK
from kilpi.disclosure import mentions
from kilpi.schemas import read_record
from kilpi.store import Store, Tx
from kilpi.store.tables import cases
from kilpi.types import Mark, Record

STALE_S = 86_400.0  # nothing is written for so long


def sweep(store: Store) -> int:
    """Takes away folders and texts of cars that are sold, withdrawn or erased. How many."""
    home = store.folder
    if home is None or not home.is_dir():
        return 0
    if (home / LAID_OUT).is_dir():
        clear_laid_out(home / LAID_OUT)
    _end_exchanges(home)
    busy = in_hand(store, WORK)
    cars = [(folder, record) for folder in sorted(home.iterdir()) if (record := _record_in(folder))]
    done = [
        store.write(partial(_swept, folder=folder, record=record))
        for folder, record in cars
        if record.case not in busy
    ]
    return sum(done) + sum(
        store.write(partial(_swept_text, home=home, case_id=name)) for name in _texts(home)
    )


def _record_in(folder: Path) -> Record | None:
    """The record of a folder that a case's car was written into; None for any other."""
    if folder.is_symlink() or folder.name.startswith("."):
        return None
    record = read_record(folder / DECISION)
    return record if record and record.case else None


def _end_exchanges(home: Path) -> None:
    """A folder that was being exchanged when its writer was killed: the old one comes back."""
    for prefix in (NEW, OLD):
        for half in sorted(home.glob(f"{prefix}*")):
            if half.lstat().st_ctime < time.time() - STALE_S:  # changed by renaming, too
                recover(home / half.name.removeprefix(prefix))


def _swept(tx: Tx, folder: Path, record: Record) -> bool:
    row = tx.row(sa.select(cases).where(cases.c.id == record.case).with_for_update())
    if row is None or State(row["state"]) in OPEN:
        return False
    if not (folder.name == row["address"] or _lies_where_written(folder, record)):
        return False
    take_away(folder)
    return True


def _lies_where_written(folder: Path, record: Record) -> bool:
    """Not a copy under another name: an erased case does not know its address any more."""
    mark = Mark(record.mark, record.country) if record.mark else None
    named = bool(MARK_LIKE.search(folder.name)) or (mark is not None and mentions(folder.name, mark))
    return record.id == slugify(folder.name) or (named and record.id.startswith("car-"))


def _texts(home: Path) -> list[str]:
    folder = home / BESIDE
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def _swept_text(tx: Tx, home: Path, case_id: str) -> bool:
    row = tx.row(sa.select(cases.c.state).where(cases.c.id == case_id).with_for_update())
    if row is None or row["state"] != State.ERASED:
        return False
    Beside(home).remove(case_id)
    return True
