"""An advert as it may be published: neither the mark, nor the VIN, nor a photo's path."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kilpi.types.listing import Fact


@dataclass(frozen=True)
class PublicPicture:
    """A picture in an advert: the file, its copies, its size in pixels, and what it shows in words.

    `medium` is "" where the picture is not much larger than that; `view` is a word of `kilpi.types.View`.
    """

    name: str
    small: str
    width: int
    height: int
    alt: str
    medium: str = ""
    view: str = ""


@dataclass(frozen=True)
class PublicVehicle:
    """Register data in words of `kilpi.vocabulary`, for feeds and schema.org; without mark and VIN.

    `by_dealer` names what the register does not tell and the dealer's word stands for: make, model, year.
    """

    make: str | None = None
    model: str | None = None
    trim: str | None = None
    vehicle_class: str | None = None
    body: str | None = None
    colour: str | None = None
    doors: int | None = None
    seats: int | None = None
    fuels: tuple[str, ...] = ()
    gearbox: str | None = None
    displacement_cc: int | None = None
    power_kw: float | None = None
    first_registered: date | None = None
    year: int | None = None  # the dealer's word, where no register gave that day
    data_from: date | None = None  # the day of the register's answer
    litres_per_100km: float | None = None
    kwh_per_100km: float | None = None
    consumption_cycle: str | None = None
    co2_g_km: float | None = None
    co2_cycle: str | None = None
    mass_kg: int | None = None
    next_inspection: date | None = None
    register_km: int | None = None  # the register's last reading, and its day
    register_day: date | None = None
    status: str | None = None
    by_dealer: tuple[str, ...] = ()

    @property
    def first_year(self) -> int | None:
        """Of first registration, or the dealer's word for it."""
        return self.first_registered.year if self.first_registered else self.year


@dataclass(frozen=True)
class PublicAdvert:
    """One advert as it may be published. `missing` is empty when it is ready."""

    id: str
    language: str
    title: str
    paragraphs: tuple[str, ...]
    facts: tuple[Fact, ...]
    equipment: tuple[str, ...]
    pictures: tuple[PublicPicture, ...]
    vehicle: PublicVehicle
    price: str | None = None  # in words: "19 900 €"
    amount: str | None = None  # in digits: "19900"
    currency: str = "EUR"
    odometer_km: int | None = None
    dealer: str | None = None
    place: str | None = None
    contact: str | None = None
    missing: tuple[str, ...] = ()
