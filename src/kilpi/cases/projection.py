"""What all events of a case amount to: pure functions, no clock and no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from kilpi.cases.case import QUEUED, UNDOABLE, Event, Kind, State, Traits, live_key
from kilpi.types import Mark, Reason


@dataclass(frozen=True, slots=True)
class Shown:
    """An advert that is out at a place, or may be: whose, under which public name, and its digest."""

    mark: Mark | None = None
    public: str = ""
    advert: str = ""


@dataclass(frozen=True, slots=True)
class Projection:
    """What all events of a case amount to."""

    state: State = State.RECEIVED
    mark: Mark | None = None  # decided, or the best guess while `settled` is false
    settled: bool = False
    p: float | None = None
    title: str = ""
    public: str = ""  # the advert's public name
    price: Decimal | None = None
    currency: str = ""
    traits: Traits = field(default_factory=Traits)
    reasons: tuple[Reason, ...] = ()
    missing: tuple[str, ...] = ()
    version: int = 0  # of its advert: 1, 2 ... with each change of it
    weights: str = ""
    advert: str = ""  # digest of what would be published
    live: Mapping[str, str] = field(default_factory=dict)  # per place that shows an advert, its digest
    shown: Mapping[str, tuple[Shown, ...]] = field(default_factory=dict)  # per place, what may be out there
    sending: frozenset[str] = frozenset()  # places of which nobody knows which of these it shows
    next_try: datetime | None = None
    ended: datetime | None = None
    rank: float = 0.0
    ask_at: datetime | None = None
    basis: int = 0  # the last event that the flow must know of

    @property
    def live_mark(self) -> Mark | None:
        """Whose advert is out: rather another's than its own, where places differ."""
        return self.other_out(self.mark) or next((one.mark for one in self._out() if one.mark), None)

    def other_out(self, mark: Mark | None) -> Mark | None:
        """Another mark than this one, of which an advert is out, or may be."""
        others = (one.mark for one in self._out() if live_key(one.mark) != live_key(mark))
        return next((other for other in others if other), None)

    def names(self, target: str) -> tuple[str, ...]:
        """The public names under which a place shows the case, or may."""
        return tuple(dict.fromkeys(one.public for one in self.shown.get(target, ()) if one.public))

    def _out(self) -> list[Shown]:
        return [one for place in sorted(self.shown) for one in self.shown[place]]


def standing(events: Sequence[Event]) -> list[Event]:
    """The events without those that were undone; of an erased case only what came after."""
    erased = max((place for place, event in enumerate(events) if event.kind is Kind.ERASED), default=0)
    undone = {event.data.get("seq") for event in events if event.kind is Kind.UNDONE}
    return [event for event in events[erased:] if event.seq not in undone]


def to_undo(events: Sequence[Event]) -> Event | None:
    """What `undo` would take back: the last of the events that can be, and was not yet.

    Never a cover that came along with its photo: nobody said it here, so nobody means it by undo.
    """
    last_first = reversed(standing(events))
    return next((e for e in last_first if e.kind in UNDOABLE and "from" not in e.data), None)


def project(events: Sequence[Event]) -> Projection:
    """All events of a case, in order -> where it stands. The same events always give the same."""
    now = Projection()
    for event in standing(events):
        now = STEPS[event.kind](now, event)
    return now


def _work(now: Projection, event: Event) -> Projection:
    state = State.RECEIVED if now.state is State.RECEIVED else State.WORKING
    return replace(now, state=state, basis=event.seq, next_try=None, ask_at=None)


def _started(now: Projection, event: Event) -> Projection:
    return replace(now, state=State.WORKING)


def _deferred(now: Projection, event: Event) -> Projection:
    next_try = datetime.fromisoformat(event.data["next_try"])
    return replace(now, state=State.WORKING, next_try=next_try, reasons=_reasons(event))


def _to_person(now: Projection, event: Event) -> Projection:
    """A person is asked; what is published stays as it is."""
    return replace(
        now, state=State.REVIEW, reasons=_reasons(event), next_try=None, ask_at=event.at, settled=False
    )


def _photos_missing(now: Projection, event: Event) -> Projection:
    return replace(now, state=State.REVIEW, reasons=_reasons(event), next_try=None, ask_at=event.at)


def _decided(now: Projection, event: Event) -> Projection:
    data = event.data
    made = data["advert"] if State(data["state"]) in (State.DRAFT, State.READY) else ""
    decided = replace(
        now,
        state=State(data["state"]),
        mark=Mark(**data["mark"]) if data["mark"] else None,
        settled=data["settled"],
        p=data["p"],
        title=data["title"],
        public=data.get("public", ""),
        price=Decimal(data["price"]) if data.get("price") else None,
        currency=data.get("currency", ""),
        traits=Traits(**data["traits"]),
        reasons=(*_reasons(event, "against"), *_reasons(event)),
        missing=tuple(data["missing"]),
        weights=data["weights"],
        advert=made or now.advert,
        version=now.version + (made not in ("", now.advert)),
        rank=data["rank"],
        next_try=None,
        ask_at=event.at if State(data["state"]) in QUEUED else None,
    )
    return _shown(decided)


def _shown(now: Projection) -> Projection:
    """Ready and published are one state but for whether the present advert is out."""
    if now.state not in (State.READY, State.PUBLISHED):
        return now
    there = (advert for target, advert in now.live.items() if target not in now.sending)
    out = bool(now.advert) and now.advert in there
    return replace(now, state=State.PUBLISHED if out else State.READY)


def _undone(now: Projection, event: Event) -> Projection:
    return _work(now, event) if event.data["kind"] == Kind.ANSWERED else _shown(now)


def _asked(now: Projection, event: Event) -> Projection:
    return replace(now, state=State.WAITING, reasons=_reasons(event), ask_at=None)


def _postponed(now: Projection, event: Event) -> Projection:
    return replace(now, ask_at=datetime.fromisoformat(event.data["until"]))


def _publishing(now: Projection, event: Event) -> Projection:
    """A publisher that is killed half-way has perhaps put it out: it must be taken down like any other. What
    was there before is perhaps there still.
    """
    target = event.data["target"]
    sent = Shown(now.mark, now.public, now.advert)
    before = [one for one in now.shown.get(target, ()) if one != sent]
    known = not before and now.live.get(target) == now.advert
    return replace(
        now,
        live={target: "", **now.live},
        shown={**now.shown, target: (*before, sent)},
        sending=now.sending - {target} if known else now.sending | {target},
    )


def _published(now: Projection, event: Event) -> Projection:
    target, advert = event.data["target"], event.data["advert"]
    sent = [one for one in now.shown.get(target, ()) if one.advert == advert]
    there = sent[-1] if sent else Shown(now.mark, now.public, advert)
    return _shown(
        replace(
            now,
            live={**now.live, target: advert},
            shown={**now.shown, target: (there,)},
            sending=now.sending - {target},
        )
    )


def _taken_down(now: Projection, event: Event) -> Projection:
    target = event.data.get("target")
    live = {place: advert for place, advert in now.live.items() if place != target}
    shown = {place: ones for place, ones in now.shown.items() if place != target}
    return _shown(replace(now, live=live, shown=shown, sending=now.sending - {target}))


def _ended(now: Projection, event: Event) -> Projection:
    state = State.SOLD if event.kind is Kind.SOLD else State.WITHDRAWN
    settled = now.settled and not event.data.get("into")  # its car is another case's now
    return replace(now, state=state, ended=event.at, next_try=None, ask_at=None, settled=settled)


def _erased(now: Projection, event: Event) -> Projection:
    names = event.data.get("names", {})
    shown = {place: tuple(Shown(public=name) for name in names[place]) for place in names}
    return Projection(state=State.ERASED, live=dict(event.data.get("live", {})), shown=shown, ended=event.at)


def _same(now: Projection, event: Event) -> Projection:
    return now


def _reasons(event: Event, name: str = "reasons") -> tuple[Reason, ...]:
    return tuple(Reason(part["code"], dict(part["values"])) for part in event.data.get(name, ()))


STEPS = MappingProxyType(
    {
        Kind.RECEIVED: _work,
        Kind.PHOTOS_ADDED: _work,
        Kind.PHOTOS_REMOVED: _work,
        Kind.PHOTOS_MISSING: _photos_missing,
        Kind.PHOTOS_RETURNED: _work,
        Kind.RELOCATED: _same,
        Kind.STARTED: _started,
        Kind.DEFERRED: _deferred,
        Kind.FAILED: _to_person,
        Kind.DECIDED: _decided,
        Kind.RERUN: _work,
        Kind.ANSWERED: _work,
        Kind.UNDONE: _undone,
        Kind.ASKED: _asked,
        Kind.POSTPONED: _postponed,
        Kind.CONTESTED: _to_person,
        Kind.AUDITED: _same,
        Kind.PUBLISHING: _publishing,
        Kind.PUBLISHED: _published,
        Kind.TAKEN_DOWN: _taken_down,
        Kind.SOLD: _ended,
        Kind.WITHDRAWN: _ended,
        Kind.ERASED: _erased,
    }
)
"""What each kind of event does to the projection."""
