"""Plates laid out by hand: even cells, a space between groups, the whole in the middle of the ground."""

from __future__ import annotations

from collections.abc import Sequence

from kilpi.decision.tracks import Track, fuse_group
from kilpi.geometry import quad_from_box
from kilpi.grammar import load_grammars
from kilpi.types import Box, Candidate, Guess, Ink, Place, Plate, PlateLayout, Reading, Sighting

CELL, SPACE = 0.125, 0.55


def middles(text: str) -> list[float]:
    """Where the characters of an official spelling stand, parts of the ground's width."""
    at, found = 0.0, []
    for char in text:
        if char.isalnum():
            found.append(at + CELL / 2)
            at += CELL
        else:
            at += SPACE * CELL
    return [x + (1 - at) / 2 for x in found]


def plate_of(
    photo: str, shown: str, hidden: Sequence[int] = (), *, edge: float = 1.0, tint: str = "white",
    top: float = 0.17, above: float = 0.05, small: int | None = None, country: str = "FI", read: str = "",
    clear: float = 0.0,
) -> Plate:  # fmt: skip
    """A plate that bears `shown`, of which the characters in `hidden` are not seen; `small` is a lower one.

    `read` is what is read instead, with as many characters.
    """
    text = "".join(filter(str.isalnum, shown))
    kept = [i for i in range(len(text)) if i not in hidden]
    xs = [middles(shown)[i] for i in kept]
    mark = load_grammars().mark(read or "".join(text[i] for i in kept), country)
    slots = tuple((Guess(char, 0.99),) for char in mark.compact)
    reading = Reading(slots, "drawn", country, places=tuple(Place(x, 0) for x in xs))
    inks = tuple(
        Ink(x - 0.045, top + 0.18 * (i == small), x + 0.045, 0.83) for i, x in zip(kept, xs, strict=True)
    )
    n = len(kept)
    layout = PlateLayout(
        tuple(xs), (0,) * n, inks, (above,) * n, ((0.0, 1.0),), edge, 3.7, tint, "", (0.0,) * (n - 1),
        ((0.0, 0.0),), 0.6, clear=(clear,) * n,
    )  # fmt: skip
    seen = Sighting(quad_from_box(Box(400, 500, 600, 550)), 0.9)
    return Plate(photo, seen, reading, (Candidate(mark, 1.0),), (1000, 750), 0.5, layout)


def track_of(*plates: Plate) -> Track:
    """They as one plate over several photos."""
    track = fuse_group(plates, load_grammars())
    return Track(track.plates, track.reading, plates[0].candidates, track.columns)
