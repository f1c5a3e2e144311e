"""/v1/plates keeps nothing and says what `kilpi read` says; a token may not ask without end."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.fakes import FakeDetector, FakeReader, write_car_photo
from tests.web.serving import Server, server

from kilpi.cases import Maker, find
from kilpi.pipeline import Kilpi
from kilpi.schemas import read_to_json
from kilpi.web import tokens
from kilpi.web.accounts import Role
from kilpi.web.rates import Rates

__all__ = ["server"]


@pytest.fixture
def robot(server: Server) -> TestClient:
    line = Kilpi(detector=FakeDetector(), reader=FakeReader("ABC987"))
    server.serving.maker = Maker(line, server.serving.data)
    client = server.nobody()
    client.headers["authorization"] = f"Bearer {tokens.make(server.store, 'robot', Role.DEALER, 'X Oy')}"
    return client


def test_the_json_of_kilpi_read_and_nothing_kept(server: Server, robot: TestClient, tmp_path: Path) -> None:
    photo = write_car_photo(tmp_path / "a.jpg", 1)
    sent = [("photos", ("a.jpg", photo.read_bytes())), ("photos", ("b.jpg", b"no photo"))]
    answer = robot.post("/v1/plates", files=sent)
    assert answer.status_code == 200
    first, second = answer.json()
    assert server.serving.maker
    (told,) = server.serving.maker.line.read([photo])
    wanted = read_to_json(told) | {"photo": "a.jpg", "ms": first["ms"], "note": ""}
    assert first == wanted and first["plates"][0]["text"] == "ABC-987"
    assert second["error"]["kind"] == "PhotoNotAnImage" and second["plates"] == []
    assert not find(server.store).cases
    assert not (server.serving.data / "originals").exists()


def test_a_token_that_asks_too_often_is_told_how_long_to_wait(server: Server, robot: TestClient) -> None:
    server.serving.rates = Rates(3)
    statuses = [robot.get("/v1/cases").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    answer = robot.get("/v1/cases")
    assert answer.json()["kind"] == "TooManyRequests" and 1 <= int(answer.headers["retry-after"]) <= 21
    other = tokens.make(server.store, "other", Role.STAFF)
    assert robot.get("/v1/cases", headers={"authorization": f"Bearer {other}"}).status_code == 200


def test_the_bucket_fills_again() -> None:
    now = [0.0]
    rates = Rates(60, lambda: now[0])
    assert [rates.take("a") for _ in range(60)] == [0.0] * 60
    assert rates.take("a") == pytest.approx(1.0)
    now[0] = 1.0
    assert rates.take("a") == 0.0 and rates.take("a") > 0 and rates.take("b") == 0.0
    assert Rates(0).take("a") == 0.0
