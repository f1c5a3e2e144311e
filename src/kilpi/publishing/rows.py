"""One ready car as a row of a feed: the schema's templates, filled. What is not known stays empty."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from string import Formatter

from kilpi.adverts.wording import load_wording
from kilpi.publishing.schema import Row, Schema
from kilpi.types import Dealer, PublicAdvert
from kilpi.vocabulary import Fuel

ADDITIONAL_PICTURES = 10  # Google: additional_image_link
ELSE = "else"  # in a schema's table of words: what it calls a value that it has no word for


@dataclass(frozen=True)
class Source:
    """What a row is made of."""

    shown: PublicAdvert
    vin: str | None
    dealer: Dealer
    schema: Schema

    def at(self, file: str) -> str:
        """The address of one of the advert's files; below the feed's own folder where no site is known."""
        return f"{self.dealer.site or '../'}{self.shown.id}/{file}"


def row_of(source: Source) -> Row:
    """A row of the source's schema, its columns in order, then those of each picture."""
    known = values_of(source)
    row = {column.name: filled(column.value, known) for column in source.schema.columns if column.value}
    for n, picture in enumerate(source.shown.pictures[: source.schema.most_pictures]):
        about = {"n": str(n), "url": source.at(picture.name), "alt": picture.alt}
        for name, template in source.schema.picture_columns.items():
            row[name.format(n=n)] = filled(template, about)
    return row


def filled(template: str, known: Mapping[str, str]) -> str:
    """A template with its {names} filled in; nothing where one of them is not known."""
    names = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
    return template.format_map(known) if all(known[name] for name in names) else ""


def values_of(source: Source) -> dict[str, str]:
    """Every name that a column's template may use, and its text.

    Those of the advert, of its vehicle and of the dealer (with `dealer_` before them) as they are called in
    `kilpi.types`; body, gearbox and fuel in the schema's words, in ours where it has none.
    """
    shown, vehicle, dealer, schema = source.shown, source.shown.vehicle, source.dealer, source.schema
    pictures = [source.at(picture.name) for picture in shown.pictures]
    return {
        **_texts(vehicle),
        **_texts(shown),
        **_texts(dealer, "dealer_"),
        "vin": source.vin or "",
        "page": source.at("advert.html"),
        "description": "\n\n".join(shown.paragraphs),
        "equipment": "; ".join(shown.equipment),
        "year": str(vehicle.first_year or ""),  # no register that we know has model years
        "body": _word(schema.body, vehicle.body),
        "gearbox": _word(schema.gearbox, vehicle.gearbox),
        "fuel": _fuel(schema, vehicle.fuels),
        "colour_in_english": load_wording("en").word(vehicle.colour, "colour") if vehicle.colour else "",
        "first_picture": pictures[0] if pictures else "",
        "further_pictures": ",".join(pictures[1 : 1 + ADDITIONAL_PICTURES]),
        "pictures": " ".join(pictures),
        **_addresses(dealer),
    }


def _addresses(dealer: Dealer) -> dict[str, str]:
    """The dealer's address on one line, and as the JSON object that Meta takes; only where it is whole."""
    place = f"{dealer.postal_code} {dealer.city}".strip()
    as_json = {
        "addr1": dealer.street,
        "city": dealer.city,
        "region": dealer.region,
        "postal_code": dealer.postal_code,
        "country": dealer.country,
    }
    whole = dealer.street and dealer.city and dealer.country
    line = ", ".join((dealer.street, place, dealer.country))
    return {
        "address": line if whole and dealer.postal_code else "",
        "address_json": json.dumps(as_json, ensure_ascii=False) if whole else "",
    }


def _texts(noun: object, prefix: str = "") -> dict[str, str]:
    """A noun's plain fields as texts."""
    values = ((field.name, getattr(noun, field.name)) for field in fields(noun))  # type: ignore[arg-type]
    return {prefix + name: said(value) for name, value in values if not isinstance(value, tuple)}


def _word(table: Mapping[str, str], value: str | None) -> str:
    """The consumer's word for one of ours; ours where it has no table."""
    if not value or not table:
        return value or ""
    return table.get(value, table.get(ELSE, ""))


def _fuel(schema: Schema, fuels: tuple[str, ...]) -> str:
    """The consumer's word for the fuels; two of which one is electricity are a hybrid."""
    if not schema.fuel:
        return "+".join(fuels)
    if len(fuels) == 2 and Fuel.ELECTRICITY in fuels:
        return _word(schema.fuel, "hybrid")
    return _word(schema.fuel, fuels[0]) if len(fuels) == 1 else ""


def said(value: object) -> str:
    """A value as feeds take it: nothing where it is not known, no decimals that say nothing (96.0 -> 96)."""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value)
