"""Pages: an advert that a buyer reads, a review page and an index that the dealer's own people read.

Every page is one file: style and script are inlined, nothing is fetched from elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from kilpi.adverts.public_advert import small_name
from kilpi.adverts.records import DRAFT, NO_PLATE, READY, REVIEW
from kilpi.adverts.wording import Wording, load_wording
from kilpi.text import natural_key
from kilpi.types import SMALL_SIDE, Picture, PlateCrop, PublicAdvert, PublicPicture, Record
from kilpi.vocabulary import Fuel

ODOMETER_CROP = "odometer.jpg"  # the number on the instruments, for the dealer only
SUMMARY = 160  # characters of a search engine's snippet
KEYS = ("odometer", "first_registered", "fuel", "gearbox", "power", "body")  # facts beside the price
REGISTER_DOUBTS = ("contradiction_", "status_")  # the mark was read well and is registered
SUPPORT = frozenset({"plates_agree", "sure_enough", "others_behind"})  # reasons for a mark, not against it
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PHONE = re.compile(r"\+?[0-9][0-9 ()\-]{5,18}")


@dataclass(frozen=True)
class Row:
    """One car of the index: its record and the folder it stands in."""

    folder: str
    car: Record


def advert_page(car: PublicAdvert, site: str | None = None) -> str:
    """`advert.html`. `site` is the address above the cars' folders, ending in a slash, where it is known."""
    wording = load_wording(car.language)
    labels = {wording.label(key) for key in KEYS}
    return wording.html.get_template("advert.html.j2").render(
        car=car,
        site=site,
        say=speaker(wording),
        keys=[fact for fact in car.facts if fact.label in labels],
        link=contact_link(car.contact),
        locale=wording.locale,
        summary=shorten(" ".join(car.paragraphs), SUMMARY),
        small_width=small_width,
        json_ld=Markup(script_json(car_json_ld(car, site))),
        style=Markup(asset("style.css") + asset("advert.css")),
        script=Markup(asset("gallery.js")),
        policy=policy(asset("style.css") + asset("advert.css"), asset("gallery.js")),
    )


def review_page(
    car: Record,
    pictures: Sequence[Picture],
    language: str,
    crops: Sequence[PlateCrop] = (),
    commands: Sequence[tuple[str, str]] = (),
) -> str:
    """`review.html`: why there is no advert, in plain words, for the dealer's own people.

    `crops` are the plates as they were seen, in files of `crop_name`; `commands` are keys of [page] and what
    to type.
    """
    wording = load_wording(language)
    doubts = [why.code for why in car.reasons if why.code not in SUPPORT]
    lead = "review_lead"
    if car.state == NO_PLATE:
        lead = "review_lead_no_plate"
    elif doubts and all(code.startswith(REGISTER_DOUBTS) for code in doubts):
        lead = "review_lead_vehicle"
    return wording.html.get_template("review.html.j2").render(
        car=car,
        language=language,
        lead=lead,
        todo=what_to_do(car, wording),
        words=wording,
        pictures=pictures,
        crops=crops,
        crop_name=crop_name,
        odometer=ODOMETER_CROP if car.odometer and car.odometer.reading else None,
        commands=commands,
        small_name=small_name,
        say=speaker(wording),
        style=Markup(asset("style.css") + asset("internal.css")),
        policy=policy(asset("style.css") + asset("internal.css")),
    )


def crop_name(number: int) -> str:
    """The file of an uncovered plate, from 1; no publisher takes it for a picture."""
    return f"plate-{number:02}.jpg"


def what_to_do(car: Record, wording: Wording) -> str:
    """The next step that fits a car's first reason that has one."""
    known = wording.tables["todo"]
    return str(known[next((why.code for why in car.reasons if why.code in known), "otherwise")])


def index_page(rows: Iterable[Row], language: str) -> str:
    """`index.html` over all cars: what needs a person first, then drafts, then what is ready."""
    wording = load_wording(language)
    order = {REVIEW: 0, NO_PLATE: 0, DRAFT: 1, READY: 2}
    listed = sorted(rows, key=lambda row: (order[row.car.state], natural_key(row.folder)))
    counted = Counter(row.car.state for row in listed)
    counts = {"ready": counted[READY], "draft": counted[DRAFT], "review": counted[REVIEW] + counted[NO_PLATE]}
    return wording.html.get_template("index.html.j2").render(
        language=language,
        say=speaker(wording),
        words=wording,
        counts=counts,
        filters=[
            ("all", wording.text("page", "all"), len(listed)),
            *((state, wording.word(state, "state"), n) for state, n in counts.items()),
        ],
        rows=[index_row(row, wording) for row in listed],
        style=Markup(asset("style.css") + asset("internal.css")),
        policy=policy(asset("style.css") + asset("internal.css")),
    )


def policy(style: str, *scripts: str) -> str:
    """A page's content security policy: pictures from its own place, our style and scripts by their hashes,
    and nothing else, whatever a dealer's text may hold.
    """
    parts = ["default-src 'none'", "img-src 'self'", f"style-src {csp_hash(style)}"]
    parts += [f"script-src {' '.join(map(csp_hash, scripts))}"] if scripts else []
    return "; ".join([*parts, "base-uri 'none'", "form-action 'none'"])


def csp_hash(text: str) -> str:
    """The source expression of an inline element's text (CSP level 3, 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def index_row(row: Row, wording: Wording) -> dict[str, Any]:
    """What the index template shows of one car."""
    folder = quote(row.folder)
    page = "advert.html" if row.car.state in {READY, DRAFT} else "review.html"
    state = wording.word(row.car.state, "state")
    named = row.car.title != row.car.reference
    line = " · ".join(part for part in (row.car.reference if named else None, row.car.mark) if part)
    crop = f"{folder}/{ODOMETER_CROP}" if ODOMETER_CROP in row.car.files else None
    href = f"{folder}/{page}"
    return {"car": row.car, "folder": folder, "href": href, "state": state, "line": line, "odometer": crop}


def speaker(wording: Wording) -> Any:
    """A function for templates: say("gallery") -> the phrase of [page] in the page's language."""
    return lambda key, **values: wording.text("page", key, **values)


def small_width(picture: PublicPicture) -> int:
    """The width in pixels of a picture's small copy."""
    return max(1, round(picture.width * min(1.0, SMALL_SIDE / max(picture.width, picture.height))))


def contact_link(contact: str | None) -> str | None:
    """A mailto: or tel: address where the contact is nothing but one e-mail address or phone number."""
    text = (contact or "").strip()
    if EMAIL.fullmatch(text):
        return f"mailto:{quote(text, safe='@')}"
    if PHONE.fullmatch(text):
        return "tel:" + re.sub(r"[^0-9+]", "", text)
    return None


def shorten(text: str, most: int) -> str:
    """The text, cut at a word's end with an ellipsis where it is longer than `most` characters."""
    if len(text) <= most:
        return text
    return text[: most - 1].rpartition(" ")[0].rstrip(",;. ") + "…"


def car_json_ld(car: PublicAdvert, site: str | None) -> dict[str, Any]:
    """schema.org/Car of an advert; only what is known. Year: dateVehicleFirstRegistered, not a model year."""
    base = f"{site}{car.id}/" if site else ""
    vehicle = car.vehicle
    words = load_wording("en")  # schema.org wants text; English is what its consumers know
    body: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Car",
        "name": car.title,
        "description": "\n\n".join(car.paragraphs) or None,
        "image": [base + picture.name for picture in car.pictures] or None,
        "url": f"{base}advert.html" if site else None,
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
        "dateVehicleFirstRegistered": str(vehicle.first_registered) if vehicle.first_registered else None,
        "mileageFromOdometer": quantity(car.odometer_km, "KMT"),
        "offers": offer_json_ld(car),
    }
    return {key: value for key, value in body.items() if value is not None}


def engine_json_ld(car: PublicAdvert) -> dict[str, Any] | None:
    """Displacement and power; unit codes are UN/CEFACT's: CMQ cubic centimetre, KWT kilowatt."""
    electric = set(car.vehicle.fuels) == {Fuel.ELECTRICITY}
    parts = {
        "engineDisplacement": None if electric else quantity(car.vehicle.displacement_cc, "CMQ"),
        "enginePower": quantity(car.vehicle.power_kw, "KWT"),
    }
    known = {key: value for key, value in parts.items() if value}
    return {"@type": "EngineSpecification", **known} if known else None


def offer_json_ld(car: PublicAdvert) -> dict[str, Any] | None:
    """The price, where there is one, and who sells."""
    if car.amount is None:
        return None
    seller = {"@type": "AutoDealer", "name": car.dealer} if car.dealer else None
    body = {
        "@type": "Offer",
        "price": car.amount,
        "priceCurrency": car.currency,
        "availability": "https://schema.org/InStock",
        "seller": seller,
    }
    return {key: value for key, value in body.items() if value is not None}


def quantity(value: float | None, unit: str) -> dict[str, Any] | None:
    """schema.org/QuantitativeValue, or None where there is no value."""
    return {"@type": "QuantitativeValue", "value": value, "unitCode": unit} if value is not None else None


def script_json(value: Any) -> str:
    """JSON that cannot end or open a script element, whatever texts it holds."""
    text = json.dumps(value, ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


@lru_cache(maxsize=8)
def asset(name: str) -> str:
    """A style sheet or script of adverts/."""
    return (files("kilpi.adverts") / "data" / name).read_text(encoding="utf-8")
