"""What Kilpi's results look like as JSON. These shapes are promises: scripts are built on them."""

from __future__ import annotations

from typing import Any

from kilpi.adverts.records import Record
from kilpi.pipeline import PhotoRead
from kilpi.types import Plate


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
