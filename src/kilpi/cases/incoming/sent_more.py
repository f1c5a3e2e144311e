"""What was sent for a case which is there already: photos, and texts beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kilpi.adverts.dealer_stock import load_offer
from kilpi.cases.answers import combine
from kilpi.cases.case import OPEN, State
from kilpi.cases.incoming.arrival import Arrival, How, Received, Sent
from kilpi.cases.incoming.beside import Beside, car_file_in, notes_among
from kilpi.cases.incoming.matching import far_off
from kilpi.cases.incoming.receive import add_photos, answer_new, check_originals, next_car
from kilpi.cases.incoming.sent_files import SentFile
from kilpi.cases.lists import history, read_case
from kilpi.cases.records import lock, photos_of
from kilpi.cases.shared import others_have
from kilpi.cases.verbs import rerun
from kilpi.store import Store, Tx


def join_case(store: Store, case_id: str, arrival: Arrival) -> Received | None:
    """The photos go to that case; None where they cannot: it is no longer open or another dealer's, or all
    are new and what came along is not of this car.

    Those that other cases of the dealer have already stay with them: a banner that is in every mail shows no
    car. Raises CaseMissing, StoreError.
    """

    def do(tx: Tx) -> Received | None:
        tx.lock("originals", shared=True)  # none is removed between this look and the rows
        tx.lock(f"dealer {arrival.dealer}")
        check_originals(store, arrival.photos)
        case = lock(tx, case_id)
        if case.state not in OPEN or case.dealer != arrival.dealer:
            return None
        own = {photo.sha256 for photo in photos_of(tx, case_id)}
        sent = {photo.sha256: photo for photo in arrival.photos if photo.sha256 not in own}
        others = others_have(tx, case, sent)
        new = [photo for sha256, photo in sent.items() if sha256 not in others]
        if next_car(tx, case, arrival, {photo.sha256 for photo in arrival.photos} - others):
            return None
        changed: list[str] = []
        if new:
            case = add_photos(tx, case, new, arrival.by)
            changed.append("photos")
        case = answer_new(tx, case, arrival, changed)
        return Received(case, How.CHANGED if changed else How.SAME, tuple(changed), tuple(sorted(others)))

    return store.write(do)


def tells_another(store: Store, beside: Beside, case_id: str, texts: Sequence[Path]) -> bool:
    """Whether texts that came with photos tell another mileage than the case has: people answer an old mail
    to write about another car. Raises CaseMissing, StoreError.
    """
    case, kept = read_case(store, case_id), beside.texts(case_id)
    said = combine(history(store, case_id)).facts.odometer_km
    stock = beside.stock_of(case)
    had = load_offer(case.reference, car_file_in(kept), stock, notes_among(kept), case.mark)[0]
    came = load_offer(case.reference, car_file_in(texts), None, notes_among(texts))[0]
    return far_off(said or had.odometer_km, came.odometer_km)


def put_texts(
    store: Store, beside: Beside, received: Received, texts: Mapping[str, bytes], by: str
) -> Received:
    """Texts are put beside a case; new ones decide it again. Raises StoreError, OutputError."""
    if not beside.put(received.case.id, texts):
        return received
    case = read_case(store, received.case.id)
    if case.state in OPEN and case.state is not State.RECEIVED:  # a worker has begun without them
        case = rerun(store, case.id, by=by, why="notes")
        how = How.CHANGED if received.how is How.SAME else received.how
        changed = (*received.changed, *(["notes"] if how is How.CHANGED else []))
        return replace(received, case=case, how=how, changed=changed)
    return replace(received, case=case)


def tell_case(
    store: Store, data: Path, case_id: str, texts: Mapping[str, bytes], *, dealer: str, by: str
) -> Received | None:
    """Texts alone, about that case; None where it is no longer open or another dealer's.

    Raises CaseMissing, StoreError, OutputError.
    """
    case = read_case(store, case_id)
    if case.state not in OPEN or case.dealer != dealer:
        return None
    return put_texts(store, Beside(data), Received(case, How.SAME), texts, by)


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
