"""Slows down who guesses passwords: after a few failures each further one must wait twice as long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

FREE = 5  # failures that cost nothing
FIRST_S, MOST_S = 2.0, 900.0  # the first wait, doubled each time, and the longest
FORGET_S = 3600.0  # without a failure for so long, all is forgotten
MOST_KEYS = 10_000  # names and addresses remembered at once


@dataclass
class Throttle:
    """Counts failures a key (a name, an address). In memory: a restart forgets, and nothing is written."""

    clock: Callable[[], float] = time.monotonic
    failures: dict[str, tuple[int, float]] = field(default_factory=dict)  # key -> (how many, when last)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_s(self, *keys: str) -> float:
        """How long these must wait still; 0: they may try."""
        with self.lock:
            return max((self._wait_s(key) for key in keys), default=0.0)

    def _wait_s(self, key: str) -> float:
        count, last = self.failures.get(key, (0, 0.0))
        if count < FREE:
            return 0.0
        return max(0.0, last + min(FIRST_S * 2.0 ** (count - FREE), MOST_S) - self.clock())

    def failed(self, *keys: str) -> None:
        """One more failure of each."""
        with self.lock:
            now = self.clock()
            for key in keys:
                count, last = self.failures.get(key, (0, now))
                self.failures[key] = (count + 1 if now - last < FORGET_S else 1, now)
            if len(self.failures) > MOST_KEYS:
                kept = sorted(self.failures.items(), key=lambda item: item[1][1])[-MOST_KEYS // 2 :]
                self.failures = dict(kept)

    def succeeded(self, *keys: str) -> None:
        """All is well with these."""
        with self.lock:
            for key in keys:
                self.failures.pop(key, None)
