"""What one car's page shows: its facts from both sides, its pictures, the photos that are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePath
from typing import Any

from kilpi.adverts.naming import fold, spell_make
from kilpi.adverts.wording import Wording
from kilpi.cases import Case, CasePhoto, Event, Kind, State, UnderWay, history, keep_until, photos
from kilpi.cases.answers import CAR_FACTS, Answers, combine
from kilpi.cases.asking.questions import offer_of
from kilpi.cases.making.maker import KEPT
from kilpi.cases.projection import Projection, standing
from kilpi.cases.tally import gap_of
from kilpi.cases.telling.history_text import short_name
from kilpi.types import Offer, PublicAdvert, PublicVehicle, Quad, Reason, Record, Trouble, Wishes
from kilpi.vehicle.crosscheck import same_make
from kilpi.web.serving import Serving

NEXT = {
    State.REVIEW: "answer",
    State.DRAFT: "complete",
    State.READY: "publish",
    State.WAITING: "wait_dealer",
    State.RECEIVED: "wait",
    State.WORKING: "wait",
}
"""What to do next in each state; in the others there is nothing to do."""


GOES_ON = frozenset({"wait", UnderWay.PUBLISHING, UnderWay.RETRYING})
"""Keys of [next] at which the page goes on by itself."""


def next_of(case: Case, here: bool = True, way: UnderWay | None = None) -> str | None:
    """What to do next, a key of [next] in words/; None: nothing. `here`: its present advert is out here;
    `way`: it is on its way there.
    """
    if way is not None:
        return way
    if case.state is State.READY and case.live:
        return "publish_again"
    if case.state is State.PUBLISHED and not here:
        return "publish_here"
    if case.state is State.PUBLISHED:
        return "out"
    return NEXT.get(case.state)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a car's case came to its end: the event, the other case that its photos went to, and until when it
    is kept (UTC). `advert`, a key of [ended]: what became of the advert.
    """

    event: Event
    into: str
    advert: str
    kept: datetime | None


def ended_of(case: Case, events: Sequence[Event], keep_days: int) -> Ended | None:
    """None while the car is for sale or waits."""
    if case.state not in (State.SOLD, State.WITHDRAWN, State.ERASED):
        return None
    last = next(one for one in reversed(standing(events)) if one.kind.value == case.state.value)
    out = any(one.kind is Kind.PUBLISHED for one in events)
    advert = "coming_down" if case.live else "down" if out else "never"
    kept = keep_until(case, keep_days) if keep_days and case.state is not State.ERASED else None
    return Ended(last, str(last.data.get("into", "")), advert, kept)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an advert of a car is out. `name` is "" for this server's own site.

    `stands`: "out" (the present one), "older", or "unsure" where sending it did not end.
    """

    name: str
    stands: str


def places_of(now: Projection, target: str) -> list[Place]:
    """The places that show, or may show, an advert; this server's site first."""
    found = sorted(now.live.items(), key=lambda pair: (pair[0] != target, pair[0]))
    return [Place("" if name == target else short_name(name), stands(now, ad)) for name, ad in found]


def stands(now: Projection, advert: str) -> str:
    """How the advert that is out somewhere, by its digest, stands to the present one."""
    if not advert:
        return "unsure"
    return "out" if advert == now.advert else "older"


@dataclass(frozen=True, slots=True)
class PictureShown:
    """A finished picture and the photo it is of."""

    name: str
    photo: str
    view: str
    cropped: bool
    covers: int

    @property
    def small(self) -> str:
        """Its small copy's name."""
        return self.name.replace(".jpg", "-small.jpg")


@dataclass(frozen=True, slots=True)
class PhotoLeft:
    """A photo that is no picture, and why, a code; "": nobody knows."""

    photo: CasePhoto
    why: str
    may_show: bool
    problem: str = ""  # the kind of error, where it could not be opened
    values: dict[str, Any] = field(default_factory=dict)  # what the phrase of `why` names

    @property
    def reason(self) -> Reason:
        """`why`, to be said in words."""
        return Reason(self.why, self.values)


def pictures_of(record: Record | None, known: Sequence[CasePhoto], wishes: Wishes) -> list[PictureShown]:
    """The pictures in their order."""
    views = {photo.sha256: photo.view for photo in known}
    return [
        PictureShown(
            one.name, one.photo, views.get(one.photo, ""), one.photo in wishes.crops, len(one.covers)
        )
        for one in (record.shown if record else ())
        if one.photo in views
    ]


def failed_in(problems: Sequence[Trouble]) -> dict[str, str]:
    """By file name the kind of error of what could not be opened."""
    return {PurePath(one.where).name: one.kind for one in problems}


def left_of(
    known: Sequence[CasePhoto],
    shown: Sequence[PictureShown],
    wishes: Wishes,
    without: frozenset[str],
    record: Record | None = None,
) -> list[PhotoLeft]:
    """The others; papers and other cars' photos are not shown, whoever asks."""
    pictured = {one.photo for one in shown}
    failed = failed_in(record.problems if record else ())
    told = {PurePath(one.path).name: one.reason for one in (record.left_out if record else ())}
    found = []
    for photo in known:
        if photo.sha256 in pictured:
            continue
        away = wishes.shown.get(photo.sha256) is False
        why = "other_car" if photo.sha256 in without else "person" if away else photo.rejected
        name = PurePath(photo.name).name
        said = told.get(name)
        values = said.values if said and said.code == why else {}
        may_show = why not in ("other_car", "document", "")
        found.append(PhotoLeft(photo, why, may_show, failed.get(name, ""), values))
    return found


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact: a key of [facts] in words/, what the dealer says, what the register says.

    `differs`: both say something, and not the same. A mileage that has grown since is no difference.
    """

    key: str
    dealer: str
    register: str
    differs: bool = False


def facts_of(
    offer: Offer,
    record: Record | None,
    shown: PublicAdvert | None,
    words: Wording,
    case_is_open: bool = True,
    reasons: Sequence[Reason] = (),
) -> list[FactRow]:
    """What dealer and register say of the same things, in words of the visitor's language.

    `reasons` tell what the register says where it contradicts, and there is no advert for it.
    """
    car = contradicted(of_register(shown.vehicle) if shown else PublicVehicle(), reasons)
    price = words.money(offer.price, offer.currency) if offer.price is not None else ""
    given, before = offer.odometer_km, register_km(record)
    rows = [
        make_row(offer, car),
        FactRow(
            "year",
            str(offer.year or ""),
            str(car.first_year or ""),
            None not in (offer.year, car.first_year) and offer.year != car.first_year,
        ),
        FactRow("odometer", km_in(given, words), km_in(before, words), below(given, before)),
        FactRow("price", price, ""),
        FactRow("body", "", words.word(car.body, "body") if car.body else ""),
        FactRow("colour", "", words.word(car.colour, "colour") if car.colour else ""),
        FactRow("fuel", "", ", ".join(words.word(fuel, "fuel") for fuel in car.fuels)),
        FactRow("gearbox", "", words.word(car.gearbox, "gearbox") if car.gearbox else ""),
        FactRow("power", "", f"{car.power_kw:g} kW" if car.power_kw else ""),
    ]
    always = ("odometer", "price") if case_is_open else ()
    return [row for row in rows if row.dealer or row.register or row.key in always]


def of_register(car: PublicVehicle) -> PublicVehicle:
    """An advert's vehicle without what only the dealer says of it."""
    hidden: dict[str, Any] = dict.fromkeys(car.by_dealer)
    return replace(car, **hidden, by_dealer=())


def contradicted(car: PublicVehicle, reasons: Sequence[Reason]) -> PublicVehicle:
    """A vehicle with what reasons say that the register has of it, where it is not known otherwise."""
    said = {why.code: why.values.get("registered") for why in reasons}
    make, year = said.get("contradiction_make"), said.get("contradiction_year")
    return replace(
        car,
        make=car.make or (spell_make(str(make)) if make else None),
        year=car.year or (year if isinstance(year, int) else None),
        colour=car.colour or said.get("contradiction_colour"),
    )


def make_row(offer: Offer, car: PublicVehicle) -> FactRow:
    """Make and model from both sides; one make has several names ("VW")."""
    other_make = bool(offer.make and car.make) and not same_make(offer.make or "", car.make or "")
    name = fold(" ".join(filter(None, (car.model, car.trim))))
    model = fold(offer.model or "")
    other_model = bool(model and name) and model not in name and name not in model  # a list's is often fuller
    mine = " ".join(filter(None, (offer.make, offer.model)))
    return FactRow(
        "make", mine, " ".join(filter(None, (car.make, car.model, car.trim))), other_make or other_model
    )


def asks_car(case: Case, record: Record | None, answers: Answers) -> bool:
    """Whether people may tell make, model and year: no register does, or somebody told them already."""
    if case.state not in KEPT or record is None:
        return False
    told = any(getattr(answers.facts, name) is not None for name in CAR_FACTS)
    return told or record.register is None or any(gap_of(gap) == "make" for gap in record.missing)


def below(given: int | None, before: int | None) -> bool:
    """Whether a mileage is less than the register had already."""
    return given is not None and before is not None and given < before


def km_in(km: int | None, words: Wording) -> str:
    """ "84 500 km", never broken; "" where none is known."""
    return "" if km is None else words.km(km)


def register_km(record: Record | None) -> int | None:
    """The register's last reading, kilometres."""
    return record.register_km if record else None


def offer_in(serving: Serving, case: Case) -> Offer:
    """What the dealer's files and people's answers say; of a server without a flow nothing is known."""
    if serving.maker is None:
        return Offer()
    answers = combine(history(serving.store, case.id))
    mine = [photo for photo in photos(serving.store, case.id) if photo.sha256 not in answers.without]
    return offer_of(serving.store, serving.maker, case, mine, answers, serving.beside)


def points_of(quad: Quad) -> str:
    """As the points of an SVG polygon, and as a form sends it: "x,y x,y x,y x,y"."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in quad)
