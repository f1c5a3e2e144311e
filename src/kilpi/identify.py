"""From an accepted mark to a vehicle: ask the register, and hold its answer against the photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kilpi.crosscheck import contradictions
from kilpi.ports import Register
from kilpi.registers.lookup import lookup_candidates
from kilpi.types import Candidate, Decision, Mark, Offer, Photo, Plate, Sighting, Vehicle, Verdict


def identify(
    decision: Decision, register: Register, photos: Sequence[Photo], offer: Offer, lookups: int = 1
) -> tuple[Vehicle | None, Decision]:
    """The vehicle of an accepted mark, and the decision with what the register's answer did to it.

    Only accepted marks are asked for: every query costs money and touches somebody's data. `lookups` above 1
    also asks for the runners-up where the register does not know the best one, as a hint for a person.
    A car that is not registered, cannot be asked for, or does not look like its photos goes to a person.
    """
    if decision.verdict is not Verdict.ACCEPTED or decision.mark is None:
        return None, decision
    search = lookup_candidates(runners_up(decision)[:lookups], register, lookups)
    doubts = list(search.reasons)
    if search.vehicle:
        shown = [plate for plate in decision.plates if says(plate, decision.mark)]
        doubts += contradictions(search.vehicle, shown, photos, offer)
    if doubts:
        decision = replace(decision, verdict=Verdict.REVIEW, reasons=(*decision.reasons, *doubts))
    return search.vehicle, decision


def runners_up(decision: Decision) -> list[Candidate]:
    """The accepted mark first, then every other mark that its plates may stand for."""
    shares: dict[Mark, float] = {}
    for plate in decision.plates:
        if decision.mark and says(plate, decision.mark):
            for mark, score in plate.candidates:
                shares[mark] = max(score, shares.get(mark, 0.0))
    if decision.mark:
        shares[decision.mark] = 1.0 + max(shares.values(), default=0.0)
    return sorted((Candidate(*pair) for pair in shares.items()), key=lambda c: -c.score)


def says(plate: Plate, mark: Mark) -> bool:
    """Whether a plate's best candidate is this mark: it then belongs to this car, not to one behind."""
    return bool(plate.candidates) and plate.candidates[0].mark.compact == mark.compact


def own_sightings(decision: Decision) -> dict[str, list[Sighting]] | None:
    """By photo, the sightings of the car's own plate; None where its mark is not known."""
    if decision.mark is None:
        return None
    own: dict[str, list[Sighting]] = {}
    for plate in decision.plates:
        if says(plate, decision.mark):
            own.setdefault(plate.photo_id, []).append(plate.sighting)
    return own
