"""Who was asked, what came of it, and how long it took: for `--explain`, never for a log."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from kilpi.errors import RegisterError
from kilpi.ports import Register
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


def watched_look_up(register: Register, name: str, mark: Mark, watch: Watch, kept: bool = False) -> Vehicle:
    """`register.look_up(mark)`, telling `watch` what came of it."""
    begun = time.perf_counter()
    try:
        vehicle = register.look_up(mark)
    except RegisterError as error:
        watch(Step(name, error.kind, kept, (time.perf_counter() - begun) * 1000, str(error)))
        raise
    watch(Step(name, "found", kept, (time.perf_counter() - begun) * 1000))
    return vehicle
