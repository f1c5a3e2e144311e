"""A car of which no reader is sure, taken in by a server."""

from __future__ import annotations

from pathlib import Path

from tests.fakes import FakeDetector, ShadeReader
from tests.web.serving import Server

from kilpi.cases import Maker, Taken, take_in, work
from kilpi.photos.intake import survey
from kilpi.pipeline import Kilpi
from kilpi.web.serving import maker_of


def take_doubtful(server: Server, yard: Path) -> tuple[Taken, Maker]:
    """The one car of a folder, decided, and who made it."""
    maker = maker_of(server.serving)
    maker.line = Kilpi(detector=FakeDetector(), reader=ShadeReader(scores=(0.6, 0.6, 0.6)), language="en")
    cars = survey([yard]).cars
    for car in cars:
        maker.know(car)
    (taken,) = take_in(server.store, cars, "FI")
    work(server.store, maker, watch=maker.settle)
    return taken, maker
