"""Where a car's own number is written in a picture, on a price card in its window or on a screen inside it.

No detector of plates suspects such writing; PP-OCR finds it, at several times what all else takes a picture.
So it is looked for where that is wanted (KILPI_COVER_TEXTS). Numbers of other cars are nobody's to tell here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kilpi.disclosure import gives_away
from kilpi.ports import TextReader
from kilpi.text import compact_mark
from kilpi.types import Mark, Photo, Sighting

LONG = 6  # characters of a mark of which PP-OCR may take one for another; fewer are other words by chance


@dataclass(frozen=True)
class Written:
    """What reads writing, and the mark that may not be read in it."""

    texts: TextReader
    mark: Mark

    def find(self, finished: Photo) -> Sequence[Sighting]:
        """The lines that tell the mark, or a VIN, in the picture's own pixels."""
        (lines,) = self.texts.read_text([finished])
        told = (line for line in lines if any(tells(look.text, self.mark) for look in line.looks))
        return [Sighting(line.quad, 1.0) for line in told]


def tells(text: str, mark: Mark) -> bool:
    """Whether a line of writing holds the mark, however it is spelled and with one character of a long one
    misread, or a VIN.
    """
    if gives_away(text, mark):
        return True
    wanted, shown = mark.compact, compact_mark(text)
    parts = (shown[at : at + len(wanted)] for at in range(len(shown) - len(wanted) + 1))
    return len(wanted) >= LONG and any(differ(part, wanted) <= 1 for part in parts)


def differ(one: str, other: str) -> int:
    """In how many places two texts of one length differ."""
    return sum(a != b for a, b in zip(one, other, strict=True))
