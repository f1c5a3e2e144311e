"""In and out: the form, the one-time links, the language."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from kilpi.adverts.wording import LANGUAGES
from kilpi.web import accounts, sessions
from kilpi.web.accounts import ENTER, INVITE, User
from kilpi.web.fields import Unfit
from kilpi.web.pages import page
from kilpi.web.problems import Problem
from kilpi.web.serving import Served, Serving
from kilpi.web.visitor import COOKIE, LANGUAGE_COOKIE, Anyone, SignedIn, Visitor, safe_path
from kilpi.web.words import load_words

router = APIRouter(include_in_schema=False)
YEAR_S = 365 * 86_400


@router.get("/sign-in")
def form(
    request: Request,
    visitor: Anyone,
    serving: Served,
    next: Annotated[str, Query(max_length=2000)] = "/",
) -> Response:
    """Name and password."""
    return form_page(request, visitor, serving, safe_path(next))


def form_page(
    request: Request, visitor: Visitor, serving: Serving, after: str, wrong: str = "", name: str = ""
) -> Response:
    """The form; `wrong` is a key of [page], said of what was typed."""
    openid = serving.openid.name if serving.openid else ""
    return page(
        request,
        visitor,
        "sign_in.html",
        status=401 if wrong else 200,
        next=after,
        wrong=wrong,
        name=name,
        openid=openid,
        query=urlencode({"next": after}),
    )


@router.post("/sign-in")
def sign_in(
    request: Request,
    visitor: Anyone,
    serving: Served,
    name: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=1000)],
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """A session, or the form again; too many failures must wait."""
    keys = (f"name {accounts.key_of(name)}", f"address {address_of(request, serving)}")
    if wait_s := serving.throttle.wait_s(*keys):
        raise Problem(429, "too_many", {"Retry-After": str(int(wait_s) + 1)})
    user = accounts.sign_in(serving.store, name, password)
    if user is None:
        serving.throttle.failed(*keys)
        return form_page(request, visitor, serving, safe_path(next), "wrong", name)
    serving.throttle.succeeded(keys[0])
    if visitor.cookie:
        sessions.end(serving.store, visitor.cookie)
    return enter(serving, user.id, safe_path(next))


@router.post("/sign-out")
def sign_out(visitor: SignedIn, serving: Served) -> Response:
    """The session ends, here and on the server."""
    sessions.end(serving.store, visitor.cookie)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/enter/{secret}")
def enter_by_link(secret: str, visitor: Anyone, serving: Served) -> Response:
    """The link that `kilpi serve` printed: in at once, once."""
    user = accounts.use_link(serving.store, secret, ENTER)
    if user is None:
        raise Problem(404, "link_over")
    return enter(serving, user.id, "/")


@router.get("/invited/{secret}")
def invited(request: Request, secret: str, visitor: Anyone, serving: Served) -> Response:
    """An invitation: choose a password."""
    user = accounts.use_link(serving.store, secret, INVITE, use=False)
    if user is None:
        raise Problem(404, "link_over")
    return choose(request, visitor, user)


def choose(request: Request, visitor: Visitor, user: User, trouble: str = "") -> Response:
    """The form for a first password; `trouble`: why the one that was typed is refused."""
    return page(
        request,
        visitor,
        "invited.html",
        status=422 if trouble else 200,
        name=user.name,
        least=accounts.PASSWORD_LEAST,
        trouble=trouble,
    )


@router.post("/invited/{secret}")
def accept(
    request: Request,
    secret: str,
    visitor: Anyone,
    serving: Served,
    password: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """The password is chosen; the link is used up. One that is refused leaves the link."""
    trouble = password_trouble(password)
    user = accounts.use_link(serving.store, secret, INVITE, use=not trouble)
    if user is None:
        raise Problem(404, "link_over")
    if trouble:
        return choose(request, visitor, user, load_words(visitor.language).say("error", trouble))
    accounts.set_password(serving.store, user.id, password)
    return enter(serving, user.id, "/")


def password_trouble(password: str) -> str:
    """Why it cannot be a password, a key of [error] in words/; "": it can."""
    try:
        accounts.check_password(password)
    except Unfit as error:
        return error.why
    return ""


@router.post("/language")
def language(
    visitor: Anyone,
    serving: Served,
    code: Annotated[str, Form(max_length=2)],
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """The language of the pages from now on."""
    answer = RedirectResponse(safe_path(next), 303)
    if code in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, code, max_age=YEAR_S, secure=serving.secure, samesite="lax")
    return answer


def enter(serving: Serving, user_id: str, path: str) -> Response:
    """A new session's cookie, and on to the page."""
    answer = RedirectResponse(path, 303)
    cookie = sessions.begin(serving.store, user_id)
    answer.set_cookie(
        COOKIE, cookie, max_age=int(sessions.LONGEST_S), secure=serving.secure, httponly=True, samesite="lax"
    )
    return answer


def address_of(request: Request, serving: Serving) -> str:
    """Whence a request comes; a proxy's word counts where the proxy was named."""
    near = request.client.host if request.client else ""
    if near in serving.proxies:
        return request.headers.get("x-forwarded-for", near).rpartition(",")[2].strip() or near
    return near
