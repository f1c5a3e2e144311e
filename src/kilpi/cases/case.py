"""A case: one car as received. Its state is what its events say: see `kilpi.cases.projection`.

received -> working -> review | waiting (for the dealer) | draft | ready -> published -> sold | withdrawn
erased at any time
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from kilpi.types import LEAST_P, Mark, Reason


class State(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"  # in line
    WORKING = "working"  # a worker has it, or a next try is due
    REVIEW = "review"  # a person is asked
    WAITING = "waiting"  # the dealer is asked
    DRAFT = "draft"  # its car is known; what an advert needs is missing
    READY = "ready"  # its advert, or a new version of it, can be published
    PUBLISHED = "published"
    SOLD = "sold"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"  # a tombstone: nothing of it is left


class Kind(StrEnum):
    """What may happen to a case. `Event.data` of each is said in docs/cases.md."""

    RECEIVED = "received"
    PHOTOS_ADDED = "photos_added"
    PHOTOS_REMOVED = "photos_removed"  # to another case, or taken from its folder
    PHOTOS_MISSING = "photos_missing"  # all of them are gone from where they were
    PHOTOS_RETURNED = "photos_returned"
    RELOCATED = "relocated"  # the same photos, in another place
    STARTED = "started"
    DEFERRED = "deferred"  # a register gives no answer now
    FAILED = "failed"  # tried as often as is allowed
    DECIDED = "decided"
    RERUN = "rerun"  # the same photos and answers with other weights, registers or wording
    ANSWERED = "answered"
    UNDONE = "undone"
    ASKED = "asked"
    POSTPONED = "postponed"
    CONTESTED = "contested"  # another case has its mark, and is not the same car
    AUDITED = "audited"  # a blind answer; the case goes on as it was
    PUBLISHING = "publishing"  # from here on it may be out, whatever happens next
    PUBLISHED = "published"
    TAKEN_DOWN = "taken_down"
    SOLD = "sold"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


OPEN = frozenset(State) - {State.SOLD, State.WITHDRAWN, State.ERASED}
GONE = frozenset({State.SOLD, State.WITHDRAWN})  # the car is; the case may come back
AT_WORK = frozenset({State.RECEIVED, State.WORKING})
QUEUED = (State.REVIEW, State.DRAFT)  # what a person is asked about, in this order
ALLOWED: Mapping[Kind, frozenset[State]] = MappingProxyType(
    {
        Kind.RECEIVED: frozenset(),  # only ever first
        Kind.PHOTOS_ADDED: OPEN,
        Kind.PHOTOS_REMOVED: OPEN,
        Kind.PHOTOS_MISSING: OPEN,
        Kind.PHOTOS_RETURNED: OPEN,
        Kind.RELOCATED: OPEN | GONE,
        Kind.STARTED: frozenset({State.RECEIVED}),
        Kind.DEFERRED: AT_WORK,
        Kind.FAILED: AT_WORK,
        Kind.DECIDED: AT_WORK,
        Kind.RERUN: OPEN,
        Kind.ANSWERED: OPEN,
        Kind.UNDONE: OPEN | GONE,
        Kind.ASKED: frozenset({State.REVIEW, State.DRAFT}),
        Kind.POSTPONED: frozenset({State.REVIEW, State.DRAFT}),
        Kind.CONTESTED: OPEN,
        Kind.AUDITED: frozenset(State) - {State.ERASED},
        Kind.PUBLISHING: frozenset({State.READY, State.PUBLISHED}),
        Kind.PUBLISHED: frozenset(State),  # what is out is said, even where it was sold meanwhile
        Kind.TAKEN_DOWN: frozenset(State),
        Kind.SOLD: OPEN,
        Kind.WITHDRAWN: OPEN,
        Kind.ERASED: frozenset(State) - {State.ERASED},
    }
)
"""In which states each may happen. The one table: verbs ask it, docs/cases.md shows it, tests walk it."""

NO_CARS = frozenset({"trade_plate", "show_plate"})  # reasons of a mark that names no car

UNDOABLE = frozenset({Kind.ANSWERED, Kind.ASKED, Kind.SOLD, Kind.WITHDRAWN})
LIST_SAYS = "stock_list"  # why a car is sold or withdrawn that nobody pressed a button for


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a case. `data` is empty once the case is erased."""

    seq: int  # 1, 2, 3 ... within the case
    at: datetime  # UTC
    by: str  # who: a person's name, or "kilpi"
    kind: Kind
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Traits:
    """What tells two cars apart without their marks: from photos and dealer, never from the register."""

    dealer: str = ""
    make: str = ""
    colour: str = ""  # a word of `kilpi.vocabulary`
    period: str = ""  # of the model, or when it was built, as the dealer or the photos say

    def differing(self, other: Traits) -> tuple[str, ...]:
        """The names of what both know and do not agree on."""
        names = ("dealer", "make", "colour", "period")
        pairs = [(name, getattr(self, name).casefold(), getattr(other, name).casefold()) for name in names]
        return tuple(name for name, mine, theirs in pairs if mine and theirs and mine != theirs)


@dataclass(frozen=True, slots=True)
class CasePhoto:
    """One photo of a case."""

    sha256: str
    name: str  # as sent
    position: int = 0
    path: str | None = None  # in a folder on this machine; None: in originals/
    view: str = ""
    rejected: str = ""  # why it is not shown
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One case as it stands."""

    id: str  # UUIDv7
    dealer: str
    reference: str
    address: str  # of its folder and page: never another case's, even when this one is gone
    place: str
    seq: int  # of its last event
    received: datetime
    changed: datetime
    state: State
    mark: Mark | None = None
    settled: bool = False
    p: float | None = None
    version: int = 0
    live: int = 0
    weights: str = ""  # of the outcome that it shows
    title: str = ""
    price: Decimal | None = None
    currency: str = ""
    reasons: tuple[Reason, ...] = ()
    missing: tuple[str, ...] = ()
    next_try: datetime | None = None
    ended: datetime | None = None
    held_by: str | None = None
    held_until: datetime | None = None
    named: str = ""  # the dealer as its own data say, who need not be known here
    out_as: tuple[str, ...] = ()  # for who shows it at a place: the public names that it may have there

    @property
    def seller(self) -> str:
        """Whose car it is, to be shown: the dealer that the case belongs to, else the one that is named."""
        return self.dealer or self.named

    @property
    def likely_mark(self) -> Mark | None:
        """The mark where it is more than a guess, and a car's; a person's has no probability, and is."""
        if any(why.code in NO_CARS for why in self.reasons):
            return None
        return self.mark if self.p is None or self.p >= LEAST_P else None


def live_key(mark: Mark | None) -> str | None:
    """A mark and its country in one word."""
    return f"{mark.compact} {mark.country or ''}" if mark else None
