"""The blind audit: of the accepted cars a few are asked for by their photos alone, as a review would be.

Nothing that Kilpi read is on the page or in its addresses, and the answer is told nothing back.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from kilpi.adverts.reading import record_in
from kilpi.cases import (
    Answer,
    AuditQuestion,
    CasePhoto,
    SaidNoPlate,
    answer_audit,
    next_audit,
    read_case,
    waiting,
)
from kilpi.cases.learning.audit import put_off_audit
from kilpi.errors import CaseChanged, CaseRefused, UsageError
from kilpi.web.asking import NO_PLATE, Given, typed_mark
from kilpi.web.car_page import failed_in
from kilpi.web.pace import seconds_of, shown_now
from kilpi.web.pages import page
from kilpi.web.review_page import LARGE, after_words, country_names
from kilpi.web.routes.review import LATER
from kilpi.web.routes.statistics import plan_of
from kilpi.web.serving import Served, Serving
from kilpi.web.visitor import Staff, Visitor
from kilpi.web.words import load_words

router = APIRouter(include_in_schema=False)
Asked = Annotated[Given, Form()]
UNCLEAR, PUT_OFF = "unclear", "later"


@router.get("/audits")
def next_one(request: Request, visitor: Staff, serving: Served, after: str = "", what: str = "") -> Response:
    """The car of the sample that waits longest; with `after` and `what` of the review before it."""
    found = next_audit(serving.store, visitor.by)
    told = after_words(serving, visitor, after, what)
    if found is None:
        return page(request, visitor, "review_done.html", waits=waiting(serving.store, visitor.by), **told)
    return asked_page(request, visitor, serving, found)


def asked_page(
    request: Request,
    visitor: Visitor,
    serving: Serving,
    found: AuditQuestion,
    given: Given | None = None,
    trouble: str = "",
) -> Response:
    """The question."""
    return page(
        request,
        visitor,
        "audit.html",
        status=422 if trouble else 200,
        asked=found,
        pictures=[address_of(found.case_id, photo) for photo in openable(serving, found)],
        countries=country_names(load_words(visitor.language)),
        home=serving.settings.home.split(",")[0] or serving.settings.country,
        given=given or Given(),
        trouble=trouble,
        shown_now=shown_now(visitor),
    )


def openable(serving: Serving, found: AuditQuestion) -> list[CasePhoto]:
    """The photos that are there and could be opened when the car was decided."""
    record = record_in(serving.folder(read_case(serving.store, found.case_id)))
    failed = failed_in(record.problems if record else ())
    return [one for one in found.photos if not one.gone and PurePath(one.name).name not in failed]


def address_of(case_id: str, photo: CasePhoto) -> str:
    """A photo by its bytes: its name as sent may say the mark."""
    return f"/review/{case_id}/photos/{photo.sha256}?side={LARGE}"


@router.post("/audits/{case_id}")
def answered(request: Request, visitor: Staff, serving: Served, case_id: str, given: Asked) -> Response:
    """The mark that the photos show, no plate, or that they do not tell; and the next question."""
    read_case(serving.store, case_id)
    if given.take == PUT_OFF:
        put_off_audit(serving.store, case_id, LATER.total_seconds())
        return RedirectResponse("/review", 303)
    said: Answer | None = None
    try:
        if given.take != UNCLEAR:
            said = SaidNoPlate() if given.take == NO_PLATE else typed_mark(given)
    except UsageError:
        found = next_audit(serving.store, visitor.by)
        if found is None or found.case_id != case_id:
            return RedirectResponse("/review", 303)
        return asked_page(request, visitor, serving, found, given, "no_mark")
    spent = seconds_of(visitor, given.shown, given.spent)
    with suppress(CaseChanged, CaseRefused):  # a colleague was quicker: the next one
        answer_audit(serving.store, case_id, said, by=visitor.by, plan=plan_of(serving), seconds=spent)
    serving.changed()
    return RedirectResponse("/review", 303)
