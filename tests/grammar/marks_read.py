"""Readings, a small grammar and the tables of marks, for the tests of grammars."""

from __future__ import annotations

import tomllib
from pathlib import Path

from kilpi.grammar import Grammars, load_grammars
from kilpi.grammar.rules import read_country
from kilpi.types import Guess, Reading

GRAMMARS = load_grammars()


TABLES = {
    path.stem.upper(): tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "marks").glob("*.toml"))
}


SERIES = [
    (code, series.name) for code in (*GRAMMARS.countries, "XX") for series in GRAMMARS.country(code).series
]


MINI = """
country = "FI"
name = "Mini"
prior = 1.0
[classes]
L = "ABCÅ"
D = "01"
[lists]
city = ["A", "BC"]
[plates.long]
size_mm = [442, 118]
rows = 1
ink = "#000000"
ground = "#ffffff"
[plates.square]
size_mm = [256, 200]
rows = 2
ink = "#000000"
ground = "#ffffff"
[[series]]
name = "ordinary"
patterns = ["{L:2-3}-{D:2}"]
prior = 1.0
plates = { long = 1.0 }
weights = { "{L:3}-{D:2}" = 0.9 }
barred = ["CAB"]
[[series]]
name = "city"
patterns = ["{city}-{L} {D}"]
prior = 0.1
plates = { square = 1.0 }
row_break = 1
"""


def reading(text: str, score: float = 0.99, country: str | None = None) -> Reading:
    return Reading(tuple((Guess(char, score),) for char in text), "test", country)


def doubtful(*slots: dict[str, float], country: str | None = None) -> Reading:
    return Reading(
        tuple(
            tuple(Guess(c, s) for c, s in sorted(slot.items(), key=lambda item: -item[1])) for slot in slots
        ),
        "test",
        country,
    )


def mini(text: str = MINI) -> Grammars:
    return Grammars([read_country("mini.toml", text)])
