"""Text as people and files write it: marks compared, names sorted, bytes decoded. One way each."""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import lru_cache

BOMS = (  # the longer first: UTF-32's little-endian mark begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@lru_cache(maxsize=65_536)
def compact_mark(text: str) -> str:
    """A mark as it is compared everywhere: upper case, composed (NFC), letters and digits only.

    "äbc-123" -> "ÄBC123", however its Ä is coded. What is no separator stays in, a superscript or an accent
    that no single letter has: without it the mark would be another car's.
    """
    composed = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).upper())
    return "".join(char for char in composed if char.isalnum() or unicodedata.combining(char))


def letters(text: str) -> str:
    """Lower case letters and digits, for comparing names: "Mercedes-Benz" -> "mercedesbenz"."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFC", text).casefold()))


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Sort key in which photo2 comes before photo10; any text has one ("²" is no number here)."""
    parts = re.split(r"([0-9]+)", name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part.casefold()) for part in parts]


def decode_text(data: bytes) -> str:
    """Bytes of a text file -> text: UTF-8, UTF-16 or UTF-32 by their byte order mark, else UTF-8, else
    Windows-1252 (what Excel writes), else latin-1, which takes any byte.
    """
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")
