"""Which marks count: those of the networks in use, whole below the threshold, audited above it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from tests.cases.helping import MARK, OTHER, WORRY, arrive, ready, review, worked
from tests.stores import FakeClock

from kilpi.cases import (
    AuditPlan,
    Case,
    Outcome,
    SaidMark,
    SaidNoPlate,
    SaidVin,
    answer,
    answer_audit,
    erase,
    next_audit,
    read_case,
    work,
)
from kilpi.cases.learning.judged import STALE, JudgedCars, judged_cars
from kilpi.cases.seen import NOTE, verifier_note
from kilpi.decision.agreement import AgreementVerifier
from kilpi.decision.verifier import LstmVerifier
from kilpi.store import Store
from kilpi.types import Reason

PLAN = AuditPlan(share=1.0)
SAID, DIFFERENT = SaidMark(MARK.text, "FI"), SaidMark(OTHER.text, "FI")


def noted(outcome: Outcome, networks: str = "now", score: float = 0.9) -> Outcome:
    return replace(outcome, record={NOTE: {"score": score, "networks": networks}})


def unsure(store: Store, name: str, **more: Any) -> Case:
    return worked(store, arrive(store, name), noted(review(), **more))


def found(store: Store, clock: FakeClock) -> JudgedCars:
    return judged_cars(store, "now", PLAN, clock())


@pytest.mark.parametrize(
    ("said", "right"),
    [(SAID, True), (DIFFERENT, False), (SaidNoPlate(), False), (SaidVin("WVWZZZAUZJW000417"), False)],
)
def test_an_answer_judges_the_mark_that_was_read(
    store: Store, clock: FakeClock, said: Any, right: bool
) -> None:
    case = unsure(store, "a")
    answer(store, case.id, said, by="anna", staff=True)
    cars = found(store, clock)
    ((_, mark),) = cars.marks
    assert (mark.right, mark.score, mark.share, mark.audited) == (right, 0.9, 1.0, False)
    assert cars.again == (() if right else (case.id,))


def test_only_these_networks_and_only_where_p_alone_doubted(store: Store, clock: FakeClock) -> None:
    for name, outcome in {
        "a": noted(review(), networks="others"),
        "b": noted(review(reasons=(WORRY, Reason("too_small")))),
        "c": review(),
    }.items():
        answer(store, worked(store, arrive(store, name), outcome).id, SAID, by="anna", staff=True)
    cars = found(store, clock)
    assert cars.marks == () and cars.elsewhere == 1


def test_what_came_after_a_car_that_waits_does_not_count_yet(store: Store, clock: FakeClock) -> None:
    cases = []
    for name in "abc":
        cases.append(unsure(store, name))
        clock.now += timedelta(hours=1)
    for case in (cases[0], cases[2]):
        answer(store, case.id, SAID, by="anna", staff=True)
    cars = found(store, clock)
    assert len(cars.marks) == 1 and cars.after == 1 and cars.waiting == cases[1].id
    clock.now += STALE
    marks = found(store, clock).marks
    assert [mark.right for _, mark in marks] == [True, False, True]  # nobody could answer the second
    erase(store, cases[1].id, by="anna")
    assert len(found(store, clock).marks) == 2


@pytest.mark.parametrize(("said", "counted"), [(SAID, 0), (DIFFERENT, 1)])
def test_only_the_staffs_word_lets_something_in(
    store: Store, clock: FakeClock, said: SaidMark, counted: int
) -> None:
    for by in ("Auto Oy", "mail", "folder"):  # whoever is not known to be of the staff, whatever the name
        answer(store, unsure(store, by).id, said, by=by)
    cars = found(store, clock)
    assert len(cars.marks) == 3 * counted and cars.by_dealers == 3 * (1 - counted)


@pytest.mark.parametrize(("said", "right"), [(SAID, True), (DIFFERENT, False)])
def test_an_audit_judges_what_was_accepted(
    store: Store, clock: FakeClock, said: SaidMark, right: bool
) -> None:
    case = arrive(store, "a")
    plan = AuditPlan(share=0.999999)
    work(store, lambda task: noted(ready()), plan=plan)
    asked = next_audit(store, "bo")
    assert asked is not None
    answer_audit(store, asked.case_id, said, by="bo", plan=plan)
    if not right:
        assert found(store, clock).marks == ()  # until it is looked at again
        answer(store, read_case(store, case.id).id, DIFFERENT, by="anna", staff=True)
    ((_, mark),) = found(store, clock).marks
    assert mark.audited and mark.right is right and mark.share == plan.share


def test_a_car_that_its_ties_let_in_says_nothing_of_p(store: Store, clock: FakeClock) -> None:
    arrive(store, "a")
    work(store, lambda task: noted(ready(reasons=(Reason("ties_fit"),))), plan=PLAN)
    asked = next_audit(store, "bo")
    assert asked is not None
    answer_audit(store, asked.case_id, SAID, by="bo", plan=PLAN)
    assert found(store, clock).marks == ()


def test_the_note_is_the_raw_score() -> None:
    verifier = LstmVerifier.load()
    score = verifier_note(verifier.calibrate(0.7), verifier, "x")[NOTE]["score"]
    assert score == pytest.approx(0.7)
    assert verifier_note(None, verifier, "x") == {} == verifier_note(0.5, AgreementVerifier(), "x")


def test_all_histories_are_read_at_once(store: Store, clock: FakeClock) -> None:
    """However many cases there are: the audits, the events, the cases that count."""
    asked: list[str] = []
    sa.event.listen(store.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    counts = []
    for number in range(2):
        for n in range(3):
            answer(store, unsure(store, f"{number}-{n}").id, SAID, by="anna", staff=True)
        accepted = worked(store, arrive(store, f"{number}-ready"), ready())
        erase(store, unsure(store, f"{number}-erased").id, by="anna")
        asked.clear()
        cars = found(store, clock)
        counts.append(len([one for one in asked if one.lstrip().startswith("SELECT")]))
        assert len(cars.marks) == 3 * (number + 1) and accepted.id not in cars.again
    assert counts == [3, 3]
