"""One ready car as a row of each feed. What is not known stays empty; the schema says what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kilpi.adverts.wording import load_wording
from kilpi.publishing.schema import Row, Schema
from kilpi.types import Dealer, PublicAdvert
from kilpi.vocabulary import Fuel

CARS_AND_VANS = "916"  # Google product taxonomy: Cars, Trucks & Vans
ADDITIONAL_IMAGES = 10  # Google: additional_image_link


@dataclass(frozen=True)
class Source:
    """What a row is made of."""

    shown: PublicAdvert
    vin: str | None
    dealer: Dealer
    schema: Schema

    @property
    def page(self) -> str:
        """The advert's address; below the feed's own folder where no site is known."""
        return f"{self.dealer.site or '../'}{self.shown.id}/advert.html"

    @property
    def pictures(self) -> list[str]:
        """The pictures' addresses, in order."""
        return [f"{self.dealer.site or '../'}{self.shown.id}/{p.name}" for p in self.shown.pictures]

    @property
    def year(self) -> str:
        """Year of first registration; no register that we know tells a model year."""
        day = self.shown.vehicle.first_registered
        return str(day.year) if day else ""

    @property
    def price(self) -> str:
        """ "19900 EUR"."""
        return f"{self.shown.amount} {self.shown.currency}" if self.shown.amount else ""

    @property
    def description(self) -> str:
        """The running text."""
        return "\n\n".join(self.shown.paragraphs)

    @property
    def colour(self) -> str:
        """The colour in English: feeds are read by machines first."""
        colour = self.shown.vehicle.colour
        return load_wording("en").word(colour, "colour") if colour else ""

    def word(self, table: Mapping[str, str], value: str | None, other: str = "") -> str:
        """The consumer's word for a vocabulary word; `other` where it has none."""
        return table.get(str(value), other) if value else ""

    @property
    def fuel(self) -> str:
        """The consumer's word for the fuels; two of which one is electricity are a hybrid."""
        fuels = self.shown.vehicle.fuels
        if len(fuels) == 2 and Fuel.ELECTRICITY in fuels:
            return self.word(self.schema.fuel, "hybrid")
        return self.word(self.schema.fuel, fuels[0]) if len(fuels) == 1 else ""


def meta_row(source: Source) -> Row:
    """Meta automotive catalogue."""
    shown, dealer, vehicle = source.shown, source.dealer, source.shown.vehicle
    address = {
        "addr1": dealer.street,
        "city": dealer.city,
        "region": dealer.region,
        "postal_code": dealer.postal_code,
        "country": dealer.country,
    }
    whole = dealer.street and dealer.city and dealer.country
    row = {
        "vehicle_id": shown.id,
        "vin": source.vin or "",
        "title": shown.title,
        "description": source.description,
        "url": source.page,
        "make": vehicle.make or "",
        "model": vehicle.model or "",
        "trim": vehicle.trim or "",
        "year": source.year,
        "mileage.value": "" if shown.odometer_km is None else str(shown.odometer_km),
        "mileage.unit": "KM",
        "transmission": source.word(source.schema.gearbox, vehicle.gearbox),
        "fuel_type": source.fuel,
        "body_style": source.word(source.schema.body, vehicle.body, "OTHER"),
        "exterior_color": source.colour,
        "state_of_vehicle": "USED",
        "availability": "AVAILABLE",
        "price": source.price,
        "address": json.dumps(address, ensure_ascii=False) if whole else "",
        "latitude": said(dealer.latitude),
        "longitude": said(dealer.longitude),
    }
    for n, (url, picture) in enumerate(zip(source.pictures, shown.pictures, strict=True)):
        if n < source.schema.most_images:
            row |= {f"image[{n}].url": url, f"image[{n}].tag[0]": picture.alt}
    return row


def google_listings_row(source: Source) -> Row:
    """Google vehicle listings."""
    shown, dealer, vehicle = source.shown, source.dealer, source.shown.vehicle
    place = f"{dealer.postal_code} {dealer.city}".strip()
    whole = dealer.street and dealer.city and dealer.postal_code and dealer.country
    return {
        "vin": source.vin or "",
        "id": shown.id,
        "store_code": dealer.store_code,
        "dealership_name": dealer.name,
        "dealership_address": ", ".join((dealer.street, place, dealer.country)) if whole else "",
        "price": source.price,
        "condition": "used",
        "make": vehicle.make or "",
        "model": vehicle.model or "",
        "trim": vehicle.trim or "",
        "year": source.year,
        "mileage": "" if shown.odometer_km is None else f"{shown.odometer_km} km",
        "image_link": source.pictures[0] if source.pictures else "",
        "additional_image_link": ",".join(source.pictures[1 : 1 + ADDITIONAL_IMAGES]),
        "link": source.page,
    }


def google_ads_row(source: Source) -> Row:
    """Google Merchant Center vehicle ads."""
    shown, dealer, vehicle = source.shown, source.dealer, source.shown.vehicle
    return {
        "id": shown.id,
        "VIN": source.vin or "",
        "store_code": dealer.store_code,
        "link_template": f"{source.page}?store={{store_code}}",
        "image_link": source.pictures[0] if source.pictures else "",
        "additional_image_link": ",".join(source.pictures[1 : 1 + ADDITIONAL_IMAGES]),
        "price": source.price,
        "condition": "used",
        "google_product_category": CARS_AND_VANS,
        "brand": vehicle.make or "",
        "model": vehicle.model or "",
        "trim": vehicle.trim or "",
        "year": source.year,
        "mileage": "" if shown.odometer_km is None else f"{shown.odometer_km} KM",
        "color": source.colour,
        "body_style": source.word(source.schema.body, vehicle.body),
        "engine": source.fuel,
        "vehicle_fulfillment": f"in_store:{dealer.store_code}" if dealer.store_code else "",
    }


def plain_row(source: Source) -> Row:
    """The plain feed: our own vocabulary words, no mark and no VIN."""
    shown, vehicle = source.shown, source.shown.vehicle
    values = {
        "id": shown.id,
        "title": shown.title,
        "make": vehicle.make,
        "model": vehicle.model,
        "trim": vehicle.trim,
        "first_registered": vehicle.first_registered,
        "odometer_km": shown.odometer_km,
        "price": shown.amount,
        "currency": shown.currency,
        "fuels": "+".join(vehicle.fuels),
        "gearbox": vehicle.gearbox,
        "body": vehicle.body,
        "colour": vehicle.colour,
        "doors": vehicle.doors,
        "seats": vehicle.seats,
        "power_kw": vehicle.power_kw,
        "displacement_cc": vehicle.displacement_cc,
        "language": shown.language,
        "description": source.description,
        "equipment": "; ".join(shown.equipment),
        "dealer": shown.dealer,
        "place": shown.place,
        "contact": shown.contact,
        "page": source.page,
        "pictures": " ".join(source.pictures),
    }
    return {key: said(value) for key, value in values.items()}


def said(value: object) -> str:
    """A value as feeds take it: nothing where it is not known, no decimals that say nothing (96.0 -> 96)."""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value)


ROWS: Mapping[str, Callable[[Source], Row]] = {
    "plain": plain_row,
    "meta": meta_row,
    "google_listings": google_listings_row,
    "google_ads": google_ads_row,
}
