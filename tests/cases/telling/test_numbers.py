"""The counts by week, what is made of them, and that they outlive their cases."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from tests.cases.helping import MARK, OTHER, Told, arrive, ready, review, worked
from tests.stores import FakeClock

from kilpi.cases import (
    AuditPlan,
    Later,
    SaidFacts,
    SaidMark,
    State,
    answer,
    answer_audit,
    ask_dealer,
    erase,
    figures,
    next_audit,
    rerun,
    undo,
)
from kilpi.cases.asking.pace import MOST_S, staff_seconds
from kilpi.cases.tally import count_past, gap_of, week_of
from kilpi.cases.telling.numbers import dealers, numbers
from kilpi.cases.telling.numbers_text import csv_of
from kilpi.errors import UsageError
from kilpi.registers.charges import prices_of
from kilpi.registers.trace import Step
from kilpi.store import Store
from kilpi.store.desk_tables import tallies
from kilpi.types import Reason

FOUND, KEPT = Step("traficom", "found", False, 1.0), Step("traficom", "found", True, 1.0)


def said(mark: str = "ABC-987") -> SaidMark:
    return SaidMark(mark, "FI")


def test_a_car_is_alone_or_with_a_person_and_its_seconds_are_of_the_answers(store: Store) -> None:
    worked(store, arrive(store, "a", dealer="X Oy"), ready())
    asked = worked(store, arrive(store, "b", dealer="Y Oy"), review(OTHER))
    early = numbers(store).total
    assert (early.waiting, early.cells[3]) == (1, 0.5), "a car that waits is none without a person"
    assert early.minutes_per_100 is None and early.seconds_a_car is None, "nobody's time was measured yet"
    answer(store, asked.id, said("XYZ-123"), SaidFacts(odometer_km=5), by="anna", seconds=30.0)
    worked(store, asked, Told(review(OTHER)))
    found = numbers(store)
    assert (found.total.cars, found.total.alone, found.total.person) == (2, 1, 1)
    assert (found.total.answers, found.total.seconds, found.total.unmeasured) == (1, 30.0, 0)
    assert found.total.minutes_per_100 == pytest.approx(100 * 0.5 / 2)
    assert numbers(store, dealer="X Oy").total.minutes_per_100 == 0
    assert dealers(store) == ["X Oy", "Y Oy"]
    assert found.tables["questions"].rows == (("not_sure_enough", 1, 1.0),)
    assert found.tables["states"].rows == (("ready", 2, 1.0),)


def test_a_question_that_is_asked_again_before_anybody_answered_is_one_question(store: Store) -> None:
    asked = worked(store, arrive(store, "a"), review())
    rerun(store, asked.id, by="anna", why="weights")
    worked(store, asked, Told(review()))
    assert numbers(store).tables["questions"].rows == (("not_sure_enough", 1, 1.0),)
    answer(store, asked.id, said("XYZ-123"), by="anna", seconds=3.0)
    worked(store, asked, Told(review()))
    undo(store, asked.id, by="anna")
    worked(store, asked, Told(review()))
    assert numbers(store).tables["questions"].rows == (("not_sure_enough", 2, 1.0),), "asked anew"


def test_an_answer_without_a_time_is_told_as_not_measured(store: Store) -> None:
    asked = worked(store, arrive(store, "a"), review())
    answer(store, asked.id, said(), by="anna")
    total = numbers(store).total
    assert (total.answers, total.unmeasured, total.seconds) == (0, 1, 0.0)
    assert total.minutes_per_100 is None


def test_asking_the_dealer_and_audits_are_time_too(store: Store) -> None:
    asked = worked(store, arrive(store, "a"), review())
    ask_dealer(store, asked.id, [Reason("no_plate")], by="anna", seconds=12.0)
    plan = AuditPlan(share=1.0)
    worked_audited(store, plan)
    one = next_audit(store, "bob")
    assert one is not None
    answer_audit(store, one.case_id, said(), by="bob", plan=plan, seconds=8.0)
    assert numbers(store).tables["times"].rows == (("ask", 1, 0.2), ("audit", 1, 0.1))


def worked_audited(store: Store, plan: AuditPlan) -> None:
    from kilpi.cases import work

    arrive(store, "audited")
    work(store, Told(ready()), plan=plan)


def test_a_car_that_a_person_corrects_is_a_wrong_car_until_that_is_undone(store: Store) -> None:
    case = worked(store, arrive(store, "a"), ready())
    answer(store, case.id, said(), by="anna")  # the same mark: nothing was wrong
    undo(store, case.id, by="anna")
    assert numbers(store).wrong_found == 0
    answer(store, case.id, said("XYZ-123"), by="anna")
    answer(store, case.id, said("XYZ-124"), by="anna")  # the same wrong car
    assert numbers(store).wrong_found == 1
    undo(store, case.id, by="anna")
    undo(store, case.id, by="anna")
    assert numbers(store).wrong_found == 0


def test_what_the_audit_finds_is_counted_once(store: Store) -> None:
    plan = AuditPlan(share=1.0)
    worked_audited(store, plan)
    one = next_audit(store, "bob")
    assert one is not None
    answer_audit(store, one.case_id, said("XYZ-123"), by="bob", plan=plan)
    found = numbers(store)
    assert (found.disputed, found.wrong, found.wrong_found, found.audited) == (1, 0, 1, 1)
    answer(store, one.case_id, said("XYZ-123"), by="anna", staff=True)
    found = numbers(store)
    assert (found.disputed, found.wrong, found.wrong_found, found.audited) == (0, 1, 1, 1)


def test_a_draft_is_counted_by_what_it_lacks_in_whatever_language(store: Store) -> None:
    words = ("hinta", "pris – angivet, men oklart: 12", "pictures")
    worked(store, arrive(store, "a"), ready(state=State.DRAFT, missing=words))
    assert numbers(store).tables["missing"].rows == (("pictures", 1, 0.5), ("price", 1, 0.5))
    assert gap_of("a check of the mileage: the register already had 90 km on 1") == "odometer_below_register"
    assert gap_of("nothing we know") == "other"


def test_look_ups_are_counted_and_priced(store: Store, clock: FakeClock) -> None:
    steps = (
        FOUND,
        KEPT,
        Step("cars.csv", "found", False, 1.0),
        Step("svv", "RegisterUnavailable", False, 1.0),
    )
    case = arrive(store, "a")
    at = clock.now + timedelta(hours=1)
    worked(store, case, Later(at, (Reason("register_unavailable"),), steps[3:]))
    clock.tick(3700)
    worked(store, case, replace(ready(), calls=steps[:3]))
    rows = numbers(store, prices=prices_of("traficom=0.15")).tables["registers"].rows
    assert rows == (("traficom", 2, 1, 1, 0.15), ("file", 1, 0, 0, 0.0), ("svv", 1, 0, 0, 0.0))
    assert numbers(store).tables["registers"].rows[0][-1] is None  # charged, and nobody said how much


@pytest.mark.parametrize("text", ["traficom", "nobody=1", "traficom=x", "traficom=-1"])
def test_prices_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="KILPI_REGISTER_PRICES"):
        prices_of(text)


def test_weeks_begin_on_monday_and_older_ones_stay_out(store: Store, clock: FakeClock) -> None:
    worked(store, arrive(store, "a"), ready())
    clock.tick(7 * 86_400)
    worked(store, arrive(store, "b"), ready(OTHER))
    weeks = numbers(store, weeks=3).tables["weeks"]
    assert [row[:2] for row in weeks.rows] == [("2026-02-23", 0), ("2026-03-02", 1), ("2026-03-09", 1)]
    assert numbers(store, weeks=1).total.cars == 1
    assert week_of(datetime(2026, 3, 8, 23, 59, tzinfo=UTC)) == "2026-03-02"
    with pytest.raises(UsageError, match="weeks"):
        numbers(store, weeks=0)


def test_counts_outlive_an_erased_case_and_hold_nothing_of_it(store: Store) -> None:
    case = worked(store, arrive(store, "a", reference="ref-7"), ready())
    before = numbers(store)
    erase(store, case.id, by="anna")
    assert numbers(store).total == before.total
    rows = store.read(lambda tx: tx.rows(sa.select(tallies)))
    assert rows and not any(MARK.text in str(row) or "ref-7" in str(row) for row in rows)


def test_what_happened_before_there_were_counts_is_counted_once(store: Store) -> None:
    worked(store, arrive(store, "a", dealer="X Oy"), replace(ready(), calls=(FOUND,)))
    asked = worked(store, arrive(store, "b"), review(OTHER))
    answer(store, asked.id, said(), by="anna", seconds=4.0)
    before = store.read(lambda tx: tx.rows(sa.select(tallies).order_by(*tallies.primary_key.columns)))
    store.write(
        lambda tx: tx.run(tallies.delete().where(tallies.c.what != "asked", tallies.c.what != "paid"))
    )
    assert count_past(store)
    assert not count_past(store)
    after = store.read(lambda tx: tx.rows(sa.select(tallies).order_by(*tallies.primary_key.columns)))
    assert after == before


def test_csv_is_what_the_table_is_and_runs_nothing(store: Store) -> None:
    worked(store, arrive(store, "a", dealer="=cmd()"), ready())
    rows = list(csv.reader(io.StringIO(csv_of(numbers(store).tables["dealers"]))))
    assert rows[0][:3] == ["dealer", "cars", "alone"]
    assert rows[1][:3] == ["'=cmd()", "1", "1"]


def test_an_empty_store_has_numbers_too(store: Store) -> None:
    found = numbers(store)
    assert found.total.minutes_per_100 is None and found.wrong_found == 0
    assert len(found.tables["weeks"].rows) == 12 and found.tables["weeks"].is_empty


@pytest.mark.parametrize(
    ("told", "passed", "seconds"),
    [(5.0, 60.0, 5.0), (90.0, 60.0, 60.0), (None, 60.0, 60.0), (5.0, -1.0, 0.0), (1e9, 1e9, MOST_S),
     (-3.0, 60.0, 60.0), (float("nan"), 60.0, 60.0), (float("inf"), 60.0, 60.0)],
)  # fmt: skip
def test_seconds_are_the_pages_within_the_servers_clock(
    told: float | None, passed: float, seconds: float
) -> None:
    shown = datetime(2026, 3, 2, tzinfo=UTC)
    assert staff_seconds(told, shown, shown + timedelta(seconds=passed)) == seconds


def test_figures_of_many_accepted_cars_read_no_p_until_it_is_leaned_on(store: Store) -> None:
    for n in range(3):
        worked(store, arrive(store, f"c{n}"), ready(replace(MARK, text=f"ABC-10{n}")))
    assert (figures(store).accepted, figures(store).powered) == (3, None)
