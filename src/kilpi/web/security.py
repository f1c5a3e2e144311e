"""Headers of every answer, to a fault too, and one log line a request that names the route and never what
was in it.
"""

from __future__ import annotations

import logging
import time

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kilpi.web.limits import counted, most_of
from kilpi.web.problems import fault_told

LOG = logging.getLogger("kilpi.web")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "manifest-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(), microphone=(), payment=(), usb=()",
    "cache-control": "no-store",  # a page may hold a mark; what may be kept says so itself
}
HTTPS_ONLY = "max-age=31536000"


class Guarded:
    """ASGI middleware: the headers, where a route has not set its own, and the log."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self.app = app
        headers = {**HEADERS, **({"strict-transport-security": HTTPS_ONLY} if secure else {})}
        self.headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(header for header in self.headers if header[0] not in given),
                ]
            await send(message)

        if "\0" in scope["path"] or b"%00" in scope["query_string"]:  # no database keeps it, no name has it
            await PlainTextResponse("", 400)(scope, receive, guarded)
            return
        try:
            await self.app(scope, counted(receive, await most_of(scope)), guarded)
        except Exception as error:
            if status:  # the answer has begun: whoever reads it must see that it broke off
                raise
            answer = await fault_told(Request(scope, receive), error)
            await answer(scope, receive, guarded)
        finally:
            route = getattr(scope.get("route"), "path", "(none)")  # the pattern: an address may hold a name
            ms = 1000 * (time.monotonic() - began)
            LOG.info("%s %s %d %.0f ms", scope["method"], route, status, ms)
