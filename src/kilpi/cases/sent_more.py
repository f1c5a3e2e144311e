"""Photos that were sent for a case which is there already."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from kilpi.cases.arrival import Arrival, How, Received, Sent
from kilpi.cases.case import OPEN
from kilpi.cases.receive import add_photos, answer_new, check_originals, next_car
from kilpi.cases.records import lock, photos_of
from kilpi.cases.sent_files import SentFile
from kilpi.store import Store, Tx
from kilpi.store.tables import cases, photos


def join_case(store: Store, case_id: str, arrival: Arrival) -> Received | None:
    """The photos go to that case; None where they cannot: it is no longer open or another dealer's, one of
    them is another case's already, or all are new and another mark came along.

    Raises CaseMissing, StoreError.
    """

    def do(tx: Tx) -> Received | None:
        tx.lock("originals", shared=True)  # none is removed between this look and the rows
        tx.lock(f"dealer {arrival.dealer}")
        check_originals(store, arrival.photos)
        case = lock(tx, case_id)
        if case.state not in OPEN or case.dealer != arrival.dealer:
            return None
        sent = [photo.sha256 for photo in arrival.photos]
        query = sa.select(photos.c.case_id).join(cases)
        query = query.where(photos.c.sha256.in_(sent), cases.c.dealer == arrival.dealer)
        holders = {row["case_id"] for row in tx.rows(query)}
        if holders - {case_id} or next_car(tx, case, arrival, sent):
            return None
        changed: list[str] = []
        if not set(sent) <= {photo.sha256 for photo in photos_of(tx, case_id)}:
            case = add_photos(tx, case, arrival.photos, arrival.by)
            changed.append("photos")
        case = answer_new(tx, case, arrival, changed)
        return Received(case, How.CHANGED if changed else How.SAME, tuple(changed))

    return store.write(do)


def add_to_case(store: Store, case_id: str, files: Sequence[SentFile], *, by: str) -> Received:
    """Photos that were kept become a case's, behind those it has. Raises CaseError, StoreError."""
    sent = list({file.sha256: Sent(file.sha256, file.path) for file in files}.values())

    def do(tx: Tx) -> Received:
        tx.lock("originals", shared=True)  # none is removed between this look and the rows
        check_originals(store, sent)
        case = lock(tx, case_id)
        known_ones = {photo.sha256 for photo in photos_of(tx, case_id)}
        if all(one.sha256 in known_ones for one in sent):
            return Received(case, How.SAME)
        return Received(add_photos(tx, case, sent, by), How.CHANGED, ("photos",))

    return store.write(do)
