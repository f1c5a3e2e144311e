from __future__ import annotations

import base64
import json
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from tests.cases.helping import OTHER, WORRY, arrive, in_state, ready, review, worked
from tests.stores import FakeClock

from kilpi.cases import (
    Case,
    Order,
    SaidMark,
    State,
    Wanted,
    answer,
    ask_dealer,
    counts,
    erase,
    find,
    find_one,
    let_go,
    next_question,
    postpone,
    to_publish,
    undo,
)
from kilpi.cases.lists import dealers
from kilpi.errors import CaseMissing, UsageError
from kilpi.store import Store
from kilpi.types import Mark


def found(store: Store, wanted: Wanted, limit: int = 50) -> list[str]:
    """All pages' ids."""
    ids: list[str] = []
    cursor = None
    while True:
        page = find(store, wanted, cursor=cursor, limit=limit)
        assert len(page.cases) <= limit
        ids += [case.id for case in page.cases]
        cursor = page.cursor
        if cursor is None:
            return ids


@pytest.fixture
def seven(store: Store, clock: FakeClock) -> list[Case]:
    made = []
    for n in range(7):
        clock.tick(1)
        made.append(arrive(store, f"car{n}", dealer="one" if n % 2 else "two", reference=f"ref {n}"))
    return made


@pytest.mark.parametrize("limit", [1, 3, 7, 50])
def test_pages_have_every_case_once(store: Store, seven: list[Case], limit: int) -> None:
    newest_first = sorted((case.id for case in seven), reverse=True)
    assert found(store, Wanted(), limit) == newest_first
    assert found(store, Wanted(dealer="one"), limit) == [
        case.id for case in sorted(seven, key=lambda case: case.id, reverse=True) if case.dealer == "one"
    ]


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_the_last_changed_come_first(store: Store, seven: list[Case], clock: FakeClock, limit: int) -> None:
    wanted = Wanted(order=Order.CHANGED, states=(State.REVIEW, State.RECEIVED))
    clock.tick(5)
    worked(store, seven[0], review())  # all seven, at one moment: the id decides
    newest_first = sorted((case.id for case in seven), reverse=True)
    assert found(store, wanted, limit) == newest_first
    clock.tick(5)
    postpone(store, seven[2].id, clock(), by="anna")
    assert found(store, wanted, limit)[0] == seven[2].id


def test_a_case_that_comes_between_two_pages_disturbs_nothing(store: Store, seven: list[Case]) -> None:
    page = find(store, limit=3)
    arrive(store, "new")
    rest = find(store, cursor=page.cursor, limit=50)
    assert {case.id for case in (*page.cases, *rest.cases)} == {case.id for case in seven}


def titled(store: Store, title: str, price: str | None, dealer: str) -> Case:
    case = arrive(store, f"{title}{dealer}", dealer=dealer, reference="ABC-987")
    amount = None if price is None else Decimal(price)
    return worked(store, case, ready(Mark("ABC-987", "FI"), title=title, price=amount, currency="EUR"))


@pytest.fixture
def priced(store: Store) -> list[Case]:
    """In every order another."""
    rows = [("Volvo V60", "900.50", "b"), ("Audi A3", None, "c"), ("Saab 900", "15900", "a")]
    return [titled(store, *row) for row in rows]


@pytest.mark.parametrize("limit", [1, 2, 50])
@pytest.mark.parametrize(
    ("order", "titles"),
    [(Order.TITLE, "ASV"), (Order.DEALER, "SVA"), (Order.PRICE, "AVS"), (Order.RECEIVED, "VAS")],
)
def test_by_a_column_up_and_down(
    store: Store, priced: list[Case], order: Order, titles: str, limit: int
) -> None:
    by_id = {case.id: case.title[0] for case in priced}
    up = found(store, Wanted(order=order, up=True), limit)
    assert "".join(by_id[case] for case in up) == titles
    assert found(store, Wanted(order=order), limit) == up[::-1]
    both = (State.READY, State.REVIEW, State.DRAFT)
    assert found(store, Wanted(order=order, up=True, states=both), limit) == up


def test_a_price_is_kept_to_the_cent_and_forgotten_with_its_case(store: Store, priced: list[Case]) -> None:
    assert (priced[0].price, priced[0].currency, priced[1].price) == (Decimal("900.50"), "EUR", None)
    gone = erase(store, priced[0].id, by="anna")
    assert (gone.price, gone.currency) == (None, "")


@pytest.mark.parametrize("order", list(Order))
def test_no_cursor_holds_a_mark(store: Store, priced: list[Case], order: Order) -> None:
    """Their reference is the mark, as some dealers have it: a cursor stands in an address."""
    cursor = find(store, Wanted(order=order), limit=1).cursor or ""
    told = base64.urlsafe_b64decode(cursor).decode()
    assert "987" not in told.replace(find(store, Wanted(order=order), limit=1).cases[0].id, "")


def test_a_cursor_of_another_order_is_refused(store: Store, priced: list[Case]) -> None:
    cursor = find(store, Wanted(order=Order.TITLE), limit=1).cursor
    for wanted in (Wanted(order=Order.DEALER), Wanted(order=Order.TITLE, up=True)):
        with pytest.raises(UsageError, match="cursor"):
            find(store, wanted, cursor=cursor)


def test_by_age(store: Store) -> None:
    """Ids are made by this machine's clock, whatever the store's says."""
    case, now = arrive(store, "a"), datetime.now(UTC)
    hour = timedelta(hours=1)
    assert found(store, Wanted(since=now - hour)) == found(store, Wanted(before=now + hour)) == [case.id]
    assert found(store, Wanted(since=now + hour)) == found(store, Wanted(before=now - hour)) == []


def test_the_dealers_that_have_cars(store: Store) -> None:
    for n, dealer in enumerate(("Öberg", "Aho", "", "Aho")):
        arrive(store, f"d{n}", dealer=dealer)
    assert dealers(store) == ["Aho", "Öberg"]
    assert dealers(store, most=1) == ["Aho"]


@pytest.mark.parametrize(
    "parts", [["title", False, 1, "a"], ["title", False, "a"], ["price", False, "1", "a"], ["x"], 3]
)
def test_a_forged_cursor_is_refused(store: Store, parts: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()
    for order in (Order.TITLE, Order.PRICE):
        with pytest.raises(UsageError, match="cursor"):
            find(store, Wanted(order=order), cursor=cursor)


@pytest.mark.parametrize("cursor", ["x", "W10=", "WyJhIiwgImIiXQ=="])
def test_a_strange_cursor_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(UsageError, match="cursor"):
        find(store, cursor=cursor)


def test_by_state_and_erased_only_when_asked(store: Store) -> None:
    review_case = in_state(store, State.REVIEW, "a")
    erased = in_state(store, State.ERASED, "b")
    assert found(store, Wanted(states=(State.REVIEW, State.DRAFT))) == [review_case.id]
    assert found(store, Wanted()) == [review_case.id]
    assert found(store, Wanted(states=(State.ERASED,))) == [erased.id]


@pytest.mark.parametrize(
    "search",
    ["äbc-987", "ÄBC987", "äbc", "987", "A\u0308BC", "volvo", "v60 volvo", "auto 17", "autotalo 2016"]
    + ["car-0a1b2c3d4e5f", "0A1B2C3D4E5F"],  # what buyers read on the advert
)
def test_a_search_finds_it(store: Store, search: str) -> None:
    case = arrive(store, "a", dealer="Autotalo Oy", reference="17/2026")
    worked(store, case, ready(Mark("ÄBC-987", "FI"), title="Volvo V60 2016", public="car-0a1b2c3d4e5f"))
    worked(store, arrive(store, "b", dealer="x"), ready(OTHER, title="Saab"))
    assert found(store, Wanted(search=search)) == [case.id]


@pytest.mark.parametrize("search", ["abc", "bc987", "olvo", "volvo saab", "äbc-988"])
def test_a_search_finds_nothing_else(store: Store, search: str) -> None:
    case = arrive(store, "a", dealer="Autotalo Oy")
    worked(store, case, ready(Mark("ÄBC-987", "FI"), title="Volvo V60 2016"))
    assert found(store, Wanted(search=search)) == []


def test_an_answer_changes_what_it_is_found_by(store: Store) -> None:
    case = in_state(store, State.REVIEW)
    answer(store, case.id, SaidMark("XYZ-123", "FI"), by="anna")
    worked(store, case, ready())
    assert (found(store, Wanted(search="xyz")), found(store, Wanted(search="abc"))) == ([case.id], [])
    undo(store, case.id, by="anna")
    worked(store, case, review())
    assert (found(store, Wanted(search="xyz")), found(store, Wanted(search="abc"))) == ([], [case.id])


def test_counts(store: Store) -> None:
    in_state(store, State.REVIEW, "a", dealer="one")
    in_state(store, State.READY, "b", dealer="two")
    every = counts(store)
    assert (every[State.REVIEW], every[State.READY], every[State.SOLD]) == (1, 1, 0)
    assert counts(store, "two")[State.REVIEW] == 0
    assert set(every) == set(State)


def test_a_car_is_named_in_three_ways(store: Store) -> None:
    case = arrive(store, "a", reference="17", addresses=("volvo",), dealer="one")
    twin = arrive(store, "b", reference="17", dealer="two")
    assert {find_one(store, name, "one").id for name in (case.id, "volvo", "17")} == {case.id}
    with pytest.raises(UsageError, match="several"):
        find_one(store, "17")
    for name in (twin.id, "18"):
        with pytest.raises(CaseMissing):
            find_one(store, name, "one")


def questions(store: Store, clock: FakeClock) -> list[Case]:
    made = []
    for n, rank in enumerate((0.5, 0.1, 0.1)):
        clock.tick(10)
        made.append(worked(store, arrive(store, f"q{n}"), review(Mark(f"AAA-{n}", "FI"), rank=rank)))
    return made


def test_least_rank_first_then_who_waits_longest(store: Store, clock: FakeClock) -> None:
    cases = questions(store, clock)
    order = [next_question(store, who) for who in ("anna", "bo", "cecilia", "dag")]
    assert [case and case.id for case in order] == [cases[1].id, cases[2].id, cases[0].id, None]
    assert order[0] and order[0].held_by == "anna"


def test_ones_own_question_comes_again_until_it_is_let_go(store: Store, clock: FakeClock) -> None:
    cases = questions(store, clock)
    for _ in range(2):
        mine = next_question(store, "anna")
        assert mine and mine.id == cases[1].id
    prefetched = next_question(store, "anna", skip=[cases[1].id])
    assert prefetched and prefetched.id == cases[2].id
    let_go(store, cases[1].id, "bo")  # not bo's
    theirs = next_question(store, "bo")
    assert theirs and theirs.id == cases[0].id
    let_go(store, cases[1].id, "anna")
    free = next_question(store, "cecilia")
    assert free and free.id == cases[1].id


def test_a_question_is_free_again_when_nobody_answers(store: Store, clock: FakeClock) -> None:
    cases = questions(store, clock)
    next_question(store, "anna", hold_s=60)
    clock.tick(61)
    case = next_question(store, "bo")
    assert case and case.id == cases[1].id


def test_later_is_later_and_waiting_is_not_asked(store: Store, clock: FakeClock) -> None:
    cases = questions(store, clock)
    postpone(store, cases[1].id, clock() + timedelta(hours=1), by="anna")
    ask_dealer(store, cases[2].id, [WORRY], by="anna")
    first = next_question(store, "anna")
    assert first and first.id == cases[0].id
    clock.tick(3601)
    later = next_question(store, "bo")
    assert later and later.id == cases[1].id
    assert next_question(store, "cecilia", skip=[cases[0].id]) is None


def test_review_comes_before_draft_and_a_dealer_sees_own_cars(store: Store) -> None:
    draft = in_state(store, State.DRAFT, "a", dealer="one")
    asked = worked(store, arrive(store, "b", dealer="two"), review(OTHER))
    mine = next_question(store, "anna")
    assert mine and mine.id == asked.id
    theirs = next_question(store, "bo", dealer="one")
    assert theirs and theirs.id == draft.id


def test_reviewers_at_once_never_have_the_same(store: Store, clock: FakeClock) -> None:
    for n in range(8):
        arrive(store, f"q{n}")
    cases = iter(range(8))
    worked(store, arrive(store, "q"), lambda task: review(Mark(f"AAA-{next(cases, 9)}", "FI")))
    got: list[str] = []

    def reviewer(name: str) -> None:
        case = next_question(store, name)
        got.append(case.id if case else "")

    threads = [threading.Thread(target=reviewer, args=(f"r{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(got)) == 6
    assert "" not in got


def test_what_is_to_be_published(store: Store) -> None:
    ready_case = in_state(store, State.READY, "a")
    worked(store, arrive(store, "b"), ready(OTHER, state=State.DRAFT))
    assert [case.id for case in to_publish(store)] == [ready_case.id]
    assert to_publish(store, after=ready_case.id) == []
    erase(store, ready_case.id, by="anna")
    assert to_publish(store) == []
