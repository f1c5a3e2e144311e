"""The advert's text from what the register and the dealer know; nothing invented, gaps named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from kilpi.adverts.dealer_stock.values import LEAST_PRICE
from kilpi.adverts.inspection import coming
from kilpi.adverts.mileage import unlikely
from kilpi.adverts.naming import title, vehicle_name
from kilpi.adverts.personal import gaps_of, nameless, without_mark
from kilpi.adverts.wording import HP_PER_KW, NO_BREAK, Wording, load_wording
from kilpi.disclosure import mentions, quoted
from kilpi.types import Decision, Fact, Listing, OdometerCheck, Offer, Picture, Vehicle
from kilpi.vocabulary import Fuel, Status

__all__ = ["TemplateWriter", "mentions", "with_pictures", "without_mark"]

# Off the road for now is usual for cars in a dealer's yard: that is told in the table, and does not block.
BLOCKED = frozenset({Status.SCRAPPED, Status.EXPORTED, Status.STOLEN, Status.RESTRICTED})
UNASKED = "vehicle_unasked"  # the gap "vehicle" where no register was named
UNTOLD = frozenset({"not_registered", "register_doubtful"})  # a register was asked, and tells of no such car
NAME_MARK = "name_mark"  # the gap where a make and model are not used for what could be a mark in them


@dataclass(frozen=True)
class TemplateWriter:
    """Writes adverts in one language ("fi", "sv" or "en") from adverts/. Implements `Writer`."""

    language: str = "en"
    asks: bool = True  # whether there is a register: without one, none "gave no vehicle"

    def write(self, vehicle: Vehicle | None, offer: Offer) -> Listing:
        """The advert's text. A draft where anything is missing; photos are checked by `with_pictures`."""
        wording = load_wording(self.language)
        mark, vin = (vehicle.mark, vehicle.vin) if vehicle else (None, offer.vin)
        clean, missing = without_mark(offer, mark, vin), list(gaps(vehicle, offer, wording, self.asks))
        missing += gaps_of(offer, clean, mark, wording) if clean != offer else ()
        offer = clean
        return Listing(
            language=self.language,
            title=title(vehicle, offer, wording),
            paragraphs=(*running_text(vehicle, offer, wording), *own_paragraphs(offer.description)),
            facts=tuple(facts(vehicle, offer, wording)),
            equipment=offer.equipment,
            price=wording.money(offer.price, offer.currency) if offer.price is not None else None,
            missing=tuple(missing),
        )


def with_pictures(listing: Listing, pictures: Sequence[Picture]) -> Listing:
    """The listing, with pictures named as missing exactly where there are none."""
    words = load_wording(listing.language).text("missing", "pictures")
    others = tuple(gap for gap in listing.missing if gap != words)
    return replace(listing, missing=others if pictures else (*others, words))


def with_odometer(listing: Listing, check: OdometerCheck | None, offer: Offer) -> Listing:
    """The listing, asking for a check of the mileage where the instruments show another than was given.

    What is below the register's reading `gaps` names already. A person's own figure stands.
    """
    if check is None or not check.asks or offer.odometer_stands or check.reason.code != "odometer_differs":
        return listing
    words = load_wording(listing.language).text("missing", "odometer_differs", **check.reason.values)
    return replace(listing, missing=(*(gap for gap in listing.missing if gap != words), words))


def gaps(vehicle: Vehicle | None, offer: Offer, wording: Wording, asks: bool = True) -> Iterator[str]:
    """What a person must add or clear up before the advert may be published, in words; `asks`: whether there
    is a register.
    """
    unclear = dict(offer.unclear)
    if (lacks := lacking(vehicle, offer)) is not None:
        lacks = lacks if asks or vehicle else UNASKED
        yield wording.text("missing", NAME_MARK if NAME_MARK in unclear else lacks)
    if offer.price is None or offer.price < LEAST_PRICE:
        said = unclear.get("price") if offer.price is None else quoted(offer.price)
        yield missing_figure("price", said, wording)
    if not offer.odometer_km:
        said = unclear.get("odometer_km") if offer.odometer_km is None else quoted(0)
        yield missing_figure("odometer", said, wording)
    if (doubt := unlikely(offer, vehicle, date.today())) is not None:
        yield wording.text("missing", doubt, km=offer.odometer_km)
    if vehicle is None:
        return
    before = vehicle.odometer_km
    if offer.odometer_km is not None and before is not None and offer.odometer_km < before:
        day = vehicle.odometer_date or vehicle.fetched.date()
        yield wording.text("missing", "odometer_below_register", km=before, day=day)
    if (said := unclear_reading(vehicle)) is not None:
        yield wording.text("missing", "odometer_unclear_register", said=said)
    status = vehicle.status if vehicle.status in BLOCKED else vehicle.not_understood("status")
    if status:
        yield wording.text("missing", "status", status=status)
    if vehicle.restrictions:
        yield wording.text("missing", "restrictions", restrictions=vehicle.restrictions)


def credible(offer: Offer, vehicle: Vehicle | None, decision: Decision) -> Offer:
    """The offer, without make and model that hold the mark or could hold another car's, and without a file's
    make, model and year where they are too little for an advert without a register.

    So they are of a car without a mark, which only its folder's name ties to a row. And so they are where a
    register was asked for the mark and has no such car: then mark and row need a person to look. A person's
    are enough.
    """
    if (plain := nameless(offer, decision.mark)) != offer:
        offer = replace(plain, unclear=(*plain.unclear, (NAME_MARK, "")))
    if vehicle is not None:
        return offer
    unknown = decision.mark is None or any(reason.code in UNTOLD for reason in decision.reasons)
    if unknown and not offer.named:
        return replace(offer, make=None, model=None, year=None)
    clean = without_mark(offer, decision.mark, offer.vin)
    return replace(offer, make=clean.make, model=clean.model)


def lacking(vehicle: Vehicle | None, offer: Offer) -> str | None:
    """Which gap, of [missing], the car itself leaves: "vehicle", "make" or None.

    Where no register tells anything, the dealer's make, model and year are enough for an advert: all that it
    says of the car is then from one hand. Beside a register's car they fill up what that leaves out. But a
    make that it leaves out only a person gives: by the make a row of another car is found out, and here it
    cannot be, while the register's year and colour would stand beside that row's name.
    """
    if vehicle is None:
        return None if offer.make and offer.model and offer.year else "vehicle"
    make, model = vehicle.make or offer.make, vehicle.model or vehicle.trade_name or offer.model
    return None if make and model and (vehicle.make or offer.named) else "make"


def unclear_reading(vehicle: Vehicle) -> str | None:
    """The register's last mileage where it is not clear: the dealer's cannot be held against it."""
    origin = not_understood(vehicle).get("odometer_km")
    return quoted(origin.get("value"), vehicle.mark.text) if origin else None


def not_understood(vehicle: Vehicle) -> dict[str, dict[str, Any]]:
    """By field, the origin of what the register gave and nobody could use."""
    return {
        name: origin
        for name, origin in vehicle.raw.items()
        if isinstance(origin, dict) and origin.get("problem") and getattr(vehicle, name, None) is None
    }


def missing_figure(key: str, said: str | None, wording: Wording) -> str:
    """A price or mileage that is missing, with what the dealer said of it where that was not clear."""
    words = wording.text("missing", key)
    return f"{words} – {wording.text('missing', 'unclear', said=said)}" if said else words


def own_paragraphs(description: str | None) -> list[str]:
    """The dealer's own text by paragraphs."""
    blocks = (description or "").replace("\r\n", "\n").split("\n\n")
    return [" ".join(block.split()) for block in blocks if block.strip()]


def running_text(vehicle: Vehicle | None, offer: Offer, wording: Wording) -> list[str]:
    """The paragraphs of `<language>.md.j2`; none without a vehicle."""
    if vehicle is None:
        return []
    template = wording.plain.get_template(f"{wording.language}.md.j2")
    blocks = template.render(sentence_facts(vehicle, offer, wording)).split("\n\n")
    return [paragraph for block in blocks if (paragraph := join_lines(block))]


def join_lines(block: str) -> str:
    """One paragraph: line breaks and runs of spaces as one space, no-break spaces kept."""
    return " ".join(word for word in block.replace("\n", " ").split(" ") if word)


def sentence_facts(vehicle: Vehicle, offer: Offer, wording: Wording) -> dict[str, Any]:
    """The values that the sentence templates use; None or empty where unknown."""
    kind = vehicle.vehicle_class or "other"
    known_km = offer.odometer_km is None or (vehicle.odometer_km or 0) <= offer.odometer_km
    name = vehicle_name(vehicle, offer)
    colour = vehicle.colour if vehicle.colour != "multicolour" else None
    return {
        "name": name or wording.word(kind, "vehicle_class"),
        "subject": wording.word(kind, "subject"),
        "colour": wording.word(colour, "colour") if colour else None,
        "body": wording.text_word(vehicle.body, "body") if kind == "car" else None,
        "doors": wording.text_word(str(vehicle.doors), "doors"),
        "seats": wording.text_word(str(vehicle.seats), "number"),
        "first_registered": vehicle.first_registered,
        "engines": engines(vehicle, wording),
        "litres": litres(vehicle, wording),
        "power": power(vehicle, wording),
        "gearbox": wording.text_word(vehicle.gearbox, "gearbox"),
        "consumption": consumption(vehicle, wording),
        "co2": co2(vehicle, wording),
        "odometer_km": offer.odometer_km,
        "register_km": vehicle.odometer_km if known_km else None,
        "register_day": vehicle.odometer_date,
        "next_inspection": coming(vehicle),
    }


def engines(vehicle: Vehicle, wording: Wording) -> list[str]:
    """One engine, or the two of a hybrid with the electric motor last; none where a sentence could be wrong.

    Two fuels without electricity are one engine that burns either, so they stay in the table.
    """
    fuels = sorted(vehicle.fuels, key=lambda fuel: fuel == Fuel.ELECTRICITY)
    names = [wording.text_word(fuel, "engine") for fuel in fuels]
    hybrid = len(fuels) == 2 and fuels[1] == Fuel.ELECTRICITY
    return [name for name in names if name] if None not in names and (len(fuels) == 1 or hybrid) else []


def litres(vehicle: Vehicle, wording: Wording) -> str | None:
    """Engine size with one decimal: 1598 cc -> "1.6". None for an electric car, or where unknown."""
    if not vehicle.displacement_cc or set(vehicle.fuels) == {Fuel.ELECTRICITY}:
        return None
    return wording.one_decimal(vehicle.displacement_cc / 1000)


def power(vehicle: Vehicle, wording: Wording) -> str | None:
    """ "110 kW (150 hp)"."""
    if not vehicle.power_kw:
        return None
    kw = round(vehicle.power_kw)
    return wording.text("text", "power", kw=kw, hp=round(vehicle.power_kw * HP_PER_KW))


def consumption(vehicle: Vehicle, wording: Wording) -> str | None:
    """Litres or kilowatt-hours a hundred kilometres, with the test cycle; both where both are known."""
    used = vehicle.consumption
    if used is None:
        return None
    parts = []
    if used.litres_per_100km is not None:
        parts.append(wording.text("text", "consumption_fuel", value=used.litres_per_100km))
    if used.kwh_per_100km is not None:
        parts.append(wording.text("text", "consumption_electric", value=used.kwh_per_100km))
    value = " + ".join(parts)
    return with_cycle(value, used.cycle, wording) if value else None


def co2(vehicle: Vehicle, wording: Wording) -> str | None:
    """ "118 g/km (WLTP)"."""
    if vehicle.co2_g_km is None:
        return None
    return with_cycle(f"{wording.number(vehicle.co2_g_km, 0)}{NO_BREAK}g/km", vehicle.co2_cycle, wording)


def with_cycle(value: str, cycle: str | None, wording: Wording) -> str:
    """A figure with its test cycle, where that is known."""
    return wording.text("text", "cycle", value=value, cycle=cycle) if cycle else value


def facts(vehicle: Vehicle | None, offer: Offer, wording: Wording) -> Iterator[Fact]:
    """The rows of the facts table, those that are known."""
    rows: dict[str, str | None] = {
        "odometer": wording.km(offer.odometer_km) if offer.odometer_km is not None else None
    }
    if vehicle is not None:
        rows |= vehicle_rows(vehicle, wording)
    if offer.year and not (vehicle and vehicle.first_registered):
        rows["year"] = str(offer.year)
    rows["place"] = offer.place
    for key, value in rows.items():
        if value:
            yield Fact(wording.label(key), value)


def vehicle_rows(vehicle: Vehicle, wording: Wording) -> dict[str, str | None]:
    """Label key -> value in words, in the table's order; None where unknown. Mark and VIN stay out."""

    def coded(value: str | None, kind: str) -> str | None:
        return wording.word(value, kind) if value else None

    reading = None
    if vehicle.odometer_km is not None and vehicle.odometer_date:
        reading = wording.text("text", "reading_on", km=vehicle.odometer_km, day=vehicle.odometer_date)
    elif vehicle.odometer_km is not None:
        reading = wording.km(vehicle.odometer_km)
    size = f"{wording.number(vehicle.displacement_cc)}{NO_BREAK}cm³" if vehicle.displacement_cc else None
    return {
        "first_registered": wording.day(vehicle.first_registered) if vehicle.first_registered else None,
        "vehicle_class": coded(vehicle.vehicle_class, "vehicle_class"),
        "body": coded(vehicle.body, "body"),
        "colour": coded(vehicle.colour, "colour"),
        "doors": str(vehicle.doors) if vehicle.doors else None,
        "seats": str(vehicle.seats) if vehicle.seats else None,
        "fuel": " + ".join(wording.word(fuel, "fuel") for fuel in vehicle.fuels) or None,
        "gearbox": coded(vehicle.gearbox, "gearbox"),
        "displacement": size,
        "power": power(vehicle, wording),
        "consumption": consumption(vehicle, wording),
        "co2": co2(vehicle, wording),
        "mass": f"{wording.number(vehicle.mass_kg)}{NO_BREAK}kg" if vehicle.mass_kg else None,
        "next_inspection": wording.day(day) if (day := coming(vehicle)) else None,
        "register_odometer": reading,
        "status": coded(vehicle.status, "status") if vehicle.status == Status.DECOMMISSIONED else None,
    }
