"""How long a person was busy with a question: between its showing and the answer, pauses left out.

The page counts the seconds in which somebody moved, scrolled or typed; a pause counts for `IDLE_S` at most.
What it sends is believed only up to what passed on the server's own clock, and up to `MOST_S`.
"""

from __future__ import annotations

from datetime import datetime

IDLE_S = 30.0  # of a pause, so much is looking at the photo; static/pace.js has the same number
MOST_S = 600.0  # longer than anybody looks at one plate


def staff_seconds(told: float | None, shown: datetime, now: datetime) -> float:
    """Seconds of work. `told` is what the page counted, None without its script; `shown` when it was made."""
    passed = max(0.0, (now - shown).total_seconds())
    counted = passed if told is None or not 0 <= told < float("inf") else told
    return round(min(counted, passed, MOST_S), 1)
