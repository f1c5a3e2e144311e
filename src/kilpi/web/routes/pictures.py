"""Photos as they came, and what stands in a car's folder: pictures, plates, the advert."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from kilpi.adverts.public_advert import LISTING
from kilpi.adverts.public_pages import advert_page as advert_html
from kilpi.adverts.public_pages import advert_policy
from kilpi.adverts.reading import file_in, record_in
from kilpi.adverts.wording import LANGUAGES
from kilpi.cases import Case, State
from kilpi.cases.making.maker import KEPT as KEPT_ADVERTS
from kilpi.errors import PhotoError, PhotoMissing, UsageError
from kilpi.files import path_from_text
from kilpi.images import MAX_SIDE, decode_photo, encode_jpeg, open_photo, shrink_to
from kilpi.schemas import read_public_advert
from kilpi.web.case_photos import photo_of, place_of
from kilpi.web.private import ASKED_AGAIN, made_jpeg, private_jpeg
from kilpi.web.problems import Problem
from kilpi.web.routes.review_pictures import kept
from kilpi.web.serving import Served, Serving
from kilpi.web.visitor import SignedIn, own_case

router = APIRouter(include_in_schema=False)
SIDES = (320, 800, 1600, 4000)  # pixels, longer side: what photos are shown at
THUMB = 240  # pixels, longer side, of a list's thumbnail: sharp on a dense screen
QUALITY = 85  # JPEG
NAME = re.compile(r"[a-z0-9-]{1,40}\.jpg")


@router.get("/cars/{case_id}/photos/{sha256}")
def photo(
    request: Request,
    case_id: str,
    sha256: str,
    visitor: SignedIn,
    serving: Served,
    side: Annotated[int, Query()] = 1600,
) -> Response:
    """A photo as it came, uncovered, as a JPEG without metadata at the least of SIDES that is enough.

    Asked about each time: of an erased case, or one that is not the asker's any more, no browser shows it.
    """
    case = own_case(serving, visitor, case_id)
    lies = place_of(serving, photo_of(serving, case.id, sha256))
    wanted = next((one for one in SIDES if one >= side), SIDES[-1])
    return made_jpeg(request, f"{sha256[:32]}-{wanted}", lambda: shown_at(lies, sha256, wanted))


@lru_cache(maxsize=48)
def shown_at(lies: str, sha256: str, side: int) -> bytes:
    """The JPEG; `sha256` is there for the cache, which must not give another file's. Raises PhotoError."""
    found = open_photo(path_from_text(lies), target_side=min(side, MAX_SIDE))
    return encode_jpeg(shrink_to(found.pixels, side), QUALITY)


@router.get("/cars/{case_id}/thumbnail")
def thumbnail(request: Request, case_id: str, visitor: SignedIn, serving: Served) -> Response:
    """The first picture, covered and small; a drawing where there is none: a photo would show its plate."""
    case = own_case(serving, visitor, case_id)
    record = record_in(serving.folder(case)) if case.state is not State.ERASED else None
    name = record.picture if record else None
    folder = serving.folder(case)
    try:
        if record is None or name is None or name not in record.files:
            raise PhotoMissing(f"{case.id}: has no picture yet")
        made = kept(request).get((record.files[name], THUMB), lambda: small_of(folder, name))
    except (OSError, PhotoError):
        return Response(drawing(), media_type="image/svg+xml", headers={"cache-control": ASKED_AGAIN})
    return private_jpeg(request, made)


def small_of(folder: Path, name: str) -> bytes:
    """A finished picture at the size of lists, JPEG. Raises OSError, PhotoError."""
    pixels = decode_photo(file_in(folder, name)[1], name, target_side=THUMB).pixels
    return encode_jpeg(shrink_to(pixels, THUMB), QUALITY)


@lru_cache(maxsize=1)
def drawing() -> bytes:
    """What stands for a car without a picture."""
    return (files("kilpi.web") / "static" / "no-picture.svg").read_bytes()


@router.get("/cars/{case_id}/pictures/{name}")
def picture(request: Request, case_id: str, name: str, visitor: SignedIn, serving: Served) -> Response:
    """A finished picture (01.jpg, 01-small.jpg), or a plate as it was seen (plate-01.jpg)."""
    return from_folder(request, serving, own_case(serving, visitor, case_id), name)


@router.get("/cars/{case_id}/advert")
def advert(request: Request, case_id: str, visitor: SignedIn) -> Response:
    """With a slash at its end, so that the pictures' names lead to the right place."""
    return RedirectResponse(f"{request.url.path}/", 303)


@router.get("/cars/{case_id}/advert/")
def advert_page(
    case_id: str,
    visitor: SignedIn,
    serving: Served,
    language: Annotated[str, Query(max_length=2)] = "",
) -> Response:
    """The advert as buyers would see it, in any language, made anew from what is to be published.

    Nothing runs in it but the style and script of adverts, by their hashes: a dealer's text is in it.
    """
    case = own_case(serving, visitor, case_id)
    shown = read_public_advert(serving.folder(case) / LISTING) if case.state in KEPT_ADVERTS else None
    if shown is None:
        raise Problem(404, "no_page")
    if language not in ("", *LANGUAGES):
        raise UsageError(f"language: is one of {', '.join(LANGUAGES)}")
    policy = f"{advert_policy(None)}; frame-ancestors 'self'"
    html = advert_html(shown, language=language)
    return Response(html, media_type="text/html", headers={"content-security-policy": policy})


@router.get("/cars/{case_id}/advert/{name}")
def advert_picture(request: Request, case_id: str, name: str, visitor: SignedIn, serving: Served) -> Response:
    """A picture of the advert's page."""
    return from_folder(request, serving, own_case(serving, visitor, case_id), name)


def from_folder(request: Request, serving: Serving, case: Case, name: str) -> Response:
    """A JPEG that Kilpi wrote into the car's folder, and no other file."""
    if not NAME.fullmatch(name):
        raise Problem(404, "no_page")
    try:
        _, content = file_in(serving.folder(case), name)
    except FileNotFoundError:
        raise Problem(404, "no_page") from None
    return private_jpeg(request, content)
