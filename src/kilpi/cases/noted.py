"""What `kilpi publish` sends, held against the cases and noted in them; and what stays out meanwhile."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from kilpi.adverts.folders import advert_digest
from kilpi.adverts.records import DECISION
from kilpi.cases import jobs
from kilpi.cases.case import OPEN, Case, Kind, State
from kilpi.cases.corrected import CORRECTED, corrected, is_held
from kilpi.cases.lists import MOST, every, to_take_down
from kilpi.cases.projection import project
from kilpi.cases.publish import SENT
from kilpi.cases.records import append, events_of, lock, publish_kind
from kilpi.cases.verbs import published, shown_at, taken_down
from kilpi.schemas import read_record
from kilpi.store import Store, Tx
from kilpi.store.tables import cases
from kilpi.types import Record

NOT_THE_CASES = "holds another advert than was decided; run kilpi advert again"


def holds_another(store: Store, out: Path, case: Case) -> bool:
    """Whether a case's folder holds another advert than was decided, as where a worker that had been stopped
    for long wrote over a newer one.
    """
    record = read_record(out / case.address / DECISION) if case.state in SENT else None
    if record is None or record.state != State.READY:
        return False
    events = store.read(lambda tx: events_of(tx, case.id))
    return advert_digest(record) != project(events).advert


@dataclass(frozen=True, slots=True)
class _Sent:
    """An advert that a run sends: its public id, its digest, and whether the place did not have it before."""

    identity: str
    advert: str
    new: bool


@dataclass(slots=True)
class Noted:
    """One run of `kilpi publish`: a `Keeper` that asks the cases whose folders `out` holds, and tells them
    what is out at `target` (the place's name).
    """

    store: Store
    out: Path
    target: str
    sent: dict[str, _Sent] = field(default_factory=dict)  # by case
    refused: set[str] = field(default_factory=set)  # cases that are ready, but not their folders

    def refusal(self, folder: str, record: Record) -> str:
        """Why a folder may not leave: a case's may with the advert that the case says is ready, and no other.

        From here on the car counts as shown, so that a run that is killed leaves nothing behind.
        """
        why, case_id, sent = self.store.write(lambda tx: self._look(tx, folder, record))
        if sent:
            self.sent[case_id] = sent
        elif why == NOT_THE_CASES:
            self.refused.add(case_id)
        return why

    def _look(self, tx: Tx, folder: str, record: Record) -> tuple[str, str, _Sent | None]:
        """Why it may not leave, whose folder it is, and what is sent."""
        query = sa.select(cases.c.id).where((cases.c.address == folder) | (cases.c.id == record.case))
        found = [lock(tx, row["id"]) for row in tx.rows(query.order_by(cases.c.id))]
        if not found:
            return "", "", None
        held = next((case for case in found if case.state not in SENT), None)
        if held:
            return held.state.value, held.id, None
        mine = next((case for case in found if case.address == folder), None)
        if mine is None:
            return NOT_THE_CASES, "", None  # a copy: the case's own folder is another
        now = project(events_of(tx, mine.id))
        if advert_digest(record) != now.advert:
            return NOT_THE_CASES, mine.id, None
        new = now.live.get(self.target) != now.advert or self.target in now.sending
        if new:
            append(tx, mine.id, Kind.PUBLISHING, self.target, {"target": self.target})
        return "", mine.id, _Sent(record.id, now.advert, new)

    def stays(self) -> dict[str, str | None]:
        """Public id -> VIN of cars that are out and asked about, or whose folder was refused: their adverts
        stay meanwhile.

        Those stay not whose pictures a person corrected since (`kilpi.cases.corrected`).
        """
        kept: dict[str, str | None] = {}
        for case in every(self.store):
            asked = case.state in OPEN and (case.state not in SENT or case.id in self.refused)
            if case.live and asked and self.target in shown_at(self.store, case.id):
                record = read_record(self.out / case.address / DECISION)
                if record is not None and not self._comes_down(case):
                    kept[record.id] = record.vin
        return kept

    def _comes_down(self, case: Case) -> bool:
        """Whether what is out was corrected since, and the corrected advert is not ready."""
        if not case.live or not is_held(case):
            return False
        events = self.store.read(lambda tx: events_of(tx, case.id))
        return self.target in corrected(events, project(events))

    def after(self, unsent: Collection[str] = ()) -> None:
        """After the others were sent, and what is ready no more withdrawn; not `unsent` (public ids)."""
        for case_id, sent in self.sent.items():
            if sent.new and sent.identity not in unsent:
                published(self.store, case_id, self.target, sent.advert)
        if unsent:
            return  # perhaps one of those that should be down
        self._note_gone()
        while job := jobs.take(self.store, [publish_kind(self.target)]):
            done = job
            self.store.write(lambda tx, done=done: jobs.complete(tx, done))  # type: ignore[misc]

    def _note_gone(self) -> None:
        """What was withdrawn: cars that are over, and corrected adverts that are not ready."""
        after = ""
        while over := to_take_down(self.store, after=after, limit=MOST):
            for case in over:
                if self.target in shown_at(self.store, case.id):
                    taken_down(self.store, case.id, self.target)
            after = over[-1].id
        for case in every(self.store):
            if self._comes_down(case):
                taken_down(self.store, case.id, self.target, why=CORRECTED)
