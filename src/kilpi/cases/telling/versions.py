"""A case's history as people read it: with the versions of its advert, and what was taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kilpi.cases.case import Event, Kind, State
from kilpi.cases.projection import standing

ADVERTS = frozenset({State.DRAFT.value, State.READY.value})  # decisions that made an advert


@dataclass(frozen=True, slots=True)
class Step:
    """One event. `version`: of the advert that it made, or put out; 0: none. `undone`: taken back since."""

    event: Event
    version: int = 0
    undone: bool = False


def steps(events: Sequence[Event]) -> list[Step]:
    """All events of a case, in order; versions are counted as the case's own."""
    stand = {event.seq for event in standing(events)}
    # What came before an erasure is over, and was not taken back.
    erased = max((event.seq for event in events if event.kind is Kind.ERASED), default=0)
    numbers: dict[str, int] = {}
    version, last = 0, ""
    found = []
    for event in events:
        number = 0
        if event.seq in stand and event.kind is Kind.DECIDED and event.data.get("state") in ADVERTS:
            digest = event.data["advert"]
            if digest not in ("", last):
                version, last = version + 1, digest
                numbers[digest] = number = version
        elif event.kind is Kind.PUBLISHED:
            number = numbers.get(event.data.get("advert", ""), 0)
        found.append(Step(event, number, event.seq not in stand and event.seq > erased))
    return found
