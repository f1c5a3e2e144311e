"""What the registers of one run were asked, and what of it is paid for: counted, never which marks."""

from __future__ import annotations

from dataclasses import dataclass, field

from kilpi.errors import NotRegistered
from kilpi.registers import ADAPTERS
from kilpi.registers.trace import Step

ANSWERED = frozenset({"found", NotRegistered.__name__})


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

    def __call__(self, step: Step) -> None:
        """One register was asked."""
        self.steps.append(step)

    def close(self, car: str, in_vain: bool) -> None:
        """What was asked since the last car was asked for this one."""
        paid = sum(not s.kept and s.register in ADAPTERS and s.outcome in ANSWERED for s in self.steps)
        self.cars[car] = self.of(car) + Lookups(len(self.steps), paid, int(in_vain))
        self.steps.clear()

    def of(self, car: str) -> Lookups:
        """Of one car; nothing where its advert of an earlier run was taken."""
        return self.cars.get(car, Lookups())

    @property
    def total(self) -> Lookups:
        """Of all cars of the run."""
        return sum(self.cars.values(), Lookups())
