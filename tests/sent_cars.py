"""Cars that came by upload, made by the whole line with fake parts: the plate of every photo is ABC-123."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.fakes import FakeDetector, FakeReader, write_car_photo

from kilpi.cases import Batch, Beside, Case, LaidOut, MadeCars, Maker, Site, keep, make_cars, publisher, work
from kilpi.pipeline import Kilpi
from kilpi.store import Store
from kilpi.types import Mark, Vehicle


def a_photo(folder: Path, seed: int) -> bytes:
    """A photo with a plate, unlike that of any other seed."""
    return write_car_photo(folder / f"{seed}.jpg", seed).read_bytes()


def send_car(store: Store, data: Path, files: dict[str, bytes], **more: str) -> MadeCars:
    """Files as they are sent, made into cars."""
    kept = [keep(store, "", path, io.BytesIO(content)) for path, content in files.items()]
    batch = Batch(tuple((k.path, k.sha256) for k in kept), by="anna", sort=True)
    return make_cars(store, data, replace(batch, **more), "FI")  # type: ignore[arg-type]


class OneLeaf:
    """A register that knows every mark as the same car."""

    def look_up(self, mark: Mark) -> Vehicle:
        return Vehicle(mark, "fake", datetime(2026, 1, 1, tzinfo=UTC), make="Nissan", model="Leaf")


def maker_of(store: Store, data: Path) -> Maker:
    """The line with fake parts."""
    line = Kilpi(detector=FakeDetector(), reader=FakeReader("ABC123"), register=OneLeaf())
    return Maker(line, data, originals=store.originals)


def work_all(store: Store, data: Path, site: Site | None = None) -> list[Case]:
    """Does all free jobs; the cases as they came from work."""
    maker, seen = maker_of(store, data), list[Case]()

    def watch(case: Case) -> None:
        maker.settle(case)
        seen.append(case)

    handlers = publisher(store, site.target, site) if site else {}
    work(store, LaidOut(store, maker, Beside(data)), handlers=handlers, watch=watch)
    return seen
