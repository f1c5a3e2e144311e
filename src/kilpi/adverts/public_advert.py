"""An advert as it may be published (`listing.json`): neither the mark, nor the VIN, nor a photo's path.

In Finland the mark is personal data (Data Protection Board 2010), and a VIN leads to it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from decimal import Decimal
from urllib.parse import unquote

from kilpi.adverts.inspection import coming
from kilpi.adverts.listing import with_odometer, with_pictures
from kilpi.adverts.naming import Name, name_parts
from kilpi.adverts.personal import nameless, redact_mark, texts_that_leave, without_mark
from kilpi.adverts.wording import Wording, load_wording
from kilpi.disclosure import LONG_MARK, gives_away
from kilpi.errors import PublishError
from kilpi.figures import as_money
from kilpi.text import compact_mark, is_vin
from kilpi.types import (
    MEDIUM_FROM,
    Car,
    Decision,
    Listing,
    Mark,
    Offer,
    PublicAdvert,
    PublicPicture,
    PublicVehicle,
    Vehicle,
)

LISTING = "listing.json"
OWN = 8  # signs at a VIN's end that no other car of its kind has (ISO 3779: the vehicle indicator section)
# What could be a mark inside a folder's name: two or three letters and a number without a leading zero, or
# the other way round. Such a name does not become part of an address.
MARK_LIKE = re.compile(
    r"(?<![^\W_])(?:[^\W\d_]{2,3}[-_ ]?[1-9]\d{0,4}[A-Z]?|\d{1,3}[-_ ]?[^\W\d_]{2,3})(?![^\W_])"
)


def small_name(name: str) -> str:
    """The name of a picture's small copy: 01.jpg -> 01-small.jpg."""
    return name.replace(".jpg", "-small.jpg")


def medium_name(name: str) -> str:
    """The name of a picture's medium copy: 01.jpg -> 01-medium.jpg."""
    return name.replace(".jpg", "-medium.jpg")


def has_medium(width: int, height: int) -> bool:
    """Whether a picture of this size in pixels has a medium copy."""
    return max(width, height) > MEDIUM_FROM


def public_id(car: Car) -> str:
    """The car's name in addresses and feeds: its reference, unless that is or could be a mark, or is the VIN
    or the part of it that is the car's alone.

    Then it comes from the photos' hashes: a hash of the mark itself could be searched through.
    """
    reference = unquote(car.reference)  # files that came by the web may be named klt%2D482
    slug = slugify(reference)
    if slug and not names_car(reference, car) and not MARK_LIKE.search(reference):
        return slug
    ids = sorted({p.photo_id for p in car.pictures} | {p.photo_id for p in car.decision.plates})
    return "car-" + hashlib.sha256("\n".join(ids or car.photos).encode()).hexdigest()[:12]


def names_car(text: str, car: Car) -> bool:
    """Whether a name gives its car away: by the mark, by the register's or the dealer's VIN or its end."""
    mark, compact = car.decision.mark, compact_mark(text)
    if gives_away(text.upper(), mark) or (mark is not None and mark.compact in compact):
        return True
    vins = (compact_mark(vin or "") for vin in (car.vehicle.vin if car.vehicle else None, car.offer.vin))
    return any(is_vin(vin) and vin[-OWN:] in compact for vin in vins)


def slugify(text: str) -> str:
    """Lower case letters and digits, joined by dashes: "Nissan Leaf (2)" -> "nissan-leaf-2"."""
    plain = unicodedata.normalize("NFC", text).casefold()
    return re.sub(r"[\W_]+", "-", plain).strip("-")[:60]


def public_advert(car: Car, listing: Listing, identity: str) -> PublicAdvert:
    """The advert of a car as it may be published. Raises PublishError where the mark would stand in it."""
    wording = load_wording(listing.language)
    mark, vin = car.decision.mark, vin_of(car)
    listing = with_pictures(redact_mark(listing, mark, vin, wording), car.pictures)
    listing = with_odometer(listing, car.odometer, car.offer)
    offer = nameless(without_mark(car.offer, mark, vin), mark)
    pictures = tuple(
        PublicPicture(
            p.name,
            small_name(p.name),
            p.width,
            p.height,
            alt_text(n, len(car.pictures), p.view, listing.title, wording),
            medium_name(p.name) if has_medium(p.width, p.height) else "",
            p.view,
        )
        for n, p in enumerate(car.pictures, 1)
    )
    made = PublicAdvert(
        id=identity,
        language=listing.language,
        title=listing.title,
        paragraphs=listing.paragraphs,
        facts=listing.facts,
        equipment=listing.equipment,
        pictures=pictures,
        vehicle=public_vehicle(car.vehicle, kept_name(name_parts(car.vehicle, offer), mark, vin), offer),
        price=listing.price,
        amount=digits(offer.price) if offer.price is not None else None,
        currency=offer.currency,
        odometer_km=offer.odometer_km,
        dealer=offer.dealer,
        place=offer.place,
        contact=offer.contact,
        missing=listing.missing,
    )
    assert_no_mark(made, mark, vin)
    assert_names_no_plate(offer, car.decision)
    return made


def vin_of(car: Car) -> str | None:
    """The register's, else the one that the dealer's data hold."""
    return (car.vehicle.vin if car.vehicle else None) or car.offer.vin


def assert_names_no_plate(offer: Offer, decision: Decision) -> None:
    """Raises PublishError where people's make or model holds a mark that the photos show.

    The offer is without the own mark, which made a draft already.
    """
    shown = {c.mark for plate in decision.plates for c in plate.candidates[:1]}
    marks = [m for m in shown if m.identifies_car and m.series and len(m.compact) >= LONG_MARK]
    names = [text for text in (offer.make, offer.model) if text]
    if any(gives_away(name, mark, None) for name in names for mark in marks):
        raise PublishError("make or model holds a registration mark that the photos show; correct it")


def digits(price: Decimal) -> str:
    """ "15900", "15900.50": no decimals, or two, as feeds take them."""
    return f"{as_money(price):f}"


def kept_name(name: Name, mark: Mark | None, vin: str | None) -> Name:
    """The name without parts that give the car away: registers have free texts too."""
    return Name(*("" if gives_away(part, mark, vin) else part for part in name))


def alt_text(number: int, count: int, view: str, title: str, wording: Wording) -> str:
    """ "Nissan Leaf Tekna 2019, front three-quarter, picture 1 of 4"; the view only where it is known."""
    place = wording.text("page", "picture", number=number, count=count)
    return ", ".join(part for part in (title, wording.word(view, "view"), place) if part)


def assert_no_mark(made: PublicAdvert, mark: Mark | None, vin: str | None = None) -> None:
    """Raise PublishError where an advert holds the mark or the VIN."""
    if any(gives_away(text, mark, vin) for text in texts_that_leave(made)):
        raise PublishError(
            "the advert's text holds the registration mark or the VIN; take it out of the dealer's texts"
        )


def public_vehicle(vehicle: Vehicle | None, name: Name, offer: Offer) -> PublicVehicle:
    """The publishable part of a vehicle, with the dealer's words where the register has none."""
    year = None if vehicle and vehicle.first_registered else offer.year
    own = {
        "make": bool(name.make) and not (vehicle and vehicle.make),
        "model": bool(name.model) and not (vehicle and (vehicle.model or vehicle.trade_name)),
        "year": year is not None,
    }
    by_dealer = tuple(key for key, is_own in own.items() if is_own)
    if vehicle is None:
        return PublicVehicle(make=name.make or None, model=name.model or None, year=year, by_dealer=by_dealer)
    used = vehicle.consumption
    return PublicVehicle(
        make=name.make or None,
        model=name.model or None,
        trim=name.trim or None,
        vehicle_class=vehicle.vehicle_class,
        body=vehicle.body,
        colour=vehicle.colour,
        doors=vehicle.doors,
        seats=vehicle.seats,
        fuels=vehicle.fuels,
        gearbox=vehicle.gearbox,
        displacement_cc=vehicle.displacement_cc,
        power_kw=vehicle.power_kw,
        first_registered=vehicle.first_registered,
        year=year,
        data_from=vehicle.fetched.date(),
        litres_per_100km=used.litres_per_100km if used else None,
        kwh_per_100km=used.kwh_per_100km if used else None,
        consumption_cycle=used.cycle if used else None,
        co2_g_km=vehicle.co2_g_km,
        co2_cycle=vehicle.co2_cycle,
        mass_kg=vehicle.mass_kg,
        next_inspection=coming(vehicle),
        register_km=vehicle.odometer_km,
        register_day=vehicle.odometer_date,
        status=vehicle.status,
        by_dealer=by_dealer,
    )
