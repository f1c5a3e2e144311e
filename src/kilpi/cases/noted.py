"""What `kilpi publish` sent, noted in the cases; and what must stay out because a person is still asked."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from kilpi.adverts.records import DECISION
from kilpi.cases import jobs
from kilpi.cases.case import OPEN, Case, State
from kilpi.cases.corrected import CORRECTED, HELD, corrected
from kilpi.cases.lists import MOST, every, to_take_down
from kilpi.cases.projection import project
from kilpi.cases.records import events_of, publish_kind
from kilpi.cases.verbs import published, publishing, shown_at, taken_down
from kilpi.errors import CaseRefused
from kilpi.schemas import read_record
from kilpi.store import Store

SENT = (State.READY, State.PUBLISHED)


def to_keep(store: Store, out: Path, target: str) -> dict[str, str | None]:
    """Public id -> VIN of cars that are out at `target` and asked about: their adverts stay meanwhile.

    Those stay not whose pictures a person corrected since (`kilpi.cases.corrected`).
    """
    kept: dict[str, str | None] = {}
    for case in every(store):
        if case.live and case.state in OPEN and case.state not in SENT and target in shown_at(store, case.id):
            record = read_record(out / case.address / DECISION)
            if record is not None and not _comes_down(store, case, target):
                kept[record.id] = record.vin
    return kept


def _comes_down(store: Store, case: Case, target: str) -> bool:
    """Whether what is out was corrected since, and the corrected advert is not ready."""
    if not case.live or case.state not in HELD:
        return False
    events = store.read(lambda tx: events_of(tx, case.id))
    return target in corrected(events, project(events))


def note_sending(store: Store, out: Path, target: str) -> None:
    """Before the ready cars of `out` are sent to `target`: from here on each counts as shown there."""
    for case in every(store):
        record = read_record(out / case.address / DECISION) if case.state is State.READY else None
        if record is not None and record.state == State.READY and target not in shown_at(store, case.id):
            with suppress(CaseRefused):  # sold or asked about meanwhile
                publishing(store, case.id, target)


def note_sent(store: Store, out: Path, target: str, unsent: Collection[str]) -> None:
    """After all ready cars of `out` were sent to `target`, and the others withdrawn; not `unsent` (ids)."""
    for case in every(store):
        record = read_record(out / case.address / DECISION) if case.state in SENT else None
        if record is None or record.state != State.READY or record.id in unsent:
            continue
        if case.state is State.READY or target not in shown_at(store, case.id):
            with suppress(CaseRefused):  # sold or asked about meanwhile
                published(store, case.id, target, publishing(store, case.id, target))
    if unsent:
        return  # perhaps one of those that should be down
    _note_gone(store, target)
    while job := jobs.take(store, [publish_kind(target)]):
        done = job
        store.write(lambda tx, done=done: jobs.complete(tx, done))  # type: ignore[misc]


def _note_gone(store: Store, target: str) -> None:
    """What was withdrawn at `target`: cars that are over, and corrected adverts that are not ready."""
    after = ""
    while over := to_take_down(store, after=after, limit=MOST):
        for case in over:
            if target in shown_at(store, case.id):
                taken_down(store, case.id, target)
        after = over[-1].id
    for case in every(store):
        if _comes_down(store, case, target):
            taken_down(store, case.id, target, why=CORRECTED)
