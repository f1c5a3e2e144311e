"""The list of cars, and one car's page."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from kilpi.adverts.listing import UNASKED
from kilpi.adverts.public_advert import LISTING
from kilpi.adverts.reading import record_in
from kilpi.adverts.wording import LANGUAGES, load_wording
from kilpi.cases import Case, State, allowed, answer, counts, find, history, photos, under_way
from kilpi.cases.answers import combine
from kilpi.cases.asking.questions import doubts_of
from kilpi.cases.case import OPEN, Kind
from kilpi.cases.forgetting.retention import PERSON
from kilpi.cases.lists import dealers
from kilpi.cases.making.maker import KEPT
from kilpi.cases.projection import project
from kilpi.cases.records import KILPI
from kilpi.cases.tally import gap_of
from kilpi.cases.telling.history_text import said_of, who_of
from kilpi.cases.telling.versions import steps
from kilpi.cases.undoable import may_take_back, undoable
from kilpi.errors import CaseChanged, UsageError
from kilpi.files import is_file
from kilpi.schemas import read_public_advert
from kilpi.types import PublicAdvert
from kilpi.web.asking import Given, facts_in
from kilpi.web.car_list import AGES, LISTED, Asked, asked, days_since
from kilpi.web.car_page import (
    GOES_ON,
    asks_car,
    ended_of,
    facts_of,
    left_of,
    next_of,
    offer_in,
    pictures_of,
    places_of,
)
from kilpi.web.pages import page
from kilpi.web.serving import Served, Serving
from kilpi.web.visitor import SignedIn, Visitor, own_case
from kilpi.web.words import load_words

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
    """One car: where it stands and what to do next, its facts, pictures, history."""
    return car_page(request, visitor, serving, own_case(serving, visitor, case_id))


def car_page(
    request: Request,
    visitor: Visitor,
    serving: Serving,
    case: Case,
    given: Given | None = None,
    trouble: str = "",
) -> Response:
    """The page; with `trouble`, a key of [trouble], and what was typed, where that cannot be used."""
    events = history(serving.store, case.id)
    back = undoable(serving.store, case.id)
    record = record_in(serving.folder(case)) if case.state is not State.ERASED else None
    answers, known = combine(events), photos(serving.store, case.id)
    shown, words = advert_of(serving, case), load_wording(visitor.language)
    offer, now = offer_in(serving, case), project(events)
    here = bool(now.advert) and now.live.get(serving.target) == now.advert
    way = under_way(serving.store, case, serving.target)
    pictures = pictures_of(record, known, answers.pictures.wishes)
    return page(
        request,
        visitor,
        "car.html",
        status=409 if trouble == "changed" else 422 if trouble else 200,
        given=given or Given(),
        trouble=trouble,
        case=case,
        record=record,
        shown=shown,
        offer=offer,
        against=doubts_of(case.reasons) if case.state in OPEN else [],
        facts=facts_of(offer, record, shown, words, case.state in OPEN, case.reasons),
        asks_car=asks_car(case, record, answers),
        unasked=any(gap_of(gap) == UNASKED for gap in case.missing),
        pictures=pictures,
        left=left_of(known, pictures, answers.pictures.wishes, answers.without, record),
        steps=steps(events)[::-1],
        said_of=partial(said_of, load_words(visitor.language).tables),
        next=next_of(case, here, way),
        goes_on=GOES_ON,
        here=here,
        places=places_of(now, serving.target),
        ended=ended_of(case, events, serving.settings.keep_days),
        whose=[one for one in known if one.view and one.sha256 not in answers.without],
        who=lambda event: "" if event.by in (serving.target, KILPI, PERSON) else who_of(event),
        allowed={kind.value for kind in allowed(case)},
        back=back if back and (visitor.scope is None or may_take_back(back.event, visitor.by)) else None,
        languages_told=LANGUAGES,
        buyers=record.id if record and serving.site and is_file(serving.site / record.id / LISTING) else "",
    )


@router.post("/cars/{case_id}/facts")
def facts(
    request: Request,
    case_id: str,
    seen: Annotated[int, Form()],
    visitor: SignedIn,
    serving: Served,
    given: Annotated[Given, Form()],
) -> Response:
    """Price and mileage, which stand over what the dealer's files say; make, model and year of a car that no
    register knows. An empty field says nothing. Where somebody was quicker, what was typed stands there.
    """
    case = own_case(serving, visitor, case_id)
    try:
        said = facts_in(given, offer_in(serving, case))
    except UsageError as error:
        return car_page(request, visitor, serving, case, given, str(error))
    if said is not None:
        try:
            answer(serving.store, case.id, said, by=visitor.by, seen=seen)
        except CaseChanged:
            case = own_case(serving, visitor, case_id)
            if Kind.ANSWERED not in allowed(case):
                raise
            return car_page(request, visitor, serving, case, given, "changed")
        serving.changed()
    return RedirectResponse(f"/cars/{case.id}", 303)


def advert_of(serving: Serving, case: Case) -> PublicAdvert | None:
    """What buyers would see of the car; None where there is no advert."""
    return read_public_advert(serving.folder(case) / LISTING) if case.state in KEPT else None
