"""Finished pictures, and photos that become none."""

from __future__ import annotations

from dataclasses import dataclass, field

from kilpi.types.decision import Reason
from kilpi.types.geometry import Box, Quad

SMALL_SIDE = 480  # pixels, longer side of a picture's small copy
MEDIUM_SIDE = 960  # of its medium copy: a phone's width at two device pixels a pixel of the page
MEDIUM_FROM = 1200  # a picture whose longer side is below has no medium copy: it would save little


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished picture: plates covered, no metadata. `name` carries no mark."""

    name: str
    photo_id: str
    width: int
    height: int
    covered: int  # how many plates were covered
    jpeg: bytes = field(compare=False, repr=False)
    view: str = "unsure"  # a word of `kilpi.types.View`
    turns: int = 0  # quarter turns to the left by which a photo on its side was stood upright
    small: bytes = field(default=b"", compare=False, repr=False)  # the same, small, as a JPEG
    covers: tuple[Quad, ...] = ()  # what was covered, in native pixels of the photo as displayed
    window: Box | None = None  # the part of the photo that is shown, in the same pixels


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A readable photo that is not published, and why."""

    path: str  # as given
    reason: Reason


@dataclass(frozen=True, slots=True)
class PlateCrop:
    """A plate, uncovered, as one photo shows it: for the dealer's own pages, never to be published."""

    photo: str  # path as given
    read: str = field(repr=False)  # the mark, or what was read; "": nothing
    width: int
    height: int
    jpeg: bytes = field(compare=False, repr=False)
