"""What the colour of a plate's ground says: a trade plate's, or one that no plate with such a mark has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kilpi.grammar import Grammars
from kilpi.tint import tint_of_hex
from kilpi.types import Mark, Plate, Reason

# Light makes white plates yellow often and blue now and then, so that a colour that no plate with such a mark
# has must be seen in most photos, and yellow says nothing. A trade plate's colour is enough in one photo
# where most do not look white, and green in any one: of some 480 real plates, none a trade plate, 4 were
# called green, all of them unreadable, and lamps make a green plate white.
MOST = 0.5  # part of the photos that must show the colour, more than
TELLING = frozenset({"red", "green", "blue"})


def doubts_of_ground(mark: Mark, plates: Sequence[Plate], grammars: Grammars) -> list[Reason]:
    """A reason where the ground has a trade plate's colour, or one that no such mark's plate has."""
    words = Counter(plate.layout.tint for plate in plates if plate.layout and plate.layout.tint)
    cars, others = tints_of(mark, grammars)
    if not cars:
        return []
    telling, pale = others & TELLING, words["white"] + words["black"]
    seen = telling & set(words)
    if "green" in seen or (seen and words.total() - pale > MOST * words.total()):
        return [Reason("trade_plate")]
    for word, count in words.items():
        if word in TELLING - cars and count > MOST * words.total():
            return [Reason("plate_colour", {"colour": word})]
    return []


def tints_of(mark: Mark, grammars: Grammars) -> tuple[frozenset[str], frozenset[str]]:
    """The colours of plates with such a mark in its country: of those that tell a car, and of the others."""
    cars: set[str] = set()
    others: set[str] = set()
    for series in grammars.fitting(mark.country, mark.compact):
        (cars if series.identifies_car else others).update(tint_of_hex(s.ground) for s, _ in series.plates)
    return frozenset(cars), frozenset(others - cars)
