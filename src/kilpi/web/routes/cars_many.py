"""One verb on the cars that somebody chose in the list, and what became of each."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from kilpi.adverts.dealer_stock.values import read_money
from kilpi.cases import Case, SaidFacts, answer, publish_one
from kilpi.cases.many import MOST, Chosen, Verb, own, to_each
from kilpi.errors import CaseMissing, UsageError
from kilpi.web.pages import page
from kilpi.web.serving import Served, Serving
from kilpi.web.visitor import NotAllowed, SignedIn, Visitor, safe_path

router = APIRouter(include_in_schema=False)
CHOSEN = re.compile(r"([0-9a-f-]{36}):([0-9]{1,9})")


class ManyVerb(StrEnum):
    """What can be done with many cars at once."""

    PUBLISH = "publish"
    SOLD = "sold"
    WITHDRAW = "withdraw"
    PRICE = "price"
    ERASE = "erase"


@router.post("/cars/many")
def many(
    request: Request,
    visitor: SignedIn,
    serving: Served,
    verb: Annotated[ManyVerb, Form()],
    chosen: Annotated[list[str], Form(max_length=MOST)] = [],  # noqa: B006 (FastAPI copies it)
    price: Annotated[str, Form(max_length=40)] = "",
    sure: Annotated[str, Form(max_length=3)] = "",
    back: Annotated[str, Form(max_length=2000)] = "/cars",
) -> Response:
    """`chosen` are cases, each with the last event that was on the screen: "ID:SEQ".

    Erasing asks once more and says how many. Raises NotAllowed where the visitor may not erase.
    """
    cases = [Chosen(match[1], int(match[2])) for one in chosen if (match := CHOSEN.fullmatch(one))]
    back = safe_path(back) if back.startswith("/cars") else "/cars"
    if verb is ManyVerb.ERASE and not visitor.may("staff"):
        raise NotAllowed
    if not cases:
        return page(request, visitor, "cars_many.html", told=[], done=0, verb=verb.value, back=back)
    if verb is ManyVerb.ERASE and sure != "yes":
        named = [(one, known(serving, visitor, one.case_id)) for one in cases]
        return page(request, visitor, "cars_erase.html", named=named, back=back)
    said = price_said(price) if verb is ManyVerb.PRICE else None
    if verb is ManyVerb.PRICE and said is None:
        return page(request, visitor, "cars_price.html", status=422, chosen=cases, price=price, back=back)
    told = list(to_each(serving.store, cases, doing(serving, visitor, verb, said), dealer=visitor.scope))
    serving.changed()
    done = sum(one.error is None for one in told)
    return page(request, visitor, "cars_many.html", told=told, done=done, verb=verb.value, back=back)


def known(serving: Serving, visitor: Visitor, case_id: str) -> Case | None:
    """The case, to be named before it is erased."""
    try:
        return own(serving.store, case_id, visitor.scope)
    except CaseMissing:
        return None


def doing(serving: Serving, visitor: Visitor, verb: ManyVerb, said: SaidFacts | None) -> Verb:
    """The verb of the core; `said` is the price, where one is set."""
    store, desk, by = serving.store, serving.desk, visitor.by
    if verb is ManyVerb.PUBLISH:
        return lambda case, seen: publish_one(store, case.id, serving.target, by=by, seen=seen)
    if said is not None:
        return lambda case, seen: answer(store, case.id, said, by=by, seen=seen)
    verbs = {ManyVerb.SOLD: desk.sold, ManyVerb.WITHDRAW: desk.withdraw, ManyVerb.ERASE: desk.erase}
    return lambda case, seen: verbs[verb](case.id, by=by, seen=seen)


def price_said(price: str) -> SaidFacts | None:
    """A price as people write it; None: it cannot be read."""
    try:
        amount, currency = read_money(price.strip())
        return SaidFacts(amount, currency)
    except (ValueError, UsageError):
        return None
