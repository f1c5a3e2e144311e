"""What people do with a car: publish, sold, withdrawn, undo, erase. Each is one verb of the core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from kilpi.cases import Case, publish_one
from kilpi.web.serving import Served, Serving
from kilpi.web.visitor import SignedIn, Staff, Visitor, own_case

router = APIRouter(include_in_schema=False)
Seen = Annotated[int, Form(description="The case's last event that was on the screen.")]
Last = Annotated[int, Form(description="The event that is to be taken back.")]
Verb = Callable[[str], Case]


def done(serving: Serving, visitor: Visitor, case_id: str, verb: Verb, after: str = "") -> Response:
    """The verb on a case of the visitor's, and back to its page."""
    case = own_case(serving, visitor, case_id)
    verb(case.id)
    serving.changed()
    return RedirectResponse(after or f"/cars/{case.id}", 303)


@router.post("/cars/{case_id}/publish")
def publish(case_id: str, seen: Seen, visitor: SignedIn, serving: Served) -> Response:
    """The advert goes out."""
    store, target = serving.store, serving.target
    return done(
        serving, visitor, case_id, lambda own: publish_one(store, own, target, by=visitor.by, seen=seen)
    )


@router.post("/cars/{case_id}/sold")
def sold(case_id: str, seen: Seen, visitor: SignedIn, serving: Served) -> Response:
    """The car is sold; its advert is taken down."""
    return done(serving, visitor, case_id, lambda own: serving.desk.sold(own, by=visitor.by, seen=seen))


@router.post("/cars/{case_id}/withdraw")
def withdraw(case_id: str, seen: Seen, visitor: SignedIn, serving: Served) -> Response:
    """The car is not for sale; its advert is taken down."""
    return done(serving, visitor, case_id, lambda own: serving.desk.withdraw(own, by=visitor.by, seen=seen))


@router.post("/cars/{case_id}/undo")
def undo(case_id: str, last: Last, visitor: SignedIn, serving: Served) -> Response:
    """The last answer, sale or withdrawal is taken back; a dealer takes back only what was its own.

    What is meant is told by its own event: that the advert was taken down meanwhile does not matter.
    """
    mine = visitor.scope is not None
    return done(
        serving, visitor, case_id, lambda own: serving.desk.undo(own, by=visitor.by, last=last, own=mine)
    )


@router.post("/cars/{case_id}/erase")
def erase(case_id: str, seen: Seen, visitor: Staff, serving: Served) -> Response:
    """All that is known of the car goes, its photos too."""
    return done(
        serving,
        visitor,
        case_id,
        lambda own: serving.desk.erase(own, by=visitor.by, seen=seen),
        "/cars",
    )
