"""Who asks: every route says by its parameter who may use it, and `app.py` refuses a route that does not.

    @router.get("/cars")
    def cars(visitor: Staff, serving: Served) -> Response: ...

`Anyone`, `SignedIn` (a dealer's users too, with their own cars alone), `Staff` and `Admin` are for people
with a session; `Machine` is for /v1, with a bearer token or a session, and `Answering` with a token of any
role or a session of the staff. What changes something needs the
session's csrf token as well, in the header X-CSRF-Token or the form's field `csrf`; a bearer token does not.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from kilpi.adverts.wording import LANGUAGES
from kilpi.cases import Case, read_case
from kilpi.errors import CaseMissing
from kilpi.web import sessions, tokens
from kilpi.web.accounts import Role
from kilpi.web.serving import Serving, serving_of

COOKIE, LANGUAGE_COOKIE = "kilpi_session", "kilpi_language"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
RANKS = {Role.DEALER: 1, Role.STAFF: 2, Role.ADMIN: 3}


class SignInNeeded(Exception):
    """Nobody is signed in, or no longer: a page leads to the form, anything else is told 401."""


class TooMany(Exception):
    """More requests than a token may make: 429, with Retry-After."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s


class NotAllowed(Exception):
    """Signed in, but not for this: 403. `why` is a key of [error] in words/."""

    def __init__(self, why: str = "not_allowed") -> None:
        self.why = why


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks, in which language. `user_id` is "" for nobody and for machines."""

    language: str
    name: str = ""
    role: Role | None = None
    dealer: str = ""
    user_id: str = ""
    csrf: str = ""
    cookie: str = field(default="", repr=False)
    token_id: str = ""  # of a machine's token

    @property
    def by(self) -> str:
        """Under which name the history keeps what this visitor does."""
        return self.name

    @property
    def scope(self) -> str | None:
        """The one dealer whose cars may be seen; None: all."""
        return self.dealer if self.role is Role.DEALER else None

    def may(self, role: str) -> bool:
        """Whether this visitor has the role, or one above it; for templates."""
        return self.role is not None and RANKS[self.role] >= RANKS[Role(role)]


@dataclass(frozen=True, slots=True)
class Needs:
    """A route's rule: the least role; None: everybody. `machine`: a bearer token will do; `token` is the
    least role of one, where that is less than a person's.
    """

    role: Role | None
    machine: bool = False
    token: Role | None = None

    async def __call__(self, request: Request) -> Visitor:
        """The visitor. Raises SignInNeeded, NotAllowed, TooMany."""
        visitor = await who(request, self.machine)
        if visitor.token_id and (wait_s := serving_of(request).rates.take(visitor.token_id)):
            raise TooMany(wait_s)
        least = self.token if visitor.token_id and self.token else self.role
        if least is not None:
            if visitor.role is None:
                raise SignInNeeded
            if RANKS[visitor.role] < RANKS[least]:
                raise NotAllowed
        if request.method not in SAFE and not visitor.token_id:
            await check_form(request, visitor)
        return visitor


Anyone = Annotated[Visitor, Depends(Needs(None))]
SignedIn = Annotated[Visitor, Depends(Needs(Role.DEALER))]
Staff = Annotated[Visitor, Depends(Needs(Role.STAFF))]
Admin = Annotated[Visitor, Depends(Needs(Role.ADMIN))]
Machine = Annotated[Visitor, Depends(Needs(Role.DEALER, machine=True))]
Answering = Annotated[Visitor, Depends(Needs(Role.STAFF, machine=True, token=Role.DEALER))]


async def who(request: Request, machine: bool) -> Visitor:
    """The visitor; with `machine` a bearer token counts. Raises SignInNeeded for a token that ended."""
    serving: Serving = request.app.state.serving
    language = language_of(request, serving.settings.language)
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if machine and scheme.lower() == "bearer" and secret:
        token = await run_in_threadpool(tokens.find, serving.store, secret.strip())
        if token is None:
            raise SignInNeeded
        return Visitor(language, token.name, token.role, token.dealer, token_id=token.id)
    cookie = request.cookies.get(COOKIE, "")
    user = await run_in_threadpool(sessions.find, serving.store, cookie) if cookie else None
    if user is None:
        return Visitor(language)
    csrf = sessions.csrf_token(cookie)
    return Visitor(language, user.name, user.role, user.dealer, user.id, csrf, cookie)


def language_of(request: Request, otherwise: str) -> str:
    """As the visitor chose, else the browser's first that there are words in, else the server's."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    for part in request.headers.get("accept-language", "").split(","):
        code = part.partition(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return otherwise if otherwise in LANGUAGES else LANGUAGES[0]


async def check_form(request: Request, visitor: Visitor) -> None:
    """What changes something must come from a page of ours. Raises NotAllowed.

    Another site's page is known by Sec-Fetch-Site and Origin, which it cannot forge; with a session the token
    is asked for as well.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed("other_site")
    origin = request.headers.get("origin")
    if origin is not None and origin != "null" and not _is_ours(request, origin):
        raise NotAllowed("other_site")
    if visitor.role is None:
        return
    given = request.headers.get("x-csrf-token")
    if given is None and "form" in request.headers.get("content-type", ""):
        given = str((await request.form()).get("csrf", ""))
    if not given or not hmac.compare_digest(given.encode(), visitor.csrf.encode()):
        raise NotAllowed("stale_form")


def _is_ours(request: Request, origin: str) -> bool:
    serving: Serving = request.app.state.serving
    return origin == serving.address or urlsplit(origin).netloc == request.headers.get("host")


def own_case(serving: Serving, visitor: Visitor, case_id: str) -> Case:
    """The case, where the visitor may see it. Raises CaseMissing, for another dealer's as for none."""
    case = read_case(serving.store, case_id)
    if visitor.scope is not None and case.dealer != visitor.scope:
        raise CaseMissing(f"case {case_id}: there is none; see `kilpi cases`")
    return case


def safe_path(path: str | None) -> str:
    """Where to go next: a path of ours, never another site."""
    path = path or "/"
    parts = urlsplit(path)
    if parts.scheme or parts.netloc or not path.startswith("/") or path.startswith(("//", "/\\")):
        return "/"
    return quote(path, safe="/?=&-_.~%+")
