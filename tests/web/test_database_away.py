"""What a machine is told while Postgres is away, and what it need not care about."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.fakes import write_car_photo
from tests.postgres import away, binaries
from tests.postgres import server as postgres

from kilpi.config import Settings
from kilpi.store import Store
from kilpi.web import Serving, create_app, tokens
from kilpi.web.accounts import Role


def test_a_request_that_finds_no_database_is_sent_again(tmp_path: Path) -> None:
    folder = binaries()
    if folder is None and not os.environ.get("CI"):
        pytest.skip("no Postgres here; Debian: apt-get install postgresql")
    assert folder
    photo = write_car_photo(tmp_path / "1.jpg", 1, (320, 240)).read_bytes()
    with postgres(folder) as url:
        store = Store.open(url, originals=tmp_path / "data" / "originals")
        client = TestClient(
            create_app(Serving(store, tmp_path / "data", Settings())), "http://127.0.0.1:8765"
        )
        client.headers["authorization"] = f"Bearer {tokens.make(store, 'robot', Role.STAFF)}"

        def send() -> tuple[int, str, str | None]:
            files, key = [("photos", ("1.jpg", photo, "image/jpeg"))], {"idempotency-key": "k1"}
            answer = client.post("/v1/cases", files=files, headers=key)
            return answer.status_code, answer.json().get("kind", ""), answer.headers.get("retry-after")

        with away(folder, url):
            assert send() == (503, "StoreError", "30")
            assert client.get("/readyz").status_code == 503
        assert send()[0] == 201
        assert send()[0] == 200
        store.close()
