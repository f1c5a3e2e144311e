"""One car's mark, accepted or not, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kilpi.types.mark import Mark
from kilpi.types.plate import Plate


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
    strangers: tuple[str, ...] = ()  # ids of photos that show another car: they are no part of its advert
