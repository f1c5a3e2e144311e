"""A department with cars in every state, two of them for sale, and what nobody outside may see of it."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from tests.fakes import FakeDetector, ShadeReader, write_car_photo
from tests.ports import free_port

from kilpi.cases import (
    Batch,
    Beside,
    Case,
    LaidOut,
    Maker,
    Site,
    find,
    keep,
    make_cars,
    publish_one,
    publisher,
    work,
)
from kilpi.cases import State as State
from kilpi.config import Settings
from kilpi.pipeline import Kilpi
from kilpi.publishing.offers import Offers
from kilpi.registers.file import FileRegister
from kilpi.schemas import read_record
from kilpi.store import Store
from kilpi.types import Shop
from kilpi.web import Serving, accounts, create_app
from kilpi.web.accounts import Role

REGISTER = """\
mark,country,make,model,first_registered,vin,colour,fuel,gearbox,status
XRT-417,FI,Nissan,Leaf,2019-05-02,SJNFAAZE1U0000258,,electricity,automatic,in_use
ZNV-582,FI,Volkswagen,Golf,2017-01-02,WVWZZZ1KZAW000123,,petrol,manual,in_use
HJU-936,FI,Nissan,Micra,2018-03-01,SJNFBAK12U0001234,,petrol,manual,in_use
"""
MARKS = ("XRT-417", "ZNV-582", "HJU-936")
TEXTS = ("XRT417", "ZNV582", "HJU936")
VINS = ("SJNFAAZE1U0000258", "WVWZZZ1KZAW000123", "SJNFBAK12U0001234")
STAFF = "matti.meikalainen@autotalo.example"
FACTS = {  # the Micra lacks its price, and stays a draft
    "leaf": 'price = 15900\nkm = 84500\nequipment = ["Tow bar"]\ndealer = "Auto Oy"\nplace = "Turku"\n',
    "golf": 'price = 9900\nkm = 120000\ncontact = "+358 40 123 4567"\ndealer = "Auto Oy"\n',
    "micra": "km = 61000\n",
}


@dataclass
class Street:
    """The server behind it, and its cases by reference."""

    serving: Serving
    site: Site

    def case(self, reference: str) -> Case:
        """The case of a reference."""
        return next(one for one in find(self.serving.store, limit=100).cases if one.reference == reference)

    def public(self, reference: str) -> str:
        """The car's name in public addresses."""
        record = read_record(self.serving.data / self.case(reference).address / "decision.json")
        assert record is not None
        return record.id

    def look(self) -> None:
        """The server compares the site's folder, as it does by itself once a minute."""
        self.serving.stock.look()

    def work(self) -> None:
        """Does what waits, the publishing too."""
        store, data = self.serving.store, self.serving.data
        maker = self.serving.maker
        assert maker is not None
        handlers = publisher(store, self.site.target, self.site)
        work(store, LaidOut(store, maker, Beside(data)), handlers=handlers, watch=maker.settle)

    @property
    def needles(self) -> dict[str, set[str]]:
        """What nobody outside may see, by kind."""
        cases = find(self.serving.store, limit=100).cases
        with self.serving.store.engine.connect() as connection:
            photos = {str(row[0]) for row in connection.exec_driver_sql("select sha256 from photos")}
        assert len(photos) == 2 * len(cases)
        return {
            "mark": set(MARKS),
            "VIN": set(VINS),
            "case id": {one.id for one in cases},
            "original": photos,
            "staff": {STAFF},
        }


@contextmanager
def open_street(folder: Path, shop: Shop | None = None) -> Iterator[Street]:
    """Three cars: Leaf and Golf are out, the Micra is a draft; its server has not been started."""
    data = folder / "data"
    (folder / "register.csv").write_text(REGISTER)
    store = Store.open(data)
    register = FileRegister.open(folder / "register.csv")
    line = Kilpi(detector=FakeDetector(), reader=ShadeReader(TEXTS), register=register, language="fi")
    site = Site(data, folder / "site", Offers(store, folder / "site"))
    serving = Serving(
        store,
        data,
        Settings(language="fi"),
        maker=Maker(line, data, originals=store.originals),
        target=site.target,
        site=site.to,
        shop=shop or Shop(),
    )
    accounts.add_user(store, STAFF, Role.STAFF, "")
    street = Street(serving, site)
    try:
        for number, (car, facts) in enumerate(FACTS.items()):
            sent = {f"{car}/car.toml": facts.encode()}
            for i in range(2):
                photo = write_car_photo(folder / car / f"{i}.jpg", seed=2 * number + i, shade=10 * number)
                sent[f"{car}/{i}.jpg"] = photo.read_bytes()
            kept = [keep(store, "", path, io.BytesIO(content)) for path, content in sent.items()]
            make_cars(store, data, Batch(tuple((k.path, k.sha256) for k in kept), by=STAFF, sort=True), "FI")
        street.work()
        for car in ("leaf", "golf"):
            publish_one(store, street.case(car).id, site.target, by=STAFF)
        street.work()
        yield street
    finally:
        store.close()


@contextmanager
def served(street: Street) -> Iterator[str]:
    """The server on a port of this machine; its address."""
    port = free_port()
    street.serving.address = f"http://127.0.0.1:{port}"
    street.serving.stock.site = f"{street.serving.address}/stock/"
    config = uvicorn.Config(create_app(street.serving), host="127.0.0.1", port=port, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        end = time.monotonic() + 60
        while not server.started:
            assert time.monotonic() < end
            time.sleep(0.02)
        yield street.serving.address
    finally:
        server.should_exit = True
        thread.join(20)
