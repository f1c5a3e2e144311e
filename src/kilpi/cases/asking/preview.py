"""The register's car before an answer counts: what is known of it, and what does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kilpi.cases import tally
from kilpi.cases.answers import Identity, SaidMark, SaidVin
from kilpi.cases.asking.against import read_alone, read_otherwise
from kilpi.cases.asking.questions import SAID, Question
from kilpi.cases.case import Case, Traits
from kilpi.cases.lists import history
from kilpi.cases.making.decide import others_with
from kilpi.cases.making.duplicates import judge
from kilpi.cases.making.maker import Maker, decision_of, with_vin
from kilpi.decision.tracks import says, showing
from kilpi.errors import PhotoError
from kilpi.images import open_photo
from kilpi.store import Store
from kilpi.types import Mark, Photo, Plate, Reason, Vehicle
from kilpi.vehicle.crosscheck import same_vin

LOOKED_AT = 2  # photos whose paint is held against the register's colour; decoding is what takes time
SIDE = 800  # pixels, the least longer side that they are decoded at; a patch of paint needs no more


@dataclass(frozen=True, slots=True)
class Preview:
    """What an answer would amount to. `doubts`: what speaks against it; empty, and nothing does. `backed`:
    something but the person says the mark too.
    """

    mark: Mark | None
    vehicle: Vehicle | None
    doubts: tuple[Reason, ...] = ()
    backed: bool = True

    @property
    def agrees(self) -> bool:
        """A register knows the car, something says the same, and nothing speaks against it: it may count
        without a second look. A slip of the fingers is another car's mark, which a register knows as well.
        """
        return self.vehicle is not None and self.backed and not self.doubts


def preview(store: Store, maker: Maker, asked: Question, said: Identity) -> Preview:
    """Asks the register for what a person said, and holds it against photos, dealer and the other cases.

    Writes nothing but the count of look-ups. A register that does not know the car, or gives no answer, is a
    doubt. One look-up, and that only where a mark or VIN was given; what the flow asks again later comes from
    the kept answers where there are any (`KILPI_KEPT_ANSWERS`).
    """
    decision = decision_of(said, asked.sightings)
    shown = photos_of(maker, asked, decision.mark)
    found = maker.line.identifier.identify(decision, shown, with_vin(asked.offer, said), True)
    doubts = [why for why in found.decision.reasons if why.code not in SAID]
    mark = found.decision.mark
    if calls := maker.calls():
        store.write(lambda tx: tally.note_calls(tx, asked.case.dealer, calls))
    if mark is not None:
        events = history(store, asked.case.id)
        doubts += read_otherwise(said, read_alone(events), mark, events)
        doubts += same_elsewhere(store, asked.case, mark)
    if isinstance(said, SaidMark | SaidVin) and found.vehicle is None and not doubts:
        doubts.append(Reason("no_register"))
    return Preview(mark, found.vehicle, tuple(doubts), is_backed(asked, said, mark))


def is_backed(asked: Question, said: Identity, mark: Mark | None) -> bool:
    """Whether photos or dealer say the same: a choice, a plate that was read so, the row's mark or VIN."""
    if isinstance(said, SaidVin):
        return same_vin(said.vin, asked.offer.vin) is True
    if not isinstance(said, SaidMark) or mark is None:
        return True
    told = {one.compact for one in asked.choices} | {asked.offer.mark}
    return mark.compact in told or any(says(plate, mark) for plate in asked.sightings)


def same_elsewhere(store: Store, case: Case, mark: Mark) -> Sequence[Reason]:
    """What other cases with this mark mean: the same car twice, or one of two misread."""
    others = store.read(lambda tx: others_with(tx, case, mark))
    return judge(Traits(dealer=case.dealer), others, confirmed=True).reasons


def photos_of(maker: Maker, asked: Question, mark: Mark | None) -> list[Photo]:
    """The opened photos that show this mark the largest, or what may be it; one that cannot be opened is left
    out.
    """
    if mark is None:
        return []
    shown = sorted(showing(asked.sightings, mark), key=width)
    known = {photo.sha256: photo for photo in asked.photos}
    opened: dict[str, Photo] = {}
    for plate in reversed(shown):
        if len(opened) == LOOKED_AT or plate.photo_id in opened or plate.photo_id not in known:
            continue
        try:
            opened[plate.photo_id] = open_photo(maker.path(known[plate.photo_id]), SIDE)
        except PhotoError:
            continue
    return list(opened.values())


def width(plate: Plate) -> float:
    """Of the plate in its photo, native pixels."""
    box = plate.sighting.quad.box
    return box.x2 - box.x1
