"""/v1/cases: cases for machines, with a bearer token (or a session and its csrf token)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Header, Query, Response, UploadFile
from pydantic import BaseModel, Field

from kilpi.cases import (
    Answer,
    Batch,
    Case,
    Received,
    SaidFacts,
    SaidMark,
    SentFile,
    SentKind,
    State,
    Wanted,
    add_to_case,
    answer,
    find,
    history,
    keep,
    make_cars,
    photos,
    publish_one,
)
from kilpi.cases.answers import FACTS, YEARS, said_names, to_data
from kilpi.cases.incoming.sent_cars import safe_part
from kilpi.errors import UsageError
from kilpi.hashing import sha256_hex
from kilpi.text import LONGEST_NAME
from kilpi.web.fields import one_line
from kilpi.web.problems import Problem
from kilpi.web.routes.receive import owner_of
from kilpi.web.serving import MAX_PHOTO, Served, Serving
from kilpi.web.shapes import (
    CaseShape,
    EventShape,
    PageShape,
    PhotoShape,
    ProblemShape,
    ReceivedShape,
    RefusedShape,
    case_shape,
    event_shape,
    photo_shape,
)
from kilpi.web.visitor import Answering, Machine, NotAllowed, Visitor, own_case

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemShape, "content": {"application/problem+json": {}}}
    for status in (400, 401, 403, 404, 409, 413, 422, 429, 503, 507)
}
router = APIRouter(prefix="/v1/cases", tags=["cases"], responses=PROBLEMS)
MOST_PHOTOS = 200  # of one request
Photos = Annotated[list[UploadFile], File(description="the photos of one car", max_length=MOST_PHOTOS)]
Seen = Annotated[int | None, Field(description="`seq` as it was shown; 409 where the case has changed since")]


class Facts(BaseModel):
    """What only the dealer knows."""

    price: Decimal | None = Field(None, ge=0, le=Decimal("1e9"), examples=["15900"])
    currency: str | None = Field(None, pattern="^[A-Z]{3}$", examples=["EUR"])
    odometer_km: int | None = Field(None, ge=0, le=10_000_000, examples=[84200])
    make: str | None = Field(None, max_length=LONGEST_NAME, examples=["Skoda"])
    model: str | None = Field(None, max_length=LONGEST_NAME, examples=["Octavia"])
    year: int | None = Field(None, ge=YEARS.start, lt=YEARS.stop, examples=[2018])
    seen: Seen = None


class Said(BaseModel):
    """A person's answer, discriminated by `what`."""

    answer: Answer = Field(examples=[{"what": "mark", "text": "ABC-123", "country": "FI"}])
    sure: bool = Field(False, description="Counts also where photos, register or row speak against it.")
    seen: Seen = None


class Search(BaseModel):
    """Words; each must begin a word of the case: mark, reference, dealer, make, model."""

    words: str = Field(max_length=200, examples=["skoda 2015"])
    states: list[State] = []
    cursor: str | None = Field(None, max_length=500)
    limit: int = Field(50, ge=1, le=500)


class Seq(BaseModel):
    """Which event was the last that the caller saw."""

    seen: Seen = None


@router.post("", status_code=201)
def create(
    visitor: Machine,
    serving: Served,
    response: Response,
    files: Annotated[Photos, File(alias="photos")],
    reference: Annotated[str, Form(max_length=200)] = "",
    dealer: Annotated[str, Form(max_length=200)] = "",
    price: Annotated[Decimal | None, Form(ge=0, le=Decimal("1e9"))] = None,
    currency: Annotated[str | None, Form(pattern="^[A-Z]{3}$")] = None,
    odometer_km: Annotated[int | None, Form(ge=0, le=10_000_000)] = None,
    mark: Annotated[str, Form(max_length=30)] = "",
    country: Annotated[str, Form(pattern="^([A-Z]{2})?$")] = "",
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> ReceivedShape:
    """Photos of one car become a case: 201 for a new one, 200 where they are a case's already.

    The same Idempotency-Key is the same request, and gives the same case; 422 where it made a case of other
    photos, or of other fields. Photos that a case has already may
    bring a new price or mark: `changed` says what is new. Photos that cannot be used are
    named in `refused`; where none can, the request is refused.
    """
    dealer = of_dealer(visitor, dealer)
    said: list[Answer] = []
    if price is not None or odometer_km is not None:
        said.append(SaidFacts(price, currency, odometer_km))
    if mark:
        if visitor.scope is not None and not visitor.token_id:
            raise NotAllowed  # as an answer: whose plate it is, is for the staff
        said.append(SaidMark(mark, country or serving.settings.country))
    kept, refused = kept_photos(serving, visitor, files)
    batch = Batch(
        tuple((one.path, one.sha256) for one in kept),
        visitor.by,
        owner_of(visitor),
        dealer,
        one_line(reference),
        answers=tuple(said),
    )
    if idempotency_key:
        asked = digest_of(batch, refused)
        batch = replace(batch, receipt=f"key {idempotency_key}", digest=asked)
    (received,) = make_cars(serving.store, serving.data, batch, serving.settings.country).cars
    serving.changed()
    response.status_code = 201 if received.how == "new" else 200
    response.headers["location"] = f"/v1/cases/{received.case.id}"
    return received_shape(received, refused, visitor)


@router.get("")
def listed(
    visitor: Machine,
    serving: Served,
    state: Annotated[list[State], Query()] = [],  # noqa: B006 (FastAPI copies it)
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> PageShape:
    """Cases, the newest first. To search by a mark use POST /v1/cases/search."""
    found = find(serving.store, Wanted(tuple(state), visitor.scope), cursor=cursor, limit=limit)
    return PageShape(cases=[case_shape(case, visitor.scope) for case in found.cases], cursor=found.cursor)


@router.post("/search")
def search(visitor: Machine, serving: Served, wanted: Search) -> PageShape:
    """Cases by words. By POST: a mark must not stand in an address."""
    asked = Wanted(tuple(wanted.states), visitor.scope, wanted.words)
    found = find(serving.store, asked, cursor=wanted.cursor, limit=wanted.limit)
    return PageShape(cases=[case_shape(case, visitor.scope) for case in found.cases], cursor=found.cursor)


@router.get("/{case_id}")
def one(case_id: str, visitor: Machine, serving: Served) -> CaseShape:
    """One case as it stands."""
    return case_shape(own_case(serving, visitor, case_id), visitor.scope)


@router.get("/{case_id}/photos")
def photos_of(case_id: str, visitor: Machine, serving: Served) -> list[PhotoShape]:
    """Its photos in order."""
    case = own_case(serving, visitor, case_id)
    return [photo_shape(photo) for photo in photos(serving.store, case.id)]


@router.get("/{case_id}/history")
def history_of(case_id: str, visitor: Machine, serving: Served) -> list[EventShape]:
    """What happened to it, in order."""
    case = own_case(serving, visitor, case_id)
    return [event_shape(event) for event in history(serving.store, case.id)]


@router.post("/{case_id}/photos")
def add(
    case_id: str, visitor: Machine, serving: Served, files: Annotated[Photos, File(alias="photos")]
) -> ReceivedShape:
    """More photos of the same car; those that it has already change nothing."""
    case = own_case(serving, visitor, case_id)
    kept, refused = kept_photos(serving, visitor, files)
    received = add_to_case(serving.store, case.id, kept, by=visitor.by)
    serving.changed()
    return received_shape(received, refused, visitor)


@router.post("/{case_id}/answer")
def say(case_id: str, said: Said, visitor: Answering, serving: Served) -> CaseShape:
    """A person's answer; the case goes to work again with it. By a token, or the staff."""
    return answered(serving, visitor, case_id, said.answer, said.seen, said.sure)


@router.post("/{case_id}/facts")
def facts(case_id: str, said: Facts, visitor: Machine, serving: Served) -> CaseShape:
    """Price and mileage, which stand over what the dealer's files say; make, model and year of a car that no
    register knows.
    """
    given = SaidFacts(**{name: getattr(said, name) for name in FACTS})
    if not set(said_names(given)) - {"currency"}:
        raise UsageError("facts: give price, odometer_km, make, model or year")
    return answered(serving, visitor, case_id, given, said.seen)


@router.post("/{case_id}/publish", status_code=202)
def publish(case_id: str, visitor: Machine, serving: Served, asked: Seq | None = None) -> CaseShape:
    """Its advert goes out; 409 where it is not ready. The state says `published` as soon as it is out."""
    case = own_case(serving, visitor, case_id)
    seen = asked.seen if asked else None
    case = publish_one(serving.store, case.id, serving.target, by=visitor.by, seen=seen)
    serving.changed()
    return case_shape(case, visitor.scope)


@router.delete("/{case_id}", status_code=204)
def erase(case_id: str, visitor: Machine, serving: Served) -> Response:
    """Erasure: photos, answers, history and advert go for good; that there was a case stays. Staff only."""
    if visitor.scope is not None:
        raise NotAllowed
    serving.desk.erase(own_case(serving, visitor, case_id).id, by=visitor.by)
    serving.changed()
    return Response(status_code=204)


def answered(
    serving: Serving, visitor: Visitor, case_id: str, said: Answer, seen: int | None, sure: bool = False
) -> CaseShape:
    """The case after an answer."""
    case: Case = own_case(serving, visitor, case_id)
    staff = visitor.scope is None
    case = answer(serving.store, case.id, said, by=visitor.by, seen=seen, staff=staff, sure=sure)
    serving.changed()
    return case_shape(case, visitor.scope)


def digest_of(batch: Batch, refused: Sequence[RefusedShape]) -> str:
    """What a request asked for: the same request has the same, whatever its files are called, and whether its
    price is 15900 or 15900.00.
    """
    files = sorted([*(sha256 for _, sha256 in batch.files), *(one.sha256 for one in refused)])
    asked = [files, batch.dealer, batch.reference, [to_data(plain(said)) for said in batch.answers]]
    return sha256_hex(json.dumps(asked, sort_keys=True).encode())


def plain(said: Answer) -> Answer:
    """The answer, its price written in one way."""
    if not isinstance(said, SaidFacts) or said.price is None:
        return said
    return replace(said, price=Decimal(f"{said.price.normalize():f}"))


def of_dealer(visitor: Visitor, dealer: str) -> str:
    """Whose car it is. Raises NotAllowed for another dealer's."""
    dealer = one_line(dealer)
    if visitor.scope is not None and dealer not in ("", visitor.scope):
        raise NotAllowed
    return visitor.scope or dealer


def kept_photos(
    serving: Serving, visitor: Visitor, sent: Sequence[UploadFile]
) -> tuple[list[SentFile], list[RefusedShape]]:
    """The photos, kept, and what cannot be used. Raises Problem where no photo is among them."""
    kept, refused = [], []
    for number, file in enumerate(sent, 1):
        if (file.size or 0) > MAX_PHOTO:
            raise Problem(413, "too_large")
        name = safe_part((file.filename or "").replace("\\", "/").rpartition("/")[2]) or f"{number}.jpg"
        one = keep(serving.store, owner_of(visitor), name, file.file)
        if one.kind is SentKind.PHOTO:
            kept.append(one)
        else:
            refused.append(RefusedShape(name=name, sha256=one.sha256, why=one.why or one.kind.value))
    if not kept:
        raise Problem(422, "no_photo", more=", ".join(sorted({one.why for one in refused})))
    return kept, refused


def received_shape(received: Received, refused: list[RefusedShape], visitor: Visitor) -> ReceivedShape:
    """As /v1 tells it."""
    shape = case_shape(received.case, visitor.scope)
    changed = list(received.changed)
    return ReceivedShape(case=shape, how=received.how.value, changed=changed, refused=refused)
