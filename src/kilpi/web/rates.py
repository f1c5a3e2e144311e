"""How many requests a token may make: a bucket that fills again, in memory, one a token."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_KEYS = 10_000  # buckets at once; the fullest are forgotten first, which lets their owners begin anew


@dataclass
class Rates:
    """`per_minute` requests on the whole, and as many at once; 0: no limit."""

    per_minute: int
    clock: Callable[[], float] = time.monotonic
    buckets: dict[str, tuple[float, float]] = field(default_factory=dict)  # key -> (left, when)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, key: str) -> float:
        """One request: 0.0, or how many seconds to wait for the next that is allowed."""
        if not self.per_minute:
            return 0.0
        with self.lock:
            now = self.clock()
            left, since = self.buckets.get(key, (float(self.per_minute), now))
            left = min(float(self.per_minute), left + (now - since) * self.per_minute / 60)
            if len(self.buckets) >= MOST_KEYS and key not in self.buckets:
                fullest = sorted(self.buckets, key=lambda one: self.buckets[one][0])[MOST_KEYS // 2 :]
                for one in fullest:
                    del self.buckets[one]
            self.buckets[key] = (left - 1 if left >= 1 else left, now)
            return 0.0 if left >= 1 else (1 - left) * 60 / self.per_minute
