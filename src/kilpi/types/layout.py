"""What a straightened plate shows besides its characters: where they stand, and what is around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Ink(NamedTuple):
    """One character's ink: a box, x in plate widths and y in plate heights from the plate's top left."""

    left: float
    top: float
    right: float
    bottom: float


class Hidden(NamedTuple):
    """What a network says is hidden of a plate, one score a character, 0..1."""

    ink: tuple[float, ...]  # a part of it, or another character beside it
    room: tuple[float, ...]  # what is above it, a ring or dots perhaps


@dataclass(frozen=True, slots=True)
class PlateLayout:
    """Numbers of one plate in one photo. x in plate widths, y in plate heights, from its top left corner.

    `middles`, `rows`, `inks` and `above` have one entry a character that was read. `contrast` is the ground's
    grey less the ink's as part of 255, negative where the ink is the brighter.
    """

    middles: tuple[float, ...]
    rows: tuple[int, ...]
    inks: tuple[Ink | None, ...]  # None: it melts into what is beside it
    above: tuple[float, ...]  # how far what is above the character is from the ground, in contrasts
    grounds: tuple[tuple[float, float], ...]  # per row where the ground begins and ends: a strip is outside
    edge: float  # least distance of the quad from the photo's left or right edge, plate widths
    aspect: float  # width over height, as seen
    tint: str  # of the ground: white, yellow, red, green, blue, black; "" where light hides it
    strip: str  # of what is left of the ground: the same words; "" for none
    gaps: tuple[float, ...] = ()  # part of the height of each gap between characters that is not ground
    margins: tuple[tuple[float, float], ...] = ()  # per row the same, left and right of its characters
    contrast: float = 0.0
    # One entry a character: by how much a covered part of another one explains its place better than itself,
    # as the logarithm of what is left unexplained; None where nothing is said.
    covered: tuple[float | None, ...] = ()
    clear: tuple[float, ...] = ()  # how far the ground above each character is clear, plate heights
    # Ink of characters' feet less that of their heads, part of both; None where that is not seen.
    feet: float | None = None
    # How far the ground above the characters of an only row is even all along it, plate heights.
    room: float | None = None
    # One entry a character but the last: where the dash after it begins and ends; None for none.
    dashes: tuple[tuple[float, float] | None, ...] = ()
    hidden: Hidden | None = None  # None where nobody looked

    @property
    def own_inks(self) -> tuple[Ink | None, ...]:
        """The inks, without those that several characters share: they melt together."""
        return own_inks(self.inks)


def own_inks(inks: tuple[Ink | None, ...]) -> tuple[Ink | None, ...]:
    """Characters' inks, without those that several share: they melt together."""
    return tuple(ink if inks.count(ink) == 1 else None for ink in inks)
