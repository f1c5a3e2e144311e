"""The list of cars, and one car's page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from kilpi.adverts.public_advert import LISTING
from kilpi.adverts.records import DECISION
from kilpi.cases import Case, State, Wanted, allowed, counts, find, history, photos
from kilpi.cases.making import KEPT
from kilpi.cases.projection import to_undo
from kilpi.errors import UsageError
from kilpi.schemas import read_public_advert, read_record
from kilpi.types import PublicAdvert
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
    events = history(serving.store, case.id)
    record = read_record(serving.folder(case) / DECISION) if case.state is not State.ERASED else None
    return page(
        request,
        visitor,
        "car.html",
        case=case,
        record=record,
        shown=advert_of(serving, case),
        photos=photos(serving.store, case.id),
        events=events,
        allowed={kind.value for kind in allowed(case)},
        undoable=to_undo(events) is not None,
    )


def advert_of(serving: Serving, case: Case) -> PublicAdvert | None:
    """What buyers would see of the car; None where there is no advert."""
    return read_public_advert(serving.folder(case) / LISTING) if case.state in KEPT else None
