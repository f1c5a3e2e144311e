"""Whether a text holds what could be another car's mark, or this one's where nobody knows it.

That is what is announced as a mark ("rek. 123 ABC"), and what a country's rules write so. A mark that is
known is looked for by `kilpi.disclosure`, however it is spelled; here nothing is known of it, and ordinary
words and the names of models must be told from marks (data/mark_words.toml).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

from kilpi.adverts.naming import fold
from kilpi.adverts.wording import load_table
from kilpi.decision.showing import show_words
from kilpi.disclosure import COMMON, LONG_MARK, may_name_plate, mentions, seen_as
from kilpi.grammar import load_grammars
from kilpi.text import VIN_DIGITS, compact_mark
from kilpi.types import Mark

LONGEST_MARK = 8
PARTS = 3  # that a mark is written in, at most
LONGEST_PART = 3  # letters side by side in it
LEAST_ANNOUNCED = 3  # letters and digits of a mark behind "rek."
LEAST_VIN = 11  # letters and digits of a chassis number that is announced
LONG_FIGURES = 4  # of a mark whose letters stand alone; more are no engine's size
RARE = 0.015  # of a country's cars: what a series of fewer writes so is no mark in ordinary text
_WORD = re.compile(r"[^\W_]+")
_GAP = re.compile(r"[ \-–]{1,3}")
_BEHIND = re.compile(r"[\s.:;,=#(\"'’”\-–]{0,5}")  # between "rek" and its mark
_COMMON = frozenset(map(fold, COMMON))
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


class Written(NamedTuple):
    """Words of a text that could be a mark together."""

    parts: tuple[str, ...]
    hyphens: tuple[bool, ...]  # whether one stands between them, each time

    @property
    def hyphened(self) -> bool:
        """Whether a hyphen stands between any of them."""
        return any(self.hyphens)

    @property
    def compact(self) -> str:
        """Letters and digits only."""
        return compact_mark("".join(self.parts))


def could_be_mark(text: str, names: str = "") -> bool:
    """Whether a text may name the mark of a car of which none is known; `names`: its title, which is none."""
    known = _no_marks() | set(fold(names).split())
    fits = any(_fits(written, known) for written in _runs(seen_as(text)))
    return fits or announces(text) or may_name_plate(text, known)


def names_mark(name: str) -> bool:
    """Whether a make and model that somebody typed hold what could be a mark, in any case of letters."""
    shown = _YEAR.sub(" ", seen_as(name)).upper()
    layouts = not _words("layouts").isdisjoint(map(fold, _WORD.findall(shown)))
    runs = (written for written in _runs(shown) if not (layouts and written.compact[0].isdigit()))
    return announces(name) or any(_fits(written, _no_marks()) for written in runs)


def announces(text: str) -> bool:
    """Whether a text says that what follows is a mark: "rek. 123 ABC", "numero XGB-915"."""
    shown = seen_as(text)
    for word in _WORD.finditer(shown):
        sure = word[0].casefold() in _words("announce_mark")
        said = sure or word[0].casefold() in _words("announce_number")
        if said and _mark_behind(shown, word.end(), sure):
            return True
    return False


def announces_vin(text: str) -> bool:
    """Whether a text says that what follows is a chassis number: "alustanro ZFA 192 000 1234567"."""
    shown = seen_as(text)
    said = (word for word in _WORD.finditer(shown) if word[0].casefold() in _words("announce_vin"))
    return any(_vin_behind(shown, word.end()) for word in said)


def of_another_car(text: str) -> bool:
    """Whether a text on a car of a known mark names another's: announced, or long and with a hyphen, as
    countries write it ("Vaihdossa XGB-915").
    """
    return announces(text) or any(
        written.hyphened and len(written.compact) > LONG_MARK and _fits(written, _no_marks())
        for written in _runs(seen_as(text))
    )


def names_one_of(text: str, marks: Collection[str]) -> bool:
    """Whether a text holds one of these marks (compact), as people write it; neither short ones nor what says
    a model's name: those stand there by chance.
    """
    return bool(marks) and not marks_said(text).isdisjoint(marks)


def marks_said(text: str) -> set[str]:
    """What a text says that would be a car's mark (compact) if there were such a car: see `names_one_of`."""
    said = (written for written in _runs(seen_as(text).upper()) if not _is_known(written, _no_marks()))
    return {mark for mark in {written.compact for written in said} if mentions(text, Mark(mark))}


def _runs(shown: str) -> Iterator[Written]:
    """One to PARTS words side by side, of capitals and digits, that are as long as a mark."""
    words = list(_WORD.finditer(shown))
    for start, first in enumerate(words):
        parts: list[str] = []
        hyphens: list[bool] = []
        before = first.start()
        for word in words[start : start + PARTS]:
            gap = shown[before : word.start()]
            if parts and not _GAP.fullmatch(gap):
                break
            hyphens += [bool(gap.strip())] if parts else []
            before = word.end()
            parts.append(word[0])
            if word[0] != word[0].upper() or sum(map(len, parts)) > LONGEST_MARK:
                break
            if sum(map(len, parts)) >= LONG_MARK:
                yield Written(tuple(parts), tuple(hyphens))


def _fits(written: Written, known: Collection[str]) -> bool:
    """Whether a country writes its cars' marks so, and none of its letters is a word or a model's."""
    compact = written.compact
    if compact.isalpha() or compact.isdigit() or not compact.isalnum():
        return False
    if (max(map(len, _letters(compact))) < 2 and not _has_long_figures(written)) or _is_known(written, known):
        return False
    if any(part.isalpha() and len(part) > LONGEST_PART for part in written.parts):
        return False
    return not _ends_in_year(written) and any(
        len(written.parts) == 1 or written.parts == spelled for spelled in _spellings(compact)
    )


def _has_long_figures(written: Written) -> bool:
    """Whether letters that stand by themselves may be a mark's, one before its figures and one behind them:
    "W 12345 A", "P-1234-A"; "E 220 D" and "A 2000 D" are models.
    """
    if len(written.parts) != PARTS or not re.fullmatch(r"[^\W\d_][0-9]{4,5}[^\W\d_]", written.compact):
        return False
    figures = written.parts[1]
    return len(figures) > LONG_FIGURES or (
        all(written.hyphens) and not (_YEAR.fullmatch(figures) or figures.endswith("00"))
    )


@lru_cache(maxsize=4096)
def _spellings(compact: str) -> frozenset[tuple[str, ...]]:
    """The parts in which countries write it as a usual car's mark."""
    grammars = load_grammars()
    found = grammars.parse(compact)
    usual = {
        (series.country, series.name)
        for code in {mark.country for mark in found}
        for series in grammars.fitting(code, compact)
        if series.prior >= RARE and series.vehicle == "car"
    }
    return frozenset(
        tuple(_WORD.findall(mark.text)) for mark in found if (mark.country, mark.series) in usual
    )


def _mark_behind(shown: str, at: int, sure: bool) -> bool:
    """Whether a mark stands behind an announcing word; of one that is not sure, only a whole one."""
    behind = _next_words(shown, at)
    for count in range(1, PARTS + 1):
        parts = tuple(behind[:count])
        compact = compact_mark("".join(parts))
        if len(parts) < count or len(compact) > LONGEST_MARK:
            return False
        if any(len(part) > LONGEST_PART or fold(part) in _COMMON for part in parts if part.isalpha()):
            return False
        mixed = not compact.isalpha() and not compact.isdigit() and len(compact) >= LEAST_ANNOUNCED
        whole = load_grammars().parse(compact) if mixed else ()
        if whole and (sure or len(compact) >= LONG_MARK) and not _is_model(compact):
            return True
    return False


def _vin_behind(shown: str, at: int) -> bool:
    signs = ""
    for word in _next_words(shown, at):
        if word.isalpha() and len(word) > 4 and not word.isupper():
            break
        signs += word
    long_enough = len(signs) >= LEAST_VIN and not signs.isalpha()
    return long_enough and sum(map(str.isdigit, signs[:17])) >= VIN_DIGITS


def _next_words(shown: str, at: int) -> list[str]:
    """The words behind a place that belong together, without "number", "is" and their like."""
    found: list[str] = []
    while len(found) < 2 * LONGEST_MARK:
        gap = _BEHIND.match(shown, at)
        word = _WORD.match(shown, gap.end() if gap else at)
        if word is None or (found and gap and not _GAP.fullmatch(gap[0])):
            break
        at = word.end()
        if not found and word[0].casefold() in _words("between"):
            continue
        found.append(word[0])
    return found


def _ends_in_year(written: Written) -> bool:
    """Whether its last part is a year, and no hyphen before it: "Rio 2015"."""
    return bool(written.hyphens) and not written.hyphens[-1] and bool(_YEAR.fullmatch(written.parts[-1]))


def _letters(compact: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", compact)


def _is_known(written: Written, known: Collection[str]) -> bool:
    """Whether it says a word or a model's name. Of AB-123-CE and B-NO 1234 no short part is one."""
    marks_form = all(written.hyphens) or (written.hyphened and len(written.parts[-1]) > LONGEST_PART)
    if len(written.parts) == PARTS and marks_form and not _ends_in_year(written):
        return any(len(part) > 2 and fold(part) in known for part in written.parts)
    parts = (*written.parts, *_letters(written.compact))
    return any(fold(part) in known for part in parts) or _is_model(written.compact)


def _is_model(compact: str) -> bool:
    return compact in show_words().models


@lru_cache(maxsize=1)
def _no_marks() -> frozenset[str]:
    """Letters that are no part of a mark in ordinary text."""
    makes = load_table("makes.toml")
    names = {fold(word) for make in (*makes["makes"], *makes["also"]) for word in make.split()}
    return _words("ordinary") | _words("models") | names | _COMMON


@lru_cache(maxsize=8)
def _words(kind: str) -> frozenset[str]:
    return frozenset(load_table("mark_words.toml")[kind])
