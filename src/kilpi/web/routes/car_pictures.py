"""What people decide about a car's pictures: order, left out, shown, crop, cover,
uncover, and what a photo shows.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from kilpi.adverts.reading import record_in
from kilpi.cases import Case, answer, history, photos
from kilpi.cases.answers import combine
from kilpi.cases.asking.uncovering import uncover
from kilpi.cases.picture_answers import (
    PictureAnswer,
    SaidCover,
    SaidCrop,
    SaidUncovered,
    SaidView,
    arranged,
)
from kilpi.errors import CaseRefused, PhotoError
from kilpi.files import path_from_text
from kilpi.images import open_photo
from kilpi.types import VIEWS, Box, Point, Quad, View
from kilpi.web.car_page import points_of
from kilpi.web.case_photos import photo_of, place_of
from kilpi.web.pages import page
from kilpi.web.problems import Problem
from kilpi.web.routes.actions import Seen
from kilpi.web.serving import Served, Serving, maker_of
from kilpi.web.visitor import SignedIn, Staff, Visitor, own_case

router = APIRouter(include_in_schema=False)
NUMBER = r"-?[0-9]{1,6}(?:\.[0-9]{1,4})?"
CORNERS = re.compile(rf"{NUMBER},{NUMBER}(?: {NUMBER},{NUMBER}){{3}}")
Shas = Annotated[list[str], Form(max_length=1000)]
Corners = Annotated[str, Form(max_length=120, description="x,y x,y x,y x,y in the photo's own pixels")]


class Trouble(StrEnum):
    """What is told above a photo."""

    STAYS = "stays"


@router.post("/cars/{case_id}/arrange")
def arrange(
    case_id: str,
    seen: Seen,
    visitor: SignedIn,
    serving: Served,
    order: Shas = [],  # noqa: B006 (FastAPI copies it)
    out: Shas = [],  # noqa: B006
    show: Shas = [],  # noqa: B006
) -> Response:
    """The pictures in this order (photos by sha256), without `out`, with `show` of those that are none."""
    case = own_case(serving, visitor, case_id)
    record = record_in(serving.folder(case))
    before = [one.photo for one in record.shown] if record else []
    return said(serving, visitor, case, seen, *arranged(before, order, out, show))


@router.get("/cars/{case_id}/photos/{sha256}/edit")
def edit(
    request: Request,
    case_id: str,
    sha256: str,
    visitor: SignedIn,
    serving: Served,
    told: Annotated[Trouble | None, Query()] = None,
) -> Response:
    """One photo, uncovered, with what is covered in it, to crop and to cover."""
    case = own_case(serving, visitor, case_id)
    photo = photo_of(serving, case.id, sha256)
    record = record_in(serving.folder(case))
    shown = next((one for one in record.shown if one.photo == sha256), None) if record else None
    wishes = combine(history(serving.store, case.id)).pictures.wishes
    try:
        opened = open_photo(path_from_text(place_of(serving, photo)), 400)
    except PhotoError:
        raise Problem(404, "no_page") from None
    return page(
        request,
        visitor,
        "car_photo.html",
        case=case,
        photo=photo,
        size=(opened.width, opened.height),
        covers=[points_of(quad) for quad in (shown.covers if shown else wishes.covers.get(sha256, ()))],
        crop=wishes.crops.get(sha256),
        view=photo.view,
        views=VIEWS,
        told=told,
    )


@router.post("/cars/{case_id}/photos/{sha256}/crop")
def crop(
    case_id: str, sha256: str, seen: Seen, visitor: SignedIn, serving: Served, corners: Corners = ""
) -> Response:
    """Only this part is shown; without corners the usual one."""
    case = own_case(serving, visitor, case_id)
    box = quad_in(corners).box if corners else None
    return said(serving, visitor, case, seen, SaidCrop(sha256, Box(*box) if box else None))


@router.post("/cars/{case_id}/photos/{sha256}/cover")
def cover(
    case_id: str,
    sha256: str,
    seen: Seen,
    visitor: SignedIn,
    serving: Served,
    corners: Corners,
    why: Annotated[Literal["plate", "private"], Form()],
) -> Response:
    """Something that no picture may show."""
    case = own_case(serving, visitor, case_id)
    return said(serving, visitor, case, seen, SaidCover(sha256, quad_in(corners), why))


@router.post("/cars/{case_id}/photos/{sha256}/uncover")
def uncovered(
    case_id: str,
    sha256: str,
    seen: Seen,
    visitor: Staff,
    serving: Served,
    corners: Corners,
    why: Annotated[Literal["no_plate", "show_plate"], Form()],
) -> Response:
    """A false cover goes, where nothing can be read there; the staff's alone."""
    case = own_case(serving, visitor, case_id)
    asked = SaidUncovered(sha256, quad_in(corners), why)
    if asked.photo not in {one.sha256 for one in photos(serving.store, case.id)}:
        raise Problem(404, "no_page")
    try:
        with serving.reading:
            uncover(serving.store, maker_of(serving), case, asked, by=visitor.by, seen=seen)
    except CaseRefused:
        return RedirectResponse(f"/cars/{case.id}/photos/{sha256}/edit?told={Trouble.STAYS}", 303)
    serving.changed()
    return RedirectResponse(f"/cars/{case.id}", 303)


@router.post("/cars/{case_id}/photos/{sha256}/view")
def view(
    case_id: str,
    sha256: str,
    seen: Seen,
    visitor: Staff,
    serving: Served,
    shows: Annotated[View, Form()],
) -> Response:
    """What a photo shows; the staff's alone, for what is said to be no document may be published."""
    case = own_case(serving, visitor, case_id)
    if shows not in VIEWS:
        raise Problem(422, "bad_request")
    return said(serving, visitor, case, seen, SaidView(sha256, shows))


def said(serving: Serving, visitor: Visitor, case: Case, seen: int, *answers: PictureAnswer) -> Response:
    """The answers in the case, if there are any, and back to its page."""
    if answers:
        answer(serving.store, case.id, *answers, by=visitor.by, seen=seen)
        serving.changed()
    return RedirectResponse(f"/cars/{case.id}", 303)


def quad_in(corners: str) -> Quad:
    """Four corners as a form sends them. Raises Problem."""
    if not CORNERS.fullmatch(corners):
        raise Problem(422, "bad_request")
    pairs = [pair.split(",") for pair in corners.split(" ")]
    return Quad(*(Point(float(x), float(y)) for x, y in pairs))
