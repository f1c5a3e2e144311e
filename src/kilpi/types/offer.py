"""What only the dealer knows of a car."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    model: str | None = None  # the dealer's own word; counts where the register tells none
    year: int | None = None  # model year or year of first registration, to hold against the register's
    # Of the row that the folder's name found, letters and digits only; never published, nor the VIN.
    mark: str | None = field(default=None, repr=False)
    vin: str | None = field(default=None, repr=False)
    odometer_stands: bool = False  # a person gave the mileage: a difference is told, not asked about
    named: bool = False  # a person said make or model: they count also where nothing else bears them out
    currency_told: bool = True  # False: EUR, because a file names none
    odometer_told: bool = True  # False: kilometres, though a file's "mileage" says neither these nor miles
    gone: str = ""  # "sold" or "withdrawn", where the dealer's stock list says that of the car
    unclear: tuple[tuple[str, str], ...] = ()  # (field, what was said of it and where) that could not be used
