"""What a grammar file holds, as frozen dataclasses, and how it is read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kilpi.errors import UsageError
from kilpi.grammar.patterns import Form, weigh
from kilpi.types import Mark

BARRED = 1e-3  # factor for a letter group that the country says it does not issue


@dataclass(frozen=True, slots=True)
class PlateStyle:
    """How one kind of plate looks. Colours are #rrggbb; `size_mm` is (width, height)."""

    name: str
    country: str
    size_mm: tuple[int, int]
    rows: int
    ink: str
    ground: str
    border: str | None = None
    band: str = "none"  # left strip: eu | no | none | ... (docs/grammars.md lists them)
    band_text: str = ""
    band_right: str = "none"  # right strip, the same words
    separator: str = "gap"  # how the official separator is printed: dash | gap | dot | none
    furniture: tuple[str, ...] = ()  # seals, stickers, arms: words that docs/grammars.md explains
    soft: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of mark in one country. `prior` is its share among plates seen there (relative)."""

    name: str
    country: str
    prior: float
    forms: tuple[Form, ...]
    plates: tuple[tuple[PlateStyle, float], ...]
    identifies_car: bool = True
    vehicle: str = "car"
    row_break: int = -1  # after which group a two-row plate breaks: 1 the first, -1 before the last
    barred: frozenset[str] = frozenset()  # letter groups that are not issued
    barred_prefix: tuple[str, ...] = ()
    soft: bool = False
    source: str = ""

    def mark(self, form: Form, compact: str) -> Mark:
        """The mark in official spelling."""
        return Mark(form.spell(compact), self.country, self.name, self.identifies_car)

    def factor(self, form: Form, compact: str) -> float:
        """1, or `BARRED` where a group of letters is one that the country does not issue."""
        if not self.barred and not self.barred_prefix:
            return 1.0
        groups = form.groups(compact)
        found = any(g in self.barred or g.startswith(self.barred_prefix or ("\0",)) for g in groups)
        return BARRED if found else 1.0

    def rows(self, form: Form, compact: str, rows: int) -> tuple[tuple[str, ...], ...]:
        """The groups as printed, per row: (("ABC", "123"),) or (("ABC",), ("123",))."""
        groups = form.groups(compact)
        if rows == 1:
            return (groups,)
        if len(groups) == 1:
            half = (len(compact) + 1) // 2
            return ((compact[:half],), (compact[half:],))
        cut = self.row_break if abs(self.row_break) < len(groups) else -1
        return (groups[:cut], groups[cut:])


@dataclass(frozen=True, slots=True)
class Country:
    """One grammar file. `prior` is the country's share where nobody says where the photo is from."""

    code: str
    name: str
    prior: float
    series: tuple[Series, ...]
    styles: tuple[PlateStyle, ...]


def read_country(file: str, text: str) -> Country:
    """One grammar file's rules; `file` is only for messages. UsageError if the file does not make sense."""
    try:
        data = tomllib.loads(text)
        code = data["country"]
        styles = {name: _style(name, code, plate) for name, plate in data["plates"].items()}
        series = tuple(_series(code, entry, styles, data) for entry in data["series"])
        return Country(code, data["name"], data.get("prior", 0.1), series, tuple(styles.values()))
    except UsageError as error:
        raise UsageError(f"grammar {file}: {error}") from error
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"grammar {file}: {type(error).__name__}: {error}; see docs/grammars.md") from error


def _style(name: str, country: str, plate: Mapping[str, Any]) -> PlateStyle:
    width, height = plate["size_mm"]
    rest = {key: value for key, value in plate.items() if key not in ("size_mm", "furniture")}
    return PlateStyle(
        name=name,
        country=country,
        size_mm=(width, height),
        furniture=tuple(plate.get("furniture", ())),
        **rest,
    )


def _series(
    country: str, entry: Mapping[str, Any], styles: Mapping[str, PlateStyle], data: Mapping[str, Any]
) -> Series:
    used = ("patterns", "weights", "max_length", "plates", "barred", "barred_prefix")
    weights, lists = entry.get("weights", {}), data.get("lists", {})
    return Series(
        country=country,
        forms=weigh(entry["patterns"], weights, data["classes"], lists, entry.get("max_length")),
        plates=tuple((styles[name], share) for name, share in entry["plates"].items()),
        barred=frozenset(entry.get("barred", ())),
        barred_prefix=tuple(entry.get("barred_prefix", ())),
        **{key: value for key, value in entry.items() if key not in used},
    )
