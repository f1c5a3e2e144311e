"""Photos of the cars that came in lately, a row a car: one that lies with the wrong car is moved."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from kilpi.cases import Case, Wanted, find, move_photos, photos, split
from kilpi.cases.case import OPEN
from kilpi.errors import UsageError
from kilpi.web.pages import page
from kilpi.web.review_page import SMALL
from kilpi.web.serving import Served
from kilpi.web.visitor import Staff

router = APIRouter(include_in_schema=False)
ROWS = 30  # cars on the page, the newest first
NEW = "new"  # in the place of a case's id
MOST = 500  # photos that are moved at once


@router.get("/sort")
def rows(request: Request, visitor: Staff, serving: Served) -> Response:
    """The newest cars that are still open, each with its photos."""
    cars = find(serving.store, Wanted(states=tuple(OPEN)), limit=ROWS).cases
    listed = [(case, photos(serving.store, case.id)) for case in cars]
    return page(request, visitor, "sort.html", rows=listed, side=SMALL)


@router.post("/sort")
def move(
    visitor: Staff,
    serving: Served,
    to: Annotated[str, Form(max_length=64)],
    photo: Annotated[list[str] | None, Form(max_length=MOST)] = None,
) -> Response:
    """Photos ("case sha256") to the car `to`, or a new one; both are looked at again.

    All photos of a car: both are one car.
    """
    chosen: dict[str, list[str]] = {}
    for one in photo or []:
        case_id, _, sha256 = one.partition(" ")
        chosen.setdefault(case_id, []).append(sha256)
    chosen.pop(to, None)
    if not chosen:
        raise UsageError("sort: choose photos of another car first")
    for case_id, mine in chosen.items():
        to = moved(serving, case_id, mine, to, visitor.by).id
    serving.changed()
    return RedirectResponse("/sort", 303)


def moved(serving: Served, case_id: str, mine: list[str], to: str, by: str) -> Case:
    """Photos of one case to another, or the whole case."""
    if to == NEW:
        return split(serving.store, case_id, mine, by=by)[1]
    if {photo.sha256 for photo in photos(serving.store, case_id)} <= set(mine):
        return serving.desk.join(case_id, to, by=by)[1]
    return move_photos(serving.store, case_id, mine, to, by=by)[1]
