"""What the colour of a plate's ground says: a trade plate's, or one that no plate with such a mark has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kilpi.grammar import Grammars
from kilpi.tint import tint_of_hex
from kilpi.types import Mark, Plate, Reason

# Light makes white plates yellow often, green and blue now and then; so a colour must be seen in most photos,
# and yellow alone, where only white is known, says nothing.
MOST = 0.5  # part of the photos that must show the colour, more than
TELLING = frozenset({"red", "green", "blue"})


def doubts_of_ground(mark: Mark, plates: Sequence[Plate], grammars: Grammars) -> list[Reason]:
    """A reason where the ground has a trade plate's colour, or one that no such mark's plate has."""
    seen = ground_of(mark, plates)
    if not seen:
        return []
    cars, others = tints_of(mark, grammars)
    if seen in cars or not cars:
        return []
    if seen in others:
        return [Reason("trade_plate")]
    return [Reason("plate_colour", {"colour": seen})] if seen in TELLING else []


def ground_of(mark: Mark, plates: Sequence[Plate]) -> str:
    """The colour that most photos show; "" where they show none alike."""
    words = [plate.layout.tint for plate in plates if plate.layout and plate.layout.tint]
    if not words:
        return ""
    word, count = Counter(words).most_common(1)[0]
    return word if count > MOST * len(words) else ""


def tints_of(mark: Mark, grammars: Grammars) -> tuple[frozenset[str], frozenset[str]]:
    """The colours of plates with such a mark in its country: of those that tell a car, and of the others."""
    if mark.country is None or mark.country not in grammars.countries:
        return frozenset(), frozenset()
    cars, others = set(), set()
    for series in grammars.country(mark.country).series:
        if any(form.fits(mark.compact) for form in series.forms):
            (cars if series.identifies_car else others).update(
                tint_of_hex(s.ground) for s, _ in series.plates
            )
    return frozenset(cars), frozenset(others - cars)
