"""The pictures of the review page: plates straightened and photos uncovered, for the staff alone."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from kilpi.adverts.pages import ODOMETER_CROP
from kilpi.adverts.reading import file_in
from kilpi.cases import Case, CasePhoto, Question, photos, read_case
from kilpi.errors import PhotoError
from kilpi.web.kept_pictures import KeptPictures
from kilpi.web.problems import Problem
from kilpi.web.review_page import LARGE, SMALL, corners_of
from kilpi.web.serving import Served, Serving, maker_of
from kilpi.web.visitor import Staff

router = APIRouter(include_in_schema=False)
KEPT = {"cache-control": "private, max-age=600"}  # the next car's are fetched before they are shown


def kept(request: Request) -> KeptPictures:
    """One for the whole server."""
    state = request.app.state
    if not hasattr(state, "pictures"):
        state.pictures = KeptPictures()
    found: KeptPictures = state.pictures
    return found


def photo_of(serving: Serving, case_id: str, sha256: str) -> CasePhoto:
    """A photo of a case. Raises Problem where it has none such."""
    found = next((one for one in photos(serving.store, case_id) if one.sha256 == sha256), None)
    if found is None:
        raise Problem(404, "no_page")
    return found


@router.get("/review/{case_id}/plates/{sha256}/{corners}")
def plate(
    request: Request, visitor: Staff, serving: Served, case_id: str, sha256: str, corners: str
) -> Response:
    """A plate in a photo of the case, straightened."""
    found, quad = photo_of(serving, case_id, sha256), corners_of(corners)
    if quad is None:
        raise Problem(404, "no_page")
    try:
        made = kept(request).plate(maker_of(serving).path(found), sha256, quad)
    except PhotoError:
        raise Problem(404, "no_page") from None
    return Response(made, media_type="image/jpeg", headers=KEPT)


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
    found, quad = photo_of(serving, case_id, sha256), corners_of(corners)
    if quad is None:
        raise Problem(404, "no_page")
    try:
        made = kept(request).around(maker_of(serving).path(found), sha256, quad)
    except PhotoError:
        raise Problem(404, "no_page") from None
    return Response(made, media_type="image/jpeg", headers=KEPT)


@router.get("/review/{case_id}/odometer")
def odometer(request: Request, visitor: Staff, serving: Served, case_id: str, v: int = 0) -> Response:
    """That of the question that was shown at the case's event `v`."""
    try:
        content = odometer_of(request, serving, read_case(serving.store, case_id), v)
    except FileNotFoundError:
        raise Problem(404, "no_page") from None
    return Response(content, media_type="image/jpeg", headers=KEPT)


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
    return Response(made, media_type="image/jpeg", headers=KEPT)
