from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from tests.adverts_data import LEAF, MARK, accepted

from kilpi.adverts.folders import write_car
from kilpi.adverts.listing import mentions
from kilpi.errors import PublishError, UsageError
from kilpi.publishing.entries import Entry, ready_entries
from kilpi.publishing.webhook import Webhook, published, withdrawn

URL = "https://hooks.example/kilpi?token=abc"


def hook(answer: Callable[[httpx2.Request], httpx2.Response], waits: list[float] | None = None) -> Webhook:
    sleep = (waits if waits is not None else []).append
    return Webhook(URL, "secret", httpx2.MockTransport(answer), sleep, lambda: 1_700_000_000.9)


def entry(tmp_path: Path) -> Entry:
    write_car(accepted("leaf"), tmp_path)
    (found,) = ready_entries(tmp_path, None, [])
    return found


def test_the_body_holds_the_advert_and_nothing_internal(tmp_path: Path) -> None:
    made = entry(tmp_path)
    body = json.loads(published(made))
    assert (body["event"], body["id"]) == ("advert.published", "leaf")
    assert body["listing"]["title"] == "Nissan Leaf Tekna 2019"
    assert [picture["name"] for picture in body["pictures"]] == ["01.jpg", "02.jpg"]
    assert base64.b64decode(body["pictures"][0]["content"]) == made.files["01.jpg"]
    text = json.dumps({**body, "pictures": []}, ensure_ascii=False)
    assert not mentions(text, MARK)
    assert str(LEAF.vin) not in text


def test_signature_and_key() -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(204)

    body = withdrawn("leaf")
    hook(answer).send(body, "key-1")
    (request,) = seen
    stamp, _, given = request.headers["Kilpi-Signature"].partition(",v1=")
    wanted = hmac.new(b"secret", b"1700000000." + body, hashlib.sha256).hexdigest()
    assert (stamp, given) == ("t=1700000000", wanted)
    assert request.headers["Idempotency-Key"] == "key-1"
    assert request.content == body


def test_a_busy_receiver_is_asked_again_with_the_same_key() -> None:
    keys: list[str] = []
    answers = iter(
        [httpx2.Response(503, headers={"Retry-After": "7"}), httpx2.Response(500), httpx2.Response(200)]
    )
    waits: list[float] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        keys.append(request.headers["Idempotency-Key"])
        return next(answers)

    hook(answer, waits).send(b"{}", "k")
    assert keys == ["k"] * 3
    assert waits == [7.0, 2.0]


def test_a_receiver_that_is_away_is_an_error_without_the_address() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectTimeout("no", request=request)

    waits: list[float] = []
    with pytest.raises(PublishError, match=r"hooks\.example: ConnectTimeout") as error:
        hook(answer, waits).send(b"{}", "k")
    assert "token" not in str(error.value)
    assert len(waits) == 3


@pytest.mark.parametrize("status", [301, 400, 401, 409])
def test_a_refusal_is_not_repeated(status: int) -> None:
    calls: list[int] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        calls.append(1)
        return httpx2.Response(status, headers={"Location": "https://elsewhere.example/"})

    with pytest.raises(PublishError, match=str(status)):
        hook(answer).send(b"{}", "k")
    assert calls == [1]


def test_plain_http_and_a_missing_secret_are_refused() -> None:
    with pytest.raises(UsageError, match="https"):
        Webhook("http://hooks.example/", "secret")
    with pytest.raises(UsageError, match="KILPI_WEBHOOK_SECRET"):
        Webhook(URL, "")
    Webhook("http://localhost:8000/", "secret")
    assert "token" not in repr(Webhook(URL, "secret"))
