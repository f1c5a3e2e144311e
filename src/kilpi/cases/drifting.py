"""The traits of the cars that were decided, for `kilpi.evaluation.drift`."""

from __future__ import annotations

from collections import Counter

from kilpi.cases.case import Case, Event, Kind
from kilpi.cases.lists import every, history, photos
from kilpi.cases.seen import seen_of
from kilpi.evaluation.drift import CarTraits
from kilpi.geometry import quad_size
from kilpi.store import Store

ACCEPTED = "accepted"


def traits_of_cars(store: Store) -> list[CarTraits]:
    """Every car's first decision, which no person had a part in; the oldest first. Erased cases have none."""
    found = [traits for case in every(store) if (traits := _traits(store, case)) is not None]
    return sorted(found, key=lambda car: car.at)


def _traits(store: Store, case: Case) -> CarTraits | None:
    events = history(store, case.id)
    first = next((event for event in events if event.kind is Kind.DECIDED and event.data), None)
    if first is None:
        return None
    plates = [plate for some in seen_of([first]).values() for plate in some]
    views = Counter(photo.view for photo in photos(store, case.id) if photo.view)
    sharp = [plate.sharpness for plate in plates if plate.sharpness is not None]
    widths = [quad_size(plate.quad)[0] / plate.frame[0] for plate in plates if plate.frame]
    mark = first.data.get("mark") or {}
    return CarTraits(
        at=first.at,
        dealer=case.dealer,
        p=first.data.get("p"),
        sharpness=max(sharp, default=None),
        width=max(widths, default=None),
        country=mark.get("country") or "",
        view=views.most_common(1)[0][0] if views else "",
        reason=_reason(first),
    )


def _reason(decided: Event) -> str:
    if decided.data["state"] != "review":
        return ACCEPTED
    found = [*decided.data["against"], *decided.data["reasons"]]
    return str(found[0]["code"]) if found else ""
