"""What a person is asked about a case: plates as they were seen, marks to choose from, doubts, gaps.

Nothing here is a web page's: a question is data, and whoever shows it has the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kilpi.adverts.listing import UNASKED
from kilpi.adverts.pages import SUPPORT
from kilpi.adverts.reading import record_in
from kilpi.cases.answers import Answers, combine
from kilpi.cases.asking.choices import UNREAD, choices_of
from kilpi.cases.case import QUEUED, Case, CasePhoto, State
from kilpi.cases.incoming.beside import Beside, car_file_in, notes_among
from kilpi.cases.incoming.dealers import dealer_settings
from kilpi.cases.lists import history, photos
from kilpi.cases.making.maker import Maker, offer_told
from kilpi.cases.tally import NO_VEHICLE, gap_of
from kilpi.decision.verifier import home_of
from kilpi.odometer.check import km
from kilpi.store import Store
from kilpi.types import Mark, OdometerCheck, Offer, Plate, Quad, Reason, Trouble

MOST_CHOICES = 5  # marks that one key each takes
PROPOSED = "odometer_proposed"
SAID = frozenset({"answered", "answered_vin", "answered_no_plate", "identified_by_vin"})
"""Reasons that tell by what the car is known."""


@dataclass(frozen=True, slots=True)
class SeenPlate:
    """A plate in one photo of the case.

    `quad` in pixels of the photo as displayed, origin top left; `frame` is that photo's width and height,
    None where it is not known; `read` is what it seems to say, "" where nothing was read.
    """

    photo: str  # sha256
    quad: Quad
    frame: tuple[int, int] | None
    read: str


@dataclass(frozen=True, slots=True)
class Question:
    """One case as a person is asked about it. `seq` is what an answer must name as `seen`."""

    case: Case
    seq: int
    photos: tuple[CasePhoto, ...]  # those that belong, in order
    plates: tuple[SeenPlate, ...]  # of the likeliest mark first, the largest first
    choices: tuple[Mark, ...]  # likeliest first, at most MOST_CHOICES
    doubts: tuple[Reason, ...]  # why a person is asked, and what else speaks against it
    missing: tuple[str, ...] = ()  # what the advert lacks, in words of the flow's language
    offer: Offer = field(default_factory=Offer)  # what the dealer's files and the answers say
    odometer: OdometerCheck | None = None  # what the instruments in the photos say of the mileage
    sightings: tuple[Plate, ...] = field(default=(), repr=False)  # as the flow saw them
    problems: tuple[Trouble, ...] = ()  # files that the flow could not open

    @property
    def asks_who(self) -> bool:
        """Whether the mark is the question; else only facts are missing.

        A draft whose vehicle no register knows is asked again: its mark, or a VIN, may be another.
        """
        return self.lacks_car or self.case.state not in (State.DRAFT, State.READY, State.PUBLISHED)

    @property
    def lacks_car(self) -> bool:
        """Whether a draft has a mark, or the word that there is none, but no vehicle."""
        return self.case.state is State.DRAFT and any(gap_of(gap) in NO_VEHICLE for gap in self.missing)

    @property
    def unasked(self) -> bool:
        """Whether the vehicle is missing because no register was named."""
        return any(gap_of(gap) == UNASKED for gap in self.missing)

    @property
    def asks_car(self) -> bool:
        """Whether make, model and year are missing: no register tells them, and neither did a person."""
        gaps = {gap_of(gap) for gap in self.missing}
        return self.case.state is State.DRAFT and not gaps.isdisjoint({*NO_VEHICLE, "make"})

    @property
    def asks_price(self) -> bool:
        """No price is known."""
        return self.offer.price is None

    @property
    def asks_km(self) -> bool:
        """No mileage is known, or the photos show another, and no person has said which is right."""
        differs = self.odometer is not None and self.odometer.asks and not self.offer.odometer_stands
        return self.offer.odometer_km is None or differs

    @property
    def proposed_km(self) -> int | None:
        """The mileage that the photos show where the dealer gave none; whole kilometres."""
        check = self.odometer
        proposed = check is not None and check.reason.code == PROPOSED and check.reading is not None
        return round(km(check.reading)) if proposed and check and check.reading else None

    @property
    def is_asked(self) -> bool:
        """Whether it is in the queue; any other case can be answered too."""
        return self.case.state in QUEUED


def question(store: Store, maker: Maker, case: Case, beside: Beside | None = None) -> Question:
    """What is to be asked of a case as it is now; `beside` is what came along with uploads.

    Raises CaseMissing.
    """
    events = history(store, case.id)
    answers = combine(events)
    record = record_in(maker.folder(case))
    sightings = record.plates if record else ()
    belonging = [one for one in photos(store, case.id) if one.sha256 not in answers.without and not one.gone]
    known = {one.sha256 for one in belonging}
    sightings = tuple(plate for plate in sightings if plate.photo_id in known)
    views = {one.sha256: one.view for one in belonging}
    marks = tuple(choices_of(record, case, sightings, views, maker.line.grammars)) if record else ()
    asked = Question(
        case=case,
        seq=case.seq,
        photos=tuple(belonging),
        plates=tuple(seen(plate) for plate in in_order(sightings, marks)),
        choices=marks[:MOST_CHOICES],
        doubts=tuple(doubts_of(case.reasons)),
        missing=case.missing,
        offer=offer_of(store, maker, case, belonging, answers, beside),
        odometer=record.odometer if record else None,
        sightings=sightings,
        problems=record.problems if record else (),
    )
    # What was said and gave no vehicle is not offered again: one key would bring the same question back.
    said = case.mark.compact if case.mark else ""
    left = tuple(mark for mark in asked.choices if mark.compact != said)
    return replace(asked, choices=left) if asked.lacks_car else asked


def offer_of(
    store: Store,
    maker: Maker,
    case: Case,
    belonging: Sequence[CasePhoto],
    answers: Answers,
    beside: Beside | None,
) -> Offer:
    """What the dealer's files and people's answers say of a case, wherever its photos lie; as its flow reads
    them, so a price that names no currency is in the money of the dealer's own home countries.
    """
    home = dealer_settings(store, case.dealer).home if case.dealer else ()
    if beside is None or any(photo.path is not None for photo in belonging):
        return maker.offer_of(case, belonging, answers, home)
    texts, home = beside.texts(case.id), home or tuple(home_of(maker.line.verifier))
    return offer_told(
        case.reference, car_file_in(texts), beside.stock_of(case), notes_among(texts), case, answers, home
    )


def doubts_of(reasons: Sequence[Reason]) -> list[Reason]:
    """What speaks against, that which leaves nothing else to ask first; that a person answered does not."""
    doubts = [why for why in reasons if why.code not in SUPPORT | SAID]
    return sorted(doubts, key=lambda why: why.code not in UNREAD)


def in_order(plates: Sequence[Plate], marks: Sequence[Mark]) -> list[Plate]:
    """Plates that say the likeliest mark first, each kind by its size in the photo."""
    likely = [mark.compact for mark in marks]

    def key(plate: Plate) -> tuple[int, float]:
        says = {candidate.mark.compact for candidate in plate.candidates[:1]}
        place = next((i for i, mark in enumerate(likely) if mark in says), len(likely))
        box = plate.sighting.quad.box
        return place, -(box.x2 - box.x1) * (box.y2 - box.y1)

    return sorted(plates, key=key)


def seen(plate: Plate) -> SeenPlate:
    """A plate of the record as a question shows it."""
    raw = plate.reading.text if plate.reading else ""
    read = plate.candidates[0].mark.text if plate.candidates else raw
    return SeenPlate(plate.photo_id, plate.sighting.quad, plate.frame, read)
