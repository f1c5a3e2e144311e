"""How much we ask of a provider: a daily budget, and a circuit that opens when it keeps failing."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kilpi.errors import RegisterRefused, RegisterUnavailable
from kilpi.registers.cache import told_of


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as the register parts see it; tests bring their own."""

    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class DailyBudget:
    """Counts requests a provider and UTC day; in a SQLite file the count is shared by all processes.

    `limit` None counts without refusing. A file is needed for a budget that outlives the process.
    """

    def __init__(
        self, provider: str, limit: int | None, path: Path | None = None, clock: Clock | None = None
    ):
        self.provider, self.limit = provider, limit
        self._clock = clock or Clock()
        self._lock = threading.Lock()
        self._path = path
        self._memory: dict[str, int] = {}

    def spend(self) -> None:
        """Counts one request. Raises RegisterRefused where the day's budget is spent."""
        day = self._clock.now().astimezone(UTC).date().isoformat()
        with self._lock:
            allowed = self._spend_in_file(day) if self._path else self._spend_in_memory(day)
        if not allowed:
            raise RegisterRefused(
                f"{self.provider}: today's budget of {self.limit} requests is spent; "
                "wait for 00:00 UTC or raise KILPI_REGISTER_DAILY_BUDGET"
            )

    def _spend_in_memory(self, day: str) -> bool:
        spent = self._memory.get(day, 0)
        if self.limit is not None and spent >= self.limit:
            return False
        self._memory = {day: spent + 1}
        return True

    def _spend_in_file(self, day: str) -> bool:
        assert self._path is not None
        with (
            told_of(self._path),
            closing(sqlite3.connect(self._path, timeout=10, isolation_level=None)) as db,
        ):
            db.execute(
                "CREATE TABLE IF NOT EXISTS asked "
                "(provider TEXT, day TEXT, requests INTEGER NOT NULL, PRIMARY KEY (provider, day))"
            )
            db.execute("BEGIN IMMEDIATE")  # the count and the check are one step for all processes
            row = db.execute(
                "SELECT requests FROM asked WHERE provider = ? AND day = ?", (self.provider, day)
            ).fetchone()
            spent = row[0] if row else 0
            if self.limit is not None and spent >= self.limit:
                db.execute("ROLLBACK")
                return False
            db.execute(
                "INSERT INTO asked VALUES (?, ?, 1) "
                "ON CONFLICT (provider, day) DO UPDATE SET requests = requests + 1",
                (self.provider, day),
            )
            db.execute("DELETE FROM asked WHERE day < ?", (day,))
            db.execute("COMMIT")
        return True


def spent_today(provider: str, path: Path, clock: Clock | None = None) -> int:
    """Requests of today (UTC) that a budget's file has counted, of all processes; 0 where there is none."""
    day = (clock or Clock()).now().astimezone(UTC).date().isoformat()
    if not path.is_file():
        return 0
    try:
        with closing(sqlite3.connect(path, timeout=10)) as db:
            where = "SELECT requests FROM asked WHERE provider = ? AND day = ?"
            row = db.execute(where, (provider, day)).fetchone()
    except sqlite3.Error:
        return 0  # nothing was counted yet
    return int(row[0]) if row else 0


class Breaker:
    """Opens after `failures` in a row and lets nothing through for `pause_s`; then one try decides."""

    def __init__(self, provider: str, failures: int = 5, pause_s: float = 60.0, clock: Clock | None = None):
        self.provider, self.failures, self.pause_s = provider, failures, pause_s
        self._clock = clock or Clock()
        self._lock = threading.Lock()
        self._failed = 0
        self._closed_again = 0.0  # on the monotonic clock

    def check(self) -> None:
        """Raises RegisterUnavailable while the circuit is open."""
        with self._lock:
            wait = self._closed_again - self._clock.monotonic()
            if wait > 0:
                raise RegisterUnavailable(
                    f"{self.provider}: not asked, it failed repeatedly; again in {wait:.0f} s"
                )

    def succeeded(self) -> None:
        """The provider gave a usable answer, "not registered" included."""
        with self._lock:
            self._failed = 0

    def failed(self, pause_s: float = 0.0) -> None:
        """One failure; `pause_s` is what the provider itself asked for (Retry-After)."""
        with self._lock:
            self._failed += 1
            # After the pause one more failure opens it at once: the count is not reset.
            pause = max(pause_s, self.pause_s if self._failed >= self.failures else 0.0)
            if pause:
                self._closed_again = self._clock.monotonic() + pause
