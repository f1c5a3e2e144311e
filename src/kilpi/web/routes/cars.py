"""The list of cars, and one car's page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from kilpi.cases import State, Wanted, allowed, counts, find, history, photos
from kilpi.errors import UsageError
from kilpi.web.pages import page
from kilpi.web.serving import Served, Serving
from kilpi.web.visitor import SignedIn, Visitor, own_case

router = APIRouter(include_in_schema=False)
A_PAGE = 50
LISTED = [state for state in State if state is not State.ERASED]


@router.get("/")
def first(visitor: SignedIn) -> Response:
    """The list of cars."""
    return RedirectResponse("/cars", 303)


@router.get("/cars")
def cars(
    request: Request,
    visitor: SignedIn,
    serving: Served,
    state: Annotated[str, Query(max_length=20)] = "",
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """The newest first; a state's alone."""
    return listed(request, visitor, serving, state, "", cursor)


@router.post("/cars")
def search(
    request: Request,
    visitor: SignedIn,
    serving: Served,
    words: Annotated[str, Form(max_length=200)] = "",
    state: Annotated[str, Form(max_length=20)] = "",
    cursor: Annotated[str | None, Form(max_length=200)] = None,
) -> Response:
    """Those that the words find. By POST: a mark must not stand in an address."""
    return listed(request, visitor, serving, state, words, cursor)


def listed(
    request: Request, visitor: Visitor, serving: Serving, state: str, words: str, cursor: str | None
) -> Response:
    """A page of the list."""
    if state and state not in LISTED:
        raise UsageError(f"state: is one of {', '.join(LISTED)}")
    wanted = Wanted((State(state),) if state else (), visitor.scope, words)
    found = find(serving.store, wanted, cursor=cursor or None, limit=A_PAGE)
    return page(
        request,
        visitor,
        "cars.html",
        cars=found.cases,
        cursor=found.cursor,
        state=state,
        searched=words,
        counts=counts(serving.store, visitor.scope),
        states=LISTED,
    )


@router.get("/cars/{case_id}")
def car(request: Request, case_id: str, visitor: SignedIn, serving: Served) -> Response:
    """One car: what is known, why, its pictures, its history, what can be done with it."""
    case = own_case(serving, visitor, case_id)
    return page(
        request,
        visitor,
        "car.html",
        case=case,
        photos=photos(serving.store, case.id),
        events=history(serving.store, case.id),
        allowed={kind.value for kind in allowed(case)},
    )
