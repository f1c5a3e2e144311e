"""Where an advert is out that a person corrected since: a cover added, photos of another car (also those that
were moved there) or of papers, or another car than the one that is out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from kilpi.cases.answers import STAFF, SaidMark, SaidNoPlate, from_data
from kilpi.cases.case import Case, Event, Kind, State, live_key
from kilpi.cases.projection import Projection, standing
from kilpi.text import compact_mark
from kilpi.types import Mark, View

WHAT = frozenset({"cover", "not_these"})  # the answers that say: this may not be shown
WHO = frozenset({"mark", "vin", "no_plate"})  # those that say which car it is
HELD = frozenset({State.REVIEW, State.DRAFT, State.WAITING})
CORRECTED = MappingProxyType({"why": "corrected"})  # what the event of the taking down says


def is_held(case: Case | Projection) -> bool:
    """Whether the corrected advert cannot go out, so the former one comes down: a person is asked, or a
    register is away. A case that is at work is so for seconds, and then its advert is exchanged.
    """
    return case.state in HELD or (case.state is State.WORKING and case.next_try is not None)


def corrected(events: Sequence[Event], now: Projection) -> dict[str, str]:
    """Per place that shows, or may, an advert from before such an answer: who gave the last of them."""
    if not now.live:
        return {}
    stand = standing(events)
    forbidding = [one for one in stand if _forbids(one)]
    naming = [one for one in stand if _says_who(one, events)]
    made = [_Made.of(one) for one in stand if _makes(one)]
    found = {}
    for target in now.live:
        out = now.shown.get(target, ())
        another = any(_is_another(one.mark, now, naming) for one in out)
        had = {photo for one in out for photo in _photos(made, one.advert)}
        said = [one for one in forbidding if one.kind is Kind.ANSWERED or had & {*one.data["photos"]}]
        said += naming if another else []
        last = max(said, key=lambda one: one.seq, default=None)
        if last and last.seq > min((_known(made, one.advert) for one in out), default=0):
            found[target] = last.by
    return found


def _is_another(shown: Mark | None, now: Projection, naming: Sequence[Event]) -> bool:
    """Whether what is shown is not the case's car; None: a car without a plate.

    While it is at work, the last decision is of before the answer, so it is the answer that tells; what a VIN
    or the photos will say once a register answers, nobody knows yet.
    """
    if now.state is not State.WORKING or not naming:
        return live_key(shown) != live_key(now.mark)
    said = from_data(naming[-1].data) if naming[-1].kind is Kind.ANSWERED else None
    if isinstance(said, SaidNoPlate):
        return shown is not None
    if not isinstance(said, SaidMark) or shown is None:
        return True
    return compact_mark(said.text) != shown.compact or shown.country not in (None, said.country)


def _says_who(event: Event, events: Sequence[Event]) -> bool:
    """Whether the staff said which car it is, or such an answer was taken back. Other photos do not, nor a
    mark that came along with them: what is out may be right of the car that was there before.
    """
    if event.kind is Kind.UNDONE:
        taken_back = next((one for one in events if one.seq == event.data.get("seq")), event)
        return taken_back.kind is Kind.ANSWERED and taken_back.data.get("what") in WHO
    return event.kind is Kind.ANSWERED and event.data.get("what") in WHO and bool(event.data.get(STAFF))


def _forbids(event: Event) -> bool:
    """Whether a person said that what is out may not be shown; photos that are moved to another car are that
    car's. Photos that went from a dealer's folder are not said to be anything.
    """
    if event.kind is Kind.PHOTOS_REMOVED:
        return bool(event.data.get("to") or event.data.get("split"))
    documents = event.data.get("view") == View.DOCUMENT
    return event.kind is Kind.ANSWERED and (event.data.get("what") in WHAT or documents)


@dataclass(frozen=True, slots=True)
class _Made:
    """A decision with an advert: its digest, the last event that it knew of, and the case's photos then."""

    advert: str
    basis: int
    photos: tuple[str, ...]

    @classmethod
    def of(cls, event: Event) -> _Made:
        """What such an event says."""
        return cls(event.data["advert"], event.data["basis"], tuple(event.data.get("photos", ())))


def _makes(event: Event) -> bool:
    ready = event.data.get("state") in (State.DRAFT, State.READY)
    return event.kind is Kind.DECIDED and ready and bool(event.data.get("advert"))


def _known(made: Sequence[_Made], advert: str) -> int:
    """The last event that an advert takes into account."""
    return max((one.basis for one in made if one.advert == advert), default=0)


def _photos(made: Sequence[_Made], advert: str) -> set[str]:
    """The photos that an advert was made from."""
    return {photo for one in made if one.advert == advert for photo in one.photos}
