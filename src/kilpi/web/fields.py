"""Text of forms and bodies as it is kept."""

from __future__ import annotations

import unicodedata


def one_line(text: str) -> str:
    """A name as people type it: one space between words, no control characters, no halves of characters."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(char for char in text if char.isprintable()).strip()
