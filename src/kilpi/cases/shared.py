"""What a case has of its dealer's other cars: their photos (a showroom, "pictures follow"), which tell no car
from another, and their marks.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from kilpi.cases.case import Case
from kilpi.store import Store, Tx
from kilpi.store.tables import cases, photos


def others_have(tx: Tx, case: Case, chosen: Collection[str]) -> set[str]:
    """Those of these photos (sha256) that other cases of the dealer have."""
    has = photos.c.sha256.in_(chosen) & (cases.c.dealer == case.dealer) & (cases.c.id != case.id)
    query = sa.select(photos.c.sha256).join(cases).where(has).distinct()
    return {row["sha256"] for row in tx.rows(query)}


def others_marks(store: Store, case: Case, marks: Collection[str]) -> set[str]:
    """Those of these marks (compact) that other cars of the dealer have, sold ones too. Raises StoreError."""
    has = cases.c.mark_key.in_(marks) & (cases.c.dealer == case.dealer) & (cases.c.id != case.id)
    query = sa.select(cases.c.mark_key).where(has, cases.c.settled).distinct()
    found = store.read(lambda tx: tx.rows(query)) if marks else []
    return {row["mark_key"] for row in found}


def still_there(here: Collection[str], was: Collection[str], common: Collection[str] = ()) -> bool:
    """Whether `here` are the photos of the car that had `was`: some are left that tell it from others.

    A single one of three or more does not, where new ones came: it may be every car's. `common` are known to
    be.
    """
    own = set(was).difference(common) or set(was)
    kept = own.intersection(here)
    return len(kept) > 1 or (bool(kept) and (len(own) < 3 or set(was).issuperset(here)))
