"""What search engines read: schema.org's words for a car, its seller and a list of cars, as JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from kilpi.adverts.wording import load_wording
from kilpi.types import Dealer, PublicAdvert
from kilpi.vocabulary import Fuel

NOTHING: tuple[Any, ...] = (None, "", [], {})
NOBODY = Dealer()


def car_json_ld(
    car: PublicAdvert, site: str | None, dealer: Dealer = NOBODY, file: str = "advert.html"
) -> dict[str, Any]:
    """schema.org/Car of an advert; only what is known. A year that only the dealer told may be the
    model's, so it is no dateVehicleFirstRegistered.

    `file` is the page's name in the car's folder.
    """
    base = f"{site}{car.id}/" if site else ""
    vehicle = car.vehicle
    words = load_wording("en")  # schema.org wants text; English is what its consumers know
    body: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Car",
        "name": car.title,
        "description": "\n\n".join(car.paragraphs) or None,
        "image": [base + picture.name for picture in car.pictures] or None,
        "url": f"{base}{file}" if site else None,
        "sku": car.id,
        "itemCondition": "https://schema.org/UsedCondition",
        "brand": {"@type": "Brand", "name": vehicle.make} if vehicle.make else None,
        "model": vehicle.model,
        "vehicleConfiguration": vehicle.trim,
        "bodyType": words.word(vehicle.body, "body") if vehicle.body else None,
        "color": words.word(vehicle.colour, "colour") if vehicle.colour else None,
        "numberOfDoors": vehicle.doors,
        "vehicleSeatingCapacity": vehicle.seats,
        "vehicleTransmission": words.word(vehicle.gearbox, "gearbox") if vehicle.gearbox else None,
        "fuelType": [words.word(fuel, "fuel") for fuel in vehicle.fuels] or None,
        "vehicleEngine": engine_json_ld(car),
        "vehicleModelDate": str(vehicle.year) if vehicle.year else None,
        "dateVehicleFirstRegistered": str(vehicle.first_registered) if vehicle.first_registered else None,
        "mileageFromOdometer": quantity(car.odometer_km, "KMT"),
        "offers": offer_json_ld(car, dealer, f"{base}{file}" if site else None),
    }
    return known(body)


def engine_json_ld(car: PublicAdvert) -> dict[str, Any] | None:
    """Displacement and power; unit codes are UN/CEFACT's: CMQ cubic centimetre, KWT kilowatt."""
    electric = set(car.vehicle.fuels) == {Fuel.ELECTRICITY}
    parts = {
        "engineDisplacement": None if electric else quantity(car.vehicle.displacement_cc, "CMQ"),
        "enginePower": quantity(car.vehicle.power_kw, "KWT"),
    }
    told = known(parts)
    return {"@type": "EngineSpecification", **told} if told else None


def offer_json_ld(
    car: PublicAdvert, dealer: Dealer = NOBODY, url: str | None = None
) -> dict[str, Any] | None:
    """The price, where there is one, and who sells."""
    if car.amount is None:
        return None
    return known(
        {
            "@type": "Offer",
            "price": car.amount,
            "priceCurrency": car.currency,
            "availability": "https://schema.org/InStock",
            "url": url,
            "seller": seller_json_ld(car.dealer or dealer.name, dealer),
        }
    )


def quantity(value: float | None, unit: str) -> dict[str, Any] | None:
    """schema.org/QuantitativeValue, or None where there is no value."""
    return {"@type": "QuantitativeValue", "value": value, "unitCode": unit} if value is not None else None


def seller_json_ld(name: str, dealer: Dealer) -> dict[str, Any] | None:
    """schema.org/AutoDealer; None where no name is known."""
    if not name:
        return None
    address = {
        "@type": "PostalAddress",
        "streetAddress": dealer.street,
        "postalCode": dealer.postal_code,
        "addressLocality": dealer.city,
        "addressRegion": dealer.region,
        "addressCountry": dealer.country,
    }
    return known(
        {
            "@type": "AutoDealer",
            "name": name,
            "url": dealer.web,
            "telephone": dealer.phone,
            "email": dealer.email,
            "address": known(address) if dealer.street or dealer.city else None,
        }
    )


def list_json_ld(cars: Sequence[tuple[str, str]], dealer: Dealer) -> dict[str, Any]:
    """schema.org/ItemList of (title, address) in the page's order, and who sells."""
    items = [
        {"@type": "ListItem", "position": n, "name": title, "url": url}
        for n, (title, url) in enumerate(cars, 1)
    ]
    listed = {
        "@type": "ItemList",
        "numberOfItems": len(items),
        "itemListElement": items,
    }
    seller = seller_json_ld(dealer.name, dealer)
    return {"@context": "https://schema.org", "@graph": [listed, *([seller] if seller else [])]}


def known(body: dict[str, Any]) -> dict[str, Any]:
    """What is known of a node."""
    return {key: value for key, value in body.items() if value not in NOTHING}


def script_json(value: Any) -> str:
    """JSON that cannot end or open a script element, whatever texts it holds."""
    text = json.dumps(value, ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text
