"""A line of writing in a photo, of whatever kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from kilpi.types.geometry import Quad


class TextLook(NamedTuple):
    """One reading of a line: its characters, case and spaces kept, and a raw score 0..1 for each of them."""

    text: str
    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of writing, read once or several times. `quad` is in native pixels, clockwise as it reads."""

    quad: Quad
    looks: tuple[TextLook, ...]  # the same line cut out a little differently; the first is the plain one
