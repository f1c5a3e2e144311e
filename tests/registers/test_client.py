from __future__ import annotations

import multiprocessing
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from kilpi.errors import RegisterRefused, RegisterUnavailable, UsageError
from kilpi.registers.client import LONGEST_RETRY_AFTER_S, Client, _tls
from kilpi.registers.limits import Breaker, Clock, DailyBudget

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
Answer = tuple[int, dict[str, str]]


class FakeTime:
    """A clock that moves only when it is told to, or slept on."""

    def __init__(self) -> None:
        self.passed, self.slept = 0.0, list[float]()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.passed += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: NOW + timedelta(seconds=self.passed), lambda: self.passed, self.sleep)


@contextmanager
def scripted(*answers: Answer) -> Iterator[tuple[str, list[str]]]:
    """A server that gives these answers in turn, the last one for ever; and the paths that were asked."""
    left, asked = list(answers), list[str]()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

        def do_GET(self) -> None:
            asked.append(self.path)
            status, headers = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", asked
    finally:
        server.shutdown()
        server.server_close()


def client(time: FakeTime, limit: int | None = None, retries: int = 2) -> Client:
    budget = DailyBudget("test", limit, clock=time.clock)
    return Client("test", budget, timeout_s=2, retries=retries, clock=time.clock, jitter=lambda: 1.0)


def test_it_tries_again_and_waits_longer_each_time() -> None:
    time = FakeTime()
    with scripted((500, {}), (503, {}), (200, {})) as (url, asked):
        assert client(time).send("GET", url).body == b"{}"
    assert (len(asked), time.slept) == (3, [0.5, 1.0])


def test_retries_are_bounded() -> None:
    time = FakeTime()
    with scripted((503, {})) as (url, asked), pytest.raises(RegisterUnavailable, match="503"):
        client(time).send("GET", url)
    assert len(asked) == 3


@pytest.mark.parametrize("value", ["7", format_datetime(NOW + timedelta(seconds=7), usegmt=True)])
def test_retry_after_is_waited_for(value: str) -> None:
    time = FakeTime()
    with scripted((429, {"Retry-After": value}), (200, {})) as (url, _):
        client(time).send("GET", url)
    assert time.slept == [7.0]


def test_a_long_retry_after_ends_it_and_keeps_the_circuit_open() -> None:
    time = FakeTime()
    with scripted((429, {"Retry-After": "900"}), (200, {})) as (url, asked):
        one = client(time)
        with pytest.raises(RegisterUnavailable):
            one.send("GET", url)
        time.passed += 899
        with pytest.raises(RegisterUnavailable, match="not asked"):
            one.send("GET", url)
        assert (len(asked), time.slept) == (1, [])
        time.passed += 2
        assert one.send("GET", url).status == 200
    assert LONGEST_RETRY_AFTER_S < 900


@pytest.mark.parametrize("status", [400, 401, 402, 403, 422])
def test_refusals_are_not_retried(status: int) -> None:
    with scripted((status, {})) as (url, asked), pytest.raises(RegisterRefused, match=str(status)):
        client(FakeTime()).send("GET", url)
    assert len(asked) == 1


def test_redirects_are_not_followed() -> None:
    with scripted((200, {})) as (target, elsewhere), scripted((302, {"Location": target})) as (url, _):
        with pytest.raises(RegisterUnavailable, match="302"):
            client(FakeTime()).send("GET", url)
        assert elsewhere == []


def test_the_circuit_opens_after_failures_and_tries_once_later() -> None:
    time = FakeTime()
    with scripted((500, {})) as (url, asked):
        one = client(time, retries=0)
        for _ in range(5):
            with pytest.raises(RegisterUnavailable, match="500"):
                one.send("GET", url)
        with pytest.raises(RegisterUnavailable, match="not asked"):
            one.send("GET", url)
        assert len(asked) == 5
        time.passed += 61
        for _ in range(2):
            with pytest.raises(RegisterUnavailable):
                one.send("GET", url)
        assert len(asked) == 6


def test_bad_requests_do_not_open_the_circuit() -> None:
    with scripted((400, {})) as (url, asked):
        one = client(FakeTime())
        for _ in range(8):
            with pytest.raises(RegisterRefused):
                one.send("GET", url)
    assert len(asked) == 8


def test_the_budget_counts_retries_too_and_starts_anew_the_next_day() -> None:
    time = FakeTime()
    with scripted((500, {}), (200, {})) as (url, _):
        one = client(time, limit=2)
        one.send("GET", url)
        with pytest.raises(RegisterRefused, match="budget of 2"):
            one.send("GET", url)
        time.passed += 86_400
        assert one.send("GET", url).status == 200


def _spend(path: Path, times: int) -> int:
    budget, spent = DailyBudget("test", 10, path), 0
    for _ in range(times):
        try:
            budget.spend()
            spent += 1
        except RegisterRefused:
            pass
    return spent


def test_the_budget_in_a_file_holds_for_all_processes(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        spent = pool.starmap(_spend, [(tmp_path / "kept.sqlite", 8)] * 2)
    assert sum(spent) == 10


def test_nothing_listens() -> None:
    time = FakeTime()
    with pytest.raises(RegisterUnavailable, match="cannot be reached"):
        client(time).send("GET", "http://127.0.0.1:1/")
    assert len(time.slept) == 2


@pytest.mark.parametrize("url", ["http://example.invalid/", "ftp://127.0.0.1/", "nonsense"])
def test_addresses_must_be_https(url: str) -> None:
    with pytest.raises((UsageError, RegisterUnavailable)):
        client(FakeTime(), retries=0).send("GET", url)


def test_certificates_and_host_names_are_checked() -> None:
    assert _tls().verify_mode is ssl.CERT_REQUIRED
    assert _tls().check_hostname


def test_a_success_closes_the_circuit() -> None:
    time = FakeTime()
    breaker = Breaker("test", failures=2, pause_s=10, clock=time.clock)
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    breaker.check()
    breaker.failed()
    with pytest.raises(RegisterUnavailable):
        breaker.check()
