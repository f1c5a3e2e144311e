"""What a person says of a car. Each answer is an event; together they go into the next run of the flow.

Of mark, VIN and "no plate" the last one stands; photos that do not belong add up; of corners the last ones of
each photo stand; of the facts the last of each. An answer that was undone never was.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from kilpi.cases.case import Event, Kind
from kilpi.cases.picture_answers import (
    PictureAnswer,
    PicturesSaid,
    SaidCover,
    SaidCrop,
    SaidOrder,
    SaidShown,
    SaidUncovered,
    SaidView,
    with_answer,
)
from kilpi.cases.projection import standing
from kilpi.errors import UsageError
from kilpi.geometry import is_convex
from kilpi.text import LONGEST_NAME, compact_mark, is_car_name, is_vin
from kilpi.types import Mark, Quad

MARK_LENGTH = 16  # characters as written; the longest plates of any country have fewer
STAFF = "staff"  # in the event of an answer that the staff gave
SURE = "sure"  # in the event of one whose giver had seen what speaks against it: true, or its codes
ALL = "all"  # in `Answers.identity_sure`: whatever spoke against it
CAR_FACTS = ("make", "model", "year")  # of SaidFacts: what the register tells where it knows the car
FACTS = ("price", "currency", "odometer_km", *CAR_FACTS)  # of SaidFacts
YEARS = range(1886, 2101)  # the first car's, and far enough on; who knows the day asks for less
COUNTRY = re.compile(r"[A-Z]{2}")  # ISO 3166-1 alpha-2


@dataclass(frozen=True, slots=True)
class SaidMark:
    """The mark, as the person wrote it, and its country. Raises UsageError, without what was written."""

    text: str
    country: str
    what: Literal["mark"] = "mark"

    def __post_init__(self) -> None:
        text = " ".join(unicodedata.normalize("NFC", self.text).upper().split())
        if not compact_mark(text) or len(text) > MARK_LENGTH or not text.isprintable():
            raise UsageError(f"answer: a mark has letters and digits, at most {MARK_LENGTH} characters")
        if not COUNTRY.fullmatch(self.country):
            raise UsageError("answer: a country is two letters, for example FI")
        object.__setattr__(self, "text", text)


@dataclass(frozen=True, slots=True)
class SaidVin:
    """No usable plate: the car is known by its chassis number. Raises UsageError."""

    vin: str
    what: Literal["vin"] = "vin"

    def __post_init__(self) -> None:
        vin = "".join(self.vin.upper().split())
        if not is_vin(vin):
            raise UsageError("answer: a VIN has 17 letters and digits, without I, O and Q")
        object.__setattr__(self, "vin", vin)


@dataclass(frozen=True, slots=True)
class SaidNoPlate:
    """There is no plate of this car; its advert is made without a register."""

    what: Literal["no_plate"] = "no_plate"


@dataclass(frozen=True, slots=True)
class SaidNotThese:
    """These photos (sha256) do not belong to this car."""

    photos: tuple[str, ...]
    what: Literal["not_these"] = "not_these"


@dataclass(frozen=True, slots=True)
class SaidCorners:
    """Where the plate is in one photo (sha256): native pixels as displayed, clockwise as the text reads.

    Raises UsageError where they are no such four corners.
    """

    photo: str
    quad: Quad
    what: Literal["corners"] = "corners"

    def __post_init__(self) -> None:
        if not all(isfinite(value) for point in self.quad for value in point) or not is_convex(self.quad):
            raise UsageError(
                "answer: corners are four places, clockwise from where the first character begins"
            )


@dataclass(frozen=True, slots=True)
class SaidFacts:
    """What only the dealer knows, and what no register does. None: not said, what was said before stays.

    Make, model and year (the model's, or of first registration) count where the register tells none, and are
    held against it where it does. Raises UsageError.
    """

    price: Decimal | None = None
    currency: str | None = None  # ISO 4217
    odometer_km: int | None = None
    make: str | None = None
    model: str | None = None
    year: int | None = None
    what: Literal["facts"] = "facts"

    def __post_init__(self) -> None:
        if self.price is not None and not (self.price.is_finite() and self.price >= 0):
            raise UsageError("answer: a price is a number, not below zero")
        if self.odometer_km is not None and self.odometer_km < 0:
            raise UsageError("answer: an odometer shows whole kilometres, not below zero")
        for name in (self.make, self.model):
            if name is not None and not is_car_name(name):
                raise UsageError(f"answer: make and model have letters or digits, at most {LONGEST_NAME}")
        if self.year is not None and self.year not in YEARS:
            raise UsageError("answer: a year has four digits, for example 2018")


Identity = SaidMark | SaidVin | SaidNoPlate
Answer = Annotated[
    SaidMark | SaidVin | SaidNoPlate | SaidNotThese | SaidCorners | SaidFacts, Field(discriminator="what")
]
AnyAnswer = Annotated[Answer | PictureAnswer, Field(discriminator="what")]
_ANSWER: TypeAdapter[Any] = TypeAdapter(AnyAnswer)


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers that stand. `identity_seq` is the event that said who the car is; 0: nobody did."""

    identity: Identity | None = None
    identity_staff: bool = False  # whether the staff said so; a dealer, a mail or a file never is
    identity_sure: frozenset[str] = frozenset()  # codes of what spoke against it and was seen, or ALL
    identity_seq: int = 0
    without: frozenset[str] = frozenset()  # sha256 of photos that do not belong
    corners: Mapping[str, Quad] = field(default_factory=dict)  # per photo, sha256
    facts: SaidFacts = field(default_factory=SaidFacts)
    pictures: PicturesSaid = field(default_factory=PicturesSaid)


def said_mark(answers: Answers) -> Mark | None:
    """The mark that a person gave."""
    said = answers.identity
    return Mark(said.text, said.country) if isinstance(said, SaidMark) else None


def in_currency(said: Answer | PictureAnswer, now: Answers, shown: str) -> Answer | PictureAnswer:
    """The answer; a price that names no currency is in the one that the case's price has (`shown`, ISO 4217).

    That is what its person saw. A later list in another currency does not make other money of it.
    """
    if not isinstance(said, SaidFacts) or said.price is None or said.currency or now.facts.currency:
        return said
    return replace(said, currency=shown or None)


def to_data(answer: Answer | PictureAnswer) -> dict[str, Any]:
    """As an event keeps it."""
    data: dict[str, Any] = _ANSWER.dump_python(answer, mode="json")
    return data


def from_data(data: Mapping[str, Any]) -> Answer | PictureAnswer:
    """What `to_data` wrote. Raises ValueError."""
    answer: Answer | PictureAnswer = _ANSWER.validate_python(dict(data))
    return answer


def combine(events: Sequence[Event]) -> Answers:
    """The answers among a case's events, those that were undone left out."""
    now = Answers()
    for event in standing(events):
        if event.kind is Kind.ANSWERED:
            now = _with(now, from_data(event.data), event)
    return now


def _with(now: Answers, answer: Answer | PictureAnswer, event: Event) -> Answers:
    match answer:
        case SaidOrder() | SaidShown() | SaidCrop() | SaidCover() | SaidUncovered() | SaidView():
            return replace(now, pictures=with_answer(now.pictures, answer))
        case SaidNotThese(photos):
            return replace(now, without=now.without | set(photos))
        case SaidCorners(photo, quad):
            return replace(now, corners={**now.corners, photo: quad})
        case SaidFacts():
            said = {name: getattr(answer, name) for name in FACTS}
            facts = replace(now.facts, **{name: value for name, value in said.items() if value is not None})
            return replace(now, facts=facts)
    staff, seen = bool(event.data.get(STAFF)), event.data.get(SURE) or ()
    sure = frozenset({ALL} if seen is True else seen)
    return replace(now, identity=answer, identity_staff=staff, identity_sure=sure, identity_seq=event.seq)


def unsaid(answer: Answer, events: Sequence[Event], by: str) -> Answer | None:
    """What is new of an answer that a sender gives along with photos, perhaps once more; None: nothing.

    What stands already is not, nor what this sender said last: who sends the same every night takes no
    correction back that another made meanwhile.
    """
    now = combine(events)
    mine = [from_data(one.data) for one in events if one.kind is Kind.ANSWERED and one.by == by]
    if isinstance(answer, SaidFacts):
        given = [one for one in mine if isinstance(one, SaidFacts)]
        new = {
            name: value
            for name in FACTS
            if (value := getattr(answer, name)) is not None
            and value not in (getattr(now.facts, name), _last(given, name))
        }
        return SaidFacts(**new) if new else None
    if isinstance(answer, SaidMark | SaidVin | SaidNoPlate):
        said = [one for one in mine if isinstance(one, SaidMark | SaidVin | SaidNoPlate)]
        return None if answer in (now.identity, *said[-1:]) else answer
    return answer


def _last(given: Sequence[SaidFacts], name: str) -> object:
    return next((getattr(one, name) for one in reversed(given) if getattr(one, name) is not None), None)


def said_names(answer: Answer) -> list[str]:
    """What an answer speaks of: its facts by name, else its kind."""
    if isinstance(answer, SaidFacts):
        return [name for name in FACTS if getattr(answer, name) is not None]
    return [answer.what]
