"""The words by which dealers name a column, a key or a line: adverts/data/columns.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from kilpi.adverts.dealer_stock.values import KM_OR_MIL
from kilpi.adverts.wording import load_table
from kilpi.tables import plain_header

KEYS = ("reference", "mark")  # one of them says which car a row is
UNITS = {
    "odometer_tkm": ("odometer_km", "tkm"),
    "odometer_mil": ("odometer_km", "mil"),
    "odometer_km_or_mil": ("odometer_km", KM_OR_MIL),
}
_WITH_UNIT = re.compile(r"(?P<name>.+?)[(\[/]?(?P<unit>tkm|mil|sek|nok|dkk|gbp|usd|kr|£)[)\]]?")
_CURRENCIES = frozenset({"sek", "nok", "dkk", "gbp", "usd", "kr", "£"})


@dataclass(frozen=True, slots=True)
class Heading:
    """What a column holds: a field of `Offer` or "mark", and the unit that its name tells ("tkm", "sek")."""

    field: str
    unit: str = ""

    @property
    def in_kilometres(self) -> Heading:
        """The same where its list shows that it counts kilometres."""
        return replace(self, unit="km") if self.unit == KM_OR_MIL else self

    def named(self, name: str) -> str:
        """The column's name, with the unit that only its list told."""
        return f"{name} (km)" if self.unit == "km" and heading(name) != self else name


@lru_cache(maxsize=4096)
def heading(name: str) -> Heading | None:
    """The heading that a column's name or a key stands for, or None."""
    plain = plain_header(name)
    if (field := _names().get(plain)) is not None:
        told = Heading(*UNITS.get(field, (field, "")))
        return told.in_kilometres if re.search(r"\bkm\b", name, re.IGNORECASE) else told
    if (found := _WITH_UNIT.fullmatch(plain)) is not None:
        name, unit = _names().get(found["name"], ""), found["unit"]
        field = UNITS[name][0] if name in UNITS else name
        if (field == "price" and unit in _CURRENCIES) or (field == "odometer_km" and unit in ("tkm", "mil")):
            return Heading(field, unit)
    return None


def column_field(name: str) -> str | None:
    """The field that a column's name or a key stands for, or None."""
    found = heading(name)
    return found.field if found else None


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {
        plain_header(name): field for field, names in load_table("columns.toml").items() for name in names
    }


def known_keys() -> list[str]:
    """The keys of car.toml."""
    return [key for key in load_table("columns.toml") if key != "mark" and key not in UNITS]
