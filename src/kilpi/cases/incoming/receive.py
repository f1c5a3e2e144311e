"""Photos come in. Which case they are is decided here, and a second sending is an outcome, not an error.

In this order: what was received under the same receipt; photos that one case of this dealer has all; the open
case of the same folder, or of the same reference; the open case all of whose photos (two or more) are among
them; else a new case. Photos that are called otherwise than the case's may be another car's: `matching` says
what it takes. Whether a new case is a car that is known already shows when its mark is decided: `duplicates`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Any

import sqlalchemy as sa

from kilpi.cases.answers import said_names, to_data, unsaid
from kilpi.cases.asking.against import BY_REFERENCE
from kilpi.cases.case import OPEN, Case, CasePhoto, Event, Kind
from kilpi.cases.incoming.arrival import Arrival, How, Received, Sent
from kilpi.cases.incoming.carrying import take_known_covers
from kilpi.cases.incoming.matching import Called, Told, called, is_named, is_there, same_car
from kilpi.cases.projection import project
from kilpi.cases.records import KILPI, append, columns, events_of, get, insert_event, photos_of, write
from kilpi.errors import KeyReused, StoreError, UsageError
from kilpi.files import path_from_text
from kilpi.store import Store, Tx, uuid7
from kilpi.store.tables import cases, photos

SENT = "sent"  # in the first event: the digest of what came under the case's receipt, where one was given
Data = Mapping[str, Any] | None  # what else an event keeps


def receive(store: Store, arrival: Arrival) -> Received:
    """Files an arrival under its case; the case's job is written with it.

    Raises UsageError (no photos), KeyReused (its receipt came with another digest before), StoreError where
    an original is not there (any more): send it again.
    """
    if not arrival.photos:
        raise UsageError("a case needs a photo; none was given")
    return store.write(lambda tx: receive_in(tx, store, arrival))


def receive_in(tx: Tx, store: Store, arrival: Arrival) -> Received:
    """`receive` as a part of a transaction."""
    tx.lock("originals", shared=True)  # none is removed between this look and the rows
    for owner in sorted(arrival.owners):
        tx.lock(f"dealer {owner}")
    sent = {photo.sha256: photo for photo in reversed(arrival.photos)}
    check_originals(store, sent.values())
    case = _by_receipt(tx, arrival)
    if case:
        return Received(case, How.SAME)
    found = _same_cars(tx, arrival, sent)
    for case, name, all_known in found:
        if all_known:
            return Received(case, How.SAME) if name is Called.BESIDE else _sent_again(tx, case, arrival, sent)
    if case := _by_name(tx, arrival, sent):
        told = Told(case, events_of(tx, case.id), arrival)
        unproven = told.may_be_next(photos_of(tx, case.id), sent, tx.now)
        return _add_to(tx, case, arrival, sent, BY_REFERENCE if unproven else None)
    case = next((case for case, _, _ in found), None)
    return _add_to(tx, case, arrival, sent) if case else Received(new_case(tx, arrival), How.NEW)


def check_originals(store: Store, sent: Iterable[Sent]) -> None:
    """Raises StoreError where one that is not in a folder is not kept (any more)."""
    for photo in sent:
        if photo.path is None and (store.originals is None or not store.originals.has(photo.sha256)):
            raise StoreError(f"photo {photo.sha256[:12]}: is not among the originals; send it again")


def _by_receipt(tx: Tx, arrival: Arrival) -> Case | None:
    if arrival.receipt is None:
        return None
    same = (cases.c.receipt == arrival.receipt) & cases.c.dealer.in_(arrival.owners)
    found = tx.row(sa.select(cases.c.id).where(same))
    if found is None:
        return None
    before = events_of(tx, found["id"])[0].data.get(SENT)
    if arrival.digest and before and arrival.digest != before:
        raise KeyReused("this Idempotency-Key came with another request before; give each request its own")
    return get(tx, found["id"])


def _overlap(tx: Tx, owners: Sequence[str], sent: Mapping[str, Sent]) -> list[tuple[Case, list[CasePhoto]]]:
    """The owners' cases that have any of these photos, and all that they have.

    Open ones first, then the newest. Another dealer's cases are not told, whatever they have.
    """
    query = sa.select(photos.c.case_id).join(cases).distinct()
    query = query.where(photos.c.sha256.in_(sent), cases.c.dealer.in_(owners))
    ids = [row["case_id"] for row in tx.rows(query)]
    found = [(get(tx, case_id), photos_of(tx, case_id)) for case_id in ids]
    found.sort(key=lambda part: (part[0].state in OPEN, part[0].id), reverse=True)
    return found


def _same_cars(tx: Tx, arrival: Arrival, sent: Mapping[str, Sent]) -> list[tuple[Case, Called, bool]]:
    """The cases that these photos are, the likeliest first: how they are called beside each, and whether it
    has all of them.
    """
    found = []
    for case, known in _overlap(tx, arrival.owners, sent):
        name = called(case, known, arrival)
        if same_car(name, known, sent, Told(case, events_of(tx, case.id), arrival)):
            found.append((case, name, sent.keys() <= {photo.sha256 for photo in known}))
    return sorted(found, key=lambda part: part[1] is not Called.SO)


def cars_of(store: Store, dealer: str, sent: Sequence[Sent]) -> list[Received]:
    """The dealer's cases that these photos are in already; none where one of them is in no case."""
    wanted = {one.sha256: one for one in sent}

    def do(tx: Tx) -> list[Received]:
        found = _overlap(tx, (dealer,), wanted)
        there = {photo.sha256 for _, known in found for photo in known}
        return [Received(case, How.SAME) for case, _ in found] if wanted.keys() <= there else []

    return store.read(do)


def _by_name(tx: Tx, arrival: Arrival, sent: Mapping[str, Sent]) -> Case | None:
    """The open case of the same folder; where no folder is given, of the same reference."""
    if not arrival.place and not (arrival.reference and arrival.named):
        return None
    same = cases.c.place == arrival.place if arrival.place else cases.c.reference == arrival.reference
    query = sa.select(cases.c.id).where(same, cases.c.dealer.in_(arrival.owners), cases.c.state.in_(OPEN))
    found = tx.row(query.order_by(cases.c.id.desc()).limit(1))
    case = get(tx, found["id"]) if found else None
    return None if case is None or (not arrival.place and next_car(tx, case, arrival, sent)) else case


def next_car(tx: Tx, case: Case, arrival: Arrival, sent: Collection[str]) -> bool:
    """Whether a case's reference, or its mail, stands for the next car by now."""
    return Told(case, events_of(tx, case.id), arrival).is_next_car(photos_of(tx, case.id), sent)


def _sent_again(tx: Tx, case: Case, arrival: Arrival, sent: Mapping[str, Sent]) -> Received:
    """All photos are known. They may have moved, come back, or be fewer than were in the same folder."""
    known = photos_of(tx, case.id)
    if case.state in OPEN and any(photo.gone for photo in known if photo.sha256 in sent):
        case = _relocate(tx, case, arrival, sent, Kind.PHOTOS_RETURNED)
    elif arrival.place not in ("", case.place) and not any(is_there(photo) for photo in known):
        case = _relocate(tx, case, arrival, sent, Kind.RELOCATED)
    if case.state not in OPEN:
        return Received(case, How.SAME)
    changed: list[str] = []
    if taken := _taken_away(case, arrival, known, sent):
        case = remove_photos(tx, case, taken, arrival.by)
        changed.append("photos")
    case = answer_new(tx, case, arrival, changed)
    return Received(case, How.CHANGED if changed else How.SAME, tuple(changed))


def _relocate(tx: Tx, case: Case, arrival: Arrival, sent: Mapping[str, Sent], kind: Kind) -> Case:
    for photo in sent.values():
        where = (photos.c.case_id == case.id, photos.c.sha256 == photo.sha256)
        tx.run(photos.update().where(*where).values(path=photo.path, name=photo.name, gone=False))
    if arrival.place:
        tx.run(cases.update().where(cases.c.id == case.id).values(place=arrival.place))
    return append(tx, case.id, kind, arrival.by)


def _taken_away(
    case: Case, arrival: Arrival, known: Sequence[CasePhoto], sent: Mapping[str, Sent]
) -> list[str]:
    """Photos that lay in this folder and do not any more."""
    if not arrival.place or arrival.place != case.place:
        return []
    folder = path_from_text(arrival.place)
    below = [photo for photo in known if photo.path and folder in path_from_text(photo.path).parents]
    return [photo.sha256 for photo in below if photo.sha256 not in sent]


def _add_to(tx: Tx, case: Case, arrival: Arrival, sent: Mapping[str, Sent], more: Data = None) -> Received:
    known = photos_of(tx, case.id)
    taken = _taken_away(case, arrival, known, sent)
    case = add_photos(tx, case, _in_order(arrival.photos), arrival.by, more)
    if taken:
        case = remove_photos(tx, case, taken, arrival.by)
    changed = ["photos"]
    return Received(answer_new(tx, case, arrival, changed), How.CHANGED, tuple(changed))


def _in_order(sent: Sequence[Sent]) -> list[Sent]:
    """Each photo once, as and where it came first."""
    firsts: dict[str, Sent] = {}
    for photo in sent:
        firsts.setdefault(photo.sha256, photo)
    return list(firsts.values())


def add_photos(tx: Tx, case: Case, sent: Sequence[Sent], by: str, more: Data = None) -> Case:
    """New photos of a case, behind those it has; those it has already are left as they are."""
    known = {photo.sha256: photo for photo in photos_of(tx, case.id)}
    new = [photo for photo in sent if photo.sha256 not in known]
    first = 1 + max((photo.position for photo in known.values()), default=-1)
    _insert_photos(tx, case.id, new, first)
    data: dict[str, Any] = {"photos": [photo.sha256 for photo in new], **(more or {})}
    return take_known_covers(tx, append(tx, case.id, Kind.PHOTOS_ADDED, by, data), data["photos"], by)


def remove_photos(tx: Tx, case: Case, taken: Sequence[str], by: str, more: Data = None) -> Case:
    """Photos (sha256) that are no longer the case's."""
    tx.run(photos.delete().where(photos.c.case_id == case.id, photos.c.sha256.in_(taken)))
    return append(tx, case.id, Kind.PHOTOS_REMOVED, by, {"photos": list(taken), **(more or {})})


def _insert_photos(tx: Tx, case_id: str, sent: Sequence[Sent], first: int) -> None:
    for position, photo in enumerate(sent, first):
        row = {"sha256": photo.sha256, "name": photo.name, "path": photo.path, "position": position}
        tx.run(photos.insert().values(case_id=case_id, **row))


def new_case(tx: Tx, arrival: Arrival) -> Case:
    """A case of its own, whatever others have these photos."""
    case_id, in_order = uuid7(), _in_order(arrival.photos)
    data = {"photos": [photo.sha256 for photo in in_order]}
    more = {SENT: arrival.digest} if arrival.digest else {}
    event = Event(1, tx.now, arrival.by, Kind.RECEIVED, data | more)
    row = {
        "id": case_id,
        "dealer": arrival.owners[0],
        "reference": arrival.reference,
        "address": _free_address(tx, case_id, arrival),
        "receipt": arrival.receipt,
        "place": arrival.place,
        "received": tx.now,
        "changed": tx.now,
    }
    projected = project([event])
    tx.run(cases.insert().values(**row, **columns(projected)))
    insert_event(tx, case_id, event)
    _insert_photos(tx, case_id, in_order, 0)
    case = answer_new(tx, write(tx, get(tx, case_id), event, projected), arrival, [])
    return take_known_covers(tx, case, data["photos"], arrival.by)


def _free_address(tx: Tx, case_id: str, arrival: Arrival) -> str:
    """The first of the wished addresses that no case ever had, else the random end of the case's id."""
    tx.lock("addresses")
    wished = [address for address in arrival.addresses if address]
    taken = {row["address"] for row in tx.rows(sa.select(cases.c.address).where(cases.c.address.in_(wished)))}
    return next((address for address in wished if address not in taken), case_id.rsplit("-", 1)[1])


def next_name(tx: Tx, source: Case) -> str:
    """A reference for a car whose photos were among another's: "17 (2)". No row of a list is called so."""
    if not is_named(source.reference):
        return source.reference
    wished = (f"{source.reference} ({number})" for number in count(2))
    query = sa.select(cases.c.reference).where(cases.c.dealer == source.dealer)
    taken = {row["reference"] for row in tx.rows(query.where(cases.c.reference.startswith(source.reference)))}
    return next(one for one in wished if one not in taken)


def answer_new(tx: Tx, case: Case, arrival: Arrival, changed: list[str]) -> Case:
    """What came with the photos is said, as far as it is new; `changed` gets the names of that."""
    events = events_of(tx, case.id) if arrival.answers else []
    for answer in arrival.answers:
        new = unsaid(answer, events, arrival.by)
        if new is not None:
            case = append(tx, case.id, Kind.ANSWERED, arrival.by, to_data(new))
            changed += said_names(new)
    return case


def mark_missing(store: Store, dealer: str | None = None) -> list[Case]:
    """Asks about every open case with a folder none of whose photos is there any more. Gives those cases.

    What is published stays until a person says what became of the car. Looks at the disk.
    """
    query = sa.select(cases.c.id).where(cases.c.place != "", cases.c.state.in_(OPEN)).order_by(cases.c.id)
    if dealer is not None:
        query = query.where(cases.c.dealer == dealer)
    found = store.read(lambda tx: [(row["id"], photos_of(tx, row["id"])) for row in tx.rows(query)])
    missing = [
        case_id
        for case_id, known in found
        if known and not any(photo.gone or is_there(photo) for photo in known)
    ]
    return [store.write(partial(_missing, case_id=case_id)) for case_id in missing]


def _missing(tx: Tx, case_id: str) -> Case:
    tx.run(photos.update().where(photos.c.case_id == case_id, photos.c.path.is_not(None)).values(gone=True))
    why = {"reasons": [{"code": "photos_missing", "values": {}}]}
    return append(tx, case_id, Kind.PHOTOS_MISSING, KILPI, why)
