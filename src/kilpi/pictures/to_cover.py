"""Which of the plates that were found no picture may show: the car's own, and all that read as a mark."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from kilpi.grammar import Grammars
from kilpi.pictures.readable import reads_as_mark
from kilpi.types import Decision, Plate, Quad, Sighting, Verdict


def all_to_cover(
    plates: Mapping[str, Sequence[Plate]],
    own: Mapping[str, Sequence[Sighting]] | None,
    decision: Decision,
    grammars: Grammars,
    *,
    confirmed: bool,
) -> dict[str, list[Sighting]]:
    """By photo what no picture may show: all of it where a person knows what nothing here could read.

    `own` are the sightings of the car's own plate, None where its mark is not known; `confirmed`: the
    decision is a person's.
    """
    if confirmed and own is None:
        return {key: [plate.sighting for plate in found] for key, found in plates.items()}
    sure = own if own and decision.verdict is Verdict.ACCEPTED else {}
    return {key: to_cover(found, grammars, sure.get(key, ())) for key, found in plates.items()}


def with_said(
    hidden: Mapping[str, Sequence[Sighting]], said: Mapping[str, Quad]
) -> dict[str, list[Sighting]]:
    """What no picture may show, and the plates whose corners a person gave, whatever was read on them."""
    covered = {key: list(found) for key, found in hidden.items()}
    for key, quad in said.items():
        if key in covered and all(one.quad != quad for one in covered[key]):
            covered[key].append(Sighting(quad, 1.0))
    return covered


def to_cover(plates: Sequence[Plate], grammars: Grammars, own: Collection[Sighting] = ()) -> list[Sighting]:
    """Of one photo's plates those that no picture may show."""
    return [plate.sighting for plate in plates if plate.sighting in own or is_mark(plate, grammars)]


def is_mark(plate: Plate, grammars: Grammars) -> bool:
    """Whether a plate may be read as a mark; one that nobody tried to read may be."""
    reading, seen = plate.reading, plate.sighting
    return reading is None or reads_as_mark(reading, seen.score, seen.quad, grammars)
