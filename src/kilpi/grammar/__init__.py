"""Country grammars: which marks exist, how they are spelt, how their plates look, and how likely each is.

The rules are data (`countries/*.toml`, see docs/grammars.md). They rank what a reader saw and forbid
nothing: a mark that no rule parses stays a candidate, with the small prior of the unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

from kilpi.errors import UsageError
from kilpi.grammar.elsewhere import ANY
from kilpi.grammar.lookalikes import confusables_of, diacritic_variants_of
from kilpi.grammar.patterns import Random, letters_and_cuts, pick, tidy
from kilpi.grammar.ranking import Entry, Ranking
from kilpi.grammar.rules import Country, PlateStyle, Series, read_country
from kilpi.types import Candidate, Mark, Reading

__all__ = ["ANY", "Country", "Grammars", "PlateStyle", "SampledMark", "Series", "load_grammars"]

SAID = 0.9  # how far a reader is believed that names a country without scores
# Least share of all countries that no score names (its root counts): a rule ranks, and never forbids.
FLOOR = 1e-3
RARE = 0.015  # of a country's cars: a series of fewer does not keep O and 0 in doubt
TRIES = 1000  # draws until a mark that the country does issue comes up


@dataclass(frozen=True, slots=True)
class SampledMark:
    """A drawn mark, the plate it is on, and its groups per row as printed."""

    mark: Mark
    plate: PlateStyle
    rows: tuple[tuple[str, ...], ...]


class Grammars:
    """All countries' rules. Build one with `load_grammars()`."""

    def __init__(self, countries: Iterable[Country]) -> None:
        self._all = {country.code: country for country in countries}
        self._entries: dict[int, list[Entry]] = {}  # by length
        for country in self._all.values():
            for series in country.series if country.code != ANY else ():
                for form in series.forms:
                    self._entries.setdefault(len(form.slots), []).append(Entry(series, form))
        self._ranking = Ranking(self._entries)
        # A car's decision asks for the same marks again and again.
        self._fitting = lru_cache(maxsize=4096)(self._find_fitting)

    def __reduce__(self) -> tuple[Any, ...]:
        # For another process: what is cached cannot go there, and is soon found anew.
        return Grammars, (tuple(self._all.values()),)

    @property
    def countries(self) -> tuple[str, ...]:
        """Codes of the countries that have rules, sorted; the fallback XX is not among them."""
        return tuple(sorted(set(self._all) - {ANY}))

    def country(self, code: str) -> Country:
        """One country's name, series and plates; XX is the fallback. UsageError if there is no such file."""
        try:
            return self._all[code.upper()]
        except KeyError:
            raise UsageError(
                f"no grammar for country {code!r}; there are {', '.join(self.countries)}"
            ) from None

    def parse(self, text: str, country: str | None = None) -> list[Mark]:
        """All series that a typed or read mark fits, likeliest first; empty if none.

        Case, spaces and separators do not matter, but separators that are there choose among spellings
        ("B-AB 1234" before "BA-B 1234"). A and a ring becomes Å (NFC); Å never becomes A.
        """
        compact, cuts = letters_and_cuts(text)
        found = [
            (cuts == {before for before, _ in e.form.separators}, self._prior(e, compact, country), e)
            for e in self._entries.get(len(compact), ())
            if (country is None or e.series.country == country.upper()) and e.form.fits(compact)
        ]
        found.sort(key=lambda f: (f[0], f[1]), reverse=True)
        return list(dict.fromkeys(e.series.mark(e.form, compact) for _, _, e in found))

    def vehicles(self, mark: Mark) -> frozenset[str]:
        """What may wear a mark in its country, by every series that it fits: "car", "motorcycle", ..."""
        return frozenset(series.vehicle for series in self.fitting(mark.country, mark.compact))

    def homes(self, compact: str) -> frozenset[str]:
        """The countries that have such a mark, in a series that more than hardly a car wears."""
        return frozenset(series.country for series in self._fitting(compact) if series.prior >= RARE)

    def diacritic_variants(self, mark: Mark, at: int) -> tuple[str, ...]:
        """The letters that may stand in place `at` instead in a mark of the series: Å and Ä for an A."""
        return tuple(
            other for other in diacritic_variants_of(mark.compact[at]) if self.has_with(mark, at, other)
        )

    def has_with(self, mark: Mark, at: int, other: str) -> bool:
        """Whether the mark's series has one with another character in place `at`."""
        return any(series.name == mark.series for series in self._with(mark, at, other))

    def impossible_confusables(self, mark: Mark, at: int) -> tuple[str, ...]:
        """What looks like the character in place `at` (0 and O, 1 and I) and cannot stand there, by the rules
        of the mark's country. Series that hardly a car wears count only against marks of such a series.
        """
        confusables = confusables_of(mark.compact[at])
        fitting = self.fitting(mark.country, mark.compact) if confusables else ()
        own = [series.prior for series in fitting if series.name == mark.series]
        if not own:
            return ()
        return tuple(
            other
            for other in confusables
            if not any(series.prior >= min(RARE, *own) for series in self._with(mark, at, other))
        )

    def _with(self, mark: Mark, at: int, char: str) -> Iterable[Series]:
        # What the mark would fit with another character in one place.
        return self.fitting(mark.country, mark.compact[:at] + char + mark.compact[at + 1 :])

    def _find_fitting(self, compact: str) -> tuple[Series, ...]:
        # The series of all countries that have such a mark.
        return tuple(e.series for e in self._entries.get(len(compact), ()) if e.form.fits(compact))

    def fitting(self, country: str | None, compact: str) -> Iterable[Series]:
        """The series of a country that have such a mark, one as often as forms of it fit."""
        return (series for series in self._fitting(compact) if series.country == country)

    def mark(self, text: str, country: str | None = None) -> Mark:
        """The likeliest parse, or the text itself in upper case with series None: this never refuses."""
        found = self.parse(text, country)
        return found[0] if found else Mark(tidy(text), country, None)

    def sample(self, country: str, rng: Random, series: str | None = None) -> SampledMark:
        """Draws a series by prior (or the named one), a form by its share, a plate by its share, a mark."""
        rules = self.country(country)
        choice = [s for s in rules.series if series in (None, s.name)]
        if not choice:
            raise UsageError(f"country {rules.code}: there is no series {series!r}")
        drawn = pick(rng, choice, [s.prior for s in choice])
        form = pick(rng, drawn.forms, [f.weight for f in drawn.forms])
        plate = pick(rng, [p for p, _ in drawn.plates], [share for _, share in drawn.plates])
        compact = form.sample(rng)
        for _ in range(TRIES):
            if drawn.factor(form, compact) == 1.0:
                break
            compact = form.sample(rng)
        return SampledMark(drawn.mark(form, compact), plate, drawn.rows(form, compact, plate.rows))

    def rank(self, reading: Reading, keep: int = 5) -> tuple[Candidate, ...]:
        """The marks that a reading may stand for, best first, at most `keep`; scores sum to 1.

        A mark's weight is the product over slots of the reader's scores, times the root
        (`ranking.PRIOR_WEIGHT`) of its series' prior and its country's: the reader's score for it, or the
        country that the reader names, and as far as it knows none the files' own priors.
        What was read, as it was read, is always among them: as a parsed mark, or with series None.
        """
        return self._ranking.rank(reading, self._shares(reading), keep)

    def _shares(self, reading: Reading) -> Mapping[str, float]:
        named = {code: score for code, score in reading.countries if code in self._all and code != ANY}
        if not reading.countries and reading.country in self._all:
            named = {reading.country: SAID}
        unknown = max(FLOOR, 1.0 - sum(named.values()))
        return {code: named.get(code, 0.0) + unknown * share for code, share in self._default_shares.items()}

    @cached_property
    def _default_shares(self) -> Mapping[str, float]:
        total = sum(country.prior for country in self._all.values()) or 1.0
        return {code: country.prior / total for code, country in self._all.items()}

    def _prior(self, entry: Entry, compact: str, country: str | None) -> float:
        share = 1.0 if country else self._default_shares[entry.series.country]
        return entry.prior * share * entry.series.factor(entry.form, compact)


@lru_cache(maxsize=1)
def load_grammars() -> Grammars:
    """The grammars that come with the package; read once."""
    return Grammars(
        read_country(entry.name, entry.read_text(encoding="utf-8"))
        for entry in sorted(files("kilpi.grammar").joinpath("countries").iterdir(), key=lambda e: e.name)
        if entry.name.endswith(".toml")
    )
