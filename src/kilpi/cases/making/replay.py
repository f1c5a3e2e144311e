"""A past decision once more: from its event alone, with the photos and answers of then."""

from __future__ import annotations

from dataclasses import dataclass

from kilpi.cases.answers import combine
from kilpi.cases.case import CasePhoto, Event, Kind
from kilpi.cases.flow import Flow, Later, Outcome, Task
from kilpi.cases.making.decide import outcome_data, with_dealer
from kilpi.cases.records import events_of, get, photos_of
from kilpi.errors import CaseMissing, CaseRefused
from kilpi.store import Store, Tx


@dataclass(frozen=True, slots=True)
class Replay:
    """What the flow makes of an old decision's task now. `differing`: the fields that are not as then."""

    event: Event
    outcome: Outcome
    differing: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether the decision would be made in the same way again."""
        return not self.differing


def replay(store: Store, case_id: str, seq: int, flow: Flow) -> Replay:
    """Runs the flow on what the decision `seq` was made from; keeps nothing.

    Raises CaseMissing (no such decision, or it was erased), CaseRefused where a register gives no answer now.
    """
    event, task = store.read(lambda tx: _task_of(tx, case_id, seq))
    outcome = flow(task)
    if isinstance(outcome, Later):
        raise CaseRefused(f"case {case_id}: a register gives no answer now; replay it later")
    now = outcome_data(with_dealer(outcome, task.case))
    return Replay(event, outcome, tuple(name for name, value in now.items() if event.data.get(name) != value))


def _task_of(tx: Tx, case_id: str, seq: int) -> tuple[Event, Task]:
    case, events = get(tx, case_id), events_of(tx, case_id)
    event = next((part for part in events if part.seq == seq and part.kind is Kind.DECIDED), None)
    if event is None or not event.data:
        raise CaseMissing(f"case {case_id}: its event {seq} is no decision; see its history")
    before = [part for part in events if part.seq < seq]
    since = next(part.at for part in before if part.seq == event.data["basis"])
    known = {photo.sha256: photo for photo in photos_of(tx, case_id)}
    photos = tuple(known.get(sha256, CasePhoto(sha256, "")) for sha256 in event.data["photos"])
    return event, Task(case, photos, combine(before), event.data["basis"], since)
