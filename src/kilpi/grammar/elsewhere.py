"""Marks of countries that have no grammar here: formats of the world's parts tell 0 from O and 1 from I."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import product

from kilpi.grammar.lookalikes import confusables_of, score_of

ANY = "XX"  # no country, or one without rules here (ISO 3166 user-assigned code)
SIGNS = {"L": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "C": "ABCDEFGHJKLMNPRSTUVWXYZ", "9": "0123456789"}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Formats by part of the world, in the signs of `SIGNS`; in the east by the strip's letters."""

    parts: Mapping[str, tuple[str, ...]]
    eastern: tuple[tuple[str, str], ...]  # (letters on the strip, format)
    any_format: re.Pattern[str]

    def fits(self, compact: str) -> bool:
        """Whether some part of the world has such a mark."""
        return self.any_format.fullmatch(compact) is not None

    def settled(self, compact: str, slots: Sequence[Mapping[str, float]]) -> str:
        """The mark with 0 or O and 1 or I as a format wants them: as it is where it fits one, or none does.

        `slots` are what each may hold with the score. Nothing else is changed, whatever the formats say.
        """
        if self.fits(compact):
            return compact
        ways = product(*(char + confusables_of(char) for char in compact))
        fitting = [way for signs in ways if self.fits(way := "".join(signs))]
        scored = {way: score_of(way, slots) for way in fitting}
        best = max(scored, key=lambda way: scored[way], default=compact)
        return best if scored.get(best) else compact


@lru_cache(maxsize=1)
def load_elsewhere() -> Elsewhere:
    """The formats that come with the package; read once."""
    data = tomllib.loads(files("kilpi.grammar").joinpath("elsewhere.toml").read_text(encoding="utf-8"))
    eastern = tuple((letters, one) for letters, several in data.pop("eastern").items() for one in several)
    parts = {part: tuple(formats) for part, formats in data.items()}
    every = dict.fromkeys(
        [one for formats in parts.values() for one in formats] + [one for _, one in eastern]
    )
    signs = {sign: f"[{chars}]" for sign, chars in SIGNS.items()} | {" ": ""}
    patterns = ("".join(signs[sign] for sign in one) for one in every)
    return Elsewhere(parts, eastern, re.compile("|".join(patterns)))
