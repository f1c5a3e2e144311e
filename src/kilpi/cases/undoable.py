"""What could be taken back of a case and what hinders it, for the page that offers it and for the verb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from kilpi.cases.case import LIST_SAYS, OPEN, Case, Event, Kind
from kilpi.cases.projection import project, to_undo
from kilpi.cases.records import events_of, get
from kilpi.store import Store, Tx
from kilpi.store.tables import cases


@dataclass(frozen=True, slots=True)
class Undoable:
    """The event that would be taken back. `other`: the case whose the car is now, which hinders it; "": none
    does. `is_foreign`: that case is another dealer's, and nobody else's to know.
    """

    event: Event
    other: str = ""
    is_foreign: bool = False

    @property
    def is_moved(self) -> bool:
        """Whether the photos went to the other case, so that only moving them back helps."""
        return bool(self.event.data.get("into"))


def undoable(store: Store, case_id: str) -> Undoable | None:
    """What `undo` would take back of the case; None: nothing. Raises CaseMissing, StoreError."""
    return store.read(lambda tx: undoable_in(tx, get(tx, case_id), events_of(tx, case_id)))


def may_take_back(event: Event, by: str) -> bool:
    """Whether one who takes back only its own may take this back: what the list said is the dealer's."""
    return event.by == by or event.data.get("why") == LIST_SAYS


def undoable_in(tx: Tx, case: Case, events: Sequence[Event]) -> Undoable | None:
    """The same of a case and all of its events."""
    last = to_undo(events)
    if last is None:
        return None
    if into := last.data.get("into"):
        return Undoable(last, str(into))
    if last.kind not in (Kind.SOLD, Kind.WITHDRAWN):
        return Undoable(last)
    return _again(tx, case, events, last)


def _again(tx: Tx, case: Case, events: Sequence[Event], last: Event) -> Undoable:
    """A car that came again after its sale has an advert of its own by now."""
    back = project([event for event in events if event.seq != last.seq])
    if back.mark is None or not back.settled:
        return Undoable(last)
    same = (cases.c.mark == back.mark.text) & (cases.c.country == back.mark.country) & cases.c.settled
    query = sa.select(cases.c.id, cases.c.dealer).where(same, cases.c.id != case.id, cases.c.state.in_(OPEN))
    other = tx.row(query.limit(1))
    return Undoable(last, str(other["id"]), other["dealer"] != case.dealer) if other else Undoable(last)
