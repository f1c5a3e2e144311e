"""Answers that are kept, so that the same car costs one query: one SQLite table, safe for many processes.

SQLite by the standard library: one more dependency for four statements is not worth it now. The statements
are plain SQL behind one class, so the store that comes later can hold the table in Postgres instead.
The file holds marks and chassis numbers: only its owner may read it, and expired rows are deleted.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from kilpi.errors import NotRegistered, RegisterUnavailable, UsageError
from kilpi.ports import Register
from kilpi.registers.trace import Step, Watch, ignore, watched_look_up, watched_look_up_vin
from kilpi.schemas import vehicle_from_json, vehicle_to_json
from kilpi.text import compact_mark
from kilpi.types import Mark, Vehicle

_TABLE = """CREATE TABLE IF NOT EXISTS kept (
    register TEXT NOT NULL, country TEXT NOT NULL, mark TEXT NOT NULL,
    expires REAL NOT NULL, vehicle TEXT, PRIMARY KEY (register, country, mark))"""

_EXPIRED = "DELETE FROM kept WHERE expires <= ?"


class KeptAnswers:
    """The table. `vehicle` NULL: the register answered "no such mark". Times are Unix seconds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Created with narrow rights from the start, not narrowed afterwards.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            with closing(self._connect()) as db:
                db.execute(_TABLE)
        except (OSError, sqlite3.Error) as error:
            raise UsageError(
                f"kept answers {path}: cannot be used ({type(error).__name__}); see KILPI_KEPT_ANSWERS"
            ) from None

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        db.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten, however SQLite was built
        return db

    @contextmanager
    def _used(self) -> Iterator[sqlite3.Connection]:
        """A connection. Raises RegisterUnavailable where the file is damaged, locked for long or full."""
        with told_of(self.path), closing(self._connect()) as db:
            yield db

    def get(self, register: str, mark: Mark, now: float) -> tuple[bool, Vehicle | None]:
        """(kept, vehicle): (True, None) is a kept "not registered", (False, None) means nothing is kept.

        Raises RegisterUnavailable where the file cannot be used: to ask on would pay for each car anew.
        """
        where = (register, mark.country or "", compact_mark(mark.text), now)
        with self._used() as db:
            row = db.execute(
                "SELECT vehicle FROM kept WHERE register = ? AND country = ? AND mark = ? AND expires > ?",
                where,
            ).fetchone()
        if row is None:
            return False, None
        try:
            return True, None if row[0] is None else vehicle_from_json(row[0])
        except ValueError:
            return False, None  # written by another version: ask again

    def put(self, register: str, mark: Mark, vehicle: Vehicle | None, expires: float, now: float) -> None:
        """Keeps one answer, and deletes what has expired. Raises RegisterUnavailable."""
        text = None if vehicle is None else vehicle_to_json(vehicle)
        with self._used() as db:
            db.execute(_EXPIRED, (now,))
            db.execute(
                "INSERT INTO kept VALUES (?, ?, ?, ?, ?) ON CONFLICT (register, country, mark) "
                "DO UPDATE SET expires = excluded.expires, vehicle = excluded.vehicle",
                (register, mark.country or "", compact_mark(mark.text), expires, text),
            )

    def forget_expired(self, now: float) -> int:
        """Deletes what has expired, also where nothing new is asked any more. How many answers.

        Raises RegisterUnavailable.
        """
        with self._used() as db:
            return db.execute(_EXPIRED, (now,)).rowcount

    def forget(self, mark: Mark) -> None:
        """Deletes every answer about this mark, of all registers. Raises RegisterUnavailable."""
        with self._used() as db:
            db.execute("DELETE FROM kept WHERE mark = ?", (compact_mark(mark.text),))


@contextmanager
def told_of(path: Path) -> Iterator[None]:
    """Raises RegisterUnavailable for what SQLite says of the file of kept answers and counts."""
    try:
        yield
    except sqlite3.Error as error:
        raise RegisterUnavailable(
            f"kept answers {path.name}: cannot be used ({type(error).__name__}); move the file away, or see "
            "KILPI_KEPT_ANSWERS"
        ) from None


class CachedRegister:
    """Any register, asked only where no answer is kept. Failures are never kept."""

    def __init__(
        self,
        register: Register,
        name: str,
        answers: KeptAnswers,
        keep_s: float = 7 * 86_400,
        keep_not_found_s: float = 6 * 3_600,
        watch: Watch = ignore,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._register, self._name, self._answers = register, name, answers
        self._keep_s, self._keep_not_found_s = keep_s, keep_not_found_s
        self._watch, self._now = watch, now

    def look_up(self, mark: Mark) -> Vehicle:
        """The kept answer, else the register's, which is then kept."""
        begun, now = time.perf_counter(), self._now()
        kept, vehicle = self._answers.get(self._name, mark, now)
        if kept:
            ms = (time.perf_counter() - begun) * 1000
            self._watch(Step(self._name, "found" if vehicle else "NotRegistered", True, ms))
            if vehicle is None:
                raise NotRegistered(f"{self._name}: does not know this mark (kept answer)")
            return vehicle
        try:
            vehicle = watched_look_up(self._register, self._name, mark, self._watch)
        except NotRegistered:
            self._keep(mark, None, now + self._keep_not_found_s, now)
            raise
        self._keep(mark, vehicle, now + self._keep_s, now)
        return vehicle

    def _keep(self, mark: Mark, vehicle: Vehicle | None, expires: float, now: float) -> None:
        with suppress(RegisterUnavailable):  # the answer is there, and paid for
            self._answers.put(self._name, mark, vehicle, expires, now)

    def look_up_vin(self, vin: str) -> Vehicle:
        """The register's answer; answers by VIN are not kept, for they could not be forgotten by mark."""
        return watched_look_up_vin(self._register, self._name, vin, self._watch)

    def forget(self, mark: Mark) -> None:
        """Deletes what is kept of this mark."""
        self._answers.forget(mark)
