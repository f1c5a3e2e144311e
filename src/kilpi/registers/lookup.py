"""Look-ups as a person or the pipeline wants them: explained, or over a list of candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from kilpi.errors import NotRegistered, RegisterError, RegisterRefused
from kilpi.ports import Register
from kilpi.registers.watch import Step
from kilpi.types import Candidate, Mark, Reason, Vehicle

NOT_REGISTERED_FACTOR = 0.01
"""What "not registered" makes of a score: an assumption (one true mark in a hundred is missing)."""
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

    mark: Mark
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
    """What a candidate list came to. `reasons` are for the decision; `candidates` carry reweighed scores."""

    vehicle: Vehicle | None
    tried: tuple[Tried, ...]
    candidates: tuple[Candidate, ...]
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
    scores = {candidate.mark: candidate.score for candidate in ranked}
    tried: list[Tried] = []
    reasons: list[Reason] = []
    vehicle = None
    for place, (mark, _) in enumerate(ranked[:budget]):
        try:
            vehicle = register.look_up(mark)
        except NotRegistered as error:
            tried.append(Tried(mark, error.kind))
            scores[mark] *= NOT_REGISTERED_FACTOR
            if place == 0:
                reasons.append(Reason("not_registered"))
            continue
        except RegisterError as error:
            tried.append(Tried(mark, error.kind))
            refused = isinstance(error, RegisterRefused)
            code = "register_refused" if refused else "register_unavailable"
            reasons.append(Reason(code, {"message": str(error)}))
            break
        tried.append(Tried(mark, "found"))
        if place:
            reasons.append(Reason("other_candidate_registered", {"place": place + 1}))
        break
    if vehicle is None and len(tried) == budget < len(ranked):
        reasons.append(Reason("register_budget_spent", {"asked": budget}))
    reweighed = sorted((Candidate(mark, score) for mark, score in scores.items()), key=lambda c: -c.score)
    return Search(vehicle, tuple(tried), tuple(reweighed), tuple(reasons))
