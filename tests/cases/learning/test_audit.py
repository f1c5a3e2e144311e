"""The audit: who is asked for, blindly; what an answer does; when acceptance stops; what erasure leaves."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from tests.cases.helping import MARK, OTHER, arrive, ready, review, worked
from tests.stores import FakeClock

from kilpi.cases import (
    AuditPlan,
    AuditQuestion,
    Case,
    Kind,
    Outcome,
    SaidFacts,
    SaidMark,
    SaidNoPlate,
    State,
    answer,
    answer_audit,
    erase,
    figures,
    history,
    next_audit,
    publishing,
    read_case,
    rerun,
    resume,
    undo,
    work,
)
from kilpi.cases.learning.audit import DIFFERS, DISPUTED, RIGHT, STOPPED, UNCLEAR
from kilpi.cases.learning.labelling import last_said
from kilpi.errors import CaseChanged, CaseRefused, UsageError
from kilpi.store import Store
from kilpi.store.tables import audits
from kilpi.types import Mark

ALL = AuditPlan(share=1.0)
SAID, DIFFERENT = SaidMark(MARK.text, "FI"), SaidMark(OTHER.text, "FI")


def accepted(
    store: Store, name: str = "a", mark: Mark = MARK, plan: AuditPlan = ALL, dealer: str = ""
) -> Case:
    case = arrive(store, f"{name}1", f"{name}2", dealer=dealer)
    work(store, lambda task: told(ready(mark), task.answers.identity), plan=plan)
    return read_case(store, case.id)


def told(outcome: Outcome, identity: object) -> Outcome:
    if not isinstance(identity, SaidMark):
        return outcome
    return ready(Mark(identity.text, identity.country), p=None)


def test_an_accepted_car_is_asked_for_and_nothing_waits(store: Store) -> None:
    case = accepted(store)
    assert case.state is State.READY and publishing(store, case.id, "site")
    asked = next_audit(store, "anna")
    assert asked is not None and asked.case_id == case.id and len(asked.photos) == 2


def test_the_question_is_blind() -> None:
    assert {field.name for field in fields(AuditQuestion)} == {"case_id", "photos"}


def test_only_the_chosen_of_the_accepted_are_asked_for(store: Store) -> None:
    worked(store, arrive(store, "r"), review())
    accepted(store, "b", plan=AuditPlan(share=0.0))
    answered = arrive(store, "c")
    work(store, lambda task: review(OTHER), plan=ALL)
    answer(store, answered.id, DIFFERENT, by="anna")
    work(store, lambda task: ready(OTHER), plan=ALL)
    assert read_case(store, answered.id).state is State.READY
    assert next_audit(store, "anna") is None


def test_the_sample_is_the_share_it_says_and_the_same_again() -> None:
    now = FakeClock()()
    case = Case("x", "", "", "", "", 1, now, now, State.READY)
    plan = AuditPlan(share=0.02)
    ids = [f"{n:08x}" for n in range(20_000)]
    picks = [case_id for case_id in ids if plan.chosen(with_id(case, case_id))]
    assert 340 <= len(picks) <= 460  # 400, and three standard deviations
    assert picks == [case_id for case_id in ids if plan.chosen(with_id(case, case_id))]
    other = [case_id for case_id in ids if AuditPlan(0.02, seed="other").chosen(with_id(case, case_id))]
    assert len(set(picks) & set(other)) < 40


def with_id(case: Case, case_id: str) -> Case:
    return replace(case, id=case_id)


def test_a_right_answer_counts_and_changes_nothing(store: Store) -> None:
    case = accepted(store)
    assert answer_audit(store, case.id, SAID, by="anna", plan=ALL) == RIGHT
    now = read_case(store, case.id)
    assert (now.state, now.reasons) == (case.state, case.reasons)
    found = figures(store, ALL)
    assert (found.sampled, found.answered, found.wrong, found.missing) == (1, 1, 0, 2994)
    assert history(store, case.id)[-1].kind is Kind.AUDITED
    assert next_audit(store, "anna") is None
    with pytest.raises(CaseRefused, match="not asked for"):
        answer_audit(store, case.id, SAID, by="anna", plan=ALL)


@pytest.mark.parametrize(("second", "wrong"), [(DIFFERENT, 1), (SAID, 0)])
def test_a_differing_answer_is_looked_at_again(store: Store, second: SaidMark, wrong: int) -> None:
    case = accepted(store)
    assert answer_audit(store, case.id, DIFFERENT, by="anna", plan=ALL) == DISPUTED
    asked = read_case(store, case.id)
    assert asked.state is State.REVIEW and [reason.code for reason in asked.reasons] == [DIFFERS]
    found = figures(store, ALL)
    assert (found.disputed, found.wrong, found.lower) == (1, 0, 0.0) and found.upper == 1.0
    answer(store, case.id, second, by="bo", staff=True)
    work(store, lambda task: told(ready(), task.answers.identity), plan=ALL)
    assert read_case(store, case.id).state is State.READY
    settled = figures(store, ALL)
    assert (settled.disputed, settled.wrong, settled.answered) == (0, wrong, 1)


def test_a_dealers_answer_is_no_second_look_and_what_is_confirmed_stays(store: Store) -> None:
    case = accepted(store, dealer="Auto Oy")
    answer_audit(store, case.id, DIFFERENT, by="anna", plan=ALL)
    answer(store, case.id, SAID, by="the dealer's robot")
    assert (figures(store, ALL).disputed, figures(store, ALL).wrong) == (1, 0)
    answer(store, case.id, DIFFERENT, by="bo", staff=True)
    assert (figures(store, ALL).disputed, figures(store, ALL).wrong) == (0, 1)
    for staff in (False, True):
        answer(store, case.id, SAID, by="the dealer's robot", staff=staff)
        assert figures(store, ALL).wrong == 1


def test_a_mark_that_was_confirmed_wrong_is_not_accepted_again(store: Store) -> None:
    case = accepted(store)
    answer_audit(store, case.id, DIFFERENT, by="anna", plan=ALL)
    answer(store, case.id, DIFFERENT, by="bo", staff=True)
    undo(store, case.id, by="bo")
    work(store, lambda task: ready(), plan=ALL)
    found = read_case(store, case.id)
    assert found.state is State.REVIEW and [reason.code for reason in found.reasons] == [DIFFERS]


def test_a_dispute_outlives_a_rerun(store: Store) -> None:
    case = accepted(store)
    answer_audit(store, case.id, SaidNoPlate(), by="anna", plan=ALL)
    rerun(store, case.id, by="kilpi", why="weights")
    work(store, lambda task: ready(), plan=ALL)
    assert [reason.code for reason in read_case(store, case.id).reasons] == [DIFFERS]


def test_what_cannot_be_told_counts_nowhere(store: Store) -> None:
    case = accepted(store)
    assert answer_audit(store, case.id, None, by="anna", plan=ALL) == UNCLEAR
    found = figures(store, ALL)
    assert (found.unclear, found.answered, found.upper) == (1, 0, 1.0)
    assert last_said(history(store, case.id)) is None


def test_two_people_are_not_asked_at_once(store: Store, clock: FakeClock) -> None:
    case = accepted(store)
    assert next_audit(store, "anna") and next_audit(store, "bo") is None and next_audit(store, "anna")
    with pytest.raises(CaseChanged):
        answer_audit(store, case.id, SAID, by="bo", plan=ALL)
    clock.tick(301)
    assert next_audit(store, "bo") is not None


def test_only_what_says_a_plate_answers(store: Store) -> None:
    with pytest.raises(UsageError):
        answer_audit(store, accepted(store).id, SaidFacts(odometer_km=1), by="anna", plan=ALL)


def audit_wrong(store: Store, names: str, plan: AuditPlan) -> None:
    for n, name in enumerate(names):
        mark = Mark(f"ABC-{100 + n}", "FI")
        case = accepted(store, name, mark, plan)
        answer_audit(store, case.id, SaidMark(f"XYZ-{100 + n}", "FI"), by="anna", plan=plan)
        answer(store, case.id, SaidMark(f"XYZ-{100 + n}", "FI"), by="bo", staff=True)
        work(store, lambda task: told(ready(), task.answers.identity), plan=plan)


def test_a_broken_promise_stops_acceptance_until_a_person_resumes(store: Store, clock: FakeClock) -> None:
    audit_wrong(store, "uv", ALL)  # two of two
    clock.tick(60)
    stopped = accepted(store, "x", Mark("KLM-200", "FI"))
    assert (stopped.state, [reason.code for reason in stopped.reasons]) == (State.REVIEW, [STOPPED])
    found = figures(store, ALL)
    assert found.stopped and found.lower > found.promise and found.wrong == 2
    answer(store, stopped.id, SaidMark("KLM-200", "FI"), by="anna")  # a person's word still goes
    work(store, lambda task: told(ready(), task.answers.identity), plan=ALL)
    assert read_case(store, stopped.id).state is State.READY
    clock.tick(60)
    assert resume(store, by="bo", why="new weights")
    assert accepted(store, "y", Mark("KLM-201", "FI")).state is State.READY
    again = figures(store, ALL)
    assert (again.stopped, again.wrong, again.sampled) == (None, 0, 1)
    assert not resume(store, by="bo", why="again")


def test_one_error_does_not_stop_it(store: Store) -> None:
    for n, name in enumerate("abcdefgh"):
        case = accepted(store, name, Mark(f"ABC-{300 + n}", "FI"))
        answer_audit(store, case.id, SaidMark(f"ABC-{300 + n}", "FI"), by="anna", plan=ALL)
    audit_wrong(store, "z", AuditPlan(share=1.0, promise=0.01))
    found = figures(store, AuditPlan(share=1.0, promise=0.01))
    assert found.stopped is None and found.wrong == 1


def test_dealers_are_counted_apart(store: Store) -> None:
    for dealer in ("north", "south"):
        case = accepted(store, dealer, Mark(f"AB{dealer[0].upper()}-123", "FI"), dealer=dealer)
        answer_audit(store, case.id, SaidMark(f"AB{dealer[0].upper()}-123", "FI"), by="anna", plan=ALL)
    assert (figures(store, ALL).answered, figures(store, ALL, "north").answered) == (2, 1)
    assert next_audit(store, "anna", dealer="north") is None


def test_erasure_leaves_the_count_and_nobody_in_it(store: Store) -> None:
    first, second = accepted(store, "a"), accepted(store, "b", OTHER)
    answer_audit(store, first.id, SAID, by="anna", plan=ALL)
    for case in (first, second):
        erase(store, case.id, by="anna")
    found = figures(store, ALL)
    assert (found.answered, found.sampled) == (1, 1)  # the open question went with its case
    rows = store.read(lambda tx: tx.rows(audits.select()))
    assert [row["by"] for row in rows] == ["person"] and MARK.text not in str(rows)


def test_an_audit_teaches_too(store: Store) -> None:
    case = accepted(store)
    answer_audit(store, case.id, SAID, by="anna", plan=ALL)
    said = last_said(history(store, case.id))
    assert said is not None and said.kind is Kind.AUDITED and said.data["text"] == MARK.text
