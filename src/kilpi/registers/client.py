"""One HTTP client for all registers: bounded in time, size, retries and requests a day; quiet about marks.

Messages and logs name the provider and the status, never a URL, a mark or a credential.
"""

from __future__ import annotations

import logging
import random
import ssl
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

import httpx2

from kilpi.errors import RegisterRefused, RegisterUnavailable, UsageError
from kilpi.registers.limits import Breaker, Clock, DailyBudget
from kilpi.retry import AGAIN, pause_s, retry_after_s
from kilpi.text import decode_text

MAX_REPLY_BYTES = 4_000_000
"""The largest documented reply is about 25 kB; ours."""
LONGEST_RETRY_AFTER_S = 20.0
"""A provider that asks for more gets it: we stop now and keep the circuit open that long."""
LONGEST_OPEN_S = 3600.0
USER_AGENT = "kilpi/0.1 (vehicle register client)"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply."""

    status: int
    body: bytes

    @property
    def text(self) -> str:
        """The body as text: UTF-8, else Windows-1252, whatever the header claims."""
        return decode_text(self.body)


class _Again(Exception):
    """This attempt failed in a way that a later one may not; `after_s` as the provider asks."""

    def __init__(self, why: str, after_s: float | None = None) -> None:
        super().__init__(why)
        self.why, self.after_s = why, after_s


class Client:
    """Sends one provider's requests. Safe for threads."""

    def __init__(
        self,
        provider: str,
        budget: DailyBudget,
        timeout_s: float = 10.0,
        retries: int = 2,
        clock: Clock | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.provider, self.timeout_s, self.retries = provider, timeout_s, retries
        self._clock = clock or Clock()
        self._budget = budget
        self._breaker = Breaker(provider, clock=self._clock)
        self._jitter = jitter
        _hush()
        # Redirects are not followed: they would carry the mark, and maybe the key, to another host.
        self._http = httpx2.Client(
            timeout=httpx2.Timeout(timeout_s),
            follow_redirects=False,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, identity"},
            verify=_tls(),
            # Queries are rare: a kept connection would mostly be one that the other side has closed.
            limits=httpx2.Limits(max_keepalive_connections=0),
        )

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        """The reply, retried where that may help. Raises RegisterRefused or RegisterUnavailable."""
        self._breaker.check()
        request = self._request(method, url, headers, query, body)
        self._budget.spend()
        try:
            reply = self._send_patiently(request)
        except _Again as last:
            self._breaker.failed(min(last.after_s or 0.0, LONGEST_OPEN_S))
            raise RegisterUnavailable(f"{self.provider}: {last.why}; try again later") from None
        except RegisterUnavailable:
            self._breaker.failed()
            raise
        return self._judge(reply)

    def _request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        query: Mapping[str, str] | None,
        body: bytes | None,
    ) -> httpx2.Request:
        try:
            request = self._http.build_request(method, url, headers=headers, params=query, content=body)
        except (httpx2.InvalidURL, UnicodeError, TypeError):
            raise UsageError(
                f"{self.provider}: its address or a header makes no sense; check the settings"
            ) from None
        if request.url.scheme != "https" and request.url.host not in LOOPBACK:
            raise UsageError(f"{self.provider}: its address is not https; correct it")
        return request

    def _send_patiently(self, request: httpx2.Request) -> Reply:
        for attempt in range(self.retries + 1):
            if attempt:
                self._budget.spend()
            try:
                return self._send_once(request)
            except _Again as failure:
                if attempt == self.retries or (failure.after_s or 0.0) > LONGEST_RETRY_AFTER_S:
                    raise
                pause = pause_s(attempt) * self._jitter()
                self._clock.sleep(max(pause, failure.after_s or 0.0))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _send_once(self, request: httpx2.Request) -> Reply:
        deadline = self._clock.monotonic() + self.timeout_s
        try:
            response = self._http.send(request, stream=True)
            try:
                body = self._read(response, deadline)
            finally:
                response.close()
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            raise _Again("cannot be reached") from None
        except httpx2.TimeoutException:
            # The request may have been answered, and charged: asking again is for the caller to decide.
            raise self._no_answer() from None
        except (httpx2.RequestError, httpx2.StreamError):
            raise RegisterUnavailable(f"{self.provider}: the reply broke off; try again later") from None
        if response.status_code in AGAIN:
            after_s = retry_after_s(response.headers.get("Retry-After"), self._clock.now())
            raise _Again(f"answers with status {response.status_code}", after_s)
        return Reply(response.status_code, body)

    def _read(self, response: httpx2.Response, deadline: float) -> bytes:
        body = bytearray()
        unpack = self._unpacker(response.headers.get("Content-Encoding", ""))
        for chunk in response.iter_raw():
            try:
                body += unpack(chunk, MAX_REPLY_BYTES + 1 - len(body))
            except zlib.error:
                raise RegisterUnavailable(
                    f"{self.provider}: the reply is not what it is said to be"
                ) from None
            if len(body) > MAX_REPLY_BYTES:
                raise RegisterUnavailable(
                    f"{self.provider}: the reply is larger than {MAX_REPLY_BYTES} bytes"
                )
            if self._clock.monotonic() > deadline:
                raise self._no_answer()
        return bytes(body)

    def _unpacker(self, encoding: str) -> Callable[[bytes, int], bytes]:
        """Bytes as sent, and how many may come of them -> bytes. One layer of gzip or none: what is packed
        twice grows a millionfold before anybody can count it.
        """
        named = encoding.strip().lower()
        if named in ("", "identity"):
            return lambda chunk, most: chunk
        if named not in ("gzip", "x-gzip", "deflate"):
            raise RegisterUnavailable(
                f"{self.provider}: the reply is packed in a way that we did not ask for"
            )
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # gzip or zlib, by its own header
        return lambda chunk, most: unpacker.decompress(unpacker.unconsumed_tail + chunk, max(1, most))

    def _no_answer(self) -> RegisterUnavailable:
        return RegisterUnavailable(
            f"{self.provider}: no whole reply within {self.timeout_s:g} s; try again later or raise "
            "KILPI_REGISTER_TIMEOUT_S"
        )

    def _judge(self, reply: Reply) -> Reply:
        status = reply.status
        if 200 <= status < 300 or status == HTTPStatus.NOT_FOUND:
            self._breaker.succeeded()
            return reply
        if status in (401, 403):
            self._breaker.failed()  # the key will not get better by asking on
            raise RegisterRefused(f"{self.provider}: refuses us (status {status}); check key and contract")
        if 400 <= status < 500:
            self._breaker.succeeded()
            raise RegisterRefused(f"{self.provider}: refuses the request (status {status})")
        self._breaker.failed()
        raise RegisterUnavailable(f"{self.provider}: answers with status {status}; check its address")


@cache
def _tls() -> ssl.SSLContext:
    """The library's own context, which verifies certificates and host names; made once, it costs 50 ms."""
    return httpx2.create_ssl_context()


def _hush() -> None:
    """Keeps the HTTP libraries from logging URLs and headers: some hold marks, some hold keys."""
    for name in ("httpx2", "httpcore2"):
        logger = logging.getLogger(name)
        if logger.level < logging.WARNING:
            logger.setLevel(logging.WARNING)
