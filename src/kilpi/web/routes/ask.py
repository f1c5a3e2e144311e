"""Staff asks a car's dealer: what is needed, the link, and, where mail is set up, the mail with it."""

from __future__ import annotations

import logging
import re
import smtplib
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field, field_validator

from kilpi.cases import Case, State, ask_dealer, read_case
from kilpi.cases.asking.asks import (
    DAYS,
    MOST_DAYS,
    NOTE_LENGTH,
    WANTED,
    Ask,
    check_note,
    end_asks,
    find_ask,
    likely_wanted,
    make_ask,
    open_until,
)
from kilpi.cases.incoming.dealers import dealer_settings
from kilpi.cases.tally import gap_of
from kilpi.doors.asking import ask_mail, can_send
from kilpi.doors.replies import send
from kilpi.errors import CaseRefused, UsageError
from kilpi.web.car_page import offer_in
from kilpi.web.pace import seconds_of, shown_now
from kilpi.web.pages import page
from kilpi.web.serving import Served, Serving
from kilpi.web.visitor import Staff, Visitor
from kilpi.web.words import load_words

router = APIRouter(include_in_schema=False)
LOG = logging.getLogger("kilpi.web")


class Wish(BaseModel):
    """What the dealer is asked for. `to`: the address of the mail; "": none is sent."""

    seen: int = 0
    wanted: list[str] = Field(default_factory=list, max_length=20)
    note: str = Field(default="", max_length=4 * NOTE_LENGTH)
    days: int = Field(default=DAYS, ge=1, le=MOST_DAYS)
    to: str = Field(default="", max_length=200, pattern=r"^([^@\s,;<>]+@[^@\s,;<>]+)?$")
    shown: str = Field(default="", max_length=100)
    spent: str = Field(default="", max_length=20)

    @field_validator("days", mode="before")
    @classmethod
    def near(cls, days: object) -> object:
        """Too few or too many days are the nearest that can be: a refusal would lose what was typed."""
        text = str(days).strip()
        return min(max(int(text), 1), MOST_DAYS) if re.fullmatch(r"-?[0-9]{1,9}", text) else days


@router.get("/cars/{case_id}/ask")
def ask_page(request: Request, visitor: Staff, serving: Served, case_id: str) -> Response:
    """What the car lacks, to choose from."""
    return shown(request, visitor, serving, read_case(serving.store, case_id))


def lacks(serving: Serving, case: Case) -> list[str]:
    """What the advert lacks; before there is one, the figures that the dealer has not given."""
    if case.missing or serving.maker is None:
        return [gap_of(text) for text in case.missing]
    offer = offer_in(serving, case)
    given = {"price": offer.price, "odometer": offer.odometer_km}
    return [name for name, value in given.items() if value is None]


def shown(
    request: Request,
    visitor: Visitor,
    serving: Serving,
    case: Case,
    *,
    wish: Wish | None = None,
    link: str = "",
    mailed: str = "",
    trouble: str = "",
) -> Response:
    """The page; with a link that was made just now and is shown this once, or with what was typed."""
    likely = likely_wanted(case, lacks(serving, case))
    return page(
        request,
        visitor,
        "ask.html",
        status=422 if trouble else 200,
        case=case,
        choices=WANTED,
        chosen=wish.wanted if wish else likely,
        wish=wish or Wish(shown=shown_now(visitor), to=address_of(serving, case)),
        until=open_until(serving.store, case.id),
        most_days=MOST_DAYS,
        note_length=NOTE_LENGTH,
        mails=can_send(serving.settings),
        link=link,
        mailed=mailed,
        trouble=trouble,
    )


def address_of(serving: Serving, case: Case) -> str:
    """The dealer's address, as the settings have it."""
    return dealer_settings(serving.store, case.dealer).email if case.dealer else ""


@router.post("/cars/{case_id}/ask")
def ask(
    request: Request, visitor: Staff, serving: Served, case_id: str, wish: Annotated[Wish, Form()]
) -> Response:
    """The case waits for its dealer, and the link is made. One that waits already only gets a new link."""
    case = read_case(serving.store, case_id)
    try:
        note = check_note(case, wish.note)
    except UsageError:
        return shown(request, visitor, serving, case, wish=wish, trouble="note_mark")
    wanted = [word for word in WANTED if word in wish.wanted]
    if case.state is not State.WAITING:
        spent = seconds_of(visitor, wish.shown, wish.spent)
        case = ask_dealer(
            serving.store,
            case_id,
            case.reasons,
            by=visitor.by,
            seen=wish.seen,
            seconds=spent,
            wanted=wanted,
            note=note,
        )
    secret = make_ask(serving.store, case_id, by=visitor.by, days=wish.days)
    link = f"{serving.address}/link/{secret}"
    made = find_ask(serving.store, secret)
    went = mail_it(serving, wish.to, link, made, visitor.language) if wish.to else ""
    return shown(request, visitor, serving, case, wish=wish, link=link, mailed=went)


def mail_it(serving: Serving, to: str, link: str, found: Ask, language: str) -> str:
    """Sends the mail. A key of [ask]: whether it went."""
    words = load_words(language)
    wanted = [words.word("want", word) for word in found.wanted]
    try:
        if not can_send(serving.settings):
            raise OSError
        mail = ask_mail(to, found.reference, wanted, found.note, link, serving.settings, language)
        send(mail, serving.settings)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        LOG.error("ask: a mail could not be sent (%s)", type(error).__name__)
        return "not_sent"
    return "sent"


@router.post("/cars/{case_id}/ask/end")
def end(visitor: Staff, serving: Served, case_id: str) -> Response:
    """The link works no more; the case waits on."""
    with suppress(CaseRefused):
        end_asks(serving.store, read_case(serving.store, case_id).id)
    return RedirectResponse(f"/cars/{case_id}/ask", 303)
