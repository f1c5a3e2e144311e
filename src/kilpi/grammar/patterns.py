"""The pattern language of the grammars: patterns become fixed-length forms, forms become spellings.

`{C:n}` or `{C:a-b}` is a slot class repeated, `{name}` one of a list of words; any other letter or digit is
literal, and what stands between them ("-", " ", "·") is the official separator. A form has one class a slot,
so that ranking a reading is a product over slots and needs no search over lengths.
"""

from __future__ import annotations

import heapq
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from math import prod
from typing import Protocol, TypeVar

from kilpi.errors import UsageError

T = TypeVar("T")

Options = Sequence[tuple[str, float]]
"""What one slot may hold, best first: (character, score)."""

# A reading that a listed group refuses (a German district, say) is tried in this many other ways at most.
MAX_PATHS = 40

_TOKEN = re.compile(r"\{(\w+)(?::(\d+)(?:-(\d+))?)?\}|(.)")


class Random(Protocol):
    """What sampling needs of a random generator: `random.Random` and `numpy.random.Generator` both fit."""

    def random(self) -> float:
        """A float in [0, 1)."""
        ...


@cache
def _intern(chars: frozenset[str]) -> frozenset[str]:
    # One object per class: ranking keys its memo by class, and identical objects compare fast.
    return chars


@dataclass(frozen=True, slots=True)
class Word:
    """Slots start..stop (half open) together must be one of `words`, which are of that length."""

    start: int
    stop: int
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Form:
    """One fixed-length spelling: a class a slot, the separators, and groups that come from a list."""

    slots: tuple[frozenset[str], ...]
    separators: tuple[tuple[int, str], ...] = ()  # (before which slot, what is written)
    words: tuple[Word, ...] = ()
    weight: float = 1.0  # share of the series' marks that have this form

    def fits(self, compact: str) -> bool:
        """Whether letters and digits without separators have this form."""
        if len(compact) != len(self.slots):
            return False
        for char, allowed in zip(compact, self.slots, strict=True):  # asked of every form: no generator
            if char not in allowed:
                return False
        return self.words_fit(compact)

    def words_fit(self, compact: str) -> bool:
        """Whether the groups that come from lists are in them."""
        return all(compact[w.start : w.stop] in w.words for w in self.words)

    def spell(self, compact: str) -> str:
        """The official spelling: the separators put in."""
        written, at = [], 0
        for before, separator in self.separators:
            written += [compact[at:before], separator]
            at = before
        return "".join([*written, compact[at:]])

    def groups(self, compact: str) -> tuple[str, ...]:
        """What stands between the separators: ABC123 gives ABC and 123."""
        cuts = [0, *(before for before, _ in self.separators), len(compact)]
        return tuple(compact[a:b] for a, b in pairwise(cuts))

    @property
    def size(self) -> int:
        """How many marks have this form."""
        listed = {at for word in self.words for at in range(word.start, word.stop)}
        free = prod(len(slot) for at, slot in enumerate(self.slots) if at not in listed)
        return free * prod(len(word.words) for word in self.words)

    def sample(self, rng: Random) -> str:
        """Draws letters and digits: each slot evenly from its class, each group evenly from its list."""
        chars = [pick(rng, sorted(slot)) for slot in self.slots]
        for word in self.words:
            chars[word.start : word.stop] = pick(rng, sorted(word.words))
        return "".join(chars)

    def best(self, options: Sequence[Options], least: float = 0.0) -> Iterator[tuple[str, float]]:
        """Yields (letters and digits, product of scores), best first, as long as the product is over `least`.

        `options` holds one entry a slot, scores above 0.
        """
        start = (0,) * len(options)
        score = prod(slot[0][1] for slot in options)
        heap, seen = [(-score, start)], {start}
        for _ in range(MAX_PATHS):
            if not heap:
                return
            minus, path = heapq.heappop(heap)
            compact = "".join([slot[i][0] for slot, i in zip(options, path, strict=True)])
            if not self.words or self.words_fit(compact):
                yield compact, -minus
            for at, i in enumerate(path):
                slot = options[at]
                if i + 1 < len(slot):
                    further = minus * slot[i + 1][1] / slot[i][1]
                    if -further > least:
                        step = (*path[:at], i + 1, *path[at + 1 :])
                        if step not in seen:
                            seen.add(step)
                            heapq.heappush(heap, (further, step))


def pick(rng: Random, items: Sequence[T], weights: Sequence[float] | None = None) -> T:
    """One of `items`, evenly or by weights (relative, at least one above 0)."""
    if weights is None:
        return items[min(int(rng.random() * len(items)), len(items) - 1)]
    left = rng.random() * sum(weights)
    for item, weight in zip(items, weights, strict=True):
        left -= weight
        if left < 0:
            return item
    return items[-1]


def tidy(text: str) -> str:
    """Upper case, single spaces, and A and a ring as one letter Å (NFC)."""
    return " ".join(unicodedata.normalize("NFC", text).upper().split())


def letters_and_cuts(text: str) -> tuple[str, set[int]]:
    """A typed mark's letters and digits, and the places between them where something else stood."""
    kept: list[str] = []
    cuts: set[int] = set()
    for char in tidy(text):
        if char.isalnum():
            kept.append(char)
        elif kept:
            cuts.add(len(kept))
    return "".join(kept), cuts - {len(kept)}


def expand(pattern: str, classes: Mapping[str, str], lists: Mapping[str, Sequence[str]]) -> list[Form]:
    """All forms of a pattern, in order of growing repeats. Raises UsageError for a class nobody defined."""
    forms = [Form(())]
    for name, low, high, literal in _TOKEN.findall(pattern):
        if literal and not literal.isalnum():
            forms = [_separate(form, literal) for form in forms]
        elif literal:
            forms = [_append(form, [literal]) for form in forms]
        elif name in classes:
            first = int(low or 1)
            repeats = range(first, int(high or first) + 1)
            forms = [_append(form, [classes[name]] * n) for form in forms for n in repeats]
        elif name in lists:
            forms = [_listed(form, group) for form in forms for group in _by_length(lists[name])]
        else:
            raise UsageError(f"pattern {pattern!r}: no class or list is called {name!r}")
    return forms


def weigh(
    patterns: Iterable[str],
    weights: Mapping[str, float],
    classes: Mapping[str, str],
    lists: Mapping[str, Sequence[str]],
    max_length: int | None = None,
) -> tuple[Form, ...]:
    """The forms of a series with their shares, which sum to 1; those over `max_length` signs are left out.

    `weights` names sub-patterns and their share; what they leave over is spread evenly over the patterns,
    and within a pattern over its forms. Forms that two patterns share are merged.
    """
    shares: dict[tuple[object, ...], float] = {}
    forms: dict[tuple[object, ...], Form] = {}
    patterns = list(patterns)
    named = [(expand(p, classes, lists), share) for p, share in weights.items()]
    taken = {_key(form) for group, _ in named for form in group}
    plain = [expand(p, classes, lists) for p in patterns]
    plain = [left for group in plain if (left := [f for f in group if _key(f) not in taken])]
    rest = max(0.0, 1.0 - sum(weights.values())) if named else 1.0
    for group, share in [*named, *((group, rest / len(plain)) for group in plain)]:
        for form in group:
            forms[_key(form)] = form
            if max_length is None or len(form.slots) <= max_length:
                shares[_key(form)] = shares.get(_key(form), 0.0) + share / len(group)
    total = sum(shares.values())
    return tuple(replace(forms[key], weight=share / total) for key, share in shares.items())


def _key(form: Form) -> tuple[object, ...]:
    return (form.slots, form.separators, form.words)


def _separate(form: Form, separator: str) -> Form:
    return replace(form, separators=(*form.separators, (len(form.slots), separator)))


def _append(form: Form, classes: Sequence[str]) -> Form:
    return replace(form, slots=(*form.slots, *(_intern(frozenset(c)) for c in classes)))


def _listed(form: Form, group: Sequence[str]) -> Form:
    start = len(form.slots)
    longer = _append(form, ["".join(column) for column in zip(*group, strict=True)])
    return replace(longer, words=(*form.words, Word(start, len(longer.slots), frozenset(group))))


def _by_length(words: Sequence[str]) -> list[list[str]]:
    lengths = sorted({len(word) for word in words})
    return [[word for word in words if len(word) == n] for n in lengths]
