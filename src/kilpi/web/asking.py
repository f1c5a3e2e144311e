"""From what a person typed or pressed on the review page to an answer of the core."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from pydantic import BaseModel, Field

from kilpi.adverts.dealer_stock.values import read_km, read_money, read_year
from kilpi.cases import SaidFacts, SaidMark, SaidNoPlate, SaidVin
from kilpi.cases.answers import CAR_FACTS, COUNTRY, Identity
from kilpi.cases.asking.questions import Question
from kilpi.errors import UsageError
from kilpi.grammar import load_grammars
from kilpi.text import is_car_name
from kilpi.types import Offer
from kilpi.web.fields import one_line
from kilpi.web.words import Words

TYPED, ENTER, FACTS, VIN, NO_PLATE = "typed", "enter", "facts", "vin", "no_plate"
MANY = 3  # other countries that are named


class Given(BaseModel):
    """The fields of the review page's form. `take` is the button: a choice's place, or a word from above."""

    seq: int = 0
    take: str = Field(default=ENTER, max_length=20)
    text: str = Field(default="", max_length=60)
    country: str = Field(default="", max_length=2)
    vin: str = Field(default="", max_length=60)
    sure: str = Field(default="", max_length=500)  # codes of what speaks against it that were on the screen
    price: str = Field(default="", max_length=60)
    km: str = Field(default="", max_length=60)
    make: str = Field(default="", max_length=100)
    model: str = Field(default="", max_length=100)
    year: str = Field(default="", max_length=20)
    shown: str = Field(default="", max_length=100)  # see kilpi.web.pace
    spent: str = Field(default="", max_length=20)
    strange: list[str] = Field(default_factory=list, max_length=500)


def identity_in(given: Given, asked: Question) -> Identity | None:
    """Who the car is, as the person said; None: that was not said.

    Raises UsageError whose message is a key of [trouble].
    """
    take = given.take
    if take == ENTER:  # the key in a field, without a button
        take = VIN if given.vin.strip() else TYPED if given.text.strip() else FACTS
    if take.isdecimal():
        if int(take) >= len(asked.choices):
            raise UsageError("changed")
        mark = asked.choices[int(take)]
        return SaidMark(mark.text, mark.country or "")
    try:
        if take == TYPED:
            return typed_mark(given)
        if take == VIN:
            return SaidVin(given.vin)
    except UsageError:
        raise UsageError("no_vin" if take == VIN else "no_mark") from None
    return SaidNoPlate() if take == NO_PLATE else None


def typed_mark(given: Given) -> SaidMark:
    """The typed mark in its country's spelling. Raises UsageError."""
    said = SaidMark(given.text, given.country)
    return SaidMark(load_grammars().mark(said.text, said.country).text, said.country)


def facts_in(given: Given, known: Offer | None = None) -> SaidFacts | None:
    """Price, mileage, make, model and year, as far as given.

    Make, model and year that are `known` stand in the form already: left as they are, nobody said them.
    Raises UsageError whose message is a key of [trouble].
    """
    found: dict[str, Any] = {}
    if given.price.strip():
        found["price"], found["currency"] = _read(given.price, read_money, "no_price")
    if given.km.strip():
        found["odometer_km"] = _read(given.km, read_km, "no_km")
    for name in ("make", "model"):
        if text := one_line(getattr(given, name)):
            found[name] = _read(text, read_car_name, f"no_{name}")
    if given.year.strip():
        found["year"] = _read(given.year, read_year, "no_year")
    found = {name: said for name, said in found.items() if not is_known(name, said, known)}
    return SaidFacts(**found) if found else None


def is_known(name: str, said: object, known: Offer | None) -> bool:
    """Whether make, model or year is what dealer's files or people's answers say already."""
    return known is not None and name in CAR_FACTS and str(getattr(known, name)) == str(said)


def read_car_name(text: str) -> str:
    """A make or a model. Raises ValueError."""
    if not is_car_name(text):
        raise ValueError("is no name of a car")
    return text


def _read(text: str, read: Callable[[str], Any], trouble: str) -> Any:
    try:
        return read(text.strip())
    except ValueError:
        raise UsageError(trouble) from None


def fits(text: str, country: str, words: Words) -> dict[str, object]:
    """Whether a mark fits its country: `state` is empty, fits, fits_not or fits_elsewhere; `say` the words.

    A mark that fits nothing can be given all the same: rules rank, and never forbid.
    """
    grammars = load_grammars()
    if not COUNTRY.fullmatch(country) or country not in grammars.countries:
        return {"state": "empty", "say": ""}
    name = words.word("country", country)
    if not any(char.isalnum() for char in text):
        return {"state": "empty", "say": words.say("review", "empty", example=example_of(country))}
    found = grammars.parse(text, country)
    if found:
        return {"state": "fits", "say": words.say("review", "fits", country=name, mark=found[0].text)}
    others = dict.fromkeys(mark.country for mark in grammars.parse(text) if mark.country)
    if others:
        named = ", ".join(words.word("country", code) for code in list(others)[:MANY])
        return {
            "state": "fits_elsewhere",
            "say": words.say("review", "fits_elsewhere", country=name, others=named),
        }
    return {"state": "fits_not", "say": words.say("review", "fits_not", country=name)}


def example_of(country: str) -> str:
    """A mark of the country's commonest series, drawn always alike: nobody's in particular."""
    rules = load_grammars().country(country)
    series = max(rules.series, key=lambda one: one.prior).name
    return load_grammars().sample(country, Random(1), series).mark.text
