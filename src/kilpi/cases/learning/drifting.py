"""The traits of the cars that were decided, for `kilpi.evaluation.drift`, and a look at them once a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from kilpi.cases import jobs
from kilpi.cases.case import Event, Kind, State
from kilpi.cases.jobs import Job
from kilpi.cases.records import event_of
from kilpi.cases.seen import seen_of
from kilpi.evaluation.drift import FEWEST, CarTraits, drifts
from kilpi.geometry import quad_size
from kilpi.store import Store, Tx
from kilpi.store.desk_tables import findings
from kilpi.store.tables import cases, events, photos

ACCEPTED = "accepted"
DRIFT = "drift"  # the job's kind and key, and the finding's name
COMPARED = timedelta(weeks=8)  # the weeks that are held against those before
PART = 500  # rows at a time
LONGEST = timedelta(weeks=52)  # what is older is not looked at


@dataclass(frozen=True, slots=True)
class Look:
    """The last look at drift. `cars` were held against `before` others; `alarms`: (dealer, week, traits)."""

    at: datetime
    cars: int
    before: int
    alarms: tuple[tuple[str, str, tuple[str, ...]], ...]

    @property
    def is_enough(self) -> bool:
        """Whether there was anything to compare."""
        return self.before >= FEWEST and self.cars >= FEWEST


def look_for_drift(store: Store) -> Look:
    """The last weeks against those before, kept for `last_look`. Reads every car of a year: for a worker."""
    now = store.read(lambda tx: tx.now)
    cars = traits_of_cars(store, now - LONGEST)
    late = [car for car in cars if car.at >= now - COMPARED]
    early = [car for car in cars if car.at < now - COMPARED]
    found = drifts(late, early) if len(early) >= FEWEST else []
    alarms = tuple((one.dealer, one.week.isoformat(), one.alarms) for one in found if one.alarms)
    data = {"cars": len(late), "before": len(early), "alarms": [list(one) for one in alarms]}

    def keep(tx: Tx) -> Look:
        tx.lock(f"finding {DRIFT}")
        tx.run(findings.delete().where(findings.c.name == DRIFT))
        tx.run(findings.insert().values(name=DRIFT, at=tx.now, data=data))
        return Look(tx.now, len(late), len(early), alarms)

    return store.write(keep)


def last_look(store: Store) -> Look | None:
    """What the last look found; None: nobody looked yet."""
    row = store.read(lambda tx: tx.row(sa.select(findings).where(findings.c.name == DRIFT)))
    if row is None:
        return None
    alarms = tuple((one[0], one[1], tuple(one[2])) for one in row["data"]["alarms"])
    return Look(row["at"], row["data"]["cars"], row["data"]["before"], alarms)


def drift_looker(store: Store) -> Mapping[str, Callable[[Job], None]]:
    """The handler for `work` that looks once a day, whichever worker has the job."""
    return jobs.daily(store, DRIFT, lambda: look_for_drift(store))


def schedule_drift(store: Store) -> None:
    """Writes the job, unless it is there: then its time stands."""
    jobs.schedule(store, DRIFT)


def traits_of_cars(store: Store, since: datetime | None = None) -> list[CarTraits]:
    """Every car's first decision, which no person had a part in; the oldest first. Erased cases have none.

    `since`: only of cars that came then or later.
    """
    return store.read(lambda tx: sorted(_walk(tx, since), key=lambda car: car.at))


def _walk(tx: Tx, since: datetime | None) -> Iterator[CarTraits]:
    """Two queries, however many cars there are."""
    mine = [cases.c.state != State.ERASED.value, *([cases.c.received >= since] if since is not None else [])]
    told = (events.c.kind == Kind.DECIDED.value, events.c.data.is_not(sa.null()))
    first = sa.select(events.c.case_id, sa.func.min(events.c.seq).label("seq")).where(*told)
    first_of = first.group_by(events.c.case_id).subquery()
    same = (events.c.case_id == first_of.c.case_id) & (events.c.seq == first_of.c.seq)
    query = sa.select(events, cases.c.dealer).join(first_of, same).join(cases, cases.c.id == events.c.case_id)
    views = _views(tx, mine)
    rows = tx.connection.execution_options(yield_per=PART).execute(query.where(*mine)).mappings()
    for row in rows:
        if row["data"]:
            yield _traits(event_of(row), row["dealer"], views.get(row["case_id"], ""))


def _views(tx: Tx, mine: Sequence[sa.ColumnElement[bool]]) -> dict[str, str]:
    """Case id -> what most of its photos show; of several the first one's."""
    count, place = sa.func.count(), sa.func.min(photos.c.position)
    query = (
        sa.select(photos.c.case_id, photos.c.view)
        .join(cases, cases.c.id == photos.c.case_id)
        .where(photos.c.view != "", *mine)
        .group_by(photos.c.case_id, photos.c.view)
        .order_by(photos.c.case_id, count, place.desc())
    )
    return {row["case_id"]: row["view"] for row in tx.rows(query)}  # the last of a case stands


def _traits(first: Event, dealer: str, view: str) -> CarTraits:
    plates = [plate for some in seen_of([first]).values() for plate in some]
    sharp = [plate.sharpness for plate in plates if plate.sharpness is not None]
    widths = [quad_size(plate.quad)[0] / plate.frame[0] for plate in plates if plate.frame]
    mark = first.data.get("mark") or {}
    return CarTraits(
        at=first.at,
        dealer=dealer,
        p=first.data.get("p"),
        sharpness=max(sharp, default=None),
        width=max(widths, default=None),
        country=mark.get("country") or "",
        view=view,
        reason=_reason(first),
    )


def _reason(decided: Event) -> str:
    if decided.data["state"] != "review":
        return ACCEPTED
    found = [*decided.data["against"], *decided.data["reasons"]]
    return str(found[0]["code"]) if found else ""
