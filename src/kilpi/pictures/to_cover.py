"""Which of the plates that were found no picture may show: the car's own, and all that read as a mark."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from kilpi.geometry import quad_size
from kilpi.grammar import ANY, Grammars
from kilpi.pictures.readable import reads_as_mark
from kilpi.types import Decision, Plate, Quad, Sighting, Verdict

# What tells a sign on a wall from a plate that could not be read: it stands higher in the photo than a
# car's own plate does (all 370 labelled plates of dev-dealer, dev-market and dev-press are below, see
# `DecisionPolicy.highest`), is no close-up, and characters are seen on it that look like no country's.
SIGN_ABOVE = 0.3  # part of the photo's height, where the middle of a sign is
CLOSE_UP = 0.4  # part of the photo's width from which it may be a plate that fills the photo
SIGN_LETTERS = 6  # that are seen at least: a sign's name is longer than what a blurred plate leaves


def all_to_cover(
    plates: Mapping[str, Sequence[Plate]],
    own: Mapping[str, Sequence[Sighting]] | None,
    decision: Decision,
    grammars: Grammars,
    *,
    confirmed: bool,
) -> dict[str, list[Sighting]]:
    """By photo what no picture may show: where a person knows what nothing here could read, all but signs.

    `own` are the sightings of the car's own plate, None where its mark is not known; `confirmed`: the
    decision is a person's.
    """
    if confirmed and own is None:
        return {
            key: [plate.sighting for plate in found if is_mark(plate, grammars) or not is_sign(plate)]
            for key, found in plates.items()
        }
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


def is_sign(plate: Plate) -> bool:
    """Whether it is lettering on a building, all of which must speak for it: what is doubtful is a plate."""
    reading = plate.reading
    if plate.frame is None or reading is None or len(reading.slots) < SIGN_LETTERS:
        return False
    if not reading.countries or reading.countries[0].code != ANY:
        return False
    width, height = plate.frame
    middle = sum(point.y for point in plate.sighting.quad) / 4 / height
    return middle < SIGN_ABOVE and quad_size(plate.sighting.quad)[0] / width < CLOSE_UP
