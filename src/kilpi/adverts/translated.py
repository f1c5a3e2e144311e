"""A published advert in another language: written anew from its data, the dealer's own words as they are.

Only where the data give the advert's own text again, word for word, in its own language: an advert of an
older Kilpi, or one that a text was taken out of, is shown as it was written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from decimal import Decimal

from kilpi.adverts.listing import facts, running_text
from kilpi.adverts.naming import title
from kilpi.adverts.public_advert import alt_text
from kilpi.adverts.wording import Wording, load_wording
from kilpi.types import Consumption, Fact, Mark, Offer, PublicAdvert, PublicVehicle, Vehicle

NOBODY = Mark("", "")  # the mark is not known here, and no text has it


@dataclass(frozen=True, slots=True)
class Told:
    """An advert as one page tells it. `own`: how many of its paragraphs, the last ones, are the dealer's
    words. Those, and the equipment, are in the language `written`.
    """

    advert: PublicAdvert
    own: int
    written: str


def told_in(car: PublicAdvert, language: str) -> Told:
    """The advert in a language, as far as it can be told in it. Raises UsageError for one without words."""
    wording = load_wording(language)
    as_written = Told(car, len(car.paragraphs), car.language)
    if language == car.language:
        return as_written
    vehicle = vehicle_of(car.vehicle) if car.vehicle.data_from else None
    offer = offer_of(car)
    original = load_wording(car.language)
    ours = running_text(vehicle, offer, original)
    same_text = car.paragraphs[: len(ours)] == tuple(ours)
    if not same_text or car.facts != tuple(facts(vehicle, offer, original)):
        return as_written
    own = car.paragraphs[len(ours) :]
    name = title(vehicle, offer, wording)
    return Told(
        replace(
            car,
            language=language,
            title=name,
            paragraphs=(*running_text(vehicle, offer, wording), *own),
            facts=tuple(facts(vehicle, offer, wording)),
            pictures=tuple(
                replace(one, alt=alt_text(n, len(car.pictures), one.view or "unsure", name, wording))
                for n, one in enumerate(car.pictures, 1)
            ),
            price=price_in(car, wording),
        ),
        len(own),
        car.language,
    )


def price_in(car: PublicAdvert, wording: Wording) -> str | None:
    """The price as a language writes it."""
    return wording.money(Decimal(car.amount), car.currency) if car.amount is not None else car.price


def km_in(car: PublicAdvert, wording: Wording) -> Fact | None:
    """The mileage as a language writes it, under its name."""
    if car.odometer_km is None:
        return None
    return Fact(wording.label("odometer"), wording.km(car.odometer_km))


def offer_of(car: PublicAdvert) -> Offer:
    """What the dealer said, as far as an advert holds it."""
    price = Decimal(car.amount) if car.amount is not None else None
    told = car.vehicle
    return Offer(
        price=price,
        currency=car.currency,
        odometer_km=car.odometer_km,
        place=car.place,
        make=told.make if "make" in told.by_dealer else None,
        model=told.model if "model" in told.by_dealer else None,
        year=told.year,
    )


def vehicle_of(public: PublicVehicle) -> Vehicle:
    """The register's car as far as an advert holds it: without mark and VIN, its names as they were spelt."""
    used = Consumption(public.litres_per_100km, public.kwh_per_100km, public.consumption_cycle)
    day = datetime.combine(public.data_from, time(), UTC) if public.data_from else datetime.min
    return Vehicle(
        NOBODY,
        "",
        day,
        make=None if "make" in public.by_dealer else public.make,
        model=None if "model" in public.by_dealer else public.model,
        variant=public.trim,
        vehicle_class=public.vehicle_class,
        body=public.body,
        colour=public.colour,
        doors=public.doors,
        seats=public.seats,
        fuels=public.fuels,
        gearbox=public.gearbox,
        displacement_cc=public.displacement_cc,
        power_kw=public.power_kw,
        co2_g_km=public.co2_g_km,
        co2_cycle=public.co2_cycle,
        consumption=used if used != Consumption() else None,
        mass_kg=public.mass_kg,
        first_registered=public.first_registered,
        next_inspection=public.next_inspection,
        odometer_km=public.register_km,
        odometer_date=public.register_day,
        status=public.status,
    )
