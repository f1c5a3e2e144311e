"""What only the dealer sees of a car (`decision.json`): mark, VIN, reasons, problems. Never published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kilpi.adverts.listing import with_pictures
from kilpi.adverts.shown import Shown, read_json, small_name
from kilpi.adverts.wording import load_wording
from kilpi.types import Car, Verdict

DECISION = "decision.json"
READY, DRAFT, REVIEW, NO_PLATE = "ready", "draft", "review", "no_plate"


def state_of(car: Car) -> str:
    """ready, draft, review or no_plate."""
    if car.decision.verdict is not Verdict.ACCEPTED:
        return str(car.decision.verdict)
    if car.listing is None:
        return REVIEW
    return DRAFT if with_pictures(car.listing, car.pictures).is_draft else READY


@dataclass(frozen=True)
class Why:
    """A reason: its code and values for machines, its words for people."""

    code: str
    values: Mapping[str, Any]
    words: str


@dataclass(frozen=True)
class Trouble:
    """A photo or step that gave nothing: its error, and the same in the reader's language."""

    where: str
    kind: str
    message: str
    words: str


@dataclass(frozen=True)
class Unused:
    """A photo that is not published, and why in words."""

    photo: str
    words: str


@dataclass(frozen=True)
class Record:
    """One car's decision.json: for the dealer only, and what the index and publishing need."""

    reference: str
    id: str
    state: str
    verdict: str
    mark: str | None
    country: str | None
    p: float | None
    vin: str | None
    register: str | None
    title: str
    price: str | None
    picture: str | None  # small copy of the first picture
    pictures: int
    photos: tuple[str, ...]
    reasons: tuple[Why, ...]
    missing: tuple[str, ...]
    problems: tuple[Trouble, ...]
    left_out: tuple[Unused, ...]
    files: Mapping[str, str]  # name -> sha256 of what was written
    inputs: str = ""  # digest of all that the advert was made from


def record(
    car: Car, identity: str, advert: Shown | None, language: str, files: Mapping[str, str], inputs: str = ""
) -> Record:
    """The decision of one car, with the names and hashes of its files."""
    wording = load_wording(language)
    mark, vehicle = car.decision.mark, car.vehicle
    return Record(
        reference=car.reference,
        id=identity,
        state=state_of(car),
        verdict=str(car.decision.verdict),
        mark=mark.text if mark else None,
        country=mark.country if mark else None,
        p=car.decision.p,
        vin=vehicle.vin if vehicle else None,
        register=vehicle.source if vehicle else None,
        title=advert.title if advert else car.reference,
        price=advert.price if advert else None,
        picture=small_name(car.pictures[0].name) if car.pictures else None,
        pictures=len(car.pictures),
        photos=car.photos,
        reasons=tuple(Why(r.code, dict(r.values), wording.reason(r)) for r in car.decision.reasons),
        missing=advert.missing if advert else (),
        problems=tuple(
            Trouble(p.where, p.error.kind, str(p.error), wording.problem(p)) for p in car.problems
        ),
        left_out=tuple(Unused(p.path, wording.left_out(p.reason)) for p in car.left_out),
        files=dict(files),
        inputs=inputs,
    )


def read_record(path: Path) -> Record | None:
    """A decision.json, or None where it is absent, cut off or of another schema."""
    values = read_json(path)
    if values is None:
        return None
    try:
        values["reasons"] = tuple(Why(**why) for why in values["reasons"])
        values["problems"] = tuple(Trouble(**trouble) for trouble in values["problems"])
        values["left_out"] = tuple(Unused(**unused) for unused in values["left_out"])
        values["photos"], values["missing"] = tuple(values["photos"]), tuple(values["missing"])
        return Record(**values)
    except (KeyError, TypeError):
        return None
