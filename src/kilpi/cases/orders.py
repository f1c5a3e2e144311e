"""In which order lists of cases come, and where a page of them ended."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from kilpi.errors import UsageError
from kilpi.store import Row
from kilpi.store.tables import cases


class Order(StrEnum):
    """What a list is ordered by; cases that are alike in it come by their id, and so by when they came."""

    RECEIVED = "received"
    CHANGED = "changed"
    TITLE = "title"
    DEALER = "dealer"
    PRICE = "price"  # those without one are the least


COLUMNS: dict[Order, tuple[str, ...]] = {
    Order.RECEIVED: ("id",),
    Order.CHANGED: ("changed", "id"),
    Order.TITLE: ("title", "id"),
    Order.DEALER: ("dealer", "id"),
    Order.PRICE: ("price_cents", "id"),
}
"""By which columns. None may hold a mark (a dealer's reference may): a cursor repeats their values."""


def ordered(
    columns: ReadOnlyColumnCollection[str, Any], order: Order, up: bool
) -> list[sa.UnaryExpression[Any]]:
    """For ORDER BY; `up`: the least first."""
    return [columns[name].asc() if up else columns[name].desc() for name in COLUMNS[order]]


def after(cursor: str, order: Order, up: bool) -> sa.ColumnElement[bool]:
    """What comes after the page that ended there. Raises UsageError for a cursor of another list."""
    columns = [cases.c[name] for name in COLUMNS[order]]
    values = [
        sa.literal(value, column.type)
        for value, column in zip(read_cursor(cursor, order, up), columns, strict=True)
    ]
    if len(columns) == 1:
        return columns[0] > values[0] if up else columns[0] < values[0]
    mine, last = sa.tuple_(*columns), sa.tuple_(*values)
    return mine > last if up else mine < last


def cursor_of(row: Row, order: Order, up: bool) -> str:
    """Where a page ended; to be given back as it is."""
    parts = [order.value, up, *(_plain(row[name]) for name in COLUMNS[order])]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def read_cursor(cursor: str, order: Order, up: bool) -> list[Any]:
    """The values that `cursor_of` wrote. Raises UsageError."""
    try:
        named, way, *values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if (named, way) != (order.value, up) or len(values) != len(COLUMNS[order]):
            raise ValueError
        return [_typed(name, value) for name, value in zip(COLUMNS[order], values, strict=True)]
    except (ValueError, TypeError):
        raise UsageError("cursor: is not one of this list; begin again without it") from None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _typed(name: str, value: Any) -> Any:
    if name == "price_cents":
        if type(value) is not int or not -1 <= value < 2**62:
            raise ValueError
        return value
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    moment = datetime.fromisoformat(value) if name == "changed" else None
    if moment is not None and moment.tzinfo is None:
        raise ValueError
    return moment or value
