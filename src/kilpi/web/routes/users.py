"""Who may come in: users with their one-time invitations, machines with their tokens. For administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from kilpi.web import accounts, identities, tokens
from kilpi.web.accounts import INVITE, Role
from kilpi.web.pages import page
from kilpi.web.problems import Problem
from kilpi.web.routes.sign_in import enter
from kilpi.web.serving import Served, Serving
from kilpi.web.visitor import Admin, SignedIn, Visitor

router = APIRouter(include_in_schema=False)
Name = Annotated[str, Form(max_length=200)]
Password = Annotated[str, Form(max_length=1000)]


@router.get("/users")
def users(request: Request, visitor: Admin, serving: Served) -> Response:
    """All users and all tokens."""
    return shown(request, visitor, serving)


def shown(request: Request, visitor: Visitor, serving: Serving, link: str = "", token: str = "") -> Response:
    """The page; with a link or a token that was made just now and is shown this once."""
    return page(
        request,
        visitor,
        "users.html",
        users=accounts.all_users(serving.store),
        tokens=tokens.every(serving.store),
        roles=[role.value for role in Role],
        waiting=identities.waiting(serving.store),
        link=link,
        token=token,
    )


@router.post("/users")
def add(
    request: Request,
    visitor: Admin,
    serving: Served,
    name: Name,
    role: Annotated[Role, Form()],
    dealer: Name = "",
) -> Response:
    """A new user, with the link to hand over."""
    user = accounts.add_user(serving.store, name, role, dealer)
    return shown(request, visitor, serving, link=invitation(serving, user.id))


@router.post("/users/{user_id}/invite")
def invite(request: Request, user_id: str, visitor: Admin, serving: Served) -> Response:
    """A new link for a user who lost it, or the password."""
    return shown(request, visitor, serving, link=invitation(serving, user_id))


@router.post("/users/{user_id}/end")
def end(user_id: str, visitor: Admin, serving: Served) -> Response:
    """The user may not come in any more."""
    accounts.end_user(serving.store, user_id)
    return RedirectResponse("/users", 303)


@router.post("/users/waiting/{digest}/grant")
def grant(
    digest: str, visitor: Admin, serving: Served, role: Annotated[Role, Form()], dealer: Name = ""
) -> Response:
    """Somebody who signed in at the provider may come in from now on."""
    identities.grant(serving.store, digest, role, dealer)
    return RedirectResponse("/users", 303)


@router.post("/users/waiting/{digest}/forget")
def forget(digest: str, visitor: Admin, serving: Served) -> Response:
    """Somebody who signed in at the provider is not to come in."""
    identities.forget(serving.store, digest)
    return RedirectResponse("/users", 303)


@router.post("/tokens")
def add_token(
    request: Request,
    visitor: Admin,
    serving: Served,
    name: Name,
    role: Annotated[Role, Form()],
    dealer: Name = "",
) -> Response:
    """A new token, shown once."""
    return shown(request, visitor, serving, token=tokens.make(serving.store, name, role, dealer))


@router.post("/tokens/{token_id}/end")
def end_token(token_id: str, visitor: Admin, serving: Served) -> Response:
    """The token is valid no more."""
    tokens.end(serving.store, token_id)
    return RedirectResponse("/users", 303)


@router.get("/account")
def account(request: Request, visitor: SignedIn, serving: Served) -> Response:
    """The own password."""
    return own_page(request, visitor, has_password(serving, visitor))


def own_page(request: Request, visitor: Visitor, chosen: bool, wrong: str = "") -> Response:
    """The form; who has chosen a password before must give it."""
    least = accounts.PASSWORD_LEAST
    status = 401 if wrong else 200
    return page(request, visitor, "account.html", status=status, least=least, wrong=wrong, chosen=chosen)


@router.post("/account")
def change_password(
    request: Request, visitor: SignedIn, serving: Served, password: Password, old: Password = ""
) -> Response:
    """A new password; every session but a new one of this browser ends."""
    key = f"name {accounts.key_of(visitor.name)}"
    if serving.throttle.wait_s(key):
        raise Problem(429, "too_many")
    if has_password(serving, visitor) and accounts.sign_in(serving.store, visitor.name, old) is None:
        serving.throttle.failed(key)
        return own_page(request, visitor, True, "wrong")
    accounts.set_password(serving.store, visitor.user_id, password)
    return enter(serving, visitor.user_id, "/")


def has_password(serving: Serving, visitor: Visitor) -> bool:
    """Whether one was chosen before: who came by the terminal's link has none."""
    return serving.store.read(lambda tx: accounts.get_user(tx, visitor.user_id)).has_password


def invitation(serving: Serving, user_id: str) -> str:
    """The address of a new invitation."""
    serving.store.read(lambda tx: accounts.get_user(tx, user_id))
    return f"{serving.address}/invited/{accounts.make_link(serving.store, user_id, INVITE)}"
