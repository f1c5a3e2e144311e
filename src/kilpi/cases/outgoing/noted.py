"""What `kilpi publish` sends, held against the cases and noted in them; and what stays out meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from kilpi.adverts.folders import advert_digest
from kilpi.adverts.records import DECISION
from kilpi.cases import jobs
from kilpi.cases.case import AT_WORK, OPEN, Case, Event, Kind, State
from kilpi.cases.forgetting.retention import NAMES
from kilpi.cases.lists import MOST, every, to_take_down
from kilpi.cases.outgoing.corrected import CORRECTED, corrected, is_held
from kilpi.cases.outgoing.publish import SENT
from kilpi.cases.projection import Projection, project
from kilpi.cases.records import append, events_of, lock, publish_key, publish_kind
from kilpi.cases.verbs import published, taken_down
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
    """An advert that a run sends: its public id, its digest, whether the place did not have it before, and
    whether what it has may not stay.
    """

    identity: str
    advert: str
    new: bool
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class _Down:
    """A case that is out and not sent: its public names, and whether these must go. Empty: from before they
    were kept.
    """

    names: tuple[str, ...]
    why: Mapping[str, str] = field(default_factory=dict)
    must: bool = True


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
    kept: dict[str, str | None] = field(default_factory=dict)  # public id -> VIN
    left: set[str] = field(default_factory=set)  # former public ids of cars that are sent
    down: dict[str, _Down] = field(default_factory=dict)  # by case

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
        events = events_of(tx, mine.id)
        now = project(events)
        if advert_digest(record) != now.advert:
            return NOT_THE_CASES, mine.id, None
        new = now.live.get(self.target) != now.advert or self.target in now.sending
        wrong = self.target in corrected(events, now)
        if new:
            append(tx, mine.id, Kind.PUBLISHING, self.target, {"target": self.target})
        return "", mine.id, _Sent(record.id, now.advert, new, wrong)

    def stays(self) -> dict[str, str | None]:
        """Public id -> VIN of cars that are out and asked about, or whose folder was refused: their adverts
        stay meanwhile.

        Those stay not that a person corrected since (`kilpi.cases.outgoing.corrected`).
        """
        for case in self._out_there():
            events = self.store.read(lambda tx, case=case: events_of(tx, case.id))  # type: ignore[misc]
            now, sent = project(events), self.sent.get(case.id)
            names = now.names(self.target)
            if self.target not in now.live:
                continue
            if sent:
                self.left.update(name for name in names if name != sent.identity)
            elif self._comes_down(case, events, now):
                self.down[case.id] = _Down(names, CORRECTED)
            elif case.state not in OPEN:
                self.down[case.id] = _Down(names)
            elif case.state in SENT and case.id not in self.refused:
                self.down[case.id] = _Down(names, must=False)  # its folder is gone, or of another OUT
            else:
                record = read_record(self.out / case.address / DECISION)
                self.kept |= dict.fromkeys(names, record.vin if record else None)
                self.kept |= {record.id: record.vin} if record else {}
        return self.kept

    def goes(self, unsent: Collection[str]) -> set[str]:
        """The public ids of cars that are over, of corrected adverts, also where the right one is `unsent`,
        and of what a car was called before.
        """
        wrong = {sent.identity for sent in self.sent.values() if sent.wrong}
        must = (name for down in self.down.values() if down.must for name in down.names)
        return self.left | wrong.intersection(unsent) | {*must}

    def after(self, withdrawn: Collection[str] = (), unsent: Collection[str] = ()) -> None:
        """After all was sent, but `unsent` (public ids), and the others were `withdrawn`: noted as out or as
        down is what this run did. What the server's jobs would do now is done.
        """
        for case_id, sent in self.sent.items():
            if sent.new and sent.identity not in unsent:
                published(self.store, case_id, self.target, sent.advert)
            elif sent.identity in unsent and sent.identity in withdrawn:
                taken_down(self.store, case_id, self.target, why=CORRECTED)
        there = {*withdrawn, *self.kept, *(sent.identity for sent in self.sent.values())}
        for case_id, down in self.down.items():
            if {*down.names} <= there if down.names else down.must and not unsent:
                case = taken_down(self.store, case_id, self.target, why=down.why)
                if not case.live:
                    (self.out / NAMES / case_id).unlink(missing_ok=True)
        for case_id in jobs.nobodys(self.store, publish_kind(self.target)):
            self.store.write(lambda tx, case_id=case_id: self._drop_job(tx, case_id))  # type: ignore[misc]

    def _out_there(self) -> Iterator[Case]:
        """The cases that are out somewhere, the erased too."""
        yield from (case for case in every(self.store) if case.live and case.state in OPEN)
        after = ""
        while over := to_take_down(self.store, after=after, limit=MOST):
            yield from over
            after = over[-1].id

    def _comes_down(self, case: Case, events: Sequence[Event], now: Projection) -> bool:
        """Whether what is out was corrected since, and the corrected advert is not ready."""
        return is_held(case) and self.target in corrected(events, now)

    def _drop_job(self, tx: Tx, case_id: str) -> None:
        """The job of a case goes, unless there is something left to do."""
        case, events = lock(tx, case_id), events_of(tx, case_id)
        now = project(events)
        if case.state in SENT:
            done = now.live.get(self.target) == now.advert and self.target not in now.sending
        elif case.state in OPEN:
            done = case.state not in AT_WORK and not self._comes_down(case, events, now)
        else:
            done = self.target not in now.live
        if done:
            jobs.cancel(tx, publish_key(self.target, case_id))
