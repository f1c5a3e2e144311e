"""Who was asked, what came of it, and how long it took: for `--explain`, never for a log."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from kilpi.errors import RegisterError, RegisterRefused
from kilpi.ports import Register, VinRegister
from kilpi.types import Mark, Vehicle


@dataclass(frozen=True, slots=True)
class Step:
    """One register asked. `outcome` is "found" or the error's class name."""

    register: str
    outcome: str
    kept: bool  # answered from the kept answers, without a request
    ms: float
    message: str | None = None


Watch = Callable[[Step], None]


def ignore(step: Step) -> None:
    """A Watch that keeps nothing."""


def watched_look_up(register: Register, name: str, mark: Mark, watch: Watch) -> Vehicle:
    """`register.look_up(mark)`, telling `watch` what came of it."""
    return watched(lambda: register.look_up(mark), name, watch)


def watched_look_up_vin(register: Register, name: str, vin: str, watch: Watch) -> Vehicle:
    """`register.look_up_vin(vin)`, telling `watch`. Raises RegisterRefused where it takes no VIN."""
    if not isinstance(register, VinRegister):
        raise RegisterRefused(f"{name}: takes no VIN; give a registration mark")
    return watched(lambda: register.look_up_vin(vin), name, watch)


def watched(ask: Callable[[], Vehicle], name: str, watch: Watch) -> Vehicle:
    """What `ask` gives, telling `watch` what came of it."""
    begun = time.perf_counter()
    try:
        vehicle = ask()
    except RegisterError as error:
        watch(Step(name, error.kind, False, (time.perf_counter() - begun) * 1000, str(error)))
        raise
    watch(Step(name, "found", False, (time.perf_counter() - begun) * 1000))
    return vehicle
