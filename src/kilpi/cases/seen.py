"""What a decision's event keeps of what was seen: enough to label photos after an answer, and to refit p."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kilpi.cases.case import Event, Kind
from kilpi.decision.tracks import edit_distance
from kilpi.decision.verifier import LstmVerifier
from kilpi.geometry import quad_size
from kilpi.ports import Verifier
from kilpi.types import Plate, Point, Quad

PLATES = "plates"  # the key in `Outcome.record`
NOTE = "verifier"  # the same, of `verifier_note`
FAILED = "failed"  # the code of a decision's reason
FAR = 0.5  # part of a mark's characters that may be read otherwise: more is another plate


@dataclass(frozen=True, slots=True)
class SeenPlate:
    """One plate in one photo: corners in native pixels as displayed, and what was read."""

    photo: str  # sha256
    quad: Quad
    text: str
    frame: tuple[int, int] | None = None  # the photo's native width and height
    sharpness: float | None = None


def seen_data(plates: Sequence[Plate]) -> dict[str, Any]:
    """For `Outcome.record`, and so for the event. Erased with it."""
    return {PLATES: [_line(plate) for plate in plates]}


def _line(plate: Plate) -> dict[str, Any]:
    return {
        "photo": plate.photo_id,
        "quad": [[round(v, 2) for v in point] for point in plate.sighting.quad],
        "text": plate.reading.text if plate.reading else "",
        "frame": list(plate.frame) if plate.frame else None,
        "sharpness": None if plate.sharpness is None else round(plate.sharpness, 4),
    }


def verifier_note(p: float | None, verifier: Verifier, networks: str) -> dict[str, Any]:
    """For `Outcome.record`: the raw score that a decision's p came of, and by which networks."""
    if p is None or not isinstance(verifier, LstmVerifier):
        return {}
    return {NOTE: {"score": verifier.score_of(p), "networks": networks}}


def seen_of(events: Sequence[Event]) -> Mapping[str, tuple[SeenPlate, ...]]:
    """By photo (sha256), the plates of the last decision that kept some.

    What failed has looked at nothing, or lost what it saw: what was seen before stands.
    """
    decided = [event for event in events if event.kind is Kind.DECIDED and event.data and not failed(event)]
    records: list[Mapping[str, Any]] = [event.data.get("record") or {} for event in decided]
    lines: list[Any] = next((record[PLATES] for record in reversed(records) if PLATES in record), [])
    found: dict[str, tuple[SeenPlate, ...]] = {}
    for line in lines:
        quad = Quad(*(Point(float(x), float(y)) for x, y in line["quad"]))
        frame = (int(line["frame"][0]), int(line["frame"][1])) if line["frame"] else None
        plate = SeenPlate(line["photo"], quad, line["text"], frame, line.get("sharpness"))
        found[plate.photo] = (*found.get(plate.photo, ()), plate)
    return found


def failed(event: Event) -> bool:
    """Whether a decision only says that the car could not be worked on."""
    return any(reason.get("code") == FAILED for reason in event.data.get("reasons") or ())


def own_plate(seen: Sequence[SeenPlate], mark: str) -> int | None:
    """Which of one photo's plates is the car's own: the one that reads most like its mark, the larger first.

    None where all read otherwise. `mark` is compact.
    """
    scored = [(edit_distance(plate.text, mark), -quad_size(plate.quad)[0], i) for i, plate in enumerate(seen)]
    distance, _, place = min(scored, default=(len(mark), 0.0, -1))
    return place if place >= 0 and distance <= FAR * len(mark) else None
