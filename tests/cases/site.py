"""A place that shows adverts, for tests of what goes out and comes down."""

from __future__ import annotations

from collections.abc import Callable

from tests.cases.helping import Told, in_state, ready

from kilpi.cases import Case, State, publish_one, publisher, read_case, work
from kilpi.store import Store


class Site:
    """A place that shows adverts, by address; `before` is run in the middle of showing one."""

    def __init__(self, store: Store, name: str = "site") -> None:
        self.store, self.name = store, name
        self.pages: dict[str, str] = {}
        self.before: Callable[[], object] = lambda: None

    def show(self, case: Case, advert: str | None) -> None:
        once, self.before = self.before, lambda: None
        once()
        if advert is None:
            self.pages.pop(case.address, None)
        else:
            self.pages[case.address] = advert

    def run(self) -> None:
        work(self.store, Told(ready()), handlers=publisher(self.store, self.name, self.show))


def out_there(store: Store, site: Site) -> Case:
    case = in_state(store, State.READY)
    publish_one(store, case.id, "site", by="anna")
    site.run()
    assert list(site.pages) == [case.address]
    return read_case(store, case.id)
