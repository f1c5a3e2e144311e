"""A person's covers go where their photo goes: what was covered once stays so as another case's photo."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from kilpi.cases.answers import combine, to_data
from kilpi.cases.case import Case, Kind
from kilpi.cases.picture_answers import SaidCover
from kilpi.cases.records import append, events_of
from kilpi.store import Tx
from kilpi.store.tables import cases, photos


def take_covers(
    tx: Tx, case: Case, source: str, chosen: Collection[str], by: str, *, labels: bool = True
) -> Case:
    """The covers that stand in the case `source` on these photos (sha256), said in this one too.

    `labels` False: what was a missed plate is a label of the other case, and not one of this case as well.
    """
    theirs = combine(events_of(tx, source)).pictures
    mine = combine(events_of(tx, case.id)).pictures.wishes.covers
    for photo in dict.fromkeys(chosen):
        plates = theirs.plates.get(photo, ()) if labels else ()
        for quad in theirs.wishes.covers.get(photo, ()):
            if quad not in mine.get(photo, ()):
                said = SaidCover(photo, quad, "plate" if quad in plates else "private")
                case = append(tx, case.id, Kind.ANSWERED, by, to_data(said) | {"from": source})
    return case


def take_known_covers(tx: Tx, case: Case, chosen: Collection[str], by: str) -> Case:
    """`take_covers` from all of the dealer's other cases that have one of these photos, sold ones too."""
    has = photos.c.sha256.in_(chosen) & (cases.c.dealer == case.dealer) & (cases.c.id != case.id)
    query = sa.select(photos.c.case_id).join(cases).where(has).distinct().order_by(photos.c.case_id)
    for row in tx.rows(query):
        case = take_covers(tx, case, row["case_id"], chosen, by, labels=False)
    return case
