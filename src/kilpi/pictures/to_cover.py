"""Which of the plates that were found no picture may show: the car's own, and all that read as a mark."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from kilpi.grammar import Grammars
from kilpi.plates.no_plate import is_mark
from kilpi.plates.readable import is_writing, looks_like_a_countrys
from kilpi.types import Decision, Mark, Plate, Quad, Sighting, Verdict


def all_to_cover(
    plates: Mapping[str, Sequence[Plate]],
    aside: Mapping[str, Sequence[Plate]],
    own: Mapping[str, Sequence[Sighting]] | None,
    decision: Decision,
    grammars: Grammars,
    *,
    confirmed: bool,
    insides: Collection[str] = (),
) -> dict[str, list[Sighting]]:
    """By photo what no picture may show: where a person knows what nothing here could read, every plate.

    `aside` is what was found and taken for no plate: of that what reads as a mark all the same, and in
    `insides`, photos of a car's inside, is no writing. `own` are
    the sightings of the car's own plate, None where its mark is not known; `confirmed`: the decision is a
    person's.
    """
    sure = own if own and decision.verdict is Verdict.ACCEPTED else {}
    hidden = {}
    for key, found in plates.items():
        seen = found if confirmed and own is None else marks_among(found, grammars, sure.get(key, ()))
        rest = aside.get(key, ())
        more = [
            p
            for p in rest
            if (is_mark(p, grammars) and not (key in insides and p.reading and is_writing(p.reading)))
            or (confirmed and may_be_plate(p))
            or says(p, decision.mark)
        ]
        hidden[key] = [plate.sighting for plate in (*seen, *more)]
    return hidden


def may_be_plate(plate: Plate) -> bool:
    """Whether what was set aside looks like a plate of a country, whatever is read on it."""
    return plate.reading is not None and looks_like_a_countrys(plate.reading)


def says(plate: Plate, mark: Mark | None) -> bool:
    """Whether it reads as the car's own mark, however dimly."""
    return mark is not None and plate.reading is not None and plate.reading.text == mark.compact


def with_said(
    hidden: Mapping[str, Sequence[Sighting]], said: Mapping[str, Quad]
) -> dict[str, list[Sighting]]:
    """What no picture may show, and the plates whose corners a person gave, whatever was read on them."""
    covered = {key: list(found) for key, found in hidden.items()}
    for key, quad in said.items():
        if key in covered and all(one.quad != quad for one in covered[key]):
            covered[key].append(Sighting(quad, 1.0))
    return covered


def marks_among(plates: Sequence[Plate], grammars: Grammars, own: Collection[Sighting] = ()) -> list[Plate]:
    """Of one photo's finds those that read as a mark, or are the car's `own`."""
    return [plate for plate in plates if plate.sighting in own or is_mark(plate, grammars)]
