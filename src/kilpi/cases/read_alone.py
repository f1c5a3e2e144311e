"""What the photos alone say surely, held against what a person said.

A mark that a register does not know is not sure, however surely it was read: it is why a person was asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from kilpi.cases.case import Event, Kind, live_key
from kilpi.types import Mark, Reason

READ_OTHERWISE = "read_otherwise"  # the photos surely show another mark than the one that was given
UNKNOWN = "not_registered"


def read_otherwise(read: Mark | None, given: Mark | None, events: Sequence[Event]) -> list[Reason]:
    """That the photos surely show another mark, `read`, than the one that was given."""
    if read is None or given is None or live_key(read) == live_key(given) or is_refuted(read, events):
        return []
    return [Reason(READ_OTHERWISE, {"read": read.text})]


def is_refuted(read: Mark, events: Sequence[Event]) -> bool:
    """Whether a register was asked for a mark that was read, and does not know it."""
    decided = (event.data for event in events if event.kind is Kind.DECIDED and event.data)
    return any(
        data["mark"] and live_key(Mark(**data["mark"])) == live_key(read)
        for data in decided
        if any(reason["code"] == UNKNOWN for reason in data["reasons"])
    )


def read_alone(events: Sequence[Event]) -> Mark | None:
    """What the last decision accepted, or would have without the answers, of the photos alone."""
    last = next((event for event in reversed(events) if event.kind is Kind.DECIDED), None)
    return Mark(**last.data["read"]) if last and last.data.get("read") else None
