"""The traits of decided cars: the first decision of each, in as many queries whatever their number."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from tests.cases.helping import MARK, OTHER, arrive, ready, review, sha, worked
from tests.stores import FakeClock

from kilpi.cases import SaidMark, answer, erase
from kilpi.cases.learning.drifting import traits_of_cars
from kilpi.store import Store
from kilpi.store.tables import photos
from kilpi.types import Mark


def show(store: Store, **views: str) -> None:
    """What photos show, by their names."""
    for name, view in views.items():
        which = photos.c.sha256 == sha(name)
        store.write(lambda tx, which=which, view=view: tx.run(photos.update().where(which).values(view=view)))  # type: ignore[misc]


def test_a_cars_first_decision_counts(store: Store, clock: FakeClock) -> None:
    asked = worked(store, arrive(store, "a", "b", "c", dealer="Auto Oy"), review())
    clock.tick(3600)
    answer(store, asked.id, SaidMark(MARK.text, "FI"), by="anna", staff=True)
    worked(store, asked, review())
    show(store, a="rear", b="front", c="front")
    accepted = worked(store, arrive(store, "d", "e"), ready(OTHER))
    show(store, d="rear", e="front")
    erase(store, worked(store, arrive(store, "g"), ready(Mark("KLM-1", "FI"))).id, by="anna")
    arrive(store, "not decided yet")
    one, other = traits_of_cars(store)
    assert (one.dealer, one.reason, one.view, one.p, one.country) == (
        "Auto Oy",
        "not_sure_enough",
        "front",
        0.5,
        "FI",
    )
    assert (other.reason, other.view, other.at) == ("accepted", "rear", accepted.changed), "the first photo's"
    assert traits_of_cars(store, accepted.received) == [other]
    assert traits_of_cars(store, accepted.received + timedelta(seconds=1)) == []


def test_two_queries_are_enough(store: Store) -> None:
    asked: list[str] = []
    sa.event.listen(store.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    for n in range(5):
        worked(store, arrive(store, f"a{n}"), ready(Mark(f"KLM-{n + 1}", "FI")))
        asked.clear()
        assert len(traits_of_cars(store)) == n + 1
        assert len([one for one in asked if one.lstrip().startswith("SELECT")]) == 2
