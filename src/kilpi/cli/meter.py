"""What the registers of one run were asked, and what of it is paid for: counted, never which marks."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

from kilpi.registers.charges import is_paid
from kilpi.registers.trace import Step


@dataclass(frozen=True, slots=True)
class Lookups:
    """How often registers were asked. `paid`: of a provider, not from kept answers, and answered.

    `in_vain`: marks that were asked for before they were accepted, and never were. One of Traficom's look-ups
    is charged twice where the mark is not a car's: it asks for a light vehicle as well.
    """

    asked: int = 0
    paid: int = 0
    in_vain: int = 0

    def __add__(self, other: Lookups) -> Lookups:
        return Lookups(self.asked + other.asked, self.paid + other.paid, self.in_vain + other.in_vain)


class Heard(threading.local):
    """What one thread heard, which makes one car at a time: `untold` to the counts of the cases."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.untold: deque[Step] = deque(maxlen=1000)


@dataclass
class Meter:
    """Hears of every step of the registers (a `registers.trace.Watch`) and counts them by car."""

    cars: dict[str, Lookups] = field(default_factory=dict)
    heard: Heard = field(default_factory=Heard)

    def __call__(self, step: Step) -> None:
        """One register was asked."""
        self.heard.steps.append(step)
        self.heard.untold.append(step)

    def close(self, car: str, in_vain: bool) -> None:
        """What this thread asked since its last car was asked for this one."""
        steps = self.heard.steps
        self.cars[car] = self.of(car) + Lookups(len(steps), sum(map(is_paid, steps)), int(in_vain))
        steps.clear()

    def take(self) -> tuple[Step, ...]:
        """What this thread asked since the last time, each step once: for the counts of the cases."""
        untold = self.heard.untold
        return tuple(untold.popleft() for _ in range(len(untold)))

    def of(self, car: str) -> Lookups:
        """Of one car; nothing where its advert of an earlier run was taken."""
        return self.cars.get(car, Lookups())

    @property
    def total(self) -> Lookups:
        """Of all cars of the run."""
        return sum(list(self.cars.values()), Lookups())
