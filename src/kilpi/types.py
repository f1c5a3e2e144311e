"""The nouns, in the order in which data meets them. Frozen, without models and without I/O.

Photo -> Sighting -> Reading -> Plate -> Decision -> Vehicle -> Listing -> Car
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kilpi.errors import KilpiError

Pixels = NDArray[np.uint8]
"""An image: (h, w, 3) uint8, RGB, row 0 at the top."""


class Point(NamedTuple):
    """A place in a photo: pixels of the photo as displayed, origin top left, x right, y down."""

    x: float
    y: float


class Box(NamedTuple):
    """An upright rectangle in the same pixels as `Point`; x1 <= x2, y1 <= y2."""

    x1: float
    y1: float
    x2: float
    y2: float


class Quad(NamedTuple):
    """Four corners, clockwise as the text reads: the first is where the first character begins."""

    tl: Point
    tr: Point
    br: Point
    bl: Point

    @property
    def box(self) -> Box:
        """The upright rectangle around the corners."""
        xs, ys = [p.x for p in self], [p.y for p in self]
        return Box(min(xs), min(ys), max(xs), max(ys))


@dataclass(frozen=True, slots=True)
class Photo:
    """One decoded file. `width` and `height` are native, as displayed (after EXIF rotation).

    `pixels` may be decoded at 1/`reduction` of that; every coordinate in Kilpi is in native pixels.
    `data` is the file itself, so that native pixels can be had later without a second read.
    """

    id: str  # sha256 of the file, hex
    path: str  # as given
    width: int
    height: int
    pixels: Pixels = field(compare=False, repr=False)
    reduction: int = 1  # 1, 2, 4 or 8
    taken: datetime | None = None  # EXIF DateTimeOriginal, no time zone
    data: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A plate was seen here. `score` is the detector's own, in 0..1, not a probability."""

    quad: Quad
    score: float


class Guess(NamedTuple):
    """One character that a slot may hold. `score` is the reader's softmax, not calibrated."""

    char: str
    score: float


class CountryGuess(NamedTuple):
    """A country that a plate may be of, by its looks alone; raw score 0..1."""

    code: str  # ISO 3166-1 alpha-2
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader saw: per slot its guesses, best first. Letters upper case, no separators."""

    slots: tuple[tuple[Guess, ...], ...]
    reader: str  # which reader, with its version
    country: str | None = None  # ISO 3166-1 alpha-2 (AX for Åland), where the reader tells
    rows: int = 1
    left_out: float = 0.0  # highest score for a further character, in a place that was taken for empty
    countries: tuple[CountryGuess, ...] = ()  # what the plate's looks say, best first; XX: one not known

    @property
    def text(self) -> str:
        """The best guess of every slot."""
        return "".join(slot[0].char for slot in self.slots)

    @property
    def score(self) -> float:
        """The weakest slot's best score: a mark is as sure as its least sure character."""
        return min((slot[0].score for slot in self.slots), default=0.0)


@dataclass(frozen=True, slots=True)
class Mark:
    """A registration mark in its country's official spelling."""

    text: str  # with the official separator: ABC-123
    country: str | None = None
    series: str | None = None  # name of the grammar's series; None: no rule parses it
    identifies_car: bool = True  # False for trade plates: the next car wears the same

    @property
    def compact(self) -> str:
        """Letters and digits only: ABC123."""
        return "".join(filter(str.isalnum, self.text))


class Candidate(NamedTuple):
    """A mark that a reading may stand for. `score` is relative among the candidates of one plate."""

    mark: Mark
    score: float


@dataclass(frozen=True, slots=True)
class Plate:
    """One plate in one photo: where, what was read, which marks that may be (best first)."""

    photo_id: str
    sighting: Sighting
    reading: Reading | None = None
    candidates: tuple[Candidate, ...] = ()
    frame: tuple[int, int] | None = None  # the photo's native width and height
    sharpness: float | None = None  # of the straightened plate, see `kilpi.clarity`


class Verdict(StrEnum):
    """What is to be done with a car."""

    ACCEPTED = "accepted"
    REVIEW = "review"
    NO_PLATE = "no_plate"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a decision is what it is: a code and its numbers. Words come from templates per language."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """One car's mark, from all its photos. `p` is calibrated, None where nothing calibrated it."""

    verdict: Verdict
    mark: Mark | None
    p: float | None
    reasons: tuple[Reason, ...]
    plates: tuple[Plate, ...] = ()


@dataclass(frozen=True, slots=True)
class Consumption:
    """Energy per distance in one test cycle."""

    litres_per_100km: float | None = None
    kwh_per_100km: float | None = None
    cycle: str | None = None  # "WLTP" or "NEDC"


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What a register says of one mark. Every field but the first three may be absent (None or empty).

    Coded fields (body, colour, fuels, gearbox, vehicle_class, status) hold words of `kilpi.vocabulary`.
    Never holds an owner, a holder or an insurance: adapters read by allow-list.
    """

    mark: Mark
    source: str  # register's name
    fetched: datetime  # UTC
    make: str | None = None
    model: str | None = None
    trade_name: str | None = None
    variant: str | None = None
    vin: str | None = None
    vehicle_class: str | None = None
    body: str | None = None
    colour: str | None = None
    doors: int | None = None
    seats: int | None = None
    fuels: tuple[str, ...] = ()
    gearbox: str | None = None
    displacement_cc: int | None = None
    power_kw: float | None = None
    co2_g_km: float | None = None
    co2_cycle: str | None = None  # "WLTP" or "NEDC"
    consumption: Consumption | None = None
    mass_kg: int | None = None
    first_registered: date | None = None
    next_inspection: date | None = None
    odometer_km: int | None = None  # the register's last reading, not today's
    odometer_date: date | None = None
    status: str | None = None
    restrictions: tuple[str, ...] = ()
    raw: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Offer:
    """What only the dealer knows (car.toml or the dealer's CSV). Absent stays absent."""

    reference: str = ""
    price: Decimal | None = None
    currency: str = "EUR"
    odometer_km: int | None = None
    equipment: tuple[str, ...] = ()
    description: str | None = None
    dealer: str | None = None
    place: str | None = None
    contact: str | None = None
    make: str | None = None  # the dealer's own word, to hold against the register's


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished picture: plates covered, no metadata. `name` carries no mark."""

    name: str
    photo_id: str
    width: int
    height: int
    covered: int  # how many plates were covered
    jpeg: bytes = field(compare=False, repr=False)
    view: str = "unsure"  # a word of `kilpi.pictures.choice.View`


class Fact(NamedTuple):
    """One row of an advert's table, already in the advert's language."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The advert's text. It is a draft while `missing` names anything."""

    language: str
    title: str
    paragraphs: tuple[str, ...]
    facts: tuple[Fact, ...]
    equipment: tuple[str, ...] = ()
    price: str | None = None
    missing: tuple[str, ...] = ()  # what a person must add, in the advert's language

    @property
    def is_draft(self) -> bool:
        """True while something that a buyer needs is missing."""
        return bool(self.missing)


@dataclass(frozen=True, slots=True)
class Problem:
    """One photo, or one step, that gave nothing; the rest went on."""

    where: str  # path as given, or the step's name
    error: KilpiError


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A readable photo that is not published, and why."""

    path: str  # as given
    reason: Reason


@dataclass(frozen=True, slots=True)
class Car:
    """All that became of one car's photos."""

    reference: str
    photos: tuple[str, ...]  # paths as given, readable ones
    decision: Decision
    vehicle: Vehicle | None = None
    offer: Offer = field(default_factory=Offer)
    listing: Listing | None = None
    pictures: tuple[Picture, ...] = ()
    problems: tuple[Problem, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
