"""Review: one question a screen. What is asked comes from `kilpi.cases`, and what is done are its verbs.

A mark is only ever in a form's body, never in an address.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from kilpi.cases import (
    Answer,
    Case,
    Preview,
    Question,
    SaidNotThese,
    answer,
    ask_dealer,
    hold,
    next_audit,
    next_question,
    postpone,
    preview,
    read_case,
    waiting,
)
from kilpi.cases.case import AT_WORK, OPEN
from kilpi.errors import CaseChanged, CaseRefused, UsageError
from kilpi.web.asking import Given, facts_in, fits, identity_in
from kilpi.web.pace import seconds_of, shown_now
from kilpi.web.pages import page
from kilpi.web.review_page import DONE, after_words, asked_of, picture_addresses, shown_question
from kilpi.web.routes.review_pictures import keep_odometer
from kilpi.web.serving import Served, Serving, maker_of
from kilpi.web.visitor import Staff, Visitor
from kilpi.web.words import load_words

router = APIRouter(include_in_schema=False)
LATER = timedelta(minutes=30)
Asked = Annotated[Given, Form()]


@router.get("/review")
def next_page(request: Request, visitor: Staff, serving: Served, after: str = "", what: str = "") -> Response:
    """The next question of this person; where there is none, what is still going on."""
    return onward(request, visitor, serving, after, what)


def onward(request: Request, visitor: Visitor, serving: Serving, after: str, what: str) -> Response:
    """To the next question."""
    case = next_question(serving.store, visitor.by)
    query = f"?after={after}&what={what}" if after and what in DONE else ""
    if case is not None:
        return RedirectResponse(f"/review/{case.id}{query}", 303)
    if request.method == "GET" and next_audit(serving.store, visitor.by) is not None:
        return RedirectResponse(f"/audits{query}", 303)  # blind questions, when no car waits for an answer
    if request.method != "GET":
        return RedirectResponse(f"/review{query}", 303)
    told = after_words(serving, visitor, after, what)
    return page(request, visitor, "review_done.html", waits=waiting(serving.store, visitor.by), **told)


@router.get("/review/{case_id}")
def one_page(
    request: Request,
    visitor: Staff,
    serving: Served,
    case_id: str,
    after: str = "",
    what: str = "",
    trouble: str = "",
) -> Response:
    """The question of one case."""
    case = read_case(serving.store, case_id)
    told = after_words(serving, visitor, after, what)
    if case.state not in OPEN:
        return RedirectResponse(f"/cars/{case_id}", 303)
    if case.state in AT_WORK:
        return page(request, visitor, "review_again.html", case=case, **told)
    try:
        hold(serving.store, case_id, visitor.by)
    except CaseChanged:
        trouble = "held"
    asked = asked_of(serving, case)
    return show(request, visitor, serving, asked, trouble=trouble, **told)


def show(
    request: Request,
    visitor: Visitor,
    serving: Serving,
    asked: Question,
    *,
    given: Given | None = None,
    found: Preview | None = None,
    trouble: str = "",
    status: int = 200,
    after: Case | None = None,
    what: str = "",
    said: str = "",
    last: int = 0,
) -> Response:
    """The page of a question; with `found`, what the register says of the answer in `given`."""
    values = shown_question(serving, visitor, asked)
    keep_odometer(request, serving, asked)
    return page(
        request,
        visitor,
        "review.html",
        status=status,
        given=given or Given(),
        found=found,
        trouble=trouble,
        after=after,
        what=what,
        said=said,
        last=last,
        shown_now=shown_now(visitor),
        **values,
    )


@router.post("/review/check")
def check(visitor: Staff, given: Asked) -> Response:
    """Whether what is being typed fits its country; in words."""
    return JSONResponse(fits(given.text, given.country, load_words(visitor.language)))


@router.get("/review/{case_id}/look")
def look_again(visitor: Staff, case_id: str) -> Response:
    """Loaded anew, or in another language: the question itself."""
    return RedirectResponse(f"/review/{case_id}", 303)


@router.post("/review/{case_id}/look")
def look(request: Request, visitor: Staff, serving: Served, case_id: str, given: Asked) -> Response:
    """What the register says of an answer, before it counts. Facts alone are written at once."""
    case = read_case(serving.store, case_id)
    asked = asked_of(serving, case)
    if given.seq != asked.seq:
        return show(request, visitor, serving, asked, given=given, trouble="changed", status=409)
    try:
        said = identity_in(given, asked)
        facts = facts_in(given, asked.offer)
    except UsageError as error:
        return show(request, visitor, serving, asked, given=given, trouble=str(error), status=422)
    if said is None:
        if facts is None:
            return show(request, visitor, serving, asked, given=given, trouble="no_mark", status=422)
        return said_so(request, visitor, serving, case, [facts], given, "saved")
    found = preview(serving.store, maker_of(serving), asked, said)
    return show(request, visitor, serving, asked, given=given, found=found)


@router.post("/review/{case_id}/answer")
def answered(request: Request, visitor: Staff, serving: Served, case_id: str, given: Asked) -> Response:
    """The answer counts."""
    case = read_case(serving.store, case_id)
    asked = asked_of(serving, case)
    try:
        said, facts = identity_in(given, asked), facts_in(given, asked.offer)
    except UsageError as error:
        return show(request, visitor, serving, asked, given=given, trouble=str(error), status=422)
    answers = [one for one in (said, facts) if one is not None]
    if not answers:
        return show(request, visitor, serving, asked, given=given, trouble="no_mark", status=422)
    return said_so(request, visitor, serving, case, answers, given, "answered")


@router.post("/review/{case_id}/strange")
def strange(request: Request, visitor: Staff, serving: Served, case_id: str, given: Asked) -> Response:
    """These photos do not belong."""
    case = read_case(serving.store, case_id)
    if not given.strange:
        asked = asked_of(serving, case)
        return show(request, visitor, serving, asked, given=given, trouble="no_photo", status=422)
    said = SaidNotThese(tuple(given.strange))
    return said_so(request, visitor, serving, case, [said], given, "left_out")


def said_so(
    request: Request,
    visitor: Visitor,
    serving: Serving,
    case: Case,
    answers: Sequence[Answer],
    given: Given,
    what: str,
) -> Response:
    """Writes answers, all or none, against the case as it was shown, and goes to the next question."""
    spent = seconds_of(visitor, given.shown, given.spent)

    def do() -> Case:
        seen, by = given.seq, visitor.by
        return answer(
            serving.store,
            case.id,
            *answers,
            by=by,
            seen=seen,
            seconds=spent,
            staff=True,
            sure=given.sure.split(),
        )

    return done(request, visitor, serving, case.id, what, do)


@router.post("/review/{case_id}/ask")
def ask(request: Request, visitor: Staff, serving: Served, case_id: str, given: Asked) -> Response:
    """The dealer is asked instead."""
    case = read_case(serving.store, case_id)
    return done(
        request,
        visitor,
        serving,
        case_id,
        "waiting",
        lambda: ask_dealer(
            serving.store,
            case_id,
            case.reasons,
            by=visitor.by,
            seen=given.seq,
            seconds=seconds_of(visitor, given.shown, given.spent),
        ),
    )


@router.post("/review/{case_id}/later")
def later(request: Request, visitor: Staff, serving: Served, case_id: str, given: Asked) -> Response:
    """Not now."""
    until = serving.store.read(lambda tx: tx.now) + LATER
    return done(
        request,
        visitor,
        serving,
        case_id,
        "later",
        lambda: postpone(
            serving.store,
            case_id,
            until,
            by=visitor.by,
            seen=given.seq,
            seconds=seconds_of(visitor, given.shown, given.spent),
        ),
    )


@router.post("/review/{case_id}/undo")
def undone(
    request: Request, visitor: Staff, serving: Served, case_id: str, last: Annotated[int, Form()]
) -> Response:
    """The answer `last` (its event) is taken back, and its question comes again; a later one is not."""
    try:
        case = serving.desk.undo(case_id, by=visitor.by, last=last)
    except CaseChanged:
        return RedirectResponse(f"/review/{case_id}?trouble=changed", 303)
    except CaseRefused:
        return onward(request, visitor, serving, case_id, "nothing")
    if case.state in AT_WORK:
        serving.changed()
    return RedirectResponse(f"/review/{case_id}?after={case_id}&what=undone", 303)


def done(
    request: Request, visitor: Visitor, serving: Serving, case_id: str, what: str, do: Callable[[], object]
) -> Response:
    """A verb, and on to the next question; where somebody was quicker, the question once more."""
    try:
        do()
    except CaseChanged as error:
        held = "somebody else" in str(error)
        return RedirectResponse(f"/review/{case_id}?trouble={'held' if held else 'changed'}", 303)
    except CaseRefused:
        return RedirectResponse(f"/review/{case_id}?trouble=refused", 303)
    serving.changed()
    return onward(request, visitor, serving, case_id, what)


@router.get("/review/{case_id}/next")
def coming(visitor: Staff, serving: Served, case_id: str) -> Response:
    """The pictures of the question after this one, to be fetched ahead; nobody is kept from answering it."""
    case = next_question(serving.store, visitor.by, hold_s=0.0, skip=[case_id])
    if case is None:
        return JSONResponse({"pictures": []})
    return JSONResponse({"pictures": picture_addresses(asked_of(serving, case))})
