"""Replies that are whole, about the right car, and not to be believed: refused with field and value."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from pydantic import SecretStr

from kilpi.errors import RegisterUnavailable
from kilpi.registers import ADAPTERS
from kilpi.registers.client import MAX_REPLY_BYTES, Client, Reply
from kilpi.registers.http import JsonRegister
from kilpi.registers.limits import DailyBudget
from kilpi.registers.provider import provider
from kilpi.registers.rdw import RdwRegister
from kilpi.registers.simulator.scenarios import PLAYS, fixture
from kilpi.registers.traficom import Contract, TraficomRegister
from kilpi.types import Vehicle

JSON = [name for name in ADAPTERS if name != "traficom"]


def look_up(name: str, change: Callable[[str], str]) -> Vehicle:
    """The adapter asked, with the rehearsal's reply changed on the way."""
    play = PLAYS[name]

    class Canned(Client):
        def send(self, method: str, url: str, headers=None, query=None, body=None) -> Reply:  # type: ignore[no-untyped-def]
            file = next((f for part, f in play.files.items() if part and part in url), None)
            file = file or next(iter(play.files.values()))
            text = fixture(file).replace("@MARK@", play.mark.text).replace("@RESTRICTION@", "")
            return Reply(200, change(text).encode())

    client, key, who = Canned(name, DailyBudget(name, None)), SecretStr("k"), provider(name)
    if name == "traficom":
        return TraficomRegister(who, client, Contract("https://x", "u", key)).look_up(play.mark)
    register = RdwRegister(who, client, key) if name == "rdw" else JsonRegister(who, client, key)
    return register.look_up(play.mark)


def first_object(parsed: Any) -> dict[str, Any]:
    """The innermost object that holds texts, wherever the provider keeps it."""
    found: dict[str, Any] = next(
        one for one in objects(parsed) if any(isinstance(v, str) for v in one.values())
    )
    return found


def objects(parsed: Any) -> Iterator[dict[str, Any]]:
    if isinstance(parsed, dict):
        yield parsed
    for value in parsed.values() if isinstance(parsed, dict) else parsed if isinstance(parsed, list) else ():
        yield from objects(value)


@pytest.mark.parametrize("name", ADAPTERS)
def test_the_unchanged_reply_is_a_vehicle(name: str) -> None:
    assert look_up(name, lambda text: text).make


@pytest.mark.parametrize("name", JSON)
@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused_by_its_key(name: str, word: str) -> None:
    def spoil(text: str) -> str:
        parsed = json.loads(text)
        first_object(parsed)["extra"] = "@"
        return json.dumps(parsed).replace('"@"', word)

    with pytest.raises(RegisterUnavailable, match=f"'extra' is {word}"):
        look_up(name, spoil)


@pytest.mark.parametrize("name", JSON)
def test_a_key_that_is_there_twice_is_refused(name: str) -> None:
    def spoil(text: str) -> str:
        parsed = json.loads(text)
        first_object(parsed)["extra"] = "@"
        return json.dumps(parsed).replace('"extra": "@"', '"extra": 1, "extra": 2')

    with pytest.raises(RegisterUnavailable, match="'extra' is in it twice"):
        look_up(name, spoil)


@pytest.mark.parametrize("name", ["svv", "rdw", "nrplade"])
def test_several_vehicles_for_one_mark_are_refused(name: str) -> None:
    def double(text: str) -> str:
        parsed = json.loads(text)
        if isinstance(parsed, list):
            return json.dumps(parsed * 2)
        key = "kjoretoydataListe" if name == "svv" else "data"
        held = parsed.get(key, parsed)
        return json.dumps({key: held * 2 if isinstance(held, list) else [held, held]})

    with pytest.raises(RegisterUnavailable, match="2 vehicles for one mark"):
        look_up(name, double)


def test_two_records_of_traficom_are_refused() -> None:
    def double(text: str) -> str:
        start, end = text.index("<perus"), text.index("</perus>") + len("</perus>")
        return text[:end] + text[start:end] + text[end:]

    with pytest.raises(RegisterUnavailable, match="2 vehicles for one mark"):
        look_up("traficom", double)


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_value_of_megabytes_is_refused_with_field_and_beginning(name: str) -> None:
    make = look_up(name, lambda text: text).raw["make"]["value"]
    with pytest.raises(RegisterUnavailable, match=r"make has 3,000,0\d\d characters: '\w"):
        look_up(name, lambda text: text.replace(make, make + "x" * 3_000_000, 1))


@contextmanager
def sends(body: bytes, encoding: str) -> Iterator[str]:
    """A server that sends one body under one Content-Encoding."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Encoding", encoding)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):  # the client had enough
                self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def ask(body: bytes, encoding: str) -> bytes:
    with sends(body, encoding) as url:
        return Client("test", DailyBudget("test", None), timeout_s=5, retries=0).send("GET", url).body


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(b"{}", "identity"), (gzip.compress(b"{}", mtime=0), "gzip"), (zlib.compress(b"{}"), "deflate")],
)
def test_one_layer_is_unpacked(body: bytes, encoding: str) -> None:
    assert ask(body, encoding) == b"{}"


def test_a_reply_that_unpacks_to_more_than_the_limit_is_cut_there() -> None:
    with pytest.raises(RegisterUnavailable, match="larger than"):
        ask(gzip.compress(b" " * (20 * MAX_REPLY_BYTES)), "gzip")


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "gzip;q=1"])
def test_what_is_packed_twice_or_otherwise_is_refused_unread(encoding: str) -> None:
    twice = gzip.compress(gzip.compress(b" " * 50_000_000))
    with pytest.raises(RegisterUnavailable, match="did not ask for"):
        ask(twice, encoding)


def test_a_lie_about_the_packing_is_refused() -> None:
    with pytest.raises(RegisterUnavailable, match="not what it is said to be"):
        ask(b"plain words", "gzip")
