"""What a list of cars is asked for: all of it stands in the address, but for the words of a search."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query

from kilpi.cases import Order, State, Wanted
from kilpi.errors import UsageError
from kilpi.web.visitor import Visitor

LISTED = [state for state in State if state is not State.ERASED]
AGES = {"day": 1, "week": 7, "month": 30, "over_month": -30, "over_quarter": -90}
"""Days since a car came: at most so many, or, below zero, more than that."""
SORTS = {"title": (Order.TITLE, True), "dealer": (Order.DEALER, True), "price": (Order.PRICE, False),
         "age": (Order.RECEIVED, False), "changed": (Order.CHANGED, False)}  # fmt: skip
"""A column's order, and whether it goes up when it is chosen first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A list's address. `turned`: a column's order is the other way round. "": as usual."""

    state: str = ""
    dealer: str = ""
    age: str = ""
    sort: str = ""
    turned: str = ""
    cursor: str = ""

    def wanted(self, visitor: Visitor, words: str = "") -> Wanted:
        """For the store. Raises UsageError for what is no state, age or column."""
        for given, known, name in (
            (self.state, LISTED, "state"),
            (self.age, AGES, "age"),
            (self.sort, SORTS, "sort"),
        ):
            if given and given not in known:
                raise UsageError(f"{name}: is one of {', '.join(known)}")
        order, up = SORTS[self.sort or "age"]
        states = (State(self.state),) if self.state else ()
        dealer = visitor.scope if visitor.scope is not None else self.dealer or None
        since, before = moments(self.age, datetime.now(UTC))
        return Wanted(states, dealer, words, order, up != bool(self.turned), since, before)

    def address(self, **changed: str) -> str:
        """The address with some of it changed, from its first page on."""
        asked = replace(self, **{"cursor": "", **changed})
        names = ("state", "dealer", "age", "sort", "turned", "cursor")
        given = {name: getattr(asked, name) for name in names if getattr(asked, name)}
        return f"/cars?{urlencode(given)}" if given else "/cars"

    def by(self, column: str) -> str:
        """The address of the list by a column; by the one that it is by already, the other way round."""
        same = (self.sort or "age") == column
        return self.address(sort=column, turned="1" if same and not self.turned else "")

    def way(self, column: str) -> str:
        """For `aria-sort`; age counts days, so the newest first is ascending."""
        if (self.sort or "age") != column:
            return "none"
        up = SORTS[column][1] != bool(self.turned)
        return "ascending" if up != (column in ("age", "changed")) else "descending"

    @property
    def narrowed(self) -> bool:
        """Whether anything but the order was asked for."""
        return bool(self.state or self.dealer or self.age)


def moments(age: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Since and before when a car of an age came."""
    days = AGES.get(age, 0)
    if days == 0:
        return None, None
    edge = now - timedelta(days=abs(days))
    return (edge, None) if days > 0 else (None, edge)


def asked(
    state: Annotated[str, Query(max_length=20)] = "",
    dealer: Annotated[str, Query(max_length=200)] = "",
    age: Annotated[str, Query(max_length=20)] = "",
    sort: Annotated[str, Query(max_length=20)] = "",
    turned: Annotated[str, Query(max_length=1)] = "",
    cursor: Annotated[str, Query(max_length=1000)] = "",
) -> Asked:
    """From the address."""
    return Asked(state, dealer, age, sort, turned, cursor)


def days_since(moment: datetime) -> int:
    """Whole days."""
    return max(0, (datetime.now(UTC) - moment).days)
