"""The department's numbers: counts from `kilpi.cases`, as tables with plots, and as CSV."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from kilpi.adverts.wording import load_wording
from kilpi.cases import AuditPlan, figures
from kilpi.cases.learning.drifting import last_look
from kilpi.cases.telling.numbers import MOST_WEEKS, WEEKS, Numbers, Table, dealers, numbers
from kilpi.cases.telling.numbers_text import csv_of, label_of
from kilpi.registers.charges import prices_of
from kilpi.web.pages import page
from kilpi.web.plots import stacked, widths
from kilpi.web.problems import Problem
from kilpi.web.serving import Served, Serving
from kilpi.web.visitor import Staff
from kilpi.web.words import load_words

router = APIRouter(include_in_schema=False)
Weeks = Annotated[int, Query(ge=1, le=MOST_WEEKS)]
Dealer = Annotated[str, Query(max_length=200)]
SPANS = (4, 12, 26, 52)  # weeks to choose from


@router.get("/statistics")
def statistics(
    request: Request, visitor: Staff, serving: Served, weeks: Weeks = WEEKS, dealer: Dealer = ""
) -> Response:
    """The page."""
    found = numbers_of(serving, weeks, dealer)
    words, wording = load_words(visitor.language), load_wording(visitor.language)
    return page(
        request,
        visitor,
        "statistics.html",
        found=found,
        weeks=weeks,
        spans=sorted({*SPANS, weeks}),
        dealer=dealer,
        dealers=dealers(serving.store),
        audit=figures(serving.store, plan_of(serving), dealer or None),
        drift=last_look(serving.store),
        plots=plots_of(found),
        widths=widths,
        day_of=date.fromisoformat,
        label=lambda table, key: label_of(words.tables, wording, table, key),
    )


@router.get("/statistics/{table}.csv")
def as_csv(
    visitor: Staff, serving: Served, table: str, weeks: Weeks = WEEKS, dealer: Dealer = ""
) -> Response:
    """One of its tables."""
    found = numbers_of(serving, weeks, dealer).tables.get(table)
    if found is None:
        raise Problem(404, "no_page")
    headers = {"content-disposition": f'attachment; filename="kilpi-{found.name}.csv"'}
    return Response(csv_of(found), media_type="text/csv; charset=utf-8", headers=headers)


def numbers_of(serving: Serving, weeks: int, dealer: str) -> Numbers:
    """All numbers, with this server's prices."""
    prices = prices_of(serving.settings.register_prices)
    return numbers(serving.store, weeks=weeks, dealer=dealer or None, prices=prices)


def plan_of(serving: Serving) -> AuditPlan:
    """What the settings promise."""
    return AuditPlan(serving.settings.audit_share, serving.settings.promise)


def plots_of(found: Numbers) -> dict[str, Any]:
    """Cars by week, with and without a person; seconds a car by week."""
    table: Table = found.tables["weeks"]
    return {
        "alone": stacked(table.column("alone"), table.column("person")),
        "seconds_a_car": stacked(table.column("seconds_a_car")),
    }
