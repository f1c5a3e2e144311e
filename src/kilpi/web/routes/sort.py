"""Photos of the cars that came in lately, a row a car: one that lies with the wrong car is moved."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from kilpi.cases import Case, Wanted, find, move_photos, photos, read_case, split
from kilpi.cases.case import OPEN
from kilpi.errors import CaseRefused
from kilpi.web.pages import page
from kilpi.web.review_page import SMALL
from kilpi.web.serving import Served, Serving
from kilpi.web.visitor import Staff, Visitor

router = APIRouter(include_in_schema=False)
ROWS = 30  # cars on the page, the newest first
NEW = "new"  # in the place of a case's id
MOST = 500  # photos that are moved at once


@router.get("/sort")
def rows(
    request: Request, visitor: Staff, serving: Served, moved: Annotated[int, Query(ge=0, le=MOST)] = 0
) -> Response:
    """The newest cars that are still open, each with its photos. `moved`: how many photos were just now."""
    return shown(request, visitor, serving, moved=moved)


def shown(
    request: Request, visitor: Visitor, serving: Serving, moved: int = 0, trouble: str = ""
) -> Response:
    """The page."""
    cars = find(serving.store, Wanted(states=tuple(OPEN)), limit=ROWS).cases
    listed = [(case, photos(serving.store, case.id)) for case in cars]
    status = 422 if trouble else 200
    return page(
        request, visitor, "sort.html", status=status, rows=listed, side=SMALL, moved=moved, trouble=trouble
    )


@router.post("/sort")
def move(
    request: Request,
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
        return shown(request, visitor, serving, trouble="no_photo")
    named = [*chosen, *([] if to == NEW else [to])]
    if len({read_case(serving.store, case_id).dealer for case_id in named}) > 1:
        raise CaseRefused("sort: these photos are of two dealers' cars; move one dealer's at a time")
    if to == NEW:
        parts = [case_id for case_id, mine in chosen.items() if not is_whole(serving, case_id, mine)]
        if not parts and len(chosen) == 1:
            return shown(request, visitor, serving, trouble="own_already")
        first = parts[0] if parts else next(iter(chosen))
        mine = chosen.pop(first)
        to = split(serving.store, first, mine, by=visitor.by)[1].id if parts else first
    for case_id, mine in chosen.items():
        to = moved_to(serving, case_id, mine, to, visitor.by).id
    serving.changed()
    return RedirectResponse(f"/sort?moved={len(photo or [])}", 303)


def is_whole(serving: Serving, case_id: str, mine: list[str]) -> bool:
    """Whether these are all photos of a case."""
    return {photo.sha256 for photo in photos(serving.store, case_id)} <= set(mine)


def moved_to(serving: Serving, case_id: str, mine: list[str], to: str, by: str) -> Case:
    """Photos of one case to another, or the whole case."""
    if is_whole(serving, case_id, mine):
        return serving.desk.join(case_id, to, by=by)[1]
    return move_photos(serving.store, case_id, mine, to, by=by)[1]
