"""A server for tests: the app on a store of its own, clients signed in with each role, cases as they need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import argon2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from tests.fakes import FakeDetector, ShadeReader

from kilpi.cases import Maker
from kilpi.config import Settings
from kilpi.pipeline import Kilpi
from kilpi.store import Store
from kilpi.web import Serving, accounts, create_app, sessions
from kilpi.web.accounts import Role
from kilpi.web.visitor import COOKIE

ADDRESS = "http://testserver"
DEALER = "Auto Oy"


@dataclass
class Server:
    """The app, and ways into it."""

    serving: Serving
    app: FastAPI
    users: dict[str, str] = field(default_factory=dict)  # name -> id

    def nobody(self) -> TestClient:
        """A client without a session."""
        return TestClient(self.app, ADDRESS, follow_redirects=False)

    def client(self, role: Role = Role.STAFF, name: str = "", dealer: str = "") -> TestClient:
        """A client that is signed in; its csrf token goes with every request."""
        name = name or role.value
        if name not in self.users:
            of = dealer or (DEALER if role is Role.DEALER else "")
            self.users[name] = accounts.add_user(self.serving.store, name, role, of).id
        cookie = sessions.begin(self.serving.store, self.users[name])
        client = self.nobody()
        client.cookies.set(COOKIE, cookie, domain="testserver.local")
        client.headers["x-csrf-token"] = sessions.csrf_token(cookie)
        return client

    @property
    def store(self) -> Store:
        return self.serving.store


def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed with less work than in earnest."""
    hasher = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(accounts, "HASHER", hasher)
    monkeypatch.setattr(accounts, "NOBODY", hasher.hash("nobody"))


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server on SQLite, without workers; passwords are hashed with less work than in earnest."""
    cheap_passwords(monkeypatch)
    store = Store.open(tmp_path / "data")
    line = Kilpi(detector=FakeDetector(), reader=ShadeReader(), language="en")
    serving = Serving(
        store,
        tmp_path / "data",
        Settings(language="en"),
        address=ADDRESS,
        maker=Maker(line, tmp_path / "data", originals=store.originals),
    )
    yield Server(serving, create_app(serving))
    store.close()
