"""What the registers of one run were asked, and what of it is paid for: counted, never which marks."""

from __future__ import annotations

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


@dataclass
class Meter:
    """Hears of every step of the registers (a `registers.trace.Watch`) and counts them by car."""

    steps: list[Step] = field(default_factory=list)
    cars: dict[str, Lookups] = field(default_factory=dict)
    untold: deque[Step] = field(default_factory=lambda: deque(maxlen=1000))  # to the counts of the cases

    def __call__(self, step: Step) -> None:
        """One register was asked."""
        self.steps.append(step)
        self.untold.append(step)

    def close(self, car: str, in_vain: bool) -> None:
        """What was asked since the last car was asked for this one."""
        paid = sum(map(is_paid, self.steps))
        self.cars[car] = self.of(car) + Lookups(len(self.steps), paid, int(in_vain))
        self.steps.clear()

    def take(self) -> tuple[Step, ...]:
        """What was asked since the last time, each step once: for the counts of the cases."""
        return tuple(self.untold.popleft() for _ in range(len(self.untold)))

    def of(self, car: str) -> Lookups:
        """Of one car; nothing where its advert of an earlier run was taken."""
        return self.cars.get(car, Lookups())

    @property
    def total(self) -> Lookups:
        """Of all cars of the run."""
        return sum(self.cars.values(), Lookups())
