"""Does the dealer's row name another model than the register? Only by known names: vehicle/data/models.toml.

A row of another car of the same make is a common slip: a list that was sorted by one column alone, a stock
number that was given anew. Registers have type codes and names of their own; what is not known says nothing.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from kilpi.types import Offer, Vehicle

SPELLINGS = {
    "vw": "volkswagen",
    "mercedes": "mercedesbenz",
    "mercedesamg": "mercedesbenz",
    "vauxhall": "opel",
}
TOGETHER = 3  # words that may be one name: "Land Cruiser", "X-Trail", "T-Roc"


@dataclass(frozen=True, slots=True)
class Names:
    """A make's models: each name with those that it may stand for, and the shapes of built ones by what their
    models begin with.
    """

    listed: Mapping[str, frozenset[str]]
    built: tuple[tuple[str, re.Pattern[str]], ...] = ()

    def models(self, text: str) -> frozenset[str]:
        """The models that a text may name; empty where it names none that is known."""
        found: set[str] = set()
        for name in joined(text):
            found |= self.listed.get(name, frozenset())
            found.update(
                begin + told[1] for begin, shape in self.built if (told := shape.fullmatch(name)) is not None
            )
        return frozenset(found)


def other_model(vehicle: Vehicle, offer: Offer) -> bool:
    """Whether the register's and the dealer's names are of two models of one make."""
    names = names_of(vehicle.make or "")
    if names is None or not offer.model:
        return False
    registered = " ".join(filter(None, (vehicle.model, vehicle.trade_name, vehicle.variant)))
    theirs, ours = names.models(registered), names.models(offer.model)
    return bool(theirs) and bool(ours) and not theirs & ours


def joined(text: str) -> Iterator[str]:
    """A text's words, lower case without accents, each alone and with the next: "XC 60" -> xc, xc60, 60."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("'", "").replace("’", ""))
    words = re.findall(r"[a-z0-9]+", "".join(char for char in plain if not unicodedata.combining(char)))
    for start in range(len(words)):
        for end in range(start + 1, min(start + TOGETHER, len(words)) + 1):
            yield "".join(words[start:end])


def names_of(make: str) -> Names | None:
    """The models of a make as registers spell it; None where none are known."""
    return next((_known()[name] for name in joined(make) if name in _known()), None)


@cache
def _known() -> Mapping[str, Names]:
    text = resources.files("kilpi.vehicle").joinpath("data", "models.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    found: dict[str, Names] = {}
    for make, lines in tables["models"].items():
        listed: dict[str, frozenset[str]] = {}
        for line in lines:
            names = [part.strip() for part in re.split("[=>]", line)]
            for one in names[:1] if ">" in line else names:
                listed[one] = listed.get(one, frozenset()) | frozenset(names)
        shapes = tables["built"].get(make, {}).items()
        built = tuple((begin, re.compile(shape)) for begin, several in shapes for shape in several)
        found[make] = Names(listed, built)
    for spelling, make in SPELLINGS.items():
        found[spelling] = found[make]
    return found
