"""Files come in: one by one, each told at once what became of it, and then together as cars.

A page asks first which files are here already (`/receive/have`), sends the others (`/receive/file`), and ends
with `/receive/done`. A connection that is cut leaves nothing half written: what arrived is kept, and the next
try sends the rest. Names travel in headers and bodies, never in an address.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import IO, Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Body, File, Form, Header, Request, UploadFile
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from kilpi.adverts.wording import load_wording
from kilpi.archives import is_zip
from kilpi.cases import Batch, Case, How, MadeCars, SentFile, SentKind, keep, known, make_cars
from kilpi.cases.case import GONE
from kilpi.cases.incoming.sent_cars import safe_path
from kilpi.cases.incoming.sent_files import originals_of
from kilpi.cases.lists import dealers
from kilpi.errors import NoRoom, UsageError
from kilpi.types import Reason
from kilpi.web.fields import Unfit, one_line
from kilpi.web.pages import page
from kilpi.web.problems import Problem
from kilpi.web.serving import MAX_ARCHIVE, MAX_PHOTO, Served, Serving
from kilpi.web.visitor import NotAllowed, SignedIn, Visitor
from kilpi.web.words import load_words

router = APIRouter(include_in_schema=False)
MOST_FILES = 5_000  # of one batch
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Named(BaseModel):
    """A file of a batch: its path as it lay on the sender's machine, and its content."""

    path: str = Field(max_length=2_000)
    sha256: Sha256


class Done(BaseModel):
    """A batch that has arrived. `dealer` may be named by staff; a dealer's user sends for the own one."""

    files: list[Named] = Field(min_length=1, max_length=MOST_FILES)
    dealer: str = Field("", max_length=200)
    reference: str = Field("", max_length=200)


@router.get("/receive")
def receive_page(request: Request, visitor: SignedIn, serving: Served) -> Response:
    """The drop zone."""
    return drop_zone(request, visitor, serving, [])


@router.post("/receive/have")
def have(
    visitor: SignedIn,
    serving: Served,
    sha256: Annotated[list[Sha256], Body(embed=True, max_length=MOST_FILES)],
) -> Response:
    """What became of those of these files that were sent before, by sha256; the others are to be sent."""
    found = known(serving.store, owner_of(visitor), sha256)
    return JSONResponse({"have": {one.sha256: told(one, visitor) for one in found.values()}})


@router.post("/receive/file")
async def receive_file(
    request: Request,
    visitor: SignedIn,
    serving: Served,
    x_file_name: Annotated[str, Header(max_length=6_000)],
    x_file_sha256: Annotated[str, Header(pattern="^([0-9a-f]{64})?$")] = "",
) -> Response:
    """One file, as the body; its path percent-encoded in X-File-Name. 409: not the sha256 that was named."""
    path = unquote(x_file_name)
    try:
        originals_of(serving.store).check_room()
    except NoRoom:
        async for _ in request.stream():  # read and forgotten: who is cut off while sending hears no answer
            pass
        raise
    with tempfile.TemporaryFile(dir=serving.data) as file:
        await arrive(request, file, MAX_ARCHIVE if is_zip(safe_path(path)) else MAX_PHOTO)
        kept = await run_in_threadpool(keep, serving.store, owner_of(visitor), path, file)
    if x_file_sha256 and kept.sha256 != x_file_sha256:
        raise Problem(409, "cut_off")
    return JSONResponse(told(kept, visitor))


async def arrive(request: Request, file: IO[bytes], most: int) -> None:
    """The body into a file, which stands at its beginning then. Raises Problem: too large, or cut off."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise Problem(413, "too_large")
    size = 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > most:
                raise Problem(413, "too_large")
            await run_in_threadpool(file.write, piece)
    except ClientDisconnect:
        raise Problem(400, "cut_off") from None
    if length.isdecimal() and int(length) != size:
        raise Problem(400, "cut_off")
    file.seek(0)


@router.post("/receive/done")
def done(visitor: SignedIn, serving: Served, batch: Done) -> Response:
    """The files become cars by their folders, and the workers begin."""
    files = tuple((one.path, one.sha256) for one in batch.files)
    made = make(serving, visitor, files, batch.dealer, batch.reference)
    return JSONResponse(cars_told(made, visitor))


@router.post("/receive")
def receive_form(
    request: Request,
    visitor: SignedIn,
    serving: Served,
    files: Annotated[list[UploadFile | str] | None, File(max_length=MOST_FILES)] = None,
    dealer: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """The same as one form, for browsers without script; refused files are told on the page."""
    kept = []
    for sent in files or ():
        if isinstance(sent, str) or not sent.filename:
            continue  # what a browser sends where nothing was chosen
        if (sent.size or 0) > (MAX_ARCHIVE if is_zip(safe_path(sent.filename)) else MAX_PHOTO):
            raise Problem(413, "too_large")
        kept.append(keep(serving.store, owner_of(visitor), sent.filename, sent.file))
    whole = [one for one in kept if one.kind not in (SentKind.REFUSED, SentKind.LEFT_OUT)]
    made = None
    if whole:
        made = make(serving, visitor, tuple((one.path, one.sha256) for one in whole), dealer, "")
    refused = [told(one, visitor) for one in flat(kept) if one.kind in (SentKind.REFUSED, SentKind.LEFT_OUT)]
    if made and not refused and not made.stock and all(one.how is How.NEW for one in made.cars):
        return RedirectResponse("/cars", 303)
    if made is None:
        said = load_words(visitor.language).say("sending", "none" if refused else "nothing")
        return drop_zone(request, visitor, serving, refused, said=said)
    return drop_zone(request, visitor, serving, refused, cars_told(made, visitor))


def drop_zone(
    request: Request,
    visitor: Visitor,
    serving: Serving,
    refused: Sequence[dict[str, Any]],
    made: dict[str, Any] | None = None,
    said: str = "",
) -> Response:
    """The page, with the files that were refused just now, and what became of the others; `said` where there
    were none.
    """
    return page(
        request,
        visitor,
        "receive.html",
        most=MOST_FILES,
        largest=MAX_PHOTO,
        largest_zip=MAX_ARCHIVE,
        refused=refused,
        dealers=dealers(serving.store) if visitor.scope is None else (),
        cars=[*made["cars"], *made["unlisted"]] if made else (),
        listed=made["listed"] if made else said,
    )


def make(
    serving: Serving, visitor: Visitor, files: Sequence[tuple[str, str]], dealer: str, reference: str
) -> MadeCars:
    """Cases of a batch. Raises NotAllowed for another dealer's, Unfit where files did not arrive."""
    dealer = one_line(dealer)
    if visitor.scope is not None and dealer not in ("", visitor.scope):
        raise NotAllowed
    owner, dealer = owner_of(visitor), visitor.scope or dealer
    batch = Batch(tuple(files), visitor.by, owner, dealer, one_line(reference), sort=True)
    try:
        made = make_cars(serving.store, serving.data, batch, serving.settings.country)
    except UsageError as error:
        raise Unfit(str(error), "not_arrived") from None
    serving.changed()
    return made


def owner_of(visitor: Visitor) -> str:
    """Whose files a visitor sees again: a dealer's, or the staff's together."""
    return visitor.scope or ""


def flat(files: Sequence[SentFile]) -> list[SentFile]:
    """Files and the members of archives."""
    return [one for file in files for one in (file, *file.members)]


def told(file: SentFile, visitor: Visitor) -> dict[str, Any]:
    """What became of a file, as JSON, with words in the visitor's language."""
    words, text = load_wording(visitor.language), ""
    damaged = load_words(visitor.language).say("receive", "damaged")
    if file.kind in (SentKind.REFUSED, SentKind.LEFT_OUT):
        problems = words.tables["problem"]
        text = (
            str(problems[file.why])
            if file.why in problems
            else words.left_out(Reason(file.why, {"why": damaged}))
        )
    members = [told(one, visitor) for one in file.members]
    body: dict[str, Any] = {"path": file.path, "sha256": file.sha256, "kind": file.kind.value}
    return body | {"why": file.why, "text": text, "members": members}


def cars_told(made: MadeCars, visitor: Visitor) -> dict[str, Any]:
    """What a batch became, as JSON: each car by its name, and what happened to it in words.

    `listed` says what a stock list names; `unlisted` are the cars here that it does not name any more.
    """
    words = load_words(visitor.language)
    cars = [
        {
            **car_told(one.case, words.say("arrived", "gone" if one.case.state in GONE else one.how.value)),
            "how": one.how.value,
            "changed": list(one.changed),
            "state": one.case.state.value,
        }
        for one in made.cars
    ]
    left = made.listed.unlisted
    said = [words.say("receive", "listed", rows=made.listed.rows)] if made.stock else []
    said += [words.say("receive", "unlisted", cars=len(left))] if left else []
    unlisted = [car_told(case, words.say("arrived", "unlisted")) for case in left]
    more = {"listed": " ".join(said), "unlisted": unlisted}
    return {"cars": cars, "stock": made.stock, "heaps": made.heaps, **more}


def car_told(case: Case, said: str) -> dict[str, Any]:
    """A car by its name, and what is said of it."""
    name = case.reference or case.address
    return {"id": case.id, "href": f"/cars/{case.id}", "reference": name, "said": said}
