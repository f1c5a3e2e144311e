"""The list of cars, and one car's page."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from kilpi.adverts.public_advert import LISTING
from kilpi.adverts.records import DECISION
from kilpi.cases import Case, State, allowed, counts, find, history, photos
from kilpi.cases.lists import dealers
from kilpi.cases.making import KEPT
from kilpi.cases.projection import to_undo
from kilpi.cases.questions import doubts_of
from kilpi.schemas import read_public_advert, read_record
from kilpi.types import PublicAdvert
from kilpi.web.car_list import AGES, LISTED, Asked, asked, days_since
from kilpi.web.pages import page
from kilpi.web.serving import Served, Serving
from kilpi.web.visitor import SignedIn, Visitor, own_case

router = APIRouter(include_in_schema=False)
A_PAGE = 50
AskedFor = Annotated[Asked, Depends(asked)]


@router.get("/")
def first(visitor: SignedIn) -> Response:
    """The list of cars."""
    return RedirectResponse("/cars", 303)


@router.get("/cars")
def cars(request: Request, visitor: SignedIn, serving: Served, wanted: AskedFor) -> Response:
    """All that is asked stands in the address, which can be kept and sent."""
    return listed(request, visitor, serving, wanted, "")


@router.post("/cars")
def search(
    request: Request,
    visitor: SignedIn,
    serving: Served,
    wanted: AskedFor,
    words: Annotated[str, Form(max_length=200)] = "",
    cursor: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Those that the words find. By POST: a mark must not stand in an address."""
    return listed(request, visitor, serving, replace(wanted, cursor=cursor), words)


def listed(request: Request, visitor: Visitor, serving: Serving, wanted: Asked, words: str) -> Response:
    """A page of the list."""
    asked_for = wanted.wanted(visitor, words)
    found = find(serving.store, asked_for, cursor=wanted.cursor or None, limit=A_PAGE)
    return page(
        request,
        visitor,
        "cars.html",
        cars=found.cases,
        cursor=found.cursor,
        asked=wanted,
        searched=words,
        counts=counts(serving.store, asked_for.dealer),
        states=LISTED,
        dealers=dealers(serving.store) if visitor.scope is None else [],
        ages=list(AGES),
        days_since=days_since,
        doubts_of=doubts_of,
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
