"""Country grammars: which marks exist, how they are spelt, how their plates look, and how likely each is.

The rules are data (`countries/*.toml`, see docs/grammars.md). They rank what a reader saw and forbid
nothing: a mark that no rule parses stays a candidate, with the small prior of the unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import islice
from math import prod
from typing import NamedTuple

from kilpi.errors import UsageError
from kilpi.grammar.lookalikes import share_of, sisters_of, twins_of, widen, without_sisters
from kilpi.grammar.patterns import Form, Random, letters_and_cuts, pick, tidy
from kilpi.grammar.rules import Country, PlateStyle, Series, read_country
from kilpi.types import Candidate, Mark, Reading

__all__ = ["Country", "Grammars", "PlateStyle", "SampledMark", "Series", "load_grammars"]

UNKNOWN = 1e-3  # weight of a mark that no rule parses: below any common series, above two misread signs
# How much a prior counts beside the reader: to this power. Priors are guesses of a Finnish dealer's mix, but
# the reader looked; and characters of one crop err together, so that their product is surer than it should
# be. 1 loses marks that were read rightly, 0 decides nothing between I and 1 (recipes/LOG.md).
PRIOR_WEIGHT = 0.5
ANY = "XX"  # the fallback grammar (ISO 3166 user-assigned code): not a country, fits any mark
SAID = 0.9  # how far a reader is believed that names a country without scores
FLOOR = (
    1e-6  # share of a country that the scores leave out (its root counts): a rule ranks, and never forbids
)
RARE = 0.015  # of a country's cars: a series of fewer does not keep O and 0 in doubt
PER_TEXT = 3  # marks kept that differ in country or spelling only, so that other characters stay in sight
TRIES = 1000  # draws until a mark that the country does issue comes up
CUT = 1e-5  # marks less likely than the best by this factor are not looked for

# A form with few marks says more when it fits: KOE and a number is a trade plate, not one of ten million
# ordinary marks. Bayes would divide by the form's size; the root of that, because the reader's scores are
# not calibrated and a rare form must not pull near misses to itself. Forms above the usual size count alike.
USUAL_SIZE = 10_000_000


@dataclass(frozen=True, slots=True)
class SampledMark:
    """A drawn mark, the plate it is on, and its groups per row as printed."""

    mark: Mark
    plate: PlateStyle
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    series: Series
    form: Form
    prior: float  # of the series, times the form's share of it, times what its size says


@dataclass(slots=True)
class _Node:
    # Forms of one length as a tree over their slots' classes, so that shared beginnings are looked at once.
    children: dict[frozenset[str], _Node] = field(default_factory=dict)
    entries: list[_Entry] = field(default_factory=list)


class _Hit(NamedTuple):
    score: float
    compact: str
    country: str | None
    entry: _Entry | None  # None: no rule parses it

    @property
    def mark(self) -> Mark:
        if self.entry is None:
            return Mark(self.compact, self.country, None)
        return self.entry.series.mark(self.entry.form, self.compact)


_Slot = dict[str, float]  # what one slot may hold, the signs that look alike included
_Options = list[tuple[str, float]]  # the same within one class, best first
_Memo = list[dict[frozenset[str], _Options]]  # a slot: class to options
_Found = dict[tuple[object, ...], _Hit]  # by country and spelling


class Grammars:
    """All countries' rules. Build one with `load_grammars()`."""

    def __init__(self, countries: Iterable[Country]) -> None:
        self._all = {country.code: country for country in countries}
        self._entries: dict[int, list[_Entry]] = {}  # by length
        for country in self._all.values():
            for series in country.series if country.code != ANY else ():
                for form in series.forms:
                    evidence = max(1.0, USUAL_SIZE / form.size) ** 0.5
                    entry = _Entry(series, form, series.prior * form.weight * evidence)
                    self._entries.setdefault(len(form.slots), []).append(entry)
        self._forms = {length: _tree(entries) for length, entries in self._entries.items()}

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
        return frozenset(series.vehicle for series in self._fitting(mark.compact, mark.country))

    def sisters(self, mark: Mark, at: int) -> tuple[str, ...]:
        """The letters that may stand in place `at` instead in a mark of the series: Å and Ä for an A."""
        compact = mark.compact
        return tuple(
            other
            for other in sisters_of(compact[at])
            if any(
                series.name == mark.series
                for series in self._fitting(compact[:at] + other + compact[at + 1 :], mark.country)
            )
        )

    def settled(self, mark: Mark, at: int) -> tuple[str, ...]:
        """What looks like the character in place `at` (0 and O, 1 and I) and cannot stand there, by the rules
        of the mark's country. Series that hardly a car wears count only against marks of such a series.
        """
        compact, twins = mark.compact, twins_of(mark.compact[at])
        own = (
            [s.prior for s in self._fitting(compact, mark.country) if s.name == mark.series] if twins else []
        )
        if not own:
            return ()
        return tuple(
            other
            for other in twins
            if not any(
                series.prior >= min(RARE, *own)
                for series in self._fitting(compact[:at] + other + compact[at + 1 :], mark.country)
            )
        )

    def _fitting(self, compact: str, country: str | None) -> Iterable[Series]:
        entries = self._entries.get(len(compact), ())
        return (e.series for e in entries if e.series.country == country and e.form.fits(compact))

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

    def rank(
        self, reading: Reading, country_scores: Mapping[str, float] | None = None, keep: int = 5
    ) -> tuple[Candidate, ...]:
        """The marks that a reading may stand for, best first, at most `keep`; scores sum to 1.

        A mark's weight is the product over slots of the reader's scores, times the root (`PRIOR_WEIGHT`) of
        its series' prior and its country's (`country_scores`; without them the country the reader names, or
        the files' own priors).
        What was read, as it was read, is always among them: as a parsed mark, or with series None.
        """
        if not reading.slots or keep < 1:
            return ()
        share = share_of(reading)
        slots = [widen(slot, share) for slot in reading.slots]
        raw = reading.text
        found = self._search(slots, self._shares(reading.country, country_scores), keep)
        own = [h for h in found.values() if h.compact == raw]
        if not any(reading.country in (None, hit.country) for hit in own):
            _put(found, _unknown(reading, raw, slots))
        _hold_back_sisters(found, reading, slots)
        kept = _spread(sorted(found.values(), key=lambda hit: -hit.score), raw, keep)
        total = sum(hit.score for hit in kept) or 1.0
        return tuple(Candidate(hit.mark, hit.score / total) for hit in kept)

    def _search(self, slots: Sequence[_Slot], shares: Mapping[str, float], keep: int) -> _Found:
        # First every form's best product, which is cheap; then marks, from the best forms only.
        ordered = [sorted(slot.items(), key=lambda option: -option[1]) for slot in slots]
        memo: _Memo = [{} for _ in slots]
        found: _Found = {}
        least, top, room = 0.0, 0.0, PER_TEXT * keep
        bounds = self._bounds(ordered, memo, shares)
        for paths in (1, keep):  # each form's best mark alone soon shows what need not be looked at
            for bound, prior, entry in bounds:
                if bound <= least:
                    break
                options = [known[allowed] for known, allowed in zip(memo, entry.form.slots, strict=True)]
                for compact, product in islice(entry.form.best(options, least / prior), paths):
                    weight = product * prior * entry.series.factor(entry.form, compact)
                    if weight > least:
                        _put(found, _Hit(weight, compact, entry.series.country, entry))
                        top = max(top, weight)
                least = max(least, CUT * top)
                if len(found) >= room:
                    least = max(least, sorted(hit.score for hit in found.values())[-room])
        return found

    def _bounds(
        self, slots: Sequence[_Options], memo: _Memo, shares: Mapping[str, float]
    ) -> list[tuple[float, float, _Entry]]:
        # (the form's best weight, its prior with the country's share, the form), best first.
        bounds: list[tuple[float, float, _Entry]] = []
        left = [(self._forms.get(len(slots), _Node()), 0, 1.0)]
        while left:
            node, at, product = left.pop()
            for entry in node.entries:
                prior = (entry.prior * shares[entry.series.country]) ** PRIOR_WEIGHT
                bounds.append((product * prior, prior, entry))
            for allowed, child in node.children.items():
                options = memo[at].get(allowed)
                if options is None:
                    options = memo[at][allowed] = [o for o in slots[at] if o[0] in allowed and o[1] > 0.0]
                if options:
                    left.append((child, at + 1, product * options[0][1]))
        bounds.sort(key=lambda b: -b[0])
        return bounds

    def _shares(self, named: str | None, scores: Mapping[str, float] | None) -> Mapping[str, float]:
        if scores:
            top = max(scores.values()) or 1.0
            raw = {code: max(scores.get(code, 0.0), FLOOR * top) for code in self._all}
            total = sum(raw.values())
            return {code: score / total for code, score in raw.items()}
        if named not in self._all:
            return self._default_shares
        return {
            code: SAID if code == named else (1 - SAID) * share
            for code, share in self._default_shares.items()
        }

    @cached_property
    def _default_shares(self) -> Mapping[str, float]:
        total = sum(country.prior for country in self._all.values()) or 1.0
        return {code: country.prior / total for code, country in self._all.items()}

    def _prior(self, entry: _Entry, compact: str, country: str | None) -> float:
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


def _tree(entries: Iterable[_Entry]) -> _Node:
    # Of a country's series that spell a mark alike only the likeliest: the text does not tell a car's mark
    # from a motorcycle's.
    root = _Node()
    seen: set[tuple[object, ...]] = set()
    for entry in sorted(entries, key=lambda e: -e.prior):
        form = entry.form
        key = (entry.series.country, form.slots, form.separators, form.words)
        if key not in seen:
            seen.add(key)
            node = root
            for allowed in form.slots:
                node = node.children.setdefault(allowed, _Node())
            node.entries.append(entry)
    return root


def _unknown(reading: Reading, compact: str, slots: Sequence[_Slot]) -> _Hit:
    product = prod(slot.get(char, 0.0) for slot, char in zip(slots, compact, strict=True))
    return _Hit(product * UNKNOWN, compact, reading.country, None)


def _put(found: _Found, hit: _Hit) -> None:
    key = (hit.country, hit.compact, hit.entry.form.separators if hit.entry else ())
    if key not in found or hit.score > found[key].score:
        found[key] = hit


def _hold_back_sisters(found: _Found, reading: Reading, slots: Sequence[_Slot]) -> None:
    # However unlikely a rule finds an Å: where the reader clearly saw one, the mark with A stays behind
    # the mark with Å, so that nobody is handed another car's mark without being told.
    for key, hit in list(found.items()):
        own = without_sisters(hit.compact, reading)
        if own == hit.compact:
            continue
        if not any(other.compact == own for other in found.values()):
            _put(found, _unknown(reading, own, slots))
        limit = max(other.score for other in found.values() if other.compact == own)
        found[key] = hit._replace(score=min(hit.score, 0.999 * limit))


def _spread(ordered: Sequence[_Hit], raw: str, keep: int) -> list[_Hit]:
    # The best, but only a few per text, and in the last place what was read if nothing else says it.
    kept: list[_Hit] = []
    for hit in ordered:
        if len(kept) < keep and sum(hit.compact == other.compact for other in kept) < PER_TEXT:
            kept.append(hit)
    if not any(hit.compact == raw for hit in kept):
        kept[-1:] = [next(hit for hit in ordered if hit.compact == raw)]
    return kept
