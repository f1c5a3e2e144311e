"""When to ask again: after which answers, and after how long."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})  # HTTP statuses that another try may mend (RFC 9110)


def pause_s(attempt: int, asked: float | None = None, first: float = 0.5, longest: float = 8.0) -> float:
    """Seconds to wait after try `attempt` (from 0): twice as long each time, or what the server asked."""
    own = min(longest, first * 2.0**attempt)
    return own if asked is None else max(own, asked)


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3), as seconds or HTTP-date; else None."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
