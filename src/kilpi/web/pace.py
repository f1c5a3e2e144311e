"""When a question was shown, in a form's field that its session alone can make; see `cases.asking.pace`."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime

from kilpi.cases.asking.pace import staff_seconds
from kilpi.web.visitor import Visitor


def shown_now(visitor: Visitor) -> str:
    """The moment of now, for the field `shown`."""
    moment = f"{datetime.now(UTC).timestamp():.3f}"
    return f"{moment}-{_seal(visitor, moment)}"


def seconds_of(visitor: Visitor, shown: str, spent: str) -> float | None:
    """Seconds of work by the fields `shown` and `spent`; None where the first is not what was given out."""
    moment, _, seal = shown.partition("-")
    if not seal or not hmac.compare_digest(seal.encode(), _seal(visitor, moment).encode()):
        return None
    try:
        told = float(spent) if spent else None
    except ValueError:
        told = None
    return staff_seconds(told, datetime.fromtimestamp(float(moment), UTC), datetime.now(UTC))


def _seal(visitor: Visitor, moment: str) -> str:
    return hmac.new(visitor.csrf.encode(), f"shown {moment}".encode(), "sha256").hexdigest()[:32]
