"""What a person hid goes where its photo goes: what was covered once, or said to be a document, stays so as
another case's photo.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from kilpi.cases.answers import combine, to_data
from kilpi.cases.case import OPEN, Case, Kind
from kilpi.cases.picture_answers import SaidCover, SaidView
from kilpi.cases.records import append, events_of, get, lock
from kilpi.store import Tx
from kilpi.store.tables import cases, photos
from kilpi.types import View


def take_covers(
    tx: Tx, case: Case, source: str, chosen: Collection[str], by: str, *, labels: bool = True
) -> Case:
    """The covers that stand in the case `source` on these photos (sha256), and which of them are documents,
    said in this one too.

    `labels` False: what was a missed plate is a label of the other case, and not one of this case as well.
    """
    case = _take_drawn(tx, case, source, chosen, by, labels=labels)
    return _take_documents(tx, case, source, chosen, by)


def _take_drawn(
    tx: Tx, case: Case, source: str, chosen: Collection[str], by: str, *, labels: bool = False
) -> Case:
    theirs = combine(events_of(tx, source)).pictures
    mine = combine(events_of(tx, case.id)).pictures.wishes.covers
    for photo in dict.fromkeys(chosen):
        plates = theirs.plates.get(photo, ()) if labels else ()
        for quad in theirs.wishes.covers.get(photo, ()):
            if quad not in mine.get(photo, ()):
                said = SaidCover(photo, quad, "plate" if quad in plates else "private")
                case = append(tx, case.id, Kind.ANSWERED, by, to_data(said) | {"from": source})
    return case


def _take_documents(tx: Tx, case: Case, source: str, chosen: Collection[str], by: str) -> Case:
    theirs = combine(events_of(tx, source)).pictures.wishes.views
    mine = combine(events_of(tx, case.id)).pictures.wishes.views
    for photo in dict.fromkeys(chosen):
        if theirs.get(photo) == View.DOCUMENT != mine.get(photo):
            said = to_data(SaidView(photo, View.DOCUMENT)) | {"from": source}
            case = append(tx, case.id, Kind.ANSWERED, by, said)
    return case


def take_known_covers(tx: Tx, case: Case, chosen: Collection[str], by: str) -> Case:
    """`take_covers` from all of the dealer's other cases that have one of these photos, sold ones too."""
    for other in sharing(tx, case, chosen):
        case = take_covers(tx, case, other, chosen, by, labels=False)
    return case


def give_covers(tx: Tx, case: Case, chosen: Collection[str], by: str) -> None:
    """The covers of this case on these photos, said in the dealer's other open cases that have them.

    Those are made, and where they are out sent, again. One that is over takes them when it comes back.
    """
    for target in _open_sharing(tx, case, chosen):
        _take_drawn(tx, target, case.id, chosen, by)


def give_documents(tx: Tx, case: Case, chosen: Collection[str], by: str) -> None:
    """The same of which of these photos are documents."""
    for target in _open_sharing(tx, case, chosen):
        _take_documents(tx, target, case.id, chosen, by)


def _open_sharing(tx: Tx, case: Case, chosen: Collection[str]) -> list[Case]:
    found = [lock(tx, other) for other in sharing(tx, case, chosen)]
    return [target for target in found if target.state in OPEN]


def lock_sharing(tx: Tx, case_id: str, chosen: Collection[str]) -> Case:
    """The case, locked with all to which its covers on these photos go: in one order, so that two who draw in
    two of them do not wait for each other; and no photo comes to the dealer meanwhile. Raises CaseMissing.
    """
    case = get(tx, case_id)
    tx.lock(f"dealer {case.dealer}")
    locked = {name: lock(tx, name) for name in sorted((case_id, *sharing(tx, case, chosen)))}
    return locked[case_id]


def sharing(tx: Tx, case: Case, chosen: Collection[str]) -> list[str]:
    """The dealer's other cases that have one of these photos."""
    has = photos.c.sha256.in_(chosen) & (cases.c.dealer == case.dealer) & (cases.c.id != case.id)
    query = sa.select(photos.c.case_id).join(cases).where(has).distinct().order_by(photos.c.case_id)
    return [row["case_id"] for row in tx.rows(query)]
