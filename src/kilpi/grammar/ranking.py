"""Which marks a reading may stand for, best first: every country's forms against the reader's scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from math import sqrt
from typing import NamedTuple

from kilpi.grammar.elsewhere import ANY, load_elsewhere
from kilpi.grammar.lookalikes import score_of, share_of, widen, without_sisters
from kilpi.grammar.patterns import Form
from kilpi.grammar.rules import Series
from kilpi.types import Candidate, Mark, Reading

UNKNOWN = 1e-3  # weight of a mark that no rule parses: below any common series, above two misread signs
# A reader that says of a plate that it is of no country it knows speaks against the countries' rules: else a
# Brazilian TXI-4723 is read as a Norwegian TX 14723. Weight of a mark of elsewhere where the reader is sure
# of that, falling with the fourth power of its score; below the least score the rules stand alone, and from
# the last one on formats of elsewhere settle O and 0. Measured on the world set, see recipes/LOG.md.
ELSEWHERE, LEAST_ELSEWHERE, SURELY_ELSEWHERE = 0.3, 0.5, 0.9
# How much a prior counts beside the reader: to this power. Priors are guesses of a Finnish dealer's mix, but
# the reader looked; and characters of one crop err together, so that their product is surer than it should
# be. 1 loses marks that were read rightly, 0 decides nothing between I and 1 (recipes/LOG.md).
PRIOR_WEIGHT = 0.5
PER_TEXT = 3  # marks kept that differ in country or spelling only, so that other characters stay in sight
CUT = 1e-5  # marks less likely than the best by this factor are not looked for

# A form with few marks says more when it fits: KOE and a number is a trade plate, not one of ten million
# ordinary marks. Bayes would divide by the form's size; the root of that, because the reader's scores are
# not calibrated and a rare form must not pull near misses to itself. Forms above the usual size count alike.
USUAL_SIZE = 10_000_000


@dataclass(frozen=True)
class Entry:
    """One form of one series of a country's marks."""

    series: Series
    form: Form

    @cached_property
    def prior(self) -> float:
        """The series', times the form's share of it, times what the form's size says."""
        evidence = sqrt(max(1.0, USUAL_SIZE / self.form.size))
        return self.series.prior * self.form.weight * evidence

    @cached_property
    def weight(self) -> float:
        """The prior as it counts beside the reader."""
        return float(self.prior**PRIOR_WEIGHT)


@dataclass(slots=True)
class Node:
    """Forms of one length as a tree over their slots' classes: shared beginnings are looked at once."""

    children: dict[frozenset[str], Node] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)


class Hit(NamedTuple):
    """A mark that was found, and its weight."""

    score: float
    compact: str
    country: str | None
    entry: Entry | None  # None: no rule parses it

    @property
    def mark(self) -> Mark:
        """In official spelling, where a rule parses it."""
        if self.entry is None:
            return Mark(self.compact, self.country, None)
        return self.entry.series.mark(self.entry.form, self.compact)


Slot = dict[str, float]  # what one slot may hold, the signs that look alike included
Options = list[tuple[str, float]]  # the same within one class, best first
Memo = list[dict[frozenset[str], Options]]  # a slot: class to options
Found = dict[tuple[object, ...], Hit]  # by country and spelling


class Ranking:
    """All forms of all countries, by length."""

    def __init__(self, entries: Mapping[int, Sequence[Entry]]) -> None:
        self._forms = {length: tree(of_length) for length, of_length in entries.items()}

    def rank(self, reading: Reading, shares: Mapping[str, float], keep: int) -> tuple[Candidate, ...]:
        """See `Grammars.rank`; `shares` has every country's."""
        if not reading.slots or keep < 1:
            return ()
        share = share_of(reading)
        slots = [widen(slot, share) for slot in reading.slots]
        raw = reading.text
        found = self._search(slots, shares, keep)
        own = [h for h in found.values() if h.compact == raw]
        if not any(reading.country in (None, hit.country) for hit in own):
            put(found, unknown(reading, raw, slots))
        put_elsewhere(found, reading, slots)
        hold_back_sisters(found, reading, slots)
        kept = spread(sorted(found.values(), key=lambda hit: -hit.score), raw, keep)
        total = sum(hit.score for hit in kept) or 1.0
        return tuple(Candidate(hit.mark, hit.score / total) for hit in kept)

    def _search(self, slots: Sequence[Slot], shares: Mapping[str, float], keep: int) -> Found:
        # First every form's best product, which is cheap; then marks, from the best forms only.
        ordered = [sorted(slot.items(), key=lambda option: -option[1]) for slot in slots]
        memo: Memo = [{} for _ in slots]
        found: Found = {}
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
                        put(found, Hit(weight, compact, entry.series.country, entry))
                        top = max(top, weight)
                least = max(least, CUT * top)
                if len(found) >= room:
                    least = max(least, sorted(hit.score for hit in found.values())[-room])
        return found

    def _bounds(
        self, slots: Sequence[Options], memo: Memo, shares: Mapping[str, float]
    ) -> list[tuple[float, float, Entry]]:
        # (the form's best weight, its prior with the country's share, the form), best first.
        bounds: list[tuple[float, float, Entry]] = []
        weights = {code: share**PRIOR_WEIGHT for code, share in shares.items()}
        left = [(self._forms.get(len(slots), Node()), 0, 1.0)]
        while left:
            node, at, product = left.pop()
            for entry in node.entries:
                prior = entry.weight * weights[entry.series.country]
                bounds.append((product * prior, prior, entry))
            for allowed, child in node.children.items():
                options = memo[at].get(allowed)
                if options is None:
                    options = memo[at][allowed] = [o for o in slots[at] if o[0] in allowed and o[1] > 0.0]
                if options:
                    left.append((child, at + 1, product * options[0][1]))
        bounds.sort(key=lambda b: -b[0])
        return bounds


def tree(entries: Iterable[Entry]) -> Node:
    """The forms of one length. Of a country's series that spell a mark alike only the likeliest: the text
    does not tell a car's mark from a motorcycle's.
    """
    root = Node()
    seen: set[tuple[object, ...]] = set()
    for entry in sorted(entries, key=lambda e: -e.prior):
        form = entry.form
        key = (entry.series.country, form.slots, form.separators, form.words)
        if key not in seen:
            seen.add(key)
            node = root
            for allowed in form.slots:
                node = node.children.setdefault(allowed, Node())
            node.entries.append(entry)
    return root


def unknown(reading: Reading, compact: str, slots: Sequence[Slot]) -> Hit:
    """The mark as read, which no rule need parse."""
    return Hit(score_of(compact, slots) * UNKNOWN, compact, reading.country, None)


def put(found: Found, hit: Hit) -> None:
    """Keeps a hit where it is the best of its country and spelling."""
    key = (hit.country, hit.compact, hit.entry.form.separators if hit.entry else ())
    if key not in found or hit.score > found[key].score:
        found[key] = hit


def put_elsewhere(found: Found, reading: Reading, slots: Sequence[Slot]) -> None:
    """Where the reader says that the plate is of no country that has rules here, what was read is also a mark
    of no country; where it is sure of that, with its 0 and O, 1 and I as formats of elsewhere have them.
    """
    share = next((guess.score for guess in reading.countries if guess.code == ANY), 0.0)
    if share < LEAST_ELSEWHERE:
        return
    mark = load_elsewhere().settled(reading.text, slots) if share >= SURELY_ELSEWHERE else reading.text
    put(found, Hit(ELSEWHERE * share**4 * score_of(reading.text, slots), mark, None, None))


def hold_back_sisters(found: Found, reading: Reading, slots: Sequence[Slot]) -> None:
    """However unlikely a rule finds an Å: where the reader clearly saw one, the mark with A stays behind the
    mark with Å, so that nobody is handed another car's mark without being told.
    """
    for key, hit in list(found.items()):
        own = without_sisters(hit.compact, reading)
        if own == hit.compact:
            continue
        if not any(other.compact == own for other in found.values()):
            put(found, unknown(reading, own, slots))
        limit = max(other.score for other in found.values() if other.compact == own)
        found[key] = hit._replace(score=min(hit.score, 0.999 * limit))


def spread(ordered: Sequence[Hit], raw: str, keep: int) -> list[Hit]:
    """The best, but only a few per text, and in the last place what was read if nothing else says it."""
    kept: list[Hit] = []
    for hit in ordered:
        if len(kept) < keep and sum(hit.compact == other.compact for other in kept) < PER_TEXT:
            kept.append(hit)
    if not any(hit.compact == raw for hit in kept):
        kept[-1:] = [next(hit for hit in ordered if hit.compact == raw)]
    return kept
