"""Who may come in: users with their one-time invitations, machines with their tokens. For administrators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from kilpi.cases.incoming.adopting import adopt
from kilpi.cases.incoming.dealers import dealer_names
from kilpi.web import accounts, identities, tokens
from kilpi.web.accounts import INVITE, Role
from kilpi.web.fields import Unfit, one_line
from kilpi.web.pages import page
from kilpi.web.problems import Problem
from kilpi.web.routes.sign_in import enter
from kilpi.web.serving import Served, Serving
from kilpi.web.visitor import Admin, SignedIn, Visitor
from kilpi.web.words import load_words

router = APIRouter(include_in_schema=False)
Name = Annotated[str, Form(max_length=200)]
Password = Annotated[str, Form(max_length=1000)]
FIELDS = {"name_taken": "name", "bad_name": "name", "dealer_name": "dealer"}
"""Why a form is refused -> the field to correct."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A form as it was typed: "user", "token", or the id of who waits. `at`: the field; `trouble`: why."""

    form: str
    at: str
    trouble: str
    role: str
    dealer: str
    name: str = ""


@router.get("/users")
def users(request: Request, visitor: Admin, serving: Served) -> Response:
    """All users and all tokens."""
    return shown(request, visitor, serving)


def shown(
    request: Request,
    visitor: Visitor,
    serving: Serving,
    link: str = "",
    token: str = "",
    refused: Refused | None = None,
) -> Response:
    """The page; with a link or a token that was made just now and is shown this once, or with what was typed
    where that cannot be kept.
    """
    return page(
        request,
        visitor,
        "users.html",
        status=422 if refused else 200,
        refused=refused,
        users=accounts.all_users(serving.store),
        tokens=tokens.every(serving.store),
        roles=[role.value for role in Role],
        waiting=identities.waiting(serving.store),
        dealers=dealer_names(serving.store),
        link=link,
        token=token,
    )


@router.post("/users")
def add(
    request: Request,
    visitor: Admin,
    serving: Served,
    role: Annotated[Role, Form()],
    name: Name = "",
    dealer: Name = "",
) -> Response:
    """A new user, with the link to hand over."""
    try:
        user = accounts.add_user(serving.store, name, role, dealer)
    except Unfit as error:
        return refuse(request, visitor, serving, error, "user", role, dealer, name)
    give_cars(serving, visitor, user.dealer)
    return shown(request, visitor, serving, link=invitation(serving, user.id))


def give_cars(serving: Serving, visitor: Visitor, dealer: str) -> None:
    """A dealer who may look in sees the cars that came before and name the dealer; "": no dealer."""
    if dealer and adopt(serving.store, dealer, by=visitor.by):
        serving.changed()


def refuse(
    request: Request,
    visitor: Visitor,
    serving: Serving,
    error: Unfit,
    form: str,
    role: Role,
    dealer: str,
    name: str = "",
) -> Response:
    """The page with what was typed, and why at the field; the error where it is no field's."""
    if error.why not in FIELDS:
        raise error
    trouble = load_words(visitor.language).say("error", error.why, **error.values)
    refused = Refused(form, FIELDS[error.why], trouble, role.value, dealer, name)
    return shown(request, visitor, serving, refused=refused)


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
    request: Request,
    digest: str,
    visitor: Admin,
    serving: Served,
    role: Annotated[Role, Form()],
    dealer: Name = "",
) -> Response:
    """Somebody who signed in at the provider may come in from now on."""
    try:
        identities.grant(serving.store, digest, role, dealer)
    except Unfit as error:
        return refuse(request, visitor, serving, error, digest, role, dealer)
    give_cars(serving, visitor, one_line(dealer) if role is Role.DEALER else "")
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
    role: Annotated[Role, Form()],
    name: Name = "",
    dealer: Name = "",
) -> Response:
    """A new token, shown once."""
    try:
        secret = tokens.make(serving.store, name, role, dealer)
    except Unfit as error:
        return refuse(request, visitor, serving, error, "token", role, dealer, name)
    return shown(request, visitor, serving, token=secret)


@router.post("/tokens/{token_id}/end")
def end_token(token_id: str, visitor: Admin, serving: Served) -> Response:
    """The token is valid no more."""
    tokens.end(serving.store, token_id)
    return RedirectResponse("/users", 303)


@router.get("/account")
def account(request: Request, visitor: SignedIn, serving: Served, saved: bool = False) -> Response:
    """The own password; `saved`: it was changed just now."""
    return own_page(request, visitor, has_password(serving, visitor), saved=saved)


def own_page(
    request: Request,
    visitor: Visitor,
    chosen: bool,
    at: str = "",
    trouble: str = "",
    status: int = 200,
    saved: bool = False,
) -> Response:
    """The form; who has chosen a password before must give it. `trouble`: why the field `at` is refused."""
    least = accounts.PASSWORD_LEAST
    return page(
        request,
        visitor,
        "account.html",
        status=status,
        least=least,
        at=at,
        trouble=trouble,
        chosen=chosen,
        saved=saved,
    )


@router.post("/account")
def change_password(
    request: Request, visitor: SignedIn, serving: Served, password: Password, old: Password = ""
) -> Response:
    """A new password; every session but a new one of this browser ends."""
    key = f"name {accounts.key_of(visitor.name)}"
    if serving.throttle.wait_s(key):
        raise Problem(429, "too_many")
    words, chosen = load_words(visitor.language), has_password(serving, visitor)
    if chosen and accounts.sign_in(serving.store, visitor.name, old) is None:
        serving.throttle.failed(key)
        return own_page(request, visitor, True, "old", words.say("users", "wrong_now"), 401)
    try:
        accounts.set_password(serving.store, visitor.user_id, password)
    except Unfit as error:
        return own_page(request, visitor, chosen, "password", words.say("error", error.why), 422)
    return enter(serving, visitor.user_id, "/account?saved=1")


def has_password(serving: Serving, visitor: Visitor) -> bool:
    """Whether one was chosen before: who came by the terminal's link has none."""
    return serving.store.read(lambda tx: accounts.get_user(tx, visitor.user_id)).has_password


def invitation(serving: Serving, user_id: str) -> str:
    """The address of a new invitation."""
    serving.store.read(lambda tx: accounts.get_user(tx, user_id))
    return f"{serving.address}/invited/{accounts.make_link(serving.store, user_id, INVITE)}"
