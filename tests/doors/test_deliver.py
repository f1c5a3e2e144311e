"""News of cases: written with the event, delivered at least once under one id, signed, never to private
addresses.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx2
import pytest
from standardwebhooks.webhooks import Webhook as Checker
from tests.cases.helping import MARK, Told, arrive, ready, sent
from tests.stores import FakeClock

from kilpi.cases import Arrival, erase, receive, sold, work
from kilpi.cases.outgoing import outbox
from kilpi.cases.outgoing.outbox import add_hook, list_deliveries, list_hooks, remove_hook, resend
from kilpi.doors import deliver as delivering
from kilpi.doors.deliver import WAITS_S, Deliver
from kilpi.errors import CaseChanged, UsageError
from kilpi.publishing import posting
from kilpi.publishing.address import Allowed
from kilpi.publishing.standard import standard_headers
from kilpi.store import Store

URL = "https://hooks.example/kilpi?token=abc"
PUBLIC = Allowed(resolve=lambda host, port: ["93.184.216.34"])


class Receiver:
    def __init__(self, *answers: httpx2.Response | Exception) -> None:
        self.answers, self.seen = list(answers), list[httpx2.Request]()

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.seen.append(request)
        answer = self.answers.pop(0) if self.answers else httpx2.Response(204)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def told(self) -> list[tuple[str, str]]:
        bodies = [json.loads(request.content) for request in self.seen]
        return [(body["type"], body["data"]["state"]) for body in bodies]


def sender(store: Store, receiver: Receiver, allowed: Allowed = PUBLIC) -> Deliver:
    return Deliver(store, allowed, httpx2.MockTransport(receiver), lambda: datetime.now(UTC).timestamp())


def test_every_event_is_told_and_signed(store: Store) -> None:
    hook = add_hook(store, URL)
    case = arrive(store, "a")
    work(store, Told(ready()))
    sold(store, case.id, by="x")
    receiver = Receiver()
    sender(store, receiver).look()
    assert receiver.told == [
        ("case.received", "received"),
        ("case.started", "working"),
        ("case.decided", "ready"),
        ("case.sold", "sold"),
    ]
    for request in receiver.seen:
        assert request.url.host == "93.184.216.34" and request.headers["host"] == "hooks.example"
        Checker(hook.secret).verify(request.content, dict(request.headers))
        assert MARK.text.encode() not in request.content
    assert len({request.headers["webhook-id"] for request in receiver.seen}) == 4


def test_it_is_written_with_the_event_or_not_at_all(store: Store) -> None:
    add_hook(store, URL)

    class Broken(Exception):
        pass

    def do(tx: object) -> None:
        from kilpi.cases.case import Kind
        from kilpi.cases.records import KILPI, append

        append(tx, case.id, Kind.SOLD, KILPI)  # type: ignore[arg-type]
        raise Broken

    case = arrive(store, "a")
    with pytest.raises(Broken):
        store.write(do)
    assert [one.kind for one in list_deliveries(store)] == ["received"]


def test_hooks_are_told_of_their_dealer_and_kinds_alone(store: Store) -> None:
    mine = add_hook(store, URL, dealer="A", kinds=["sold"])
    for dealer in ("A", "B"):
        case = receive(store, Arrival(sent(dealer), dealer=dealer)).case
        sold(store, case.id, by="x")
    (one,) = list_deliveries(store)
    assert (one.hook_id, one.kind) == (mine.id, "sold")
    with pytest.raises(UsageError, match="happens to no case"):
        add_hook(store, URL, kinds=["exploded"])


def test_tried_again_under_the_same_id_then_given_up_then_resent(store: Store, clock: FakeClock) -> None:
    add_hook(store, URL)
    arrive(store, "a")
    receiver = Receiver(*[httpx2.Response(500)] * 5, *[httpx2.ConnectError("away")] * 5)
    one = sender(store, receiver)
    one.look()
    assert len(receiver.seen) == 1
    for wait in WAITS_S:
        clock.tick(wait * 0.7)
        one.look()
        tried = len(receiver.seen)
        clock.tick(wait * 0.6)
        one.look()
        assert len(receiver.seen) == tried + 1
    (dead,) = list_deliveries(store, dead=True)
    assert dead.attempts == 10 and dead.error == "ConnectError"
    clock.tick(1e6)
    one.look()
    assert len(receiver.seen) == 10
    assert resend(store, [dead.id]) == 1
    one.look()
    assert list_deliveries(store, dead=True) == [] and list_deliveries(store)[0].delivered
    assert len({request.headers["webhook-id"] for request in receiver.seen}) == 1
    assert len({request.content for request in receiver.seen}) == 1


def test_a_receiver_says_when_and_that_it_is_gone(store: Store, clock: FakeClock) -> None:
    add_hook(store, URL)
    arrive(store, "a")
    receiver = Receiver(httpx2.Response(429, headers={"Retry-After": "900"}), httpx2.Response(410))
    one = sender(store, receiver)
    one.look()
    clock.tick(600)
    one.look()
    assert len(receiver.seen) == 1
    clock.tick(301)
    one.look()
    assert list_deliveries(store, dead=True)[0].error == "status 410"


def test_a_sender_that_dies_loses_nothing(store: Store, clock: FakeClock) -> None:
    add_hook(store, URL)
    arrive(store, "a")
    lost = outbox.take(store)
    assert lost is not None and outbox.take(store) is None
    clock.tick(outbox.LEASE_S + 1)
    receiver = Receiver()
    sender(store, receiver).look()
    assert receiver.seen[0].headers["webhook-id"] == lost.delivery.id
    with pytest.raises(CaseChanged):
        outbox.sent(store, lost)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.5",
        "192.168.1.1",
        "169.254.169.254",
        "::1",
        "fd00::1",
        "::ffff:10.0.0.5",
        "0.0.0.0",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b::a9fe:a9fe",
    ],
)
def test_private_addresses_only_where_allowed(address: str) -> None:
    def behind(found: str) -> Callable[[str, int], list[str]]:
        return lambda host, port: ["93.184.216.34", found]

    with pytest.raises(UsageError, match="private address"):
        Allowed(resolve=behind(address)).check(URL)
    nets = Allowed.parse("127.0.0.0/8, 10.0.0.0/8, 192.168.1.1, 169.254.0.0/16, ::/8, fd00::/8, 0.0.0.0").nets
    assert Allowed(nets, behind(address)).check(URL)[1] == "93.184.216.34"


TUNNELLED = [
    "::127.0.0.1", "::a00:1", "::ffff:0:127.0.0.1", "::ffff:0:a00:1", "64:ff9b:1::a00:1", "64:ff9b:1:abcd::1",
    "2002:7f00:1::", "2002:a00:1::", "2001:0:7f00:1::", "2001:0:5db8:d822::80ff:fffe", "fec0::1", "ff0e::1",
    "5f00::1", "100.64.0.1", "192.0.0.8", "224.0.0.1", "fe80::1%lo",
]  # fmt: skip


@pytest.mark.parametrize("address", TUNNELLED)
def test_addresses_that_lead_to_private_ones_are_refused(address: str) -> None:
    with pytest.raises(UsageError, match="private address"):
        Allowed(resolve=lambda host, port: [address]).check(URL)


@pytest.mark.parametrize("address", ["64:ff9b::5db8:d822", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_addresses_of_others_are_reached(address: str) -> None:
    assert Allowed(resolve=lambda host, port: [address]).check(URL)[1] == address


class Slow(http.server.BaseHTTPRequestHandler):
    """Sends a byte now and then: of the head, or of the body after it."""

    head = False

    def do_POST(self) -> None:
        if not self.head:
            self.send_response(200)
            self.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(200):
                self.wfile.write(b"H" if self.head else b"x")
                self.wfile.flush()
                time.sleep(0.05)

    def log_message(self, *args: object) -> None:
        pass


@contextlib.contextmanager
def slow(head: bool) -> Iterator[str]:
    handler = type("Handler", (Slow,), {"head": head})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("head", [True, False])
def test_a_receiver_that_drips_is_not_waited_for(
    store: Store, monkeypatch: pytest.MonkeyPatch, head: bool
) -> None:
    monkeypatch.setattr(delivering, "TIMEOUT_S", 1.5)
    monkeypatch.setattr(posting, "REST_S", 0.2)
    with slow(head) as url:
        add_hook(store, url)
        arrive(store, "a")
        began = time.monotonic()
        Deliver(store, Allowed.parse("127.0.0.0/8")).look()
        assert time.monotonic() - began < 5
    (one,) = list_deliveries(store)
    assert (one.error == "TimeoutError") if head else one.delivered  # the status was there


def test_a_slow_receiver_holds_up_nobody_else(store: Store) -> None:
    slow_url, quick = "https://slow.example/", threading.Event()
    add_hook(store, slow_url)
    add_hook(store, URL)
    arrive(store, "a")
    arrive(store, "b")

    async def answer(request: httpx2.Request) -> httpx2.Response:
        if request.headers["host"] == "slow.example":
            await asyncio.sleep(30)
        seen.append(request.headers["host"])
        if len(seen) == 2:
            quick.set()
        return httpx2.Response(204)

    seen: list[str] = []
    stop = threading.Event()
    one = Deliver(store, PUBLIC, httpx2.MockTransport(answer))
    thread = threading.Thread(target=one.run, args=(stop,), daemon=True)
    thread.start()
    assert quick.wait(10) and set(seen) == {"hooks.example"}
    stop.set()


def test_a_proxy_of_the_environment_is_not_used(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be told where to connect, and the checked address would mean nothing."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    handler = type("Taken", (Slow,), {"do_POST": lambda self: (self.send_response(204), self.end_headers())})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    add_hook(store, f"http://127.0.0.1:{server.server_port}/")
    arrive(store, "a")
    Deliver(store, Allowed.parse("127.0.0.0/8")).look()
    server.shutdown()
    server.server_close()
    assert list_deliveries(store)[0].delivered


def test_addresses_that_are_refused() -> None:
    for url in ("ftp://x.example/", "https://u:p@x.example/", "https:///x", "http://x.example/"):
        with pytest.raises(UsageError):
            PUBLIC.check(url)
    with pytest.raises(UsageError, match="KILPI_HOOKS_PRIVATE"):
        Allowed.parse("the office")


def test_what_is_not_allowed_waits_and_is_not_sent(store: Store) -> None:
    add_hook(store, URL)
    arrive(store, "a")
    receiver = Receiver()
    sender(store, receiver, Allowed(resolve=lambda host, port: ["127.0.0.1"])).look()
    assert not receiver.seen and list_deliveries(store)[0].error == "not allowed"


def test_a_hook_that_is_removed_takes_its_news_along(store: Store) -> None:
    hook = add_hook(store, URL)
    case = arrive(store, "a")
    erase(store, case.id, by="x")
    assert {one.kind for one in list_deliveries(store)} == {"received", "erased"}
    assert remove_hook(store, hook.id) and not remove_hook(store, hook.id)
    assert list_hooks(store) == [] and list_deliveries(store) == []


@pytest.mark.parametrize("secret", ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "any secret"])
def test_headers_are_those_of_the_library(secret: str) -> None:
    at = int(datetime.now(UTC).timestamp())
    key = secret if secret.startswith("whsec_") else secret.encode()
    Checker(key).verify(b'{"a": 1}', standard_headers(secret, "msg_1", at, b'{"a": 1}'))
