"""Asking a dealer about one car by a link: no account, photos and figures in, nothing else to be reached.

A link is a random secret of which only the sha256 is kept. It belongs to one case, ends after some days, when
it was answered, when a new one is made, when the advert is published, and when somebody ends it. Whoever has
it sees what is asked, and no photo, mark, or other car.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

import sqlalchemy as sa

from kilpi.adverts.listing import NAME_MARK
from kilpi.cases.answers import SaidFacts, combine, in_currency, to_data
from kilpi.cases.case import OPEN, Case, Kind, State
from kilpi.cases.incoming.arrival import Sent
from kilpi.cases.incoming.receive import add_photos, check_originals
from kilpi.cases.incoming.sent_files import SentFile
from kilpi.cases.projection import standing
from kilpi.cases.records import append, end_links, events_of, get, lock, photos_of
from kilpi.cases.tally import NO_VEHICLE
from kilpi.disclosure import gives_away, mentions
from kilpi.errors import CaseRefused, UsageError
from kilpi.grammar import load_grammars
from kilpi.store import Store, Tx, uuid7
from kilpi.store.desk_tables import asks

DAYS, MOST_DAYS = 14, 60
NOTE_LENGTH = 500
PHOTOS = ("plate", "front", "rear", "inside", "odometer_photo", "more_photos")
WANTED = (*PHOTOS, "price", "odometer", "vehicle")
"""What can be asked for, in the order in which it is offered."""

BY_GAP = {  # what a draft lacks
    "price": "price",
    **dict.fromkeys(("odometer", "odometer_few", "odometer_many"), "odometer"),
    "pictures": "more_photos",
    **dict.fromkeys(NO_VEHICLE, "vehicle"),
    "make": "vehicle",
    NAME_MARK: "vehicle",
}
BY_REASON = {
    "no_plate": "plate",
    "unreadable": "plate",
    "cut_off": "plate",
    "one_photo_only": "plate",
    "odometer_differs": "odometer_photo",
}
ASKABLE = frozenset({State.REVIEW, State.DRAFT, State.WAITING})


class Stand(StrEnum):
    """Whether a link can be answered."""

    OPEN = "open"
    USED = "used"
    OVER = "over"  # too old, ended, its car gone; or never made


@dataclass(frozen=True, slots=True)
class Ask:
    """What a link shows. `reference` is empty where it could be a mark."""

    case_id: str
    stand: Stand
    dealer: str = ""
    reference: str = ""
    title: str = ""  # make, model and year, of a car that is decided
    wanted: tuple[str, ...] = ()
    note: str = ""
    ends: datetime | None = None
    id: str = ""


NONE = Ask("", Stand.OVER)


def likely_wanted(case: Case, gaps: Sequence[str]) -> list[str]:
    """What a case most likely needs, of WANTED; `gaps` as `kilpi.cases.tally.gap_of` names them."""
    found = {BY_GAP[gap] for gap in gaps if gap in BY_GAP}
    if case.state is not State.DRAFT:
        found |= {BY_REASON[why.code] for why in case.reasons if why.code in BY_REASON}
    return [word for word in WANTED if word in found]


def check_note(case: Case, note: str) -> str:
    """What a person writes to the dealer, as it is kept.

    Raises UsageError where it is too long, or names a mark: a link's page may be seen by anybody.
    """
    note = " ".join(note.split())
    if len(note) > NOTE_LENGTH:
        raise UsageError(f"ask: a note has at most {NOTE_LENGTH} characters")
    if gives_away(note, case.mark) or could_be_mark(note):
        raise UsageError("ask: leave the registration number and the VIN out; the link may go astray")
    return note


def make_ask(store: Store, case_id: str, *, by: str, days: int = DAYS) -> str:
    """A new link's secret; the former links of the case end. Raises CaseRefused, CaseMissing, UsageError."""
    if not 1 <= days <= MOST_DAYS:
        raise UsageError(f"ask: a link holds for 1 to {MOST_DAYS} days")
    secret = secrets.token_urlsafe(32)

    def do(tx: Tx) -> None:
        case = lock(tx, case_id)
        if case.state not in ASKABLE:
            raise CaseRefused(f"case {case_id}: is {case.state}, so its dealer is not asked; see its history")
        end_links(tx, case_id)
        row = {"id": uuid7(), "digest": _digest(secret), "case_id": case_id, "by": by, "created": tx.now}
        tx.run(asks.insert().values(**row, ends=tx.now + timedelta(days=days)))

    store.write(do)
    return secret


def end_asks(store: Store, case_id: str) -> None:
    """No link of the case works any more."""
    store.write(lambda tx: end_links(tx, case_id))


def open_until(store: Store, case_id: str) -> datetime | None:
    """Until when the case's link works; None: there is none."""

    def look(tx: Tx) -> datetime | None:
        mine = (asks.c.case_id == case_id, asks.c.used.is_(None), asks.c.ended.is_(None))
        row = tx.row(sa.select(asks.c.ends).where(*mine, asks.c.ends > tx.now))
        return row["ends"] if row else None

    return store.read(look)


def find_ask(store: Store, secret: str) -> Ask:
    """What a link's secret leads to; `NONE` where it never was one."""
    return store.read(lambda tx: _find(tx, secret))


def answer_ask(
    store: Store, secret: str, files: Sequence[SentFile], facts: SaidFacts | None, *, whole: bool = True
) -> tuple[Ask, bool]:
    """Photos and figures that came by a link become the case's, and it goes on by itself.

    Gives the link as it was, and whether anything was taken. One that brings nothing new is not used up, nor
    one of which something could not be used (`whole` is False): that is sent again by the same link. Raises
    StoreError where a photo is not kept (any more).
    """
    return store.write(lambda tx: _answer(tx, store, secret, files, facts, whole))


def _answer(
    tx: Tx, store: Store, secret: str, files: Sequence[SentFile], facts: SaidFacts | None, whole: bool
) -> tuple[Ask, bool]:
    tx.lock("originals", shared=True)  # none is removed between this look and the rows
    ask = _find(tx, secret)
    if ask.stand is not Stand.OPEN:
        return ask, False
    case = lock(tx, ask.case_id)
    ask = _find(tx, secret)  # another answer may have come while this one waited for the case
    if ask.stand is not Stand.OPEN:
        return ask, False
    known = {photo.sha256 for photo in photos_of(tx, case.id)}
    sent = list({f.sha256: Sent(f.sha256, f.path) for f in files if f.sha256 not in known}.values())
    if not sent and facts is None:
        return ask, False
    check_originals(store, sent)
    by = dealer_by_link(case)
    if facts is not None:
        said = in_currency(facts, combine(events_of(tx, case.id)), case.currency)
        append(tx, case.id, Kind.ANSWERED, by, to_data(said) | {"ask": ask.id})
    if sent:
        add_photos(tx, get(tx, case.id), sent, by, {"ask": ask.id})
    if whole:
        tx.run(asks.update().where(asks.c.id == ask.id).values(used=tx.now))
    return ask, True


def dealer_by_link(case: Case) -> str:
    """Who the history says it was."""
    return f"{case.seller or 'dealer'} (link)"


def _find(tx: Tx, secret: str) -> Ask:
    row = tx.row(sa.select(asks).where(asks.c.digest == _digest(secret)))
    if row is None:
        return NONE
    case = get(tx, row["case_id"])
    if row["used"] is not None:
        return Ask("", Stand.USED, case.dealer, safe_reference(case))
    if row["ended"] is not None or row["ends"] <= tx.now or case.state not in OPEN:
        return NONE
    asked = next((one for one in reversed(standing(events_of(tx, case.id))) if one.kind is Kind.ASKED), None)
    data = asked.data if asked else {}
    wanted = tuple(word for word in WANTED if word in data.get("wanted", ()))
    return Ask(
        case.id,
        Stand.OPEN,
        case.dealer,
        safe_reference(case),
        case.title if case.settled else "",
        wanted,
        str(data.get("note", "")),
        row["ends"],
        row["id"],
    )


def safe_reference(case: Case) -> str:
    """The dealer's own name for the car, unless it is, holds or could be a mark."""
    reference = case.reference
    if case.mark and mentions(reference, case.mark):
        return ""
    return "" if could_be_mark(reference) or gives_away(reference, case.mark) else reference


def could_be_mark(text: str) -> bool:
    """Whether a text, a word of it, or capitals and digits side by side ("ABC 123", "787 LTM") could be
    a mark of some country. A mark without a digit looks like any other word.
    """
    words = [word.strip(".,;:!?()") for word in text.split()]
    sides = [(a, b) for a, b in pairwise(words) if a[:1].isdigit() != b[:1].isdigit()]
    pairs = [a + b for a, b in sides if a.isupper() or b.isupper()]
    grammars = load_grammars()
    return any(any(c.isdigit() for c in one) and grammars.parse(one) for one in (text, *words, *pairs))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
