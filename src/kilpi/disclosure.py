"""Whether a text gives a car away: its mark or its VIN, also where they are spelled to be missed.

Both are personal data (a VIN leads to the mark). People write `K L T - 4 8 2`, `K.L.T 482`, full-width or
Cyrillic letters; pasted text brings zero-width characters. Ordinary text must not be taken for a mark.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

from kilpi.text import NEVER_SEEN, VIN_DIGITS, compact_mark, is_vin, plain_text
from kilpi.types import Mark

# What may stand for a letter: the same shape in Cyrillic and Greek, the same sound in Cyrillic, the letter
# without its dots, and 0 and 1. Ours, from Unicode's confusables and the Cyrillic keyboard.
STANDS_FOR = {
    "A": "АΑ", "B": "ВΒБ", "C": "СЦ", "D": "Д", "E": "ЕΕЁЭ", "F": "Ф", "G": "Г", "H": "НΗХ", "I": "ІΙИӀ1|",
    "J": "ЈЙ", "K": "КΚ", "L": "Л", "M": "МΜ", "N": "НΝ", "O": "ОΟ0", "P": "РΡП", "Q": "Ԛ",
    "R": "Р", "S": "ЅС", "T": "ТΤ", "U": "У", "V": "ВѴ", "W": "ԜВ", "X": "ХΧ", "Y": "УΥЫ", "Z": "ЗΖ",
    "Ä": "AАΑӒÆЯ", "Ö": "OОΟØӦ", "Å": "AАΑ", "Ü": "UYЮ", "Æ": "Ä", "Ø": "ÖO", "0": "OОΟ", "1": "IІΙL|",
    "3": "З",
}  # fmt: skip
LETTERS_AS_SYMBOLS = {  # circled and squared letters that NFKC leaves alone
    **{0x1F150 + n: chr(65 + n) for n in range(26)},
    **{0x1F170 + n: chr(65 + n) for n in range(26)},
    **{0x1F1E6 + n: chr(65 + n) for n in range(26)},
}
# Words of two and three letters: "on 5" and "ja 12" are no marks where they stand in lower case with a space.
_COMMON_WORDS = """
alv abs aut ei eli en ero et he hp hv ja jo jos km kpl kun kw kg me mm ne ni no nyt ok oli on pv se sen
sis ssa tai te tkm tpi vai vko vm yli att av bil de den det du ett fem fin har in ink kan kr mil med mån
ny nya nu när och om per se så tre två ut var vi vid år är all and any are as at be but by can car cm cc
do for had has he if is it its kms max min new nm not now of off old one or out own rpm so the to top two
up us was we with yes you
"""
COMMON = frozenset(_COMMON_WORDS.split())
MINIMUM_VIN = 8  # characters; shorter chassis numbers are numbers of anything
# What could be a VIN from the beginning of a word on: in one piece, or spaced as people space it.
_VIN_LIKE = re.compile(
    r"(?<![^\W_])(?=(?P<vin>[A-HJ-NPR-Z0-9](?:[ .\-–]{0,2}[A-HJ-NPR-Z0-9]){16})(?![^\W_]))", re.IGNORECASE
)
_SERIAL = re.compile(r"[0-9]{6}\Z")  # in one piece
_VIN_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
# What could be a mark: two or three letters and up to three digits, or Sweden's with a letter at the end.
_MARK_LIKE = re.compile(
    r"(?<![^\W_])(?:(?P<letters>[^\W\d_]{2,3})[- ]?[0-9]{1,3}|[A-Za-z]{3}[- ]?[0-9]{2}[A-Za-z])(?![^\W_])"
)
_UNITS = frozenset(("eur", "sek", "nok", "dkk", "gbp", "tkm"))
LONG_MARK = 5  # characters of a mark that no model's name is by chance (XC 60 is one)
_LONGEST_QUOTED = 2_000
_GAP = r"[\W_]{1,3}"  # between characters that are spelled one by one
_SEPARATOR = r"[\W_]{0,8}"  # between the parts of a mark


def mentions(text: str, mark: Mark) -> bool:
    """Whether a text holds the mark: any case, any separator or none between its parts, each part written
    together or spelled character by character, in look-alike letters too.
    """
    pattern = _mark_pattern(unicodedata.normalize("NFC", mark.text).upper())
    if pattern is None:
        return False
    return any(not _ordinary(found) for found in pattern.finditer(seen_as(text)))


def mentions_vin(text: str, vin: str | None = None) -> bool:
    """Whether a text holds this VIN, or anything of its form: 17 letters and digits, four digits last; with
    gaps only what is a VIN by more than its length.
    """
    shown = seen_as(text)
    if next(_vins_in(shown), None):
        return True
    known = compact_mark(vin or "")
    if len(known) < MINIMUM_VIN:
        return False
    return _vin_pattern(known).search(shown) is not None


def gives_away(text: str, mark: Mark | None, vin: str | None = None) -> bool:
    """Whether a text holds the mark or a VIN."""
    return (mark is not None and mentions(text, mark)) or mentions_vin(text, vin)


def may_name_plate(text: str, names: Collection[str] = ()) -> bool:
    """Whether a text holds what could be a mark, where the car's own is not known: letters and figures as
    marks have them, LONG_MARK or more, that are no unit, word or one of `names`, lower case ("bmw": BMW 320).
    """
    known = set(names)
    found = (one for one in _MARK_LIKE.finditer(seen_as(text)) if not _is_word(one))
    return any(
        len(compact_mark(one[0])) >= LONG_MARK and (one["letters"] or "").casefold() not in known
        for one in found
    )


def _vins_in(shown: str) -> Iterator[str]:
    """What could be VINs in a text, as written."""
    return (found["vin"] for found in _VIN_LIKE.finditer(shown) if _is_vin(found["vin"]))


def _is_vin(written: str) -> bool:
    compact = compact_mark(written)
    if not compact[-4:].isdigit() or sum(map(str.isdigit, compact)) < VIN_DIGITS or compact.isdigit():
        return False
    if len(written) == len(compact):
        return True
    if not is_vin(compact):
        return False
    # Ordinary words and figures seldom make 17 signs, but do: "hp 220 ajettu 84200".
    capitals = written == written.upper() and _SERIAL.search(written) is not None
    return compact[3:6] == "ZZZ" or capitals or _checks(compact)


def _checks(vin: str) -> bool:
    """Whether the ninth sign is the check digit of the others (ISO 3779, North America)."""
    total = sum(int(_VIN_VALUES.get(c, c)) * w for c, w in zip(vin, _VIN_WEIGHTS, strict=True))
    return vin[8] == "0123456789X"[total % 11]


def all_texts(value: Any) -> Iterator[str]:
    """Every text inside dataclasses, mappings and sequences."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from all_texts(getattr(value, field.name))
    elif isinstance(value, dict):
        yield from all_texts([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from all_texts(item)


def seen_as(text: str) -> str:
    """The text as a reader would spell it: entities decoded, NFKC, no accents that float, no invisible
    characters, symbols of letters and digits as those. Case stays.
    """
    return text if text.isascii() and not {"&", "<"} & set(text) else _seen(text)


@lru_cache(maxsize=512)
def _seen(text: str) -> str:
    composed = unicodedata.normalize("NFKC", plain_text(text))
    return "".join(_character(char) for char in composed)


def _character(char: str) -> str:
    if char in NEVER_SEEN or unicodedata.category(char) in ("Cf", "Mn", "Me"):
        return ""
    if ord(char) in LETTERS_AS_SYMBOLS:
        return LETTERS_AS_SYMBOLS[ord(char)]
    digit = unicodedata.digit(char, None)
    return char if digit is None else str(digit)


def _class(char: str) -> str:
    return "[" + re.escape(char + STANDS_FOR.get(char, "")) + "]"


def _part(characters: str) -> str:
    """One part of a mark: together, or every character by itself."""
    classes = [_class(char) for char in characters]
    together, spelled = "".join(classes), _GAP.join(classes)
    return together if len(classes) == 1 else f"(?:{together}|{spelled})"


@lru_cache(maxsize=4096)
def _mark_pattern(official: str) -> re.Pattern[str] | None:
    parts = re.findall(r"[^\W\d_]+|\d+", official)
    if not parts:
        return None
    groups = f"({_SEPARATOR})".join(f"({_part(part)})" for part in parts)
    return re.compile(rf"(?<![^\W_]){groups}(?![^\W_])", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _vin_pattern(compact: str) -> re.Pattern[str]:
    body = r"[\W_]{0,3}".join(_class(char) for char in compact)
    return re.compile(rf"(?<![^\W_]){body}(?![^\W_])", re.IGNORECASE)


def _ordinary(found: re.Match[str]) -> bool:
    """Whether a hit is ordinary text: a common word and a number ("on 5 kpl"), parts that fold into each
    other ("10-5" for IO-5), or a short word ("fi" for F1).
    """
    if found[0].isalpha() and len(found[0]) < LONG_MARK:
        return True
    groups = [group for group in found.groups() if group]
    parts = [group for group in groups if any(char.isalnum() for char in group)]
    if len(parts) > 1 and all(part.replace(" ", "").isdigit() for part in parts):
        return True
    if len(parts) != 2:
        return False
    words = [part for part in parts if part.isalpha()]
    spaced = any(not group.strip() for group in groups if group not in parts)
    return len(words) == 1 and words[0].islower() and words[0] in COMMON and spaced


def _is_word(found: re.Match[str]) -> bool:
    return (found["letters"] or "").casefold() in COMMON | _UNITS


def redacted(text: str, marks: Iterable[Mark] = ()) -> str:
    """The text with … for each of these marks, for a VIN, and for what could be another mark."""
    text = _seen(text)
    for mark in marks:
        pattern = _mark_pattern(unicodedata.normalize("NFC", mark.text).upper())
        text = pattern.sub(lambda found: found[0] if _ordinary(found) else "…", text) if pattern else text
    for vin in dict.fromkeys(_vins_in(text)):
        text = text.replace(vin, "…")
    return _MARK_LIKE.sub(lambda found: found[0] if _is_word(found) else "…", text)


def quoted(value: object, mark: str = "", longest: int = 60) -> str:
    """A value as a message may show it: on one line, cut, not where it holds the mark or a VIN, and without
    what could be another mark.
    """
    text = " ".join(plain_text(str(value)[:_LONGEST_QUOTED]).split())
    if gives_away(text, Mark(mark) if mark else None):
        return "(not shown: it holds a mark or a VIN)"
    text = _MARK_LIKE.sub(lambda found: found[0] if _is_word(found) else "…", text)
    return repr(text if len(text) <= longest else text[: longest - 1] + "…")
