"""Text of forms and bodies as it is kept."""

from __future__ import annotations

import unicodedata

from kilpi.errors import UsageError


class Unfit(UsageError):
    """Something typed on a page that cannot be used: `why` is a key of [error] in words/, with `values`.

    The message itself is for the log and for machines, in English.
    """

    def __init__(self, message: str, why: str, **values: object) -> None:
        super().__init__(message)
        self.why, self.values = why, values

    @property
    def kind(self) -> str:
        """As its parent is called, for machines."""
        return UsageError.__name__


def one_line(text: str) -> str:
    """A name as people type it: one space between words, no control characters, no halves of characters."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(char for char in text if char.isprintable()).strip()
