"""Whether photos that came are those of a case which is here already: what that takes depends on what they
are called.

One photo may be in any car, a dealer's showroom or "pictures follow"; so one alone tells nothing where the
names differ. In doubt it is a case of its own: whoever shares its mark is asked about, and nothing of one car
is written into another.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from kilpi import archives
from kilpi.cases.answers import Answers, SaidFacts, SaidMark, combine, from_data, unsaid
from kilpi.cases.case import OPEN, Case, CasePhoto, Event, Kind
from kilpi.cases.incoming.arrival import Arrival, Sent
from kilpi.files import path_from_text
from kilpi.photos.intake import CAR_FILE
from kilpi.text import compact_mark, name_key

MOST_DRIVEN_KM = 2_000  # by who tries a car that is for sale; more is another car's
ONE_SENDING = timedelta(days=1)  # within which a sender's photos under one reference are of one car
NO_NAME = re.compile(r"photos-[0-9a-f]{6}")  # what `sent_cars` calls a car that came without a name


class Called(Enum):
    """How photos are called that came, beside a case that has some of them."""

    SO = auto()  # by the case's own folder, or the reference that was given for it
    ALIKE = auto()  # by no name, or the same one, which the next car's folder may have too
    MOVED = auto()  # by another folder, and the case's is gone
    UNLIKE = auto()  # by another name, as sent
    BESIDE = auto()  # by another folder, and the case's is still there
    OTHER = auto()  # by another reference, given for this car


def called(case: Case, known: Sequence[CasePhoto], arrival: Arrival) -> Called:
    """`known`: the case's photos. Looks at the disk."""
    if arrival.place and case.place:
        if arrival.place == case.place:
            return Called.SO
        mine = {photo.sha256: photo.path for photo in arrival.photos}
        if all(mine[photo.sha256] == photo.path for photo in known if photo.sha256 in mine):
            return Called.ALIKE  # the very same files, named or grouped otherwise
        return Called.BESIDE if any(map(is_there, known)) else Called.MOVED
    mine_named, named = _name(arrival.reference), _name(case.reference)
    if not mine_named or not named:
        return Called.ALIKE
    if arrival.named and not arrival.place:
        return Called.SO if mine_named == named else Called.OTHER
    return Called.ALIKE if mine_named == named else Called.UNLIKE


def shares_photos(known: Collection[CasePhoto], sent: Collection[str]) -> bool:
    """Whether photos (sha256) are a case's, but for one, which may be any car's."""
    own = {photo.sha256 for photo in known}
    shared = own.intersection(sent)
    return bool(shared) and (len(shared) > 1 or shared == own or own.issuperset(sent))


def is_named(reference: str) -> bool:
    """Whether a reference is somebody's name for a car."""
    return bool(reference) and not NO_NAME.fullmatch(reference)


def _name(reference: str) -> str:
    return name_key(reference) if is_named(reference) else ""


def is_there(photo: CasePhoto) -> bool:
    """Whether a case's photo can still be opened."""
    return photo.path is None or archives.is_there(path_from_text(photo.path))


def far_off(had: int | None, km: int | None) -> bool:
    """Whether kilometres are so far from those of a car that they are another's, and no correction."""
    return had is not None and km is not None and abs(km - had) > MOST_DRIVEN_KM


@dataclass(frozen=True, slots=True)
class Told:
    """What came with the photos, held against what is known of a case."""

    case: Case
    events: Sequence[Event]
    arrival: Arrival

    @property
    def answers(self) -> Answers:
        """What stands."""
        return combine(self.events)

    @property
    def new_mark(self) -> bool:
        """A mark that is neither the case's nor what this sender said of it last."""
        marks = [(said, self.arrival.by) for said in self.arrival.answers if isinstance(said, SaidMark)]
        marks += [(self.arrival.mark, CAR_FILE)] if self.arrival.mark else []
        own = self.case.mark.compact if self.case.mark else ""
        return any(
            compact_mark(said.text) != own and unsaid(said, self.events, by) is not None for said, by in marks
        )

    @property
    def other_mark(self) -> bool:
        """A new mark, and the case has one: said, or decided."""
        has = self.answers.identity is not None or (self.case.mark is not None and self.case.settled)
        return has and self.new_mark

    @property
    def other_kilometres(self) -> bool:
        """Fewer kilometres than the case has, which no car gets, or many more, which none for sale does."""
        had = self.answers.facts.odometer_km
        given = [said.odometer_km for said in self.arrival.answers if isinstance(said, SaidFacts)]
        return any(km < had or far_off(had, km) for km in given if km is not None and had is not None)

    def is_next_car(self, known: Collection[CasePhoto], sent: Collection[str]) -> bool:
        """Whether the case's name stands for the next car: another mark or other kilometres came, and of its
        photos none but one, which may be any car's.
        """
        if shares_photos(known, sent):
            return False
        return self.other_mark or self.other_kilometres

    def may_be_next(self, known: Collection[CasePhoto], sent: Collection[str], now: datetime) -> bool:
        """Whether nothing but a reference says that photos are of a car whose advert is out, or whose photos
        came long ago: a stock number is used again. A person is asked where they do not show its plate
        (`asking.against.by_reference`).
        """
        if self.arrival.place or shares_photos(known, sent):
            return False
        came = max(one.at for one in self.events if one.kind in (Kind.RECEIVED, Kind.PHOTOS_ADDED))
        return self.case.live > 0 or now - came > ONE_SENDING

    @property
    def nothing(self) -> bool:
        """Nothing came along that could be written into the case."""
        new = (unsaid(said, self.events, self.arrival.by) for said in self.arrival.answers)
        return not (self.arrival.beside or self.new_mark or any(one is not None for one in new))

    @property
    def for_sale_again(self) -> bool:
        """Of a car that is gone: another mark, or a price that nobody ever said of it."""
        facts = [
            said
            for event in self.events
            if event.kind is Kind.ANSWERED and isinstance(said := from_data(event.data), SaidFacts)
        ]
        prices = {self.case.price, *(said.price for said in facts)}
        given = [said for said in self.arrival.answers if isinstance(said, SaidFacts)]
        return self.other_mark or any(said.price not in prices for said in given if said.price is not None)

    @property
    def untouched(self) -> bool:
        """Nobody ever said anything of the case that another car's photos would be published with."""
        return self.answers.identity is None and self.answers.facts == SaidFacts()


def same_car(name: Called, known: Collection[CasePhoto], sent: Mapping[str, Sent], told: Told) -> bool:
    """Whether these photos (by sha256) are this case's, sent again, or all of its own and more."""
    shared = sum(photo.sha256 in sent for photo in known)
    again, whole = shared == len(sent), shared == len(known)
    most = shared >= 2 and 2 * shared > len(known)  # of the case's photos
    if not again and (not whole or shared < 2 or told.case.state not in OPEN):
        return False
    if told.case.state not in OPEN and told.for_sale_again:
        return False
    match name:
        case Called.SO:
            return True
        case Called.ALIKE if again and whole:
            return shared > 1 or not told.other_mark
        case Called.ALIKE:
            return (most and not told.other_mark) or (again and told.nothing)
        case Called.MOVED:
            return (most and not told.other_mark) or (again and whole and told.untouched)
        case Called.UNLIKE:
            return whole and most and not told.other_mark
        case Called.BESIDE:
            return again and most and not told.new_mark
    return False
