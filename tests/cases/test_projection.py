from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cases.helping import (
    MARK,
    OTHER,
    arrive,
    in_state,
    publish,
    ready,
    review,
    worked,
)
from tests.cases.test_case_table import VERBS, jobs_of
from tests.stores import FakeClock

from kilpi.cases import (
    Case,
    Kind,
    SaidMark,
    State,
    answer,
    history,
    publishing,
    read_case,
    rerun_outdated,
    shown_at,
    sold,
    taken_down,
    to_take_down,
    undo,
    withdraw,
)
from kilpi.cases.case import AT_WORK, Event
from kilpi.cases.projection import project, to_undo
from kilpi.cases.records import columns
from kilpi.errors import CaseError
from kilpi.store import Store
from kilpi.store.tables import cases

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def event(number: int, happened: Kind, **data: object) -> Event:
    return Event(number, AT + timedelta(minutes=number), "anna", happened, data)


def row_of(store: Store, case: Case) -> dict[str, object]:
    row = store.read(lambda tx: tx.row(sa.select(cases).where(cases.c.id == case.id)))
    assert row is not None
    return row


WALKED = sorted(set(VERBS) - {"join", "erase"})


@settings(max_examples=12, deadline=None, derandomize=True)
@given(verbs=st.lists(st.sampled_from(WALKED), min_size=5, max_size=12))
def test_the_row_is_what_the_events_amount_to(
    tmp_path_factory: pytest.TempPathFactory, verbs: list[str]
) -> None:
    clock = FakeClock()
    store = Store.open(tmp_path_factory.mktemp("kept"), clock=clock)
    case = arrive(store, "a")
    for verb in verbs:
        clock.tick(60)
        try:
            VERBS[verb](store, clock, case)
        except CaseError:
            continue
        row, amount = row_of(store, case), columns(project(history(store, case.id)))
        assert {name: row[name] for name in amount} == amount
        assert jobs_of(store, case) == (State(str(row["state"])) in AT_WORK)
    store.close()


def test_undone_events_never_were() -> None:
    events = [
        event(1, Kind.RECEIVED, photos=[]),
        event(2, Kind.ANSWERED, what="no_plate"),
        event(3, Kind.SOLD),
        event(4, Kind.UNDONE, seq=3, kind="sold"),
    ]
    found = to_undo(events)
    assert found is not None and found.seq == 2
    assert project(events).state is State.RECEIVED
    assert project(events).ended is None


def test_a_published_car_that_is_sold_and_undone_is_published_still(store: Store) -> None:
    case = in_state(store, State.SOLD)
    assert case.ended is not None
    case = undo(store, case.id, by="anna")
    assert (case.state, case.live, case.ended) == (State.PUBLISHED, 1, None)


def test_undo_brings_the_question_back(store: Store) -> None:
    case = in_state(store, State.REVIEW)
    answer(store, case.id, SaidMark("xyz-123", "FI"), by="anna")
    answered = worked(store, case, review())
    assert (answered.state, answered.mark, answered.settled) == (State.READY, OTHER, True)
    undo(store, case.id, by="anna")
    back = worked(store, case, review())
    assert (back.state, back.mark, back.settled, back.reasons) == (
        State.REVIEW, MARK, False, in_state(store, State.REVIEW, "other").reasons,
    )  # fmt: skip
    with pytest.raises(CaseError, match="nothing to undo"):
        undo(store, case.id, by="anna")


def test_the_same_advert_is_not_published_twice_and_a_new_one_is_a_version(store: Store) -> None:
    case = in_state(store, State.PUBLISHED)
    assert case.version == 1
    VERBS["add photos"](store, FakeClock(), case)
    same = worked(store, case, ready())
    assert (same.state, same.version) == (State.PUBLISHED, 1)
    VERBS["add photos"](store, FakeClock(), case)
    changed = worked(store, case, ready(advert="another"))
    assert (changed.state, changed.version, changed.live) == (State.READY, 2, 1)
    assert publish(store, case).state is State.PUBLISHED


def test_new_weights_run_what_they_did_not_decide_and_answers_stand(store: Store) -> None:
    case = in_state(store, State.REVIEW)
    answer(store, case.id, SaidMark("XYZ-123", "FI"), by="anna", sure=True)
    answered = worked(store, case, ready(weights="w1"))
    gone = in_state(store, State.SOLD, "b")
    assert rerun_outdated(store, "w1", by="kilpi") == 0
    assert rerun_outdated(store, "w2", by="kilpi") == 1
    now = worked(store, case, review(weights="w2"))  # what the photos alone would say
    assert (now.state, now.mark, now.version, now.weights) == (answered.state, OTHER, 1, "w2")
    assert read_case(store, gone.id).state is State.SOLD


def test_what_is_published_stays_when_a_person_is_asked(store: Store) -> None:
    case = in_state(store, State.PUBLISHED)
    VERBS["add photos"](store, FakeClock(), case)
    case = worked(store, case, review())
    assert (case.state, case.live, case.version) == (State.REVIEW, 1, 1)


def test_sold_while_it_is_published_counts_as_shown(store: Store) -> None:
    """A publisher may be killed, or be slow: what is perhaps out is taken down."""
    case = in_state(store, State.READY)
    publishing(store, case.id, "site")
    sold(store, case.id, by="anna")
    assert [one.id for one in to_take_down(store)] == [case.id]
    assert shown_at(store, case.id) == {"site": ""}
    taken_down(store, case.id, "site")
    assert to_take_down(store) == []


def test_no_event_is_changed_by_what_follows(store: Store) -> None:
    case = in_state(store, State.PUBLISHED)
    before = history(store, case.id)
    withdraw(store, case.id, by="anna")
    undo(store, case.id, by="bo")
    after = history(store, case.id)
    assert after[: len(before)] == before
    assert [(one.kind, one.by) for one in after[len(before) :]] == [
        (Kind.WITHDRAWN, "anna"),
        (Kind.UNDONE, "bo"),
    ]


def test_events_are_in_order_and_projecting_is_pure(store: Store) -> None:
    case = in_state(store, State.SOLD)
    events = history(store, case.id)
    assert [one.seq for one in events] == list(range(1, len(events) + 1))
    assert project(events) == project([replace(one) for one in events])
    assert read_case(store, case.id).seq == len(events)


def test_a_log_from_before_public_names_were_kept_says_whose_advert_is_out() -> None:
    decided = {
        "state": "ready", "mark": {"text": "ABC-987", "country": "FI"}, "settled": True, "p": 1.0,
        "title": "", "traits": {}, "reasons": [], "missing": [], "weights": "", "advert": "a", "rank": 0.0,
    }  # fmt: skip
    log = [
        event(1, Kind.RECEIVED, photos=["p"]),
        event(2, Kind.STARTED),
        event(3, Kind.DECIDED, **decided),
        event(4, Kind.PUBLISHING, target="site"),
        event(5, Kind.PUBLISHED, target="site", advert="a"),
    ]
    now = project(log)
    assert (now.state, now.live, now.live_mark) == (State.PUBLISHED, {"site": "a"}, MARK)
    assert project(log[:4]).live_mark == MARK, "perhaps"
    assert now.other_out(OTHER) == MARK and now.other_out(MARK) is None
    assert project([*log, event(6, Kind.TAKEN_DOWN, target="site")]).live_mark is None


def test_whose_advert_is_out_is_said_of_the_place_that_shows_another(store: Store) -> None:
    case = publish(store, publish(store, in_state(store, State.READY)), "portal")
    answer(store, case.id, SaidMark(OTHER.text, "FI"), by="anna")
    case = publish(store, worked(store, case, ready(OTHER)))
    assert row_of(store, case)["live_key"] == f"{MARK.compact} FI"
    assert row_of(store, publish(store, case, "portal"))["live_key"] == f"{OTHER.compact} FI"
