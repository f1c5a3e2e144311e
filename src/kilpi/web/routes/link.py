"""What a dealer sees who has a link: what one car needs, a form for it, thanks. Nothing else is reached."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from kilpi.adverts.wording import load_wording
from kilpi.cases import SentFile, SentKind, keep
from kilpi.cases.asking.asks import Ask, Stand, answer_ask, find_ask
from kilpi.cases.incoming.sent_cars import safe_part
from kilpi.cases.incoming.sent_files import why_not
from kilpi.errors import UsageError
from kilpi.web.asking import Given, facts_in
from kilpi.web.limits import MOST_LINK_PHOTOS
from kilpi.web.pages import page
from kilpi.web.problems import Problem
from kilpi.web.routes.sign_in import address_of
from kilpi.web.serving import MAX_PHOTO, Served, Serving
from kilpi.web.visitor import Anyone, TooMany, Visitor

router = APIRouter(include_in_schema=False)


def opened(request: Request, serving: Serving, secret: str) -> Ask:
    """The link, where who asks does so not too often. Raises TooMany."""
    if wait_s := serving.link_rates.take(address_of(request, serving)):
        raise TooMany(wait_s)
    return find_ask(serving.store, secret)


def told(request: Request, visitor: Visitor, found: Ask, **more: Any) -> Response:
    """The form, or a kind word where the link cannot be answered."""
    if found.stand is not Stand.OPEN:
        status = 200 if found.stand is Stand.USED else 404
        return page(request, visitor, "link_end.html", status=status, key=found.stand.value, refused=())
    values: dict[str, Any] = {"trouble": "", "refused": (), "given": Given(), "status": 200} | more
    return page(request, visitor, "link.html", ask=found, most=MOST_LINK_PHOTOS, **values)


@router.get("/link/{secret}")
def link(request: Request, secret: str, visitor: Anyone, serving: Served) -> Response:
    """What is needed."""
    return told(request, visitor, opened(request, serving, secret))


@router.post("/link/{secret}")
def answered(
    request: Request,
    secret: str,
    visitor: Anyone,
    serving: Served,
    photos: Annotated[list[UploadFile], File(default_factory=list, max_length=MOST_LINK_PHOTOS + 1)],
    price: Annotated[str, Form(max_length=60)] = "",
    km: Annotated[str, Form(max_length=60)] = "",
    make: Annotated[str, Form(max_length=100)] = "",
    model: Annotated[str, Form(max_length=100)] = "",
    year: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Photos and figures come in, and the case goes on by itself."""
    found = opened(request, serving, secret)
    if found.stand is not Stand.OPEN:
        return told(request, visitor, found)
    given = Given(price=price, km=km, make=make, model=model, year=year)
    try:
        facts = facts_in(given)
    except UsageError as error:
        return told(request, visitor, found, trouble=str(error), given=given, status=422)
    if len(photos) > MOST_LINK_PHOTOS:
        return told(request, visitor, found, trouble="many", given=given, status=422)
    kept = [kept_photo(serving, found, number, one) for number, one in enumerate(photos, 1) if one.filename]
    good = [one for one in kept if one.kind is SentKind.PHOTO]
    wording = load_wording(visitor.language)
    refused = [(one.path, why_not(one, wording)) for one in kept if one.kind is not SentKind.PHOTO]
    found, taken = answer_ask(serving.store, secret, good, facts, whole=not refused)
    if not taken:
        more = {"trouble": "nothing", "refused": refused, "given": given, "status": 422}
        return told(request, visitor, found, **more)
    serving.changed()
    return page(request, visitor, "link_end.html", key="thanks", refused=refused)


def kept_photo(serving: Serving, found: Ask, number: int, sent: UploadFile) -> SentFile:
    """One file, kept if it is a photo. Raises Problem: too large."""
    if (sent.size or 0) > MAX_PHOTO:
        raise Problem(413, "too_large")
    name = safe_part((sent.filename or "").replace("\\", "/").rpartition("/")[2]) or f"{number}.jpg"
    return keep(serving.store, found.dealer, name, sent.file)
