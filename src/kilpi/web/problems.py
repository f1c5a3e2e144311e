"""What goes wrong, as an answer: problem+json (RFC 9457) for machines, a page for people, no mark."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from kilpi.errors import KilpiError, NoRoom, StoreError, as_kilpi_error
from kilpi.web.fields import Unfit
from kilpi.web.pages import page
from kilpi.web.serving import Serving
from kilpi.web.visitor import SAFE, NotAllowed, SignInNeeded, TooMany, Visitor, language_of, who
from kilpi.web.words import load_words

LOG = logging.getLogger("kilpi.web")


AGAIN_S = "30"  # seconds until a request that found no database, or no room, is worth sending again
# As RFC 9110 has them; Python calls these two otherwise from 3.13 on.
NAMES = {413: "Content Too Large", 422: "Unprocessable Content"}


class Problem(Exception):
    """An answer that is none of the error tree's: a status and a key of [error] in words/; machines are told
    `more` behind it.
    """

    def __init__(self, status: int, why: str, headers: dict[str, str] | None = None, more: str = "") -> None:
        self.status, self.why, self.headers, self.more = status, why, headers or {}, more


def add_handlers(app: FastAPI) -> None:
    """Registers all of this file."""
    app.add_exception_handler(KilpiError, _kilpi)
    app.add_exception_handler(SignInNeeded, _sign_in)
    app.add_exception_handler(NotAllowed, _not_allowed)
    app.add_exception_handler(TooMany, _too_many)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def wants_json(request: Request) -> bool:
    """Whether a machine asks."""
    asked = request.headers.get("accept", "") + request.headers.get("content-type", "")
    return request.url.path.startswith("/v1/") or "json" in asked


async def told(
    request: Request, status: int, kind: str, detail: str, headers: dict[str, str] | None = None
) -> Response:
    """The answer. `kind` is a class of the error tree, or the status's own name."""
    if wants_json(request):
        body = {"type": "about:blank", "title": title_of(status), "status": status}
        body |= {"kind": kind, "detail": detail}
        return JSONResponse(body, status, headers, media_type="application/problem+json")
    return page(
        request,
        await _visitor(request),
        "problem.html",
        status=status,
        headers=headers,
        detail=detail,
        refused=request.method not in SAFE,
        signed_out=status == HTTPStatus.UNAUTHORIZED,
    )


async def _visitor(request: Request) -> Visitor:
    """Who is signed in, so that the page's menu and its forms work; nobody where that cannot be told."""
    try:
        return await who(request, machine=False)
    except Exception as error:  # the page is about another fault already
        LOG.warning("who asks is not known: %s", type(error).__name__)
        serving: Serving = request.app.state.serving
        return Visitor(language_of(request, serving.settings.language))


def _say(request: Request, key: str) -> str:
    serving: Serving = request.app.state.serving
    return load_words(language_of(request, serving.settings.language)).say("error", key)


async def _kilpi(request: Request, error: Exception) -> Response:
    found = as_kilpi_error(error, "request")
    if isinstance(found, NoRoom):
        LOG.error("%s", found)
    headers = {"Retry-After": AGAIN_S} if isinstance(found, StoreError | NoRoom) else None
    return await told(request, found.status, found.kind, in_words(request, found), headers)


def in_words(request: Request, error: KilpiError) -> str:
    """What went wrong: for machines the error's own message, for people in their language what to do."""
    if request.url.path.startswith("/v1/"):
        return str(error)
    serving: Serving = request.app.state.serving
    words = load_words(language_of(request, serving.settings.language))
    if isinstance(error, Unfit):
        return words.say("error", error.why, **error.values)
    if isinstance(error, NoRoom):
        return words.say("error", "no_room")
    kinds = [kind.__name__ for kind in type(error).__mro__]
    faults = words.tables["fault"]
    return next((faults[kind] for kind in kinds if kind in faults), str(error))


async def _sign_in(request: Request, error: Exception) -> Response:
    if wants_json(request) or request.method not in ("GET", "HEAD"):
        headers = {"WWW-Authenticate": "Bearer"} if wants_json(request) else None
        why = "sign_in" if wants_json(request) else "signed_out"
        return await told(request, 401, "Unauthorized", _say(request, why), headers)
    after = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?next={quote(after, safe='')}", 303)


async def _not_allowed(request: Request, error: Exception) -> Response:
    assert isinstance(error, NotAllowed)
    return await told(request, 403, "Forbidden", _say(request, error.why))


async def _too_many(request: Request, error: Exception) -> Response:
    assert isinstance(error, TooMany)
    headers = {"Retry-After": str(max(1, math.ceil(error.wait_s)))}
    return await told(request, 429, "TooManyRequests", _say(request, "too_many_requests"), headers)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    detail = _say(request, error.why)
    if error.more and request.url.path.startswith("/v1/"):
        detail = f"{detail} ({error.more})"
    return await told(request, error.status, kind_of(error.status), detail, error.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    """Which fields, for machines also what they should be, and never what was in them."""
    assert isinstance(error, RequestValidationError)
    machine = request.url.path.startswith("/v1/")
    faults = [fault_in(one) if machine else place_of(one) for one in error.errors()]
    detail = f"{_say(request, 'fields')} {('; ' if machine else ', ').join(sorted(set(faults)))}"
    return await told(request, 422, kind_of(422), detail)


def place_of(fault: Mapping[str, Any]) -> str:
    """The field that a fault of pydantic's is in, with dots."""
    return ".".join(str(part) for part in fault["loc"][1:]) or str(fault["loc"][0])


def fault_in(fault: Mapping[str, Any]) -> str:
    """A field and what it should be; pydantic's own words, but where they may hold what was sent."""
    place, known = place_of(fault), fault.get("ctx") or {}
    if fault["type"] == "union_tag_invalid":
        return f"{place}: {known['discriminator']} should be one of {known['expected_tags']}"
    if fault["type"] == "json_invalid":
        return "the body is no JSON"
    return place if "error" in known else f"{place}: {fault['msg']}"


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    key = {404: "no_page", 405: "no_method", 400: "bad_request", 413: "too_large"}.get(
        error.status_code, "other"
    )
    headers = dict(error.headers) if error.headers else None
    return await told(request, error.status_code, kind_of(error.status_code), _say(request, key), headers)


def title_of(status: int) -> str:
    """A status in words, the same with every version of Python."""
    return NAMES.get(status) or HTTPStatus(status).phrase


def kind_of(status: int) -> str:
    """The `kind` of an answer that is none of the error tree's."""
    return title_of(status).replace(" ", "")


async def fault_told(request: Request, error: Exception) -> Response:
    """A fault of Kilpi's own: its kind and place are logged, its message might hold a mark.

    `kilpi.web.security` answers with it. A handler of Starlette's for all exceptions would raise it again
    behind the answer, for the server to log word by word, and its answer would lack the headers.
    """
    found = as_kilpi_error(error, "request")
    LOG.error("%s", found)
    kind = type(error).__name__  # what a person reports; its message might hold a mark
    return await told(request, found.status, found.kind, f"{in_words(request, found)} ({kind})")
