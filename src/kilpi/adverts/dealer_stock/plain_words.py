"""A note or a pasted mail beside a car's photos: price and mileage in plain Finnish, Swedish or English.

Read only where they are unambiguous: one amount that a word calls the price ("Hinta 15 900 e"), or the only
amount of money of the text; the same for kilometres. What is not read is named with its value.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from kilpi.adverts.dealer_stock.said import BARE, FIGURES, PRICED, Told
from kilpi.adverts.dealer_stock.values import (
    KM_OR_MIL,
    LEAST_PRICE,
    counts_miles,
    names_euro,
    read_km,
    read_money,
)
from kilpi.adverts.wording import load_table
from kilpi.disclosure import quoted
from kilpi.errors import LabelError, NotUsed
from kilpi.text import decode_text, plain_text
from kilpi.types import Problem

SUFFIXES = frozenset({".txt", ".text", ".md", ".eml", ".htm", ".html"})
MAX_BYTES = 2_000_000
MOST_LINES = 400
LONGEST_LINE = 2_000

_FIGURE = (
    r"(?<![\w.,])(?:[0-9]{1,3}(?:[ .,'’][0-9]{3})+(?:[.,][0-9]{1,2})?|[0-9]+(?:[.,][0-9]{1,2})?)"
    r"(?![0-9]|[.,][0-9])"
)
_SIGN = r"(?:€|£|euro[as]?\b|eur\b|sek\b|nok\b|dkk\b|kr\b|e\b)"
_DASH = r"(?:\s?[,.:][-–—]{1,2})"
_KM = r"(?:tkm|t\.? ?km|tuhatta(?: km)?|km|kilometriä|kilometers?|kilometres?|mil)\b"
_AMOUNT = {
    "price": re.compile(
        rf"(?:€|£|\beur)\s?{_FIGURE}|{_FIGURE}{_DASH}?\s?{_SIGN}|{_FIGURE}{_DASH}", re.IGNORECASE
    ),
    "odometer_km": re.compile(rf"{_FIGURE}\s?{_KM}(?!\s?/)", re.IGNORECASE),
}
_LABELLED = {
    "price": re.compile(rf"(?:€|£|\beur)?\s?{_FIGURE}{_DASH}?(?:\s?{_SIGN})?(?!\w)", re.IGNORECASE),
    "odometer_km": re.compile(rf"{_FIGURE}(?:\s?{_KM})?(?!\w)", re.IGNORECASE),
}
_UNIT_OF = {"mil": "mil", "miltal": "mil"}
_UNIT_OF |= dict.fromkeys(("mätarställning", "körsträcka", "gått", "körd"), KM_OR_MIL)
Read = tuple[Decimal, str | None] | int
_READ: dict[str, Callable[[str, str], Read]] = {"price": read_money, "odometer_km": read_km}
_LEAST = {"price": LEAST_PRICE, "odometer_km": 1_000}  # smaller amounts are of something else


_ENGLISH = re.compile(
    r"(?<!\w)(?:the|and|with|price|asking|mileage|odometer|driven|for sale)(?!\w)", re.IGNORECASE
)
_ENGLISH_THOUSANDS = re.compile(r"(?<![0-9.,])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])")
_BREAK = re.compile(r"[,;|](?=\s)|[.!?](?=\s+[A-ZÅÄÖ])|\s[-–]\s")


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount of a text: where, as written, and whether a word says what it is."""

    line: int
    text: str
    unit: str
    labelled: bool
    doubtful: bool  # its line says that it is another amount, or an approximate one
    label: str = ""  # the word, in lower case


def read_plain_words(path: Path) -> Told:
    """What a text file tells of its car. Never raises: what cannot be read is a problem."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return _nothing(path, f"is larger than {MAX_BYTES:,} bytes and is not read")
        data = path.read_bytes()
    except OSError as error:
        return _nothing(path, f"cannot be read ({error.strerror})")
    lines = text_of(data, path.suffix.lower()).split("\n")[:MOST_LINES]
    values: dict[str, object] = {}
    where: dict[str, str] = {}
    problems: list[Problem] = []
    unclear: dict[str, str] = {}
    doubted: set[str] = set()
    for field in FIGURES:
        found = list(amounts(lines, field))
        read, why, said = decide(found, field)
        if read is not None:
            values |= read
            where[field] = f"{path}:{found[0].line}"
        elif why:
            kind = LabelError if any(one.labelled for one in found) else NotUsed
            problems.append(Problem(str(path), kind(f"{path}: {why}")))
            unclear[field] = said  # no words of ours and no file's name: dealers read it, in any language
            if any(one.labelled or not one.doubtful for one in found):
                doubted |= {field, *(PRICED if field == "price" else (BARE,))}
    told = " and ".join(field for field in FIGURES if field in values) or "nothing"
    if any(line.strip() for line in lines):
        words = f"{path}: {told} read; nothing else of it is used"
        problems.append(Problem(str(path), NotUsed(words)))
    return Told(values, where, tuple(problems), tuple(unclear.items()), frozenset(doubted))


def _nothing(path: Path, why: str) -> Told:
    return Told(problems=(Problem(str(path), LabelError(f"{path}: {why}")),))


def text_of(data: bytes, suffix: str) -> str:
    """The words of a note, a page or a mail (its plain part where it has one)."""
    text = decode_text(data)
    if suffix == ".eml":
        message = email.message_from_bytes(data, policy=email.policy.default)
        try:
            body = message.get_body(("plain", "html"))
            text = str(body.get_content()) if body else text
        except (LookupError, ValueError, AttributeError, TypeError):
            pass  # a mail that is none; its bytes are read as text
    return plain_text(text)


def amounts(lines: Sequence[str], field: str) -> Iterator[Amount]:
    """Every amount of one field: those behind a label, and others with their unit."""
    english = _ENGLISH.search(" ".join(lines)) is not None
    for number, line in enumerate(lines, 1):
        text = " ".join(line[:LONGEST_LINE].replace("\u00a0", " ").replace("\u202f", " ").split())
        if english:
            text = _ENGLISH_THOUSANDS.sub(lambda found: found[0].replace(",", ""), text)
        yield from _amounts_of(text, number, field)


def _amounts_of(text: str, number: int, field: str) -> Iterator[Amount]:
    """An amount in a labelled clause is doubtful by what its clause says, any other by what its line says."""
    others = _others(field)
    taken: list[range] = []
    clauses: dict[range, bool] = {}
    for label in _labels(field).finditer(text):
        if found := _LABELLED[field].match(text, label.end()):
            clause = _clause(text, label.start(), found.end())
            clauses[clause] = others.search(text, clause.start, clause.stop) is not None
            taken.append(range(*found.span()))
            word = label["word"].casefold()
            yield Amount(number, found[0].strip(), _UNIT_OF.get(word, ""), True, clauses[clause], word)
    for found in _AMOUNT[field].finditer(text):
        if not any(found.start() in span or span.start in range(*found.span()) for span in taken):
            whole = others.search(text) is not None
            doubt = next((said for span, said in clauses.items() if found.start() in span), whole)
            yield Amount(number, found[0].strip(), "", False, doubt)


def _clause(text: str, start: int, end: int) -> range:
    """The place of the part of a line between commas, semicolons or sentences that holds a place."""
    before = max((found.end() for found in _BREAK.finditer(text, 0, start)), default=0)
    behind = _BREAK.search(text, end)
    return range(before, behind.start() if behind else len(text))


def decide(found: Sequence[Amount], field: str) -> tuple[dict[str, object] | None, str, str]:
    """The value that a text tells of a field; else None, why not ("": it tells nothing), and what it says."""
    labelled = [one for one in found if one.labelled]
    chosen = [one for one in found if one.labelled or not one.doubtful]
    values: dict[Read, Amount] = {}
    for one in chosen:
        try:
            read = _READ[field](one.text, one.unit)
        except ValueError as error:
            return None, f"{field}: {quoted(one.text)} {error}", quoted(one.text)
        if _size(read) >= _LEAST[field]:
            values.setdefault(read, one)
        elif one.labelled:
            why = f"{field}: {quoted(one.text)} is too little to be it; write it into car.toml"
            return None, why, quoted(one.text)
    clear = len(values) == 1 and not any(one.doubtful for one in labelled)
    if not clear:
        doubted = values.values() if values else [one for one in found if one.doubtful]
        said = ", ".join(quoted(one.text) for one in doubted)
        return None, f"{field}: {said} may be it, or not; write it into car.toml" if said else "", said
    value = next(iter(values))
    if isinstance(value, tuple):
        tongue = "EUR" if any(names_euro(one.label) for one in labelled) else None
        return {"price": value[0], "price_currency": value[1], "price_tongue": tongue}, "", ""
    bare = any(counts_miles(one.label, one.text) for one in labelled)
    return {field: value, **({BARE: True} if bare else {})}, "", ""


def _size(read: Read) -> Decimal | int:
    return read[0] if isinstance(read, tuple) else read


@lru_cache(maxsize=4)
def _labels(field: str) -> re.Pattern[str]:
    words = sorted(load_table("said.toml")[field]["labels"], key=len, reverse=True)
    joined = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in words)
    # "84 200 km 15 900 e" says nothing of 15 900 km.
    joined = re.sub(r"(?<=\|)(km|mil)(?=\||$)", r"(?<![0-9] )\1", joined)
    return re.compile(
        rf"(?<!\w)(?P<word>{joined})(?:\s?\([^()]{{0,20}}\))?\s?(?:[:=]|\bon\b|\bär\b|\bis\b)?\s?",
        re.IGNORECASE,
    )


@lru_cache(maxsize=4)
def _others(field: str) -> re.Pattern[str]:
    words = load_table("said.toml")[field]["others"]
    return re.compile("|".join(rf"(?<!\w){re.escape(word)}" for word in words), re.IGNORECASE)
