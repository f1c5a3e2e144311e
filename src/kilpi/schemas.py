"""Every shape that Kilpi writes as JSON and reads back: promises, for scripts are built on them."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kilpi.types import (
    Consumption,
    Fact,
    Mark,
    PhotoRead,
    Plate,
    PublicAdvert,
    PublicPicture,
    PublicVehicle,
    Record,
    Trouble,
    Unused,
    Vehicle,
    Why,
)

SCHEMA = 1


def to_json(value: Any) -> str:
    """A dataclass as indented JSON with our schema's number; dates as ISO 8601."""
    body = {"schema": SCHEMA, **asdict(value)}
    return json.dumps(body, ensure_ascii=False, indent=2, default=str) + "\n"


def read_public_advert(path: Path) -> PublicAdvert | None:
    """A listing.json, or None where it is absent, cut off or of another schema."""
    values = read_json(path)
    if values is None:
        return None
    try:
        vehicle = values["vehicle"]
        for key in ("first_registered", "data_from"):
            vehicle[key] = date.fromisoformat(vehicle[key]) if vehicle[key] else None
        vehicle["fuels"] = tuple(vehicle["fuels"])
        values["vehicle"] = PublicVehicle(**vehicle)
        values["facts"] = tuple(Fact(*fact) for fact in values["facts"])
        values["pictures"] = tuple(PublicPicture(**picture) for picture in values["pictures"])
        for key in ("paragraphs", "equipment", "missing"):
            values[key] = tuple(values[key])
        return PublicAdvert(**values)
    except (KeyError, TypeError, ValueError):
        return None


def read_json(path: Path) -> dict[str, Any] | None:
    """A JSON object of our schema without its schema number, or None."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(values, dict) or values.pop("schema", None) != SCHEMA:
        return None
    return values


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
        "p": None,
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
        "title": car.title,
        "missing": list(car.missing),
        "photos": len(car.photos),
        "pictures": car.pictures,
        "problems": [{"where": p.where, "kind": p.kind, "message": p.message} for p in car.problems],
    }


SHAPE = 1
_DATES = ("first_registered", "next_inspection", "odometer_date")
_TUPLES = ("fuels", "restrictions")


def vehicle_to_json(vehicle: Vehicle) -> str:
    """One line of JSON; empty fields are left out."""
    record = {name: value for name, value in asdict(vehicle).items() if value not in (None, (), {})}
    return json.dumps({"shape": SHAPE, **record}, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"a vehicle holds no {type(value).__name__}")


def vehicle_from_json(text: str) -> Vehicle:
    """The Vehicle of `vehicle_to_json`. Raises ValueError for anything else."""
    try:
        record = json.loads(text)
        if record.pop("shape") != SHAPE or set(record) - {field.name for field in fields(Vehicle)}:
            raise ValueError("another shape")
        record["mark"] = Mark(**record["mark"])
        record["fetched"] = datetime.fromisoformat(record["fetched"])
        record |= {name: date.fromisoformat(record[name]) for name in _DATES if name in record}
        record |= {name: tuple(record[name]) for name in _TUPLES if name in record}
        if "consumption" in record:
            record["consumption"] = Consumption(**record["consumption"])
        return Vehicle(**record)
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"not a vehicle record ({type(error).__name__})") from None
