"""A car that the dealer's stock list calls sold, or not for sale, while its advert is out."""

from __future__ import annotations

from typing import Any

import pytest
from tests.cases.helping import in_state, publish, ready, review, worked

from kilpi.cases import Case, Kind, Outcome, State, history, read_case, rerun, shown_at, undo
from kilpi.errors import CaseRefused
from kilpi.store import Store


def again(store: Store, case: Case, outcome: Outcome) -> State:
    """The case after its list came once more."""
    rerun(store, case.id, by="kilpi", why="stock")
    return worked(store, case, outcome).state


def gone(state: State = State.SOLD, **more: Any) -> Outcome:
    return ready(state=State.DRAFT, missing=("price",), gone=state, **more)


@pytest.mark.parametrize("state", [State.SOLD, State.WITHDRAWN])
def test_what_is_out_comes_down_and_the_history_says_that_the_list_said_so(
    store: Store, state: State
) -> None:
    case = in_state(store, State.PUBLISHED)
    assert again(store, case, gone(state)) is state
    last = history(store, case.id)[-1]
    assert (last.kind.value, last.by, last.data) == (state.value, "kilpi", {"why": "stock_list"})


def test_a_car_that_is_not_out_stays_a_draft_which_says_why(store: Store) -> None:
    case = in_state(store, State.READY)
    assert again(store, case, gone()) is State.DRAFT
    assert shown_at(store, case.id) == {}


def test_a_car_whose_price_its_own_file_tells_does_not_go_out_either(store: Store) -> None:
    case = in_state(store, State.WORKING)
    assert worked(store, case, ready(gone=State.SOLD)).state is State.SOLD
    undo(store, case.id, by="dealer", own=True)
    assert again(store, case, ready(gone=State.SOLD)) is State.READY, "who took it back knows its row"


def test_a_row_that_may_be_another_cars_takes_nothing_down(store: Store) -> None:
    case = in_state(store, State.PUBLISHED)
    assert again(store, case, review(gone=State.SOLD)) is State.REVIEW
    assert again(store, case, gone()) is State.SOLD, "the question is answered, and the row is this car's"


def test_who_says_that_it_is_for_sale_is_not_told_again_until_the_list_says_so_anew(store: Store) -> None:
    case = in_state(store, State.PUBLISHED)
    again(store, case, gone())
    undo(store, case.id, by="dealer", own=True)
    for _ in range(2):  # the same list comes every night
        assert again(store, case, gone()) is State.DRAFT
    assert again(store, case, ready(gone=State.SOLD)) is State.PUBLISHED, "a person gave a price"
    assert again(store, case, ready()) is State.PUBLISHED
    assert again(store, case, gone()) is State.SOLD


def test_a_car_put_out_in_the_knowledge_of_its_row_stays_out(store: Store) -> None:
    case = in_state(store, State.DRAFT)
    again(store, case, gone())
    again(store, case, ready(gone=State.SOLD))
    publish(store, read_case(store, case.id))
    assert again(store, case, ready(gone=State.SOLD)) is State.PUBLISHED


def test_a_dealer_takes_back_what_the_list_said_and_not_what_the_staff_did(store: Store) -> None:
    case = in_state(store, State.SOLD)
    assert next(e.by for e in reversed(history(store, case.id)) if e.kind is Kind.SOLD) == "anna"
    with pytest.raises(CaseRefused, match="somebody else did that"):
        undo(store, case.id, by="dealer", own=True)
