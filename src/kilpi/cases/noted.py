"""What `kilpi publish` sent, noted in the cases; and what must stay out because a person is still asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from kilpi.adverts.folders import advert_digest
from kilpi.adverts.records import DECISION
from kilpi.cases import jobs
from kilpi.cases.case import OPEN, Case, State
from kilpi.cases.corrected import CORRECTED, HELD, corrected
from kilpi.cases.lists import MOST, every, to_take_down
from kilpi.cases.projection import project
from kilpi.cases.publish import SENT
from kilpi.cases.records import events_of, publish_kind
from kilpi.cases.verbs import published, publishing, shown_at, taken_down
from kilpi.errors import CaseRefused
from kilpi.schemas import read_record
from kilpi.store import Store

NOT_THE_CASES = "holds another advert than was decided; run kilpi advert again"
NONE: Mapping[str, str] = MappingProxyType({})


def to_keep(store: Store, out: Path, target: str, refused: Collection[str] = ()) -> dict[str, str | None]:
    """Public id -> VIN of cars that are out at `target` and asked about, or whose folder is `refused`: their
    adverts stay meanwhile.

    Those stay not whose pictures a person corrected since (`kilpi.cases.corrected`).
    """
    kept: dict[str, str | None] = {}
    for case in every(store):
        asked = case.state in OPEN and (case.state not in SENT or case.address in refused)
        if case.live and asked and target in shown_at(store, case.id):
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


def not_the_cases(store: Store, out: Path) -> dict[str, str]:
    """Folder -> why it may not leave: it holds another advert than its case was decided to have."""
    return {case.address: NOT_THE_CASES for case in every(store) if holds_another(store, out, case)}


def holds_another(store: Store, out: Path, case: Case) -> bool:
    """Whether a case's folder holds another advert than was decided, as where a worker that had been stopped
    for long wrote over a newer one.
    """
    record = read_record(out / case.address / DECISION) if case.state in SENT else None
    if record is None or record.state != State.READY or record.case not in ("", case.id):
        return False
    events = store.read(lambda tx: events_of(tx, case.id))
    return advert_digest(record) != project(events).advert


def note_sending(store: Store, out: Path, target: str, refused: Collection[str] = ()) -> dict[str, str]:
    """Before the ready cars of `out` are sent to `target`, those in `refused` folders not: from here on each
    counts as shown there.

    Gives the digest of what is sent, by case, for `note_sent`.
    """
    sending = {}
    for case in every(store):
        if case.address in refused:
            continue
        record = read_record(out / case.address / DECISION) if case.state is State.READY else None
        if record is not None and record.state == State.READY and target not in shown_at(store, case.id):
            with suppress(CaseRefused):  # sold or asked about meanwhile
                sending[case.id] = publishing(store, case.id, target)
    return sending


def note_sent(
    store: Store,
    out: Path,
    target: str,
    unsent: Collection[str],
    sending: Mapping[str, str] = NONE,
    refused: Collection[str] = (),
) -> None:
    """After all ready cars of `out` were sent to `target`, and the others withdrawn; not `unsent` (ids), nor
    those in `refused` folders.

    `sending` is what `note_sending` gave: those are sent once, and so noted once as being published.
    """
    for case in every(store):
        sent = case.state in SENT and case.address not in refused
        record = read_record(out / case.address / DECISION) if sent else None
        if record is None or record.state != State.READY or record.id in unsent:
            continue
        if case.state is State.READY or target not in shown_at(store, case.id):
            with suppress(CaseRefused):  # sold or asked about meanwhile
                advert = sending.get(case.id) or publishing(store, case.id, target)
                published(store, case.id, target, advert)
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
