"""When a car is to be inspected next. A day that is over tells a buyer nothing true: the car was inspected
since and the register's answer is older, or nobody may drive it. It stays out of adverts, and the person is
told.
"""

from __future__ import annotations

from datetime import date

from kilpi.types import Reason, Vehicle


def coming(vehicle: Vehicle) -> date | None:
    """The day, where it is not over."""
    day = vehicle.next_inspection
    return day if day is not None and day >= date.today() else None


def inspection_notes(vehicle: Vehicle | None) -> list[Reason]:
    """That the register's day is over."""
    if vehicle is None or vehicle.next_inspection is None or coming(vehicle):
        return []
    return [Reason("inspection_over", {"day": vehicle.next_inspection.isoformat()})]
