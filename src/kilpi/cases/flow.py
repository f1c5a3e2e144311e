"""What runs for a case: the flow (photos to advert) is given from outside; here is what goes in and comes
out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from kilpi.cases.answers import Answers
from kilpi.cases.case import Case, CasePhoto, State, Traits
from kilpi.registers.trace import Step
from kilpi.types import Mark, Reason


def nobody_else() -> None:
    """Of a flow that runs without a worker: the case is nobody else's."""


@dataclass(frozen=True, slots=True)
class Task:
    """A case to work on, as it was at its event `basis`. The same task always gives the same outcome.

    Before the flow changes what another worker would find, it calls `still_mine`, which raises CaseChanged
    where another has the case by now: a process that was stopped for longer than its lease goes on writing.
    """

    case: Case
    photos: tuple[CasePhoto, ...]
    answers: Answers
    basis: int
    since: datetime  # when that event was, UTC
    still_mine: Callable[[], None] = field(default=nobody_else, compare=False, repr=False)

    @property
    def belonging(self) -> tuple[CasePhoto, ...]:
        """The photos without those that a person said do not belong."""
        return tuple(photo for photo in self.photos if photo.sha256 not in self.answers.without)


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of one photo. Empty: nothing is known, or nothing stands against it."""

    view: str = ""
    rejected: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the flow makes of a case.

    `state` is review, draft or ready. `mark` is the answered one where a person answered; `read` is what the
    photos alone say, where that would have been accepted: it is held against the answer when photos were
    added; `likely` is a car's mark that they show likelier than not, where a person answered. `advert` is a
    digest of all that would be published: the same digest, the same advert, nothing to publish. `gone` is
    sold or withdrawn where the dealer's stock list says so.
    """

    state: State
    mark: Mark | None = None
    p: float | None = None
    read: Mark | None = None
    likely: Mark | None = None
    title: str = ""
    public: str = ""  # the advert's public name, which buyers read as its reference
    price: Decimal | None = None
    currency: str = ""
    traits: Traits = field(default_factory=Traits)
    reasons: tuple[Reason, ...] = ()
    missing: tuple[str, ...] = ()
    advert: str = ""
    gone: State | None = None
    weights: str = ""  # which networks and settings: the same, the same outcome
    seen: Mapping[str, Seen] = field(default_factory=dict)  # per photo, sha256
    rank: float = 0.0  # least is asked first
    record: Mapping[str, Any] = field(default_factory=dict)  # JSON, for whoever replays or shows the decision
    calls: tuple[Step, ...] = ()  # which registers were asked for it


@dataclass(frozen=True, slots=True)
class Later:
    """The flow cannot go on now, through no fault of the case: a register is down, or its budget is spent."""

    at: datetime | None  # when to try again, UTC; None: as a register that is down, by the database's clock
    reasons: tuple[Reason, ...] = ()
    calls: tuple[Step, ...] = ()  # which registers were asked


class Flow(Protocol):
    """Works on one case. It may be killed and run again: the second run must find or replace what the first
    left.

    Any exception is the case's alone: it is tried again later, and a person is told when that does not help.
    `RegisterUnavailable` is not counted as a failure.
    """

    def __call__(self, task: Task) -> Outcome | Later:
        """The outcome for this task."""
        ...
