"""Rehearsals: small servers on the loopback address that answer as the providers do, faults included.

Each knows one invented car (rehearsals/*), checks the request as the provider documents it, and can be told
to fail in many ways. Tests and `kilpi doctor --registers` run every adapter against every fault.
They show that an adapter fits what is documented, not that the live service does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import SecretStr

from kilpi.config import Settings
from kilpi.errors import RegisterError
from kilpi.registers import ADAPTERS, open_adapter
from kilpi.registers.simulator.scenarios import KEY, PLAYS, USER, Asked, Play, Understood, fixture
from kilpi.text import compact_mark

TIMEOUT_S = 0.6


class Fault(StrEnum):
    """How a rehearsal server behaves."""

    NONE = "answers"
    NOT_FOUND = "does not know the mark"
    LATIN_1 = "sends latin-1 under a utf-8 header"
    MOJIBAKE = "sends utf-8 that was read as latin-1 before"
    MALFORMED = "sends half a document"
    EMPTY = "sends an empty body"
    CUT = "closes the connection in the reply"
    SLOW = "sends a byte now and then"
    UNAUTHORISED = "status 401"
    FORBIDDEN = "status 403"
    TOO_MANY = "status 429"
    BROKEN = "status 500"
    MOVED = "redirects to another host"
    WEB_PAGE = "a web page with status 404"
    FOREIGN = "tells another car"
    NAMELESS = "tells a car without its mark"


EXPECTED: dict[Fault, str] = {
    Fault.NONE: "found",
    Fault.LATIN_1: "found",
    Fault.MOJIBAKE: "found",
    Fault.NOT_FOUND: "NotRegistered",
    Fault.UNAUTHORISED: "RegisterRefused",
    Fault.FORBIDDEN: "RegisterRefused",
}
"""What a look-up must come to; every other fault is RegisterUnavailable."""

STATUS = {
    Fault.UNAUTHORISED: 401,
    Fault.FORBIDDEN: 403,
    Fault.TOO_MANY: 429,
    Fault.BROKEN: 500,
    Fault.MOVED: 307,
}


class Exchange(BaseHTTPRequestHandler):
    """One request and its reply. Logs nothing: a mark is in the request."""

    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""

    def do_GET(self) -> None:
        """Answers a GET."""
        self._answer()

    def do_POST(self) -> None:
        """Answers a POST."""
        self._answer()

    def _asked(self) -> Asked:
        address = urlsplit(self.path)
        return Asked(
            method=self.command,
            path=unquote(address.path),
            query=dict(parse_qsl(address.query)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
        )

    def _answer(self) -> None:
        fault, play = self.server.fault, self.server.play
        self.server.requests += 1
        understood = play.read(self._asked())
        if fault in STATUS:
            extra = {"Retry-After": "0"} if fault is Fault.TOO_MANY else {}
            extra |= {"Location": "https://example.invalid/"} if fault is Fault.MOVED else {}
            return self._send(STATUS[fault], b'{"message": "no"}', extra)
        if understood is None or fault is Fault.WEB_PAGE:
            return self._send(404, b"<html><title>Not found</title></html>")
        if not understood.authorised:
            return self._send(403, b"{}")
        known = (
            understood.vin == play.vin if understood.vin else understood.mark == compact_mark(play.mark.text)
        )
        if fault is Fault.NOT_FOUND or not known:
            body = play.none_body.replace("@MARK@", play.mark.text)
            return self._send(play.none_status, body.encode())
        return self._send_car(fault, play, understood)

    def _send_car(self, fault: Fault, play: Play, understood: Understood) -> None:
        shown = {Fault.FOREIGN: play.other, Fault.NAMELESS: ""}.get(fault, play.mark.text)
        text = fixture(play.files[understood.resource]).replace("@MARK@", shown).replace("@RESTRICTION@", "")
        if understood.vin and fault is Fault.FOREIGN:
            text = text.replace(play.vin, play.vin[:-1] + "X")
        body = text.encode("cp1252" if fault is Fault.LATIN_1 else "utf-8")
        if fault is Fault.MOJIBAKE:
            body = body.decode("latin-1").encode("utf-8")
        if fault is Fault.MALFORMED:
            body = body[: len(body) // 2]
        self._send(
            200, b"" if fault is Fault.EMPTY else body, slow=fault is Fault.SLOW, cut=fault is Fault.CUT
        )

    def _send(
        self,
        status: int,
        body: bytes,
        extra: dict[str, str] | None = None,
        slow: bool = False,
        cut: bool = False,
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "text/plain; charset=utf-8", **(extra or {})}.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if cut:
            self.wfile.write(body[:20])
            return
        piece = 1 if slow else max(1, len(body))
        try:
            for start in range(0, len(body), piece):
                self.wfile.write(body[start : start + piece])
                if slow:
                    time.sleep(TIMEOUT_S / 10)
        except OSError:
            pass  # the client rightly hung up


class Server(ThreadingHTTPServer):
    """A provider on a free port of 127.0.0.1."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, name: str, fault: Fault) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.play, self.fault, self.requests = PLAYS[name], fault, 0

    @property
    def origin(self) -> str:
        """http://127.0.0.1:port"""
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serve(name: str, fault: Fault = Fault.NONE) -> Iterator[Server]:
    """A running rehearsal server of this provider; its `fault` may be changed while it runs."""
    server = Server(name, fault)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def rehearsal_settings(**changes: object) -> Settings:
    """Settings with rehearsal credentials, short time-outs and no retries; `changes` go on top.

    The environment is not read: a rehearsal must not use real credentials.
    """
    secrets = {
        name: SecretStr(KEY)
        for name in Settings.model_fields
        if name.endswith(("_key", "_password", "_token"))
    }
    base = {name: part.get_default() for name, part in Settings.model_fields.items()}
    own = {"traficom_user": USER, "register_timeout_s": TIMEOUT_S, "register_retries": 0}
    return Settings.model_construct(**{**base, **secrets, **own, **changes})


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One provider against one fault: what had to come out, what came out, in how many milliseconds."""

    provider: str
    fault: Fault
    expected: str  # "found" or an error's class name
    outcome: str
    ms: float

    @property
    def passed(self) -> bool:
        """True where the outcome is the expected one."""
        return self.outcome == self.expected


def rehearse(names: tuple[str, ...] = ADAPTERS) -> list[Rehearsal]:
    """Every named provider's adapter against every fault of its rehearsal server."""
    return [_rehearse_one(name, fault) for name in names for fault in Fault]


def _rehearse_one(name: str, fault: Fault) -> Rehearsal:
    with serve(name, fault) as server:
        register = open_adapter(name, rehearsal_settings(), origin=server.origin)
        begun = time.perf_counter()
        try:
            register.look_up(server.play.mark)
            outcome = "found"
        except RegisterError as error:
            outcome = error.kind
        ms = (time.perf_counter() - begun) * 1000
    return Rehearsal(name, fault, EXPECTED.get(fault, "RegisterUnavailable"), outcome, ms)
