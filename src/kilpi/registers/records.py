"""A Vehicle as JSON and back, for kept answers. The shape has a number: other shapes are not read."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from kilpi.types import Consumption, Mark, Vehicle

SHAPE = 1
_DATES = ("first_registered", "next_inspection", "odometer_date")
_TUPLES = ("fuels", "restrictions")


def vehicle_to_json(vehicle: Vehicle) -> str:
    """One line of JSON; empty fields are left out."""
    record = {name: value for name, value in asdict(vehicle).items() if value not in (None, (), {})}
    return json.dumps({"shape": SHAPE, **record}, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"a vehicle holds no {type(value).__name__}")


def vehicle_from_json(text: str) -> Vehicle:
    """The Vehicle of `vehicle_to_json`. Raises ValueError for anything else."""
    try:
        record = json.loads(text)
        if record.pop("shape") != SHAPE or set(record) - {field.name for field in fields(Vehicle)}:
            raise ValueError("another shape")
        record["mark"] = Mark(**record["mark"])
        record["fetched"] = datetime.fromisoformat(record["fetched"])
        record |= {name: date.fromisoformat(record[name]) for name in _DATES if name in record}
        record |= {name: tuple(record[name]) for name in _TUPLES if name in record}
        if "consumption" in record:
            record["consumption"] = Consumption(**record["consumption"])
        return Vehicle(**record)
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"not a vehicle record ({type(error).__name__})") from None
