"""Every shape that Kilpi writes as JSON and reads back: promises, for scripts are built on them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from kilpi.types import (
    CountryGuess,
    EndPlace,
    Guess,
    PhotoRead,
    Place,
    Plate,
    PlateLayout,
    Point,
    PublicAdvert,
    Quad,
    Reading,
    Record,
    Sighting,
    Vehicle,
)

# Each file's number. decision.json, 2: reasons and problems without words, and the plates; 1 is still read.
SCHEMAS: dict[type, int] = {Record: 2, PublicAdvert: 1}
VEHICLE_SHAPE = 1  # of kept register answers

T = TypeVar("T")


ADAPTERS: dict[type, TypeAdapter[Any]] = {}


def adapter(kind: type) -> TypeAdapter[Any]:
    """pydantic's reader and writer of one of our dataclasses, built when first needed."""
    if kind not in ADAPTERS:
        ADAPTERS[kind] = TypeAdapter(kind)
    return ADAPTERS[kind]


def plain(value: Any) -> Any:
    """A dataclass as JSON's own types; dates as ISO 8601."""
    return adapter(type(value)).dump_python(value, mode="json")


def to_json(value: Any) -> str:
    """A dataclass as indented JSON with our schema's number."""
    return json.dumps({"schema": SCHEMAS[type(value)], **plain(value)}, ensure_ascii=False, indent=2) + "\n"


def read_public_advert(path: Path) -> PublicAdvert | None:
    """A listing.json, or None where it is absent, cut off or of another schema."""
    return read_json(path, PublicAdvert)


def read_record(path: Path) -> Record | None:
    """A decision.json, or None where it is absent, cut off or of another schema."""
    return read_json(path, Record)


def read_json(path: Path, kind: type[T]) -> T | None:
    """A file of `to_json`, or None where it holds anything else."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(values, dict) or values.pop("schema", None) not in range(1, SCHEMAS[kind] + 1):
        return None
    if kind is Record:
        values = with_reasons(values)
    try:
        found: T = adapter(kind).validate_python(values, strict=False)
    except ValidationError:
        return None
    return found


def with_reasons(values: dict[str, Any]) -> dict[str, Any]:
    """A decision.json of schema 1 said why a photo was left out in words; they stay as they were said."""
    unused = values.get("left_out")
    if isinstance(unused, list) and unused and isinstance(unused[0], dict) and "words" in unused[0]:
        told = [(one["photo"], {"code": "said", "values": {"words": one["words"]}}) for one in unused]
        said = [{"path": path, "reason": reason} for path, reason in told]
        values = {**values, "left_out": said}
    return values


def plate_to_json(plate: Plate) -> dict[str, Any]:
    """One plate. `text` is the official spelling of the best candidate, else the raw reading."""
    best = plate.candidates[0].mark if plate.candidates else None
    raw = plate.reading.text if plate.reading else ""
    return {
        "text": best.text if best else raw,
        "country": best.country if best else None,
        "quad": [[round(p.x, 2), round(p.y, 2)] for p in plate.sighting.quad],
        "box": [round(v, 2) for v in plate.sighting.quad.box],
        "score": round(plate.sighting.score, 4),
        "raw": raw,
        "candidates": [
            {"text": c.mark.text, "country": c.mark.country, "score": round(c.score, 4)}
            for c in plate.candidates
        ],
    }


def read_to_json(read: PhotoRead) -> dict[str, Any]:
    """One photo, as `kilpi read --json` prints it; pixels of the photo as displayed, best plate first."""
    error = {"kind": read.error.kind, "message": str(read.error)} if read.error else None
    return {
        "photo": read.path,
        "width": read.width,
        "height": read.height,
        "plates": [plate_to_json(plate) for plate in read.plates],
        "ms": {
            "decode": round(read.ms.decode, 2),
            "find": round(read.ms.find, 2),
            "read": round(read.ms.read, 2),
        },
        "error": error,
        **({"note": read.note} if read.note else {}),
    }


def record_to_json(car: Record, folder: str) -> dict[str, Any]:
    """One car, as `kilpi advert` prints it when piped; it holds the mark and is never published."""
    return {
        "car": car.reference,
        "folder": folder,
        "state": car.state,
        "verdict": car.verdict,
        "mark": car.mark,
        "country": car.country,
        "p": car.p,
        "reasons": [{"code": why.code, **why.values} for why in car.reasons],
        "notes": [{"code": why.code, **why.values} for why in car.notes],
        "title": car.title,
        "missing": list(car.missing),
        "photos": len(car.photos),
        "pictures": car.pictures,
        "problems": [plain(trouble) for trouble in car.problems],
    }


def vehicle_to_json(vehicle: Vehicle) -> str:
    """One line of JSON for kept answers; empty fields are left out."""
    record = {name: value for name, value in plain(vehicle).items() if value not in (None, [], {})}
    return json.dumps({"shape": VEHICLE_SHAPE, **record}, ensure_ascii=False)


def vehicle_from_json(text: str) -> Vehicle:
    """The Vehicle of `vehicle_to_json`. Raises ValueError for anything else."""
    try:
        record = json.loads(text)
        if record.pop("shape") != VEHICLE_SHAPE or set(record) - {field.name for field in fields(Vehicle)}:
            raise ValueError("a vehicle record of another shape")
        vehicle: Vehicle = adapter(Vehicle).validate_python(record)
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError, ValidationError) as error:
        # pydantic's own message holds the values, the mark among them.
        raise ValueError(f"not a vehicle record ({type(error).__name__})") from None
    return vehicle


@dataclass(frozen=True, slots=True)
class PlateLine:
    """A plate as one flat object of a file of reads; `own`: it lies where the label has the car's own."""

    photo: str
    quad: tuple[tuple[float, float], ...]
    score: float
    frame: tuple[int, int] | None
    sharpness: float | None
    own: bool
    reader: str = ""
    country: str | None = None
    rows: int = 1
    left_out: float = 0.0
    countries: tuple[tuple[str, float], ...] = ()
    slots: tuple[tuple[tuple[str, float], ...], ...] = ()
    places: tuple[tuple[float, int], ...] = ()
    layout: PlateLayout | None = None
    on_end: EndPlace | None = None


def reading_fields(reading: Reading | None) -> dict[str, Any]:
    """The fields of a `PlateLine` that come from the reader."""
    if reading is None:
        return {
            "reader": "",
            "country": None,
            "rows": 1,
            "left_out": 0.0,
            "countries": [],
            "slots": [],
            "places": [],
        }
    return {
        "reader": reading.reader,
        "country": reading.country,
        "rows": reading.rows,
        "left_out": round(reading.left_out, 6),
        "countries": [[guess.code, round(guess.score, 6)] for guess in reading.countries],
        "slots": [[[guess.char, round(guess.score, 6)] for guess in slot] for slot in reading.slots],
        "places": [[round(place.x, 4), place.row] for place in reading.places],
    }


def plate_line(plate: Plate, own: bool) -> dict[str, Any]:
    """One plate as a `PlateLine` in JSON's own types; its candidates follow from its reading."""
    return {
        "photo": plate.photo_id,
        "quad": [[round(v, 2) for v in point] for point in plate.sighting.quad],
        "score": round(plate.sighting.score, 5),
        "frame": plate.frame,
        "sharpness": plate.sharpness,
        "own": own,
        "layout": plain(plate.layout) if plate.layout else None,
        "on_end": [round(v, 4) for v in plate.on_end] if plate.on_end else None,
        **reading_fields(plate.reading),
    }


def plate_of_line(values: Mapping[str, Any]) -> tuple[Plate, bool]:
    """The inverse of `plate_line`, without candidates. Raises ValueError where it is none."""
    at = values.get("on_end")  # up to 2026-11-29 a third number said of covered plates beside it
    line: PlateLine = adapter(PlateLine).validate_python({**values, "on_end": at and at[:2]})
    slots = tuple(tuple(Guess(char, score) for char, score in slot) for slot in line.slots)
    countries = tuple(CountryGuess(code, score) for code, score in line.countries)
    places = tuple(Place(x, row) for x, row in line.places)
    reading = Reading(slots, line.reader, line.country, line.rows, line.left_out, countries, places)
    seen = Sighting(Quad(*(Point(x, y) for x, y in line.quad)), line.score)
    plate = Plate(line.photo, seen, reading, (), line.frame, line.sharpness, line.layout, line.on_end)
    return plate, line.own
