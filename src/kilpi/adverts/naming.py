"""What a vehicle is called: make, model and trim in their usual spelling, from a register's capitals."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from kilpi.adverts.wording import Wording, load_table
from kilpi.text import letters
from kilpi.types import Offer, Vehicle

LONGEST_NAME = 48  # characters of make and model; beyond it the shorter of the register's names is used
VOWELS = frozenset("AEIOUYÅÄÖ")
DOORS = re.compile(r"[2-7]D", re.IGNORECASE)
TYPE_CODE = re.compile(r"(?:(\d\.\d)-)?(?=.*\d)(?=.*[A-Z])(?:[A-Z0-9]{3,}[-/][A-Z0-9/-]{4,}|[A-Z0-9]{9,})")
SPELLED = {"KWH": "kWh"}


def title(vehicle: Vehicle | None, offer: Offer, wording: Wording) -> str:
    """ "Nissan Leaf Tekna 2019": make, model and the year of first registration, as far as known."""
    name = vehicle_name(vehicle, offer)
    if not name:
        return wording.text("text", "untitled")
    year = vehicle.first_registered.year if vehicle and vehicle.first_registered else offer.year
    return f"{name} {year}" if year else name


class Name(NamedTuple):
    """What a vehicle is called, each part in its usual spelling, empty where unknown."""

    make: str
    model: str
    trim: str


def name_parts(vehicle: Vehicle | None, offer: Offer) -> Name:
    """Make, model and trim. Where the register tells no make or model the dealer's own word stands in."""
    make = spell_make((vehicle.make if vehicle else None) or offer.make or "")
    if not make:
        return Name("", "", "")
    told = model_name(vehicle.model, vehicle.trade_name) if vehicle else ""
    model = spell_words(told or offer.model or "")
    if fold(model).startswith(fold(make) + " "):
        model = model[len(make) + 1 :]
    trim = (vehicle.variant if vehicle else None) or ""
    fits = is_trim(trim) and fold(trim) not in fold(model)
    return Name(make, model, spell_words(trim) if fits else "")


def vehicle_name(vehicle: Vehicle | None, offer: Offer) -> str:
    """ "Nissan Leaf Tekna"; empty where no make is known."""
    return " ".join(part for part in name_parts(vehicle, offer) if part)


def model_name(model: str | None, trade_name: str | None) -> str:
    """The fuller of the register's two names where one holds the other, else the trade name."""
    names = [clean for name in (trade_name, model) if name and (clean := without_codes(name))]
    if len(names) == 2 and (fold(names[0]) in fold(names[1]) or fold(names[1]) in fold(names[0])):
        fuller, shorter = sorted(names, key=len, reverse=True)
        return fuller if len(fuller) <= LONGEST_NAME else shorter
    return names[0] if names else ""


def without_codes(name: str) -> str:
    """A register's model text without the number of doors in front ("5D GOLF") and without type codes."""
    words = name.split()
    if len(words) > 1 and DOORS.fullmatch(words[0]):
        words = words[1:]
    kept = ((code[1] or "") if (code := TYPE_CODE.fullmatch(word)) else word for word in words)
    return " ".join(word for word in kept if word)


def is_trim(text: str) -> bool:
    """Whether a variant is a word such as "Tekna", and not a type-approval code such as "AZE0"."""
    words = text.split()
    return bool(words) and all(
        word.isalpha() and len(word) >= 3 and VOWELS & set(word.upper()) for word in words
    )


def spell_make(make: str) -> str:
    """A make in its own spelling (adverts/makes.toml), else with capital initials."""
    known = {fold(name): name for name in load_table("makes.toml")["makes"]}
    clean = " ".join(make.split())
    return known.get(fold(clean)) or spell_words(clean)


def parted(text: str) -> tuple[str, str] | None:
    """Make and model of a text that has both, as written: "Land Rover 90" -> ("Land Rover", "90").

    None where its words begin with no make that is known; the model is empty where the make is all.
    """
    words = text.split()
    for count in range(min(len(words), _most_words()), 0, -1):
        make = " ".join(words[:count])
        if letters(fold(make)) in _known_makes():
            return make.strip(_BETWEEN), " ".join(words[count:]).strip(_BETWEEN)
    return None


_BETWEEN = " ,;:/|-–"  # what stands between make and model ("Audi, A4")


@lru_cache(maxsize=1)
def _known_makes() -> frozenset[str]:
    table = load_table("makes.toml")
    return frozenset(letters(fold(name)) for name in (*table["makes"], *table["also"]))


@lru_cache(maxsize=1)
def _most_words() -> int:
    table = load_table("makes.toml")
    return max(len(name.split()) for name in (*table["makes"], *table["also"])) + 1  # "Audi / A4"


def spell_words(text: str) -> str:
    """Capitals become initials, except in codes: up to three letters, or with a digit. "LEAF" -> "Leaf"."""
    return " ".join("-".join(spell_word(part) for part in word.split("-")) for word in text.split())


def spell_word(word: str) -> str:
    """One part of a name; only a word written wholly in capitals is changed."""
    if word.isalpha() and word.isupper() and len(word) > 3:
        return word.capitalize()
    return SPELLED.get(word, word)


def fold(text: str) -> str:
    """For comparing names: no accents, no case."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()
