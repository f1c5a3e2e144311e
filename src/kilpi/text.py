"""Text as people and files write it: marks compared, names sorted, bytes decoded, pages made plain."""

from __future__ import annotations

import codecs
import html
import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

BOMS = (  # the longer first: UTF-32's little-endian mark begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# fmt: off
NOTHING = frozenset([
    "-", "--", "---", "–", "—", ".", "..", "...", "…", "?", "??", "???", "n/a", "n.a.", "null",
    "(null)", "none", "unknown", "unspecified", "not known", "not specified", "not available",
    "ei tiedossa", "ei tietoa", "ei tunneta", "ei ilmoitettu", "tuntematon", "puuttuu", "okänd",
    "okänt", "saknas", "uppgift saknas", "ej angivet", "ej angiven", "ukjent", "ukjend", "ikke oppgitt",
    "uoplyst", "ukendt", "ikke oplyst", "onbekend", "niet geregistreerd", "n.v.t.", "unbekannt",
])
# fmt: on
"""What people, exports and registers write into a cell that they have to leave empty; without case."""

VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
"""A whole chassis number, compact: without I, O and Q (ISO 3779)."""
VIN_DIGITS = 5  # that a VIN has at least; a make and a model in one word have fewer
LONGEST_NAME = 60  # characters of a make or a model that a person or a dealer's file gives
FEWEST_SIGNS = 5  # different ones of a VIN: its maker's three letters or digits, the model's, the serial's
COUNTED = 9  # signs in a row that only count up: a serial has at most eight digits


def says_nothing(text: str) -> bool:
    """Whether a value only says that there is none: "", "-", "ei tiedossa", Denmark's "UOPLYST"."""
    return not text or text.casefold() in NOTHING


def is_vin(text: str) -> bool:
    """Whether compact text is a whole chassis number, and nothing that a list has in a VIN's place: seventeen
    zeros, 12345678901234567.
    """
    if not VIN.fullmatch(text) or text.isdigit() or text.isalpha() or len(set(text)) < FEWEST_SIGNS:
        return False
    steps = "".join("1" if (ord(b) - ord(a)) % 10 == 1 else "0" for a, b in pairwise(text))
    return "1" * (COUNTED - 1) not in steps


@lru_cache(maxsize=65_536)
def compact_mark(text: str) -> str:
    """A mark as it is compared everywhere: upper case, composed (NFC), letters and digits only.

    "äbc-123" -> "ÄBC123", however its Ä is coded. What is no separator stays in, a superscript or an accent
    that no single letter has: without it the mark would be another car's.
    """
    composed = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).upper())
    kept = "".join(char for char in composed if char.isalnum() or unicodedata.combining(char))
    return unicodedata.normalize("NFC", kept)  # accents that a separator held apart are put in order


def is_car_name(text: str) -> bool:
    """Whether a text can be a make or a model: one line with a letter or digit; no VIN, no e-mail in it."""
    fits = 0 < len(text) <= LONGEST_NAME and text.isprintable() and text == " ".join(text.split())
    return fits and any(map(str.isalnum, text)) and "@" not in text and not holds_vin(text)


def holds_vin(text: str) -> bool:
    """Whether 17 letters and digits in a row may be a VIN, however they are spaced: they have digits."""
    signs = compact_mark(text)
    parts = (signs[at : at + 17] for at in range(len(signs) - 16))
    return any(VIN.fullmatch(part) and sum(map(str.isdigit, part)) >= VIN_DIGITS for part in parts)


def letters(text: str) -> str:
    """Lower case letters and digits, for comparing names: "Mercedes-Benz" -> "mercedesbenz"."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFC", text).casefold()))


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Sort key in which photo2 comes before photo10; any text has one ("²" is no number here)."""
    parts = re.split(r"([0-9]+)", name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part.casefold()) for part in parts]


def decode_text(data: bytes) -> str:
    """Bytes of a text file -> text: UTF-8, UTF-16 or UTF-32 by their byte order mark, UTF-16 without one by
    its zero bytes, else UTF-8, else what Excel writes: Windows-1252, or a Mac's or DOS's letters where only
    those make words, else latin-1, which takes any byte.
    """
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace").removeprefix("\ufeff")
    if (wide := _utf16_without_mark(data[:4096])) is not None:
        return data.decode(wide, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(_eight_bit(data[:65_536]), errors="replace")


def _utf16_without_mark(head: bytes) -> str | None:
    """Every second byte of mostly Latin text in UTF-16 is zero; no other text file holds zeros."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 4 < len(head) or len(head) < 4 or min(even, odd) * 10 > max(even, odd):
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


UNDEFINED = frozenset(b"\x81\x8d\x8f\x90\x9d")  # bytes that Windows-1252 has no character for


def _eight_bit(head: bytes) -> str:
    """cp1252, unless it makes no Nordic letter and a Mac's (mac_roman) or DOS's (cp850) reading makes some
    within words: both put ä, ö and å where cp1252 has quotes and Š.
    """
    windows = head.decode("cp1252", errors="replace")
    if not re.search("[åäöÅÄÖ]", windows):
        inside = re.compile("(?<=[A-Za-z])[äöå](?=[A-Za-zäöå])")
        for encoding in ("mac_roman", "cp850"):
            if inside.search(head.decode(encoding)):
                return encoding
    return "latin-1" if UNDEFINED & set(head) else "cp1252"


NEVER_SEEN = frozenset("\u115f\u1160\u3164\uffa0\u2800")  # fillers: letters (and a braille cell) without ink


def visible(text: str) -> str:
    """Composed (NFC) text without what nobody sees: format and control characters, fillers, private ones.

    Line breaks and tabs stay. Pasted pages bring zero-width spaces, reading directions and byte order marks.
    """
    if text.isascii() and text.isprintable():
        return text  # most cells of most lists
    composed = unicodedata.normalize("NFC", text)
    kept = (c for c in composed if c in "\n\t" or not (c in NEVER_SEEN or unicodedata.category(c)[0] == "C"))
    return "".join(kept)


_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TAG = re.compile(
    r"<!--|-->|<!\[CDATA\[|\]\]>|<[!?][^<>]*>"
    r"|<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9]*(?::[A-Za-z]+)?)(?P<rest>(?:[\s/][^<>]*)?)>"
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BLOCKS = _words(
    "address article blockquote br center dd div dl dt figure footer form h1 h2 h3 h4 h5 h6 header hr li "
    "main nav ol p pre section table tbody td tfoot th thead tr ul"
)
_INLINE = _words(
    "a abbr acronym b big button cite code col del em embed font html body meta link i img input ins kbd "
    "label mark o:p q s samp small span strike strong sub sup time tt u var video audio source wbr"
)
_HIDDEN = _words("script style head title iframe noscript object svg template textarea select")
_KNOWN = _BLOCKS | _INLINE | _HIDDEN
ROUNDS = 3  # text that was escaped twice on its way is decoded twice


def plain_text(text: str) -> str:
    """Text of a page or a stock system -> the words that a reader would see: no tags, entities decoded.

    Only names that HTML knows count as tags, so that "alle < 10 l" and "<3" stay as they are. Blocks and
    line breaks become line breaks. What is invisible is dropped (`visible`).
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for _ in range(ROUNDS if "&" in text or "<" in text or "]]>" in text else 0):
        before, text = text, _without_tags(_ENTITY.sub(lambda found: html.unescape(found[0]), text))
        if text == before:
            break
    if "\n" not in text:
        return visible(text).strip()
    lines = visible(text).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in lines)).strip()


def _without_tags(text: str) -> str:
    parts: list[str] = []
    hidden, last = "", 0  # the element whose content is no text, until it closes
    for found in _TAG.finditer(text):
        name = (found["name"] or found[0][:4]).lower()
        if found["name"] and name not in _KNOWN:
            continue
        if hidden:
            ends = found[0] == "-->" if hidden == "<!--" else bool(found["close"]) and name == hidden
            hidden, last = ("", found.end()) if ends else (hidden, last)
            continue
        parts.append(text[last : found.start()])
        last = found.end()
        opens = name == "<!--" or (name in _HIDDEN and not found["close"] and not found["rest"].endswith("/"))
        hidden = name if opens else ""
        if name in _BLOCKS:
            parts.append("\n\n" if name == "p" and found["close"] else "\n")
    return "".join([*parts, text[last:]])


_MOJIBAKE = re.compile("Ã|[ÂÄÅ][\u0080-\u00bf]|â[\u0080-\u00bf€]")  # first byte of two or three, as a letter


def repair(text: str) -> str:
    """Text whose UTF-8 bytes were once read as latin-1 or Windows-1252 (ÃÃ¶ for Äö), put right."""
    if not _MOJIBAKE.search(text):
        return text
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


def name_key(text: str) -> str:
    """A name for comparing: composed (a Mac's file names are not), no case, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def shown(name: str) -> str:
    """A file's name as text that can be written anywhere: bytes that are no UTF-8 become "\ufffd".

    Python hands such names on with lone surrogates, which no file, page or terminal takes.
    """
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if not is_text(name) else name


def is_text(name: str) -> bool:
    """Whether a string can be written as UTF-8."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def counted(n: int, one: str, many: str = "") -> str:
    """A number with its noun, as English has it: 1 car, 2,995 cars."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
