"""Where an advert is out that a person corrected since: a cover added, photos of another car or of papers, or
another car than the one that is out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from kilpi.cases.answers import STAFF
from kilpi.cases.case import Event, Kind, State, live_key
from kilpi.cases.projection import Projection, standing
from kilpi.types import View

WHAT = frozenset({"cover", "not_these"})  # the answers that say: this may not be shown
WHO = frozenset({"mark", "vin", "no_plate"})  # those that say which car it is
HELD = frozenset({State.REVIEW, State.DRAFT, State.WAITING})
"""The states in which the corrected advert cannot go out, so the former one comes down."""
CORRECTED = MappingProxyType({"why": "corrected"})  # what the event of the taking down says


def corrected(events: Sequence[Event], now: Projection) -> dict[str, str]:
    """Per place that shows, or may, an advert from before such an answer: who gave the last of them."""
    if not now.live:
        return {}
    stand = standing(events)
    said = [one for one in stand if one.kind is Kind.ANSWERED and _forbids(one)]
    if now.live_mark and live_key(now.mark) != live_key(now.live_mark):
        said += [one for one in stand if _says_who(one, events)]
    last = max(said, key=lambda one: one.seq, default=None)
    if last is None:
        return {}
    made = [_Made(one.seq, one.data["advert"], one.data["basis"]) for one in stand if _makes(one)]
    sent = {one.data.get("target"): one.seq for one in stand if one.kind is Kind.PUBLISHING}
    return {
        target: last.by
        for target, advert in now.live.items()
        if last.seq > _known(made, advert, sent.get(target, 0))
    }


def _says_who(event: Event, events: Sequence[Event]) -> bool:
    """Whether the staff said which car it is, or such an answer was taken back. Other photos do not, nor a
    mark that came along with them: what is out may be right of the car that was there before.
    """
    if event.kind is Kind.UNDONE:
        taken_back = next((one for one in events if one.seq == event.data.get("seq")), event)
        return taken_back.kind is Kind.ANSWERED and taken_back.data.get("what") in WHO
    return event.kind is Kind.ANSWERED and event.data.get("what") in WHO and bool(event.data.get(STAFF))


def _forbids(event: Event) -> bool:
    return event.data.get("what") in WHAT or event.data.get("view") == View.DOCUMENT


@dataclass(frozen=True, slots=True)
class _Made:
    """A decision with an advert: its event, the advert's digest, and the last event that it knew of."""

    seq: int
    advert: str
    basis: int


def _makes(event: Event) -> bool:
    ready = event.data.get("state") in (State.DRAFT, State.READY)
    return event.kind is Kind.DECIDED and ready and bool(event.data.get("advert"))


def _known(made: Sequence[_Made], advert: str, sent: int) -> int:
    """The last event that what is out takes into account. Where sending did not end: what was to be sent."""
    if not advert:
        return max((one.basis for one in made if one.seq < sent), default=0)
    return max((one.basis for one in made if one.advert == advert), default=0)
