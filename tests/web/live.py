"""A real server on a port of this machine, with its workers, and a real browser: Debian's chromium."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from tests.browser import find_chromium
from tests.fakes import FakeDetector, ShadeReader, write_yard
from tests.ports import free_port
from tests.stores import no_power_cuts
from tests.web.frames import PATIENCE_S, patient
from tests.web.serving import cheap_passwords

from kilpi.cases import (
    Batch,
    Beside,
    Case,
    LaidOut,
    Maker,
    SentKind,
    State,
    Workers,
    find,
    keep,
    make_cars,
    read_case,
)
from kilpi.config import Settings
from kilpi.pipeline import Kilpi
from kilpi.registers.file import FileRegister
from kilpi.store import Store
from kilpi.web import Serving, accounts, create_app, sessions
from kilpi.web.accounts import Role
from kilpi.web.visitor import COOKIE

expect.set_options(timeout=PATIENCE_S * 1000)  # a machine may be busy with other work
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
PASSWORD = "a long enough password"


@dataclass
class Live:
    """A server, and people in front of it. `said` is what browsers wrote to their consoles."""

    serving: Serving
    address: str
    browser: Browser
    said: list[str] = field(default_factory=list)
    users: dict[str, str] = field(default_factory=dict)
    contexts: list[BrowserContext] = field(default_factory=list)

    def user(self, name: str, role: Role = Role.STAFF) -> str:
        """A user's id; the password is PASSWORD."""
        if name not in self.users:
            self.users[name] = accounts.add_user(self.serving.store, name, role, "").id
            accounts.set_password(self.serving.store, self.users[name], PASSWORD)
        return self.users[name]

    def page(self, name: str = "staff", role: Role = Role.STAFF, **more: Any) -> Page:
        """A browser of its own in which this user is signed in."""
        context = self.browser.new_context(
            base_url=self.address,
            **{"viewport": DESK, "locale": "en-GB", **more},
        )
        cookie = sessions.begin(self.serving.store, self.user(name, role))
        context.add_cookies([{"name": COOKIE, "value": cookie, "url": self.address}])
        self.contexts.append(context)
        page = patient(context.new_page())
        page.set_default_timeout(PATIENCE_S * 1000)
        page.on("console", self.note)
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        return page

    def note(self, message: ConsoleMessage) -> None:
        """Keeps what is more than talk."""
        if message.type in ("error", "warning"):
            self.said.append(f"{message.type}: {message.text} {message.location.get('url', '')}")

    def take(self, folder: Path) -> None:
        """A dealer's folder of cars comes in, as if it had been dropped on the page."""
        sent = []
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            name = str(path.relative_to(folder.parent))
            with path.open("rb") as file:
                kept = keep(self.serving.store, "", name, file)
            if kept.kind not in (SentKind.REFUSED, SentKind.LEFT_OUT):
                sent.append((name, kept.sha256))
        make_cars(self.serving.store, self.serving.data, Batch(tuple(sent), "staff"), "FI")
        self.serving.changed()
        self.settled()

    def cases(self, *states: State) -> list[Case]:
        """All cases, or those of some states."""
        return [one for one in find(self.serving.store, limit=500).cases if not states or one.state in states]

    def case(self, reference: str) -> Case:
        """The case of a reference."""
        found = next(one for one in self.cases() if one.reference == reference)
        return read_case(self.serving.store, found.id)

    def until(self, done: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
        """Waits until something is so."""
        end = time.monotonic() + patience_s
        while not done():
            assert time.monotonic() < end, [(one.reference, one.state.value) for one in self.cases()]
            time.sleep(0.1)

    def settled(self) -> None:
        """Waits until no case is at work."""
        self.until(lambda: bool(self.cases()) and not self.cases(State.RECEIVED, State.WORKING))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser, once a file: while Playwright runs, nothing else may start a loop of asyncio."""
    path = find_chromium()
    if path is None and not os.environ.get("CI"):
        pytest.skip("no chromium here; Debian: apt-get install chromium")
    assert path, "CI needs chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def serve(data: Path, line: Callable[[], Kilpi], browser: Browser, country: str = "FI") -> Iterator[Live]:
    """A server on a data folder; `line` makes a Kilpi, one for the worker and one for asking."""
    store, port = Store.open(data), free_port()
    address = f"http://127.0.0.1:{port}"
    asking = Maker(line(), data, originals=store.originals)

    def flow() -> LaidOut:
        return LaidOut(store, Maker(line(), data, originals=store.originals), Beside(data))

    working = Workers(store, flow, watch=asking.settle)
    serving = Serving(
        store,
        data,
        Settings(language="en", country=country),
        address=address,
        changed=working.wake,
        working=lambda: working.alive,
        maker=asking,
    )
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(serving), host="127.0.0.1", port=port, log_level="warning", access_log=False
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    working.start()
    live = Live(serving, address, browser)
    try:
        live.until(lambda: server.started)
        yield live
    finally:
        for context in live.contexts:
            context.close()
        server.should_exit = True
        thread.join(20)
        working.stop(20)
        store.close()


REGISTER = """\
mark,country,make,model,first_registered,vin,colour,status
ABC-123,FI,Nissan,Leaf,2019-05-02,SJNFAAZE1U0000258,,in_use
DEF-456,FI,Nissan,Micra,2018-03-01,,,in_use
GHJ-789,FI,Volkswagen,Golf,2017-01-02,,,in_use
XYZ-999,FI,Nissan,Sunny,1988-03-01,,,scrapped
"""
CARS = ("golf", "leaf", "micra")  # read as GHJ-789, ABC-128 (misread), DEF-456
TEXTS = ("GHJ789", "ABC128", "DEF456")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody cuts the power here, and passwords are hashed with less work than in earnest."""
    no_power_cuts(monkeypatch)
    cheap_passwords(monkeypatch)


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    """Three cars as a dealer's folders: the Golf has all, the Leaf is misread, the Micra lacks its price."""
    write_yard(tmp_path / "yard", CARS)
    for car in CARS:
        facts = "km = 84500\n" if car == "micra" else "price = 15900\nkm = 84500\n"
        (tmp_path / "yard" / car / "car.toml").write_text(facts)
    return tmp_path / "yard"


@pytest.fixture
def live(tmp_path: Path, quick: None, chromium: Browser) -> Iterator[Live]:
    """A server whose networks are fakes."""
    (tmp_path / "register.csv").write_text(REGISTER)

    def line() -> Kilpi:
        register = FileRegister.open(tmp_path / "register.csv")
        return Kilpi(detector=FakeDetector(), reader=ShadeReader(TEXTS), register=register, language="en")

    with serve(tmp_path / "data", line, chromium) as found:
        yield found
