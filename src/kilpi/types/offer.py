"""What only the dealer knows of a car."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Offer:
    """What only the dealer knows (car.toml or the dealer's CSV). Absent stays absent."""

    reference: str = ""
    price: Decimal | None = None
    currency: str = "EUR"
    odometer_km: int | None = None
    equipment: tuple[str, ...] = ()
    description: str | None = None
    dealer: str | None = None
    place: str | None = None
    contact: str | None = None
    make: str | None = None  # the dealer's own word, to hold against the register's
    unclear: tuple[tuple[str, str], ...] = ()  # (field, what was said of it and where) that could not be used
