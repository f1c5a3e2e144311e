"""/v1/cases/{id}/sold, /withdraw, /for-sale: what becomes of a car, as a stock system tells it.

Each may be sent again, as after a lost answer: a car that is so already stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter

from kilpi.cases import Case, Kind, State, history
from kilpi.cases.case import OPEN
from kilpi.cases.projection import to_undo
from kilpi.errors import CaseRefused
from kilpi.web.routes.v1_cases import PROBLEMS, Seq
from kilpi.web.serving import Served, Serving
from kilpi.web.shapes import CaseShape, case_shape
from kilpi.web.visitor import Machine, Visitor, own_case

router = APIRouter(prefix="/v1/cases", tags=["cases"], responses=PROBLEMS)
ENDS = frozenset({Kind.SOLD, Kind.WITHDRAWN})


@router.post("/{case_id}/sold")
def sold(case_id: str, visitor: Machine, serving: Served, asked: Seq | None = None) -> CaseShape:
    """The car is sold; its advert comes down."""
    return ended(serving, visitor, case_id, asked, State.SOLD, serving.desk.sold)


@router.post("/{case_id}/withdraw")
def withdraw(case_id: str, visitor: Machine, serving: Served, asked: Seq | None = None) -> CaseShape:
    """The car is not for sale, or not here; its advert comes down."""
    return ended(serving, visitor, case_id, asked, State.WITHDRAWN, serving.desk.withdraw)


@router.post("/{case_id}/for-sale")
def for_sale(case_id: str, visitor: Machine, serving: Served, asked: Seq | None = None) -> CaseShape:
    """A sale or withdrawal is taken back. The advert goes out again when it is published."""
    case = own_case(serving, visitor, case_id)
    if case.state not in OPEN:
        last = to_undo(history(serving.store, case.id))
        if last is None or last.kind not in ENDS:
            raise CaseRefused(f"case {case.id}: is {case.state}, so it cannot be for sale again")
        seen, mine = asked.seen if asked else None, visitor.scope is not None
        case = serving.desk.undo(case.id, by=visitor.by, seen=seen, last=last.seq, own=mine)
        serving.changed()
    return case_shape(case, visitor.scope)


def ended(
    serving: Serving,
    visitor: Visitor,
    case_id: str,
    asked: Seq | None,
    state: State,
    end: Callable[..., Case],
) -> CaseShape:
    """The case after the verb `end`, which leads to `state`; as it is, where it is there already."""
    case = own_case(serving, visitor, case_id)
    if case.state is not state:
        try:
            case = end(case.id, by=visitor.by, seen=asked.seen if asked else None)
        except CaseRefused:  # the same request, sent twice at once
            case = own_case(serving, visitor, case_id)
            if case.state is not state:
                raise
        serving.changed()
    return case_shape(case, visitor.scope)
