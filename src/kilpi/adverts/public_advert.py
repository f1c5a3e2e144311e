"""An advert as it may be published (`listing.json`): neither the mark, nor the VIN, nor a photo's path.

In Finland the mark is personal data (Data Protection Board 2010), and a VIN leads to it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import replace

from kilpi.adverts.listing import mentions, with_pictures, without_mark
from kilpi.adverts.naming import Name, name_parts
from kilpi.adverts.wording import Wording, load_wording
from kilpi.errors import PublishError
from kilpi.schemas import to_json
from kilpi.types import Car, Listing, Mark, PublicAdvert, PublicPicture, PublicVehicle, Vehicle

LISTING = "listing.json"
# What could be a mark inside a folder's name: two or three letters and a number without a leading zero, or
# the other way round. Such a name does not become part of an address.
MARK_LIKE = re.compile(
    r"(?<![^\W_])(?:[^\W\d_]{2,3}[-_ ]?[1-9]\d{0,4}[A-Z]?|\d{1,3}[-_ ]?[^\W\d_]{2,3})(?![^\W_])"
)


def small_name(name: str) -> str:
    """The name of a picture's small copy: 01.jpg -> 01-small.jpg."""
    return name.replace(".jpg", "-small.jpg")


def public_id(car: Car) -> str:
    """The car's name in addresses and feeds: its reference, unless that is or could be a mark.

    Then it comes from the photos' hashes: a hash of the mark itself could be searched through.
    """
    slug = slugify(car.reference)
    mark = car.decision.mark
    named = mark is not None and mark.compact.casefold() in slug.replace("-", "")
    if slug and not named and not MARK_LIKE.search(car.reference):
        return slug
    ids = sorted({p.photo_id for p in car.pictures} | {p.photo_id for p in car.decision.plates})
    return "car-" + hashlib.sha256("\n".join(ids or car.photos).encode()).hexdigest()[:12]


def slugify(text: str) -> str:
    """Lower case letters and digits, joined by dashes: "Nissan Leaf (2)" -> "nissan-leaf-2"."""
    plain = unicodedata.normalize("NFC", text).casefold()
    return re.sub(r"[\W_]+", "-", plain).strip("-")[:60]


def public_advert(car: Car, listing: Listing, identity: str) -> PublicAdvert:
    """The advert of a car as it may be published. Raises PublishError where the mark would stand in it."""
    wording = load_wording(listing.language)
    listing = with_pictures(redact_mark(listing, car.decision.mark), car.pictures)
    offer = without_mark(car.offer, car.decision.mark)
    pictures = tuple(
        PublicPicture(p.name, small_name(p.name), p.width, p.height, alt_text(n, car, listing, wording))
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
        vehicle=public_vehicle(car.vehicle, name_parts(car.vehicle, offer)),
        price=listing.price,
        amount=f"{offer.price:f}" if offer.price is not None else None,
        currency=offer.currency,
        odometer_km=offer.odometer_km,
        dealer=offer.dealer,
        place=offer.place,
        contact=offer.contact,
        missing=listing.missing,
    )
    assert_no_mark(made, car.decision.mark)
    return made


def redact_mark(listing: Listing, mark: Mark | None) -> Listing:
    """The listing without what names the mark; where something went, a draft that says so.

    The writer knows the mark from the vehicle. Where no register gave one, the dealer's texts are held here.
    """
    if mark is None:
        return listing
    paragraphs = tuple(text for text in listing.paragraphs if not mentions(text, mark))
    equipment = tuple(text for text in listing.equipment if not mentions(text, mark))
    facts = tuple(fact for fact in listing.facts if not mentions(fact.value, mark))
    if (paragraphs, equipment, facts) == (listing.paragraphs, listing.equipment, listing.facts):
        return listing
    gap = load_wording(listing.language).text("missing", "description_mark")
    missing = listing.missing if gap in listing.missing else (*listing.missing, gap)
    return replace(listing, paragraphs=paragraphs, equipment=equipment, facts=facts, missing=missing)


def alt_text(number: int, car: Car, listing: Listing, wording: Wording) -> str:
    """ "Nissan Leaf Tekna 2019, front three-quarter, picture 1 of 4"; the view only where it is known."""
    view = wording.word(car.pictures[number - 1].view, "view")
    place = wording.text("page", "picture", number=number, count=len(car.pictures))
    return ", ".join(part for part in (listing.title, view, place) if part)


def assert_no_mark(made: PublicAdvert, mark: Mark | None) -> None:
    """Raise PublishError where an advert holds the mark."""
    if mark is not None and mentions(to_json(made), mark):
        raise PublishError("the advert's text holds the registration mark; take it out of the dealer's texts")


def public_vehicle(vehicle: Vehicle | None, name: Name) -> PublicVehicle:
    """The publishable part of a vehicle."""
    if vehicle is None:
        return PublicVehicle(make=name.make or None)
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
        data_from=vehicle.fetched.date(),
    )
