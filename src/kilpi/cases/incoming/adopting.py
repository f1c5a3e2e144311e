"""Cars that came before their dealer was known here become the dealer's."""

from __future__ import annotations

import sqlalchemy as sa

from kilpi.cases.case import AT_WORK, OPEN, Kind
from kilpi.cases.incoming.carrying import give_covers, give_documents, take_known_covers
from kilpi.cases.incoming.dealers import same_name
from kilpi.cases.lists import Wanted, every
from kilpi.cases.records import append, get, lock, photos_of
from kilpi.cases.tally import move
from kilpi.store import Store, Tx
from kilpi.store.tables import cases


def adopt(store: Store, dealer: str, *, by: str) -> int:
    """The cases that are nobody's and whose own data name this dealer are the dealer's from now on; how many.

    Those that are open are looked at again, with what is said of the dealer. Raises StoreError.
    """
    wanted = same_name(dealer)
    nobodys = Wanted(dealer="", search=dealer)  # by the words of the name: not by reading all
    found = [case.id for case in every(store, nobodys) if same_name(case.named) == wanted]
    return sum(store.write(lambda tx, case_id=case_id: _adopt(tx, case_id, dealer, by)) for case_id in found)  # type: ignore[misc]


def _adopt(tx: Tx, case_id: str, dealer: str, by: str) -> bool:
    case = lock(tx, case_id)
    if case.dealer or same_name(case.named) != same_name(dealer):
        return False  # somebody was quicker, or it says something else by now
    taken = sa.select(cases.c.id).where(cases.c.dealer == dealer, cases.c.receipt == receipt_of(case_id))
    if tx.row(taken.limit(1)):
        return False  # the dealer has a case of the same request: two would be one
    tx.run(cases.update().where(cases.c.id == case_id).values(dealer=dealer))
    move(tx, case_id, case.dealer, dealer)
    if case.state in OPEN - AT_WORK:
        append(tx, case_id, Kind.RERUN, by, {"why": "dealer"})
    if case.state in OPEN:
        known = [photo.sha256 for photo in photos_of(tx, case_id)]
        adopted = take_known_covers(tx, get(tx, case_id), known, by)
        give_covers(tx, adopted, known, by)
        give_documents(tx, adopted, known, by)
    return True


def receipt_of(case_id: str) -> sa.ScalarSelect[str]:
    """The receipt of a case, as a part of a query."""
    own = cases.alias()
    return sa.select(own.c.receipt).where(own.c.id == case_id).scalar_subquery()
