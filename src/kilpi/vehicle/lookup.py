"""Look-ups as a person or the pipeline wants them: explained, or over a list of candidates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from kilpi.config import Settings
from kilpi.decision.tracks import says, showing
from kilpi.errors import NotRegistered, RegisterError, RegisterRefused, RegisterUnavailable
from kilpi.ports import Forgetful, Register
from kilpi.registers import open_register
from kilpi.registers.chain import ChainRegister
from kilpi.registers.trace import Step
from kilpi.types import Candidate, Decision, Mark, Offer, Photos, Reason, Sighting, Vehicle, Verdict
from kilpi.vehicle.crosscheck import contradictions

OTHER_REGISTERED = "other_candidate_registered"
_ABOUT = frozenset({"mark", "source", "fetched", "raw"})


@dataclass(frozen=True, slots=True)
class FieldOrigin:
    """One field of a vehicle: our value, and where it came from as what."""

    name: str
    value: Any
    source_path: str | None = None
    source_value: Any = None


@dataclass(frozen=True, slots=True)
class Explained:
    """A look-up with its history. Either `vehicle` or `error` is set."""

    mark: Mark | None  # None where a VIN was asked for and not found
    steps: tuple[Step, ...]
    vehicle: Vehicle | None
    error: RegisterError | None
    fields: tuple[FieldOrigin, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """One candidate asked; `outcome` is "found" or the error's class name."""

    mark: Mark
    outcome: str


@dataclass(frozen=True, slots=True)
class Search:
    """What a candidate list came to; `reasons` are for the decision."""

    vehicle: Vehicle | None
    tried: tuple[Tried, ...]
    reasons: tuple[Reason, ...]


def field_origins(vehicle: Vehicle) -> tuple[FieldOrigin, ...]:
    """Every field that has a value or that the source had something for, in the order of `Vehicle`."""
    origins = []
    for name in (field.name for field in fields(vehicle)):
        value, raw = getattr(vehicle, name), vehicle.raw.get(name, {})
        if name in _ABOUT or (value in (None, ()) and not raw):
            continue
        origins.append(FieldOrigin(name, value, raw.get("from"), raw.get("value")))
    return tuple(origins)


def lookup_candidates(candidates: Sequence[Candidate], register: Register, budget: int) -> Search:
    """Asks for the candidates best first, at most `budget` of them, until one is registered.

    A failure that is no answer (unavailable, refused) ends the search: a weaker candidate must not win
    because the best one could not be asked. A vehicle of any but the best candidate comes with the reason
    "not_registered": it is a hint for a person, not an acceptance.
    """
    ranked = sorted(candidates, key=lambda candidate: -candidate.score)
    tried: list[Tried] = []
    reasons: list[Reason] = []
    vehicle = None
    for place, (mark, _) in enumerate(ranked[:budget]):
        try:
            vehicle = register.look_up(mark)
        except NotRegistered as error:
            tried.append(Tried(mark, error.kind))
            if place == 0:
                reasons.append(doubt_of(error))
            continue
        except RegisterError as error:
            tried.append(Tried(mark, error.kind))
            reasons.append(doubt_of(error))
            break
        tried.append(Tried(mark, "found"))
        if place:
            reasons.append(Reason(OTHER_REGISTERED, {"place": place + 1}))
        break
    if vehicle is None and len(tried) == budget < len(ranked):
        reasons.append(Reason("register_budget_spent", {"asked": budget}))
    return Search(vehicle, tuple(tried), tuple(reasons))


def doubt_of(error: RegisterError, by_vin: bool = False) -> Reason:
    """What a look-up that gave nothing says of a decision; `by_vin`: it was for a VIN, not for a mark."""
    if isinstance(error, NotRegistered):
        return Reason("not_registered", {"by": "vin"} if by_vin else {})
    code = "register_refused" if isinstance(error, RegisterRefused) else "register_unavailable"
    if isinstance(error, RegisterUnavailable) and error.lasting:
        code = "register_doubtful"
    return Reason(code, {"message": str(error)})


def explain(
    mark: Mark, name_or_path: str, settings: Settings, warn: Callable[[str], None] = lambda line: None
) -> Explained:
    """One look-up with its history: who was asked, kept or not, and every field with its origin.

    `warn` gets one line for each row of a file that has a problem.
    """
    return _explained(lambda register: register.look_up(mark), mark, name_or_path, settings, warn)


def explain_vin(
    vin: str, name_or_path: str, settings: Settings, warn: Callable[[str], None] = lambda line: None
) -> Explained:
    """`explain` for a chassis number; the mark is what the register says."""
    return _explained(lambda register: register.look_up_vin(vin), None, name_or_path, settings, warn)


def _explained(
    ask: Callable[[ChainRegister], Vehicle],
    mark: Mark | None,
    name_or_path: str,
    settings: Settings,
    warn: Callable[[str], None],
) -> Explained:
    steps: list[Step] = []
    register = open_register(name_or_path, settings, steps.append, warn)
    try:
        vehicle = ask(register)
    except RegisterError as error:
        return Explained(mark, tuple(steps), None, error)
    return Explained(mark or vehicle.mark, tuple(steps), vehicle, None, field_origins(vehicle))


def identify(
    decision: Decision,
    register: Register,
    photos: Photos,
    offer: Offer,
    lookups: int = 1,
    confirmed: bool = False,
) -> tuple[Vehicle | None, Decision]:
    """The vehicle of an accepted mark, and the decision with what the register's answer did to it.

    Only accepted marks are asked for: every query costs money and touches somebody's data. `lookups` above 1
    also asks for the runners-up where the register does not know the best one, as a hint for a person; of
    a mark that a person gave there are none. A car that is not registered, cannot be asked for, or does not
    look like its photos goes to a person; where a person gave the mark (`confirmed`) that is told.
    """
    if decision.verdict is not Verdict.ACCEPTED or decision.mark is None:
        return None, decision
    most = 1 if confirmed else lookups
    search = lookup_candidates(runners_up(decision)[:most], register, most)
    doubts = list(search.reasons)
    vehicle = search.vehicle
    if any(doubt.code == OTHER_REGISTERED for doubt in doubts):
        vehicle = None  # of another mark: told in words, never this car's data
        forget(register, search.tried[-1].mark)
    if vehicle:
        shown = showing(decision.plates, decision.mark)
        doubts += contradictions(vehicle, shown, photos, offer)
    if doubts:
        answered = confirmed and all(doubt.code != "register_unavailable" for doubt in doubts)
        verdict = decision.verdict if answered else Verdict.REVIEW
        decision = replace(decision, verdict=verdict, reasons=(*decision.reasons, *doubts))
    return vehicle, decision


def forget(register: Register | None, mark: Mark) -> None:
    """Has a register that keeps answers forget what it kept of a mark that was asked for in vain."""
    if isinstance(register, Forgetful):
        register.forget(mark)


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


def own_sightings(decision: Decision) -> dict[str, list[Sighting]] | None:
    """By photo, the sightings of the car's own plate; None where its mark is not known."""
    if decision.mark is None:
        return None
    own: dict[str, list[Sighting]] = {}
    for plate in decision.plates:
        if says(plate, decision.mark):
            own.setdefault(plate.photo_id, []).append(plate.sighting)
    return own
