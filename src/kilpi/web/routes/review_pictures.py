"""The pictures of the review page: plates straightened and photos uncovered, for the staff alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from kilpi.adverts.pages import ODOMETER_CROP
from kilpi.adverts.reading import file_in
from kilpi.cases import Case, Question, read_case
from kilpi.errors import PhotoError
from kilpi.types import Quad
from kilpi.web.case_photos import photo_of
from kilpi.web.kept_pictures import KeptPictures
from kilpi.web.private import private_jpeg
from kilpi.web.problems import Problem
from kilpi.web.review_page import LARGE, SMALL, corners_of
from kilpi.web.serving import Served, Serving, maker_of
from kilpi.web.visitor import Staff

router = APIRouter(include_in_schema=False)


def kept(request: Request) -> KeptPictures:
    """One for the whole server."""
    state = request.app.state
    if not hasattr(state, "pictures"):
        state.pictures = KeptPictures()
    found: KeptPictures = state.pictures
    return found


Made = Callable[[Path, str, Quad], bytes]


def of_plate(
    request: Request, serving: Serving, case_id: str, sha256: str, corners: str, make: Made
) -> Response:
    """What `make` makes of a plate in a photo of the case, a JPEG. Raises Problem."""
    found, quad = photo_of(serving, case_id, sha256), corners_of(corners)
    if quad is None:
        raise Problem(404, "no_page")
    try:
        made = make(maker_of(serving).path(found), sha256, quad)
    except PhotoError:
        raise Problem(404, "no_page") from None
    return private_jpeg(request, made)


@router.get("/review/{case_id}/plates/{sha256}/{corners}")
def plate(
    request: Request, visitor: Staff, serving: Served, case_id: str, sha256: str, corners: str
) -> Response:
    """A plate in a photo of the case, straightened."""
    return of_plate(request, serving, case_id, sha256, corners, kept(request).plate)


def keep_odometer(request: Request, serving: Serving, asked: Question) -> None:
    """The crop that a question shows is kept with it: the folder may be made again before it is fetched."""
    if asked.odometer and asked.odometer.reading:
        with suppress(FileNotFoundError):
            odometer_of(request, serving, asked.case, asked.seq)


def odometer_of(request: Request, serving: Serving, case: Case, seq: int) -> bytes:
    """The number on the instruments, as the flow cut it out. Raises FileNotFoundError."""
    folder = serving.folder(case)
    return kept(request).get((case.id, ODOMETER_CROP, seq), lambda: file_in(folder, ODOMETER_CROP)[1])


@router.get("/review/{case_id}/around/{sha256}/{corners}")
def around(
    request: Request, visitor: Staff, serving: Served, case_id: str, sha256: str, corners: str
) -> Response:
    """The part of a photo around a plate, as sharp as the photo is."""
    return of_plate(request, serving, case_id, sha256, corners, kept(request).around)


@router.get("/review/{case_id}/odometer")
def odometer(request: Request, visitor: Staff, serving: Served, case_id: str, v: int = 0) -> Response:
    """That of the question that was shown at the case's event `v`."""
    try:
        content = odometer_of(request, serving, read_case(serving.store, case_id), v)
    except FileNotFoundError:
        raise Problem(404, "no_page") from None
    return private_jpeg(request, content)


@router.get("/review/{case_id}/photos/{sha256}")
def photo(
    request: Request,
    visitor: Staff,
    serving: Served,
    case_id: str,
    sha256: str,
    side: Annotated[int, Query()] = SMALL,
) -> Response:
    """A photo of the case."""
    found = photo_of(serving, case_id, sha256)
    if side not in (LARGE, SMALL):
        raise Problem(404, "no_page")
    try:
        made = kept(request).photo(maker_of(serving).path(found), sha256, side)
    except PhotoError:
        raise Problem(404, "no_page") from None
    return private_jpeg(request, made)
