"""What people and publishers do with a case. Each verb is one transaction and gives the case as it is then.

All raise CaseMissing, CaseRefused (not in this state), StoreError; with `seen`, the `Case.seq` that was on
the screen, CaseChanged where somebody was quicker.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

import sqlalchemy as sa

from kilpi.cases.answers import STAFF, SURE, Answer, SaidCorners, SaidNotThese, combine, in_currency, to_data
from kilpi.cases.case import ALLOWED, AT_WORK, OPEN, Case, Kind
from kilpi.cases.incoming.arrival import Arrival, Sent
from kilpi.cases.incoming.carrying import (
    give_covers,
    give_documents,
    lock_sharing,
    take_covers,
    take_known_covers,
)
from kilpi.cases.incoming.receive import add_photos, new_case, next_name, remove_photos
from kilpi.cases.learning import audit
from kilpi.cases.picture_answers import PictureAnswer, SaidCover, SaidView, photos_in
from kilpi.cases.projection import project
from kilpi.cases.records import append, check, check_answer, events_of, lock, photos_of, reasons_data
from kilpi.cases.undoable import may_take_back, undoable_in
from kilpi.errors import CaseChanged, CaseRefused, UsageError
from kilpi.store import Store, Tx
from kilpi.store.tables import cases
from kilpi.types import Reason, View


def answer(
    store: Store,
    case_id: str,
    *said: Answer | PictureAnswer,
    by: str,
    seen: int | None = None,
    seconds: float | None = None,
    staff: bool = False,
    sure: bool | Collection[str] = False,
) -> Case:
    """A person's answer, or several at once: all or none. The case goes to work again.

    Each stands until it is undone, the last one first. `seconds` is how long the person was busy with it, see
    `asking.pace`; None: not measured. `staff`: `by` is of the staff, whose answer is the second look that an
    audit waits for; a dealer's never is. `sure`: the person has seen what speaks against it, all or these
    codes; else a mark or VIN that photos, register or the dealer's row contradict is asked about once more. A
    cover goes to the dealer's other cases that have its photo, and so does that it is a document. Raises
    UsageError for photos that are not its own.
    """
    if not said:
        raise UsageError("answer: nothing was said")

    covered = {one.photo for one in said if isinstance(one, SaidCover)}
    papers = {one.photo for one in said if isinstance(one, SaidView) and one.view is View.DOCUMENT}
    hidden = covered | papers

    def do(tx: Tx) -> Case:
        case = lock_sharing(tx, case_id, hidden) if hidden else lock(tx, case_id)
        check_answer(tx, case, by, seen)
        told = {STAFF: staff, SURE: sure if isinstance(sure, bool) else sorted(sure)}
        times, who = timed(seconds), {word: so for word, so in told.items() if so}
        now = combine(events_of(tx, case_id))
        for one in (in_currency(one, now, case.currency) for one in said):
            named = photos_in(one)
            if isinstance(one, SaidNotThese | SaidCorners):
                named = one.photos if isinstance(one, SaidNotThese) else (one.photo,)
            if named is not None:
                _check_photos(tx, case, named)
            case = append(tx, case_id, Kind.ANSWERED, by, to_data(one) | times | who)
            times = timed(None if seconds is None else 0.0)  # the first one has it all
        give_covers(tx, case, covered, by)
        give_documents(tx, case, papers, by)
        if staff:
            audit.settle(tx, case_id)
        return _let_go(tx, case)

    return store.write(do)


def rerun(store: Store, case_id: str, *, by: str, why: str, seen: int | None = None) -> Case:
    """The flow runs again on the same photos and answers; `why` is a word, for example "weights"."""
    return store.write(lambda tx: append(tx, case_id, Kind.RERUN, by, {"why": why}, seen))


def rerun_outdated(store: Store, weights: str, *, by: str, why: str = "weights") -> int:
    """Runs every open case again whose outcome is of other weights or settings. How many.

    Cases at work are left out: they are decided with the present ones anyway.
    """
    states = [state.value for state in OPEN - AT_WORK]
    query = sa.select(cases.c.id).where(cases.c.state.in_(states), cases.c.weights != weights)
    found = [row["id"] for row in store.read(lambda tx: tx.rows(query.order_by(cases.c.id)))]
    for case_id in found:
        with suppress(CaseRefused):  # sold meanwhile
            rerun(store, case_id, by=by, why=why)
    return len(found)


def ask_dealer(
    store: Store,
    case_id: str,
    reasons: Sequence[Reason],
    *,
    by: str,
    seen: int | None = None,
    seconds: float | None = None,
    wanted: Sequence[str] = (),
    note: str = "",
) -> Case:
    """The dealer is asked instead; the case waits for photos or an answer. `seconds` as for `answer`.

    `wanted` are words of `kilpi.cases.asking.asks.WANTED`, `note` is what the person wrote to the dealer.
    """
    more = {"wanted": list(wanted), "note": note} if wanted or note else {}
    data = {"reasons": reasons_data(reasons)} | more | timed(seconds)
    return store.write(lambda tx: _let_go(tx, append(tx, case_id, Kind.ASKED, by, data, seen)))


def postpone(
    store: Store,
    case_id: str,
    until: datetime,
    *,
    by: str,
    seen: int | None = None,
    seconds: float | None = None,
) -> Case:
    """Not now: the question comes back at `until` (UTC). `seconds` as for `answer`."""
    data = {"until": until.isoformat()} | timed(seconds)
    return store.write(lambda tx: _let_go(tx, append(tx, case_id, Kind.POSTPONED, by, data, seen)))


def timed(seconds: float | None) -> dict[str, float]:
    """As an event keeps it."""
    return {} if seconds is None else {"seconds": seconds}


def sold(store: Store, case_id: str, *, by: str, seen: int | None = None) -> Case:
    """The car is sold; its advert is to be taken down."""
    return store.write(lambda tx: append(tx, case_id, Kind.SOLD, by, seen=seen))


def withdraw(store: Store, case_id: str, *, by: str, seen: int | None = None) -> Case:
    """The car is not for sale, or not here; its advert is to be taken down."""
    return store.write(lambda tx: append(tx, case_id, Kind.WITHDRAWN, by, seen=seen))


def undo(
    store: Store,
    case_id: str,
    *,
    by: str,
    seen: int | None = None,
    last: int | None = None,
    own: bool = False,
) -> Case:
    """Takes back the last answer, question to the dealer, sale or withdrawal that still stands.

    `last` is the event that is meant, where the case may have gone on meanwhile: CaseChanged where it is not
    the last one. `own`: only what `by` did. Raises CaseRefused also where there is none, where it is somebody
    else's, or where the car is another case's now.
    """
    return store.write(lambda tx: _undo(tx, case_id, by, seen, last, own))


def _undo(tx: Tx, case_id: str, by: str, seen: int | None, wanted: int | None, own: bool) -> Case:
    case, events = lock(tx, case_id), events_of(tx, case_id)
    found = undoable_in(tx, case, events)
    if found is None:
        raise CaseRefused(
            f"case {case_id}: nothing to undo: no answer, question to the dealer, sale or withdrawal stands"
        )
    last = found.event
    if own and not may_take_back(last, by):
        raise CaseRefused(f"case {case_id}: somebody else did that; ask the department to take it back")
    if wanted is not None and wanted != last.seq:
        raise CaseChanged(f"case {case_id}: somebody has answered since; look at it again")
    if found.is_moved:
        raise CaseRefused(f"case {case_id}: its photos are case {found.other}'s now; move them back")
    if found.other:
        named = "another case" if found.is_foreign else f"case {found.other}"
        raise CaseRefused(f"case {case_id}: its car is for sale as {named}; withdraw that one first")
    data = {"seq": last.seq, "kind": last.kind.value}
    case = _let_go(tx, append(tx, case_id, Kind.UNDONE, by, data, seen))
    if last.kind in (Kind.SOLD, Kind.WITHDRAWN):  # what was covered elsewhere while it was over
        case = take_known_covers(tx, case, [photo.sha256 for photo in photos_of(tx, case_id)], by)
    return case


def move_photos(store: Store, case_id: str, chosen: Sequence[str], to: str, *, by: str) -> tuple[Case, Case]:
    """Photos (sha256) of one case to another of the same dealer; both go to work again. (from, to).

    A person's covers go along, also when a case is split or joined.
    """
    return store.write(lambda tx: _move(tx, case_id, chosen, to, by))


def _move(tx: Tx, case_id: str, chosen: Sequence[str], to: str, by: str) -> tuple[Case, Case]:
    if case_id == to:
        raise UsageError(f"case {to}: these photos are its own already")
    locked = {name: lock(tx, name) for name in sorted((case_id, to))}  # always in one order: no deadlock
    source, target = locked[case_id], locked[to]
    if source.dealer != target.dealer:
        raise CaseRefused(f"case {to}: is another dealer's; photos stay with their dealer")
    check(source, Kind.PHOTOS_REMOVED)
    check(target, Kind.PHOTOS_ADDED)
    _check_photos(tx, source, chosen)
    moved = [Sent(p.sha256, p.name, p.path) for p in photos_of(tx, case_id) if p.sha256 in set(chosen)]
    source = remove_photos(tx, source, chosen, by, {"to": to})
    target = add_photos(tx, target, moved, by, {"from": case_id})
    return source, take_covers(tx, target, case_id, chosen, by)


def split(store: Store, case_id: str, chosen: Sequence[str], *, by: str) -> tuple[Case, Case]:
    """Photos (sha256) of a case are another car's: a new case of the same dealer. (this, new).

    Its reference is another one: what a list says of this car is not that one's. Raises CaseRefused where no
    photo would stay.
    """

    def do(tx: Tx) -> tuple[Case, Case]:
        source, known = lock(tx, case_id), photos_of(tx, case_id)
        check(source, Kind.PHOTOS_REMOVED)
        _check_photos(tx, source, chosen)
        if {photo.sha256 for photo in known} <= set(chosen):
            raise CaseRefused(f"case {case_id}: a photo must stay; the others become a car of their own")
        moved = tuple(Sent(p.sha256, p.name, p.path) for p in known if p.sha256 in set(chosen))
        source = remove_photos(tx, source, chosen, by, {"split": True})
        made = new_case(tx, Arrival(moved, by=by, dealer=source.dealer, reference=next_name(tx, source)))
        return source, take_covers(tx, made, case_id, chosen, by)

    return store.write(do)


def join(store: Store, case_id: str, into: str, *, by: str) -> tuple[Case, Case]:
    """Both are one car: all photos go to `into`, and this case is withdrawn for good. (this, into)."""

    def do(tx: Tx) -> tuple[Case, Case]:
        chosen = [photo.sha256 for photo in photos_of(tx, case_id)]
        _, target = _move(tx, case_id, chosen, into, by)
        return append(tx, case_id, Kind.WITHDRAWN, by, {"into": into}), target

    return store.write(do)


def publishing(store: Store, case_id: str, target: str) -> str:
    """Before an advert is sent to `target` (the place's name). Gives the digest that is to be sent.

    From then on the case counts as perhaps shown there, so that a publisher that dies leaves nothing behind.
    """

    def do(tx: Tx) -> str:
        append(tx, case_id, Kind.PUBLISHING, target, {"target": target})
        return project(events_of(tx, case_id)).advert

    return store.write(do)


def published(store: Store, case_id: str, target: str, advert: str) -> Case:
    """After it was sent: `advert` is the digest that `publishing` gave. Said in any state, for it is out."""
    data = {"target": target, "advert": advert}
    return store.write(lambda tx: append(tx, case_id, Kind.PUBLISHED, target, data))


def taken_down(store: Store, case_id: str, target: str, *, why: Mapping[str, str] | None = None) -> Case:
    """After `target` shows nothing of it any more. `why`: more for the event's data."""
    data = {"target": target, **(why or {})}
    return store.write(lambda tx: append(tx, case_id, Kind.TAKEN_DOWN, target, data))


def shown_at(store: Store, case_id: str) -> Mapping[str, str]:
    """Where an advert of the case is out, or may be: place -> its digest, "" where sending did not end."""
    return store.read(lambda tx: project(events_of(tx, case_id)).live)


def allowed(case: Case) -> frozenset[Kind]:
    """What may happen to the case now, for buttons and menus."""
    return frozenset(kind for kind, states in ALLOWED.items() if case.state in states)


def _check_photos(tx: Tx, case: Case, chosen: Sequence[str]) -> None:
    known = {photo.sha256 for photo in photos_of(tx, case.id)}
    if not chosen or not set(chosen) <= known:
        raise UsageError(f"case {case.id}: name one or more of its photos by their sha256")


def _let_go(tx: Tx, case: Case) -> Case:
    """The question is off everybody's screen."""
    tx.run(cases.update().where(cases.c.id == case.id).values(held_by=None, held_until=None))
    return lock(tx, case.id)
