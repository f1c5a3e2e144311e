"""A newer stock list takes nothing away of which it does not speak."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.cases.helping import publish
from tests.sent_cars import a_photo, send_car, work_all

from kilpi.cases import Beside, Case, Desk, State, find, history, read_case, undo
from kilpi.cases.incoming.beside import FORMER
from kilpi.store import Store
from kilpi.types import Mark

DEALER = "Auto Oy"
BOTH = b"viite;hinta;km\nleaf;12900;31200\nmini;7900;90000\n"
OTHER = b"viite;hinta;km\nmini;7500;90000\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def listed(store: Store, data: Path, *lists: bytes, dealer: str = DEALER) -> list[str]:
    """Lists come together; the references of the cars that they do not name any more."""
    made = send_car(store, data, {f"{n}.csv": one for n, one in enumerate(lists)}, dealer=dealer)
    work_all(store, data)
    return [case.reference for case in made.listed.unlisted]


@pytest.fixture
def leaf(store: Store, data: Path, tmp_path: Path) -> Case:
    """A car that the dealer's list names, ready."""
    files = {f"leaf/{n}.jpg": a_photo(tmp_path, n) for n in (1, 2)}
    (made,) = send_car(store, data, {**files, "lista.csv": BOTH}, dealer=DEALER).cars
    work_all(store, data)
    assert read_case(store, made.case.id).state is State.READY
    return made.case


def now(store: Store, case: Case) -> tuple[State, Decimal | None]:
    found = read_case(store, case.id)
    return found.state, found.price


def told_why(store: Store, case: Case) -> list[object]:
    return [one.data.get("why") for one in history(store, case.id) if one.kind == "rerun"]


def test_a_car_that_left_the_list_keeps_its_figures(store: Store, data: Path, leaf: Case) -> None:
    for _ in range(3):  # the same list comes every night
        assert listed(store, data, OTHER) == ["leaf"]
        assert now(store, leaf) == (State.READY, Decimal(12900))
    assert told_why(store, leaf) == ["unlisted"] * 3
    assert listed(store, data, BOTH.replace(b"12900", b"11900")) == []
    assert now(store, leaf) == (State.READY, Decimal(11900)), "the newest list that names it speaks"
    assert not (Beside(data).folder(leaf.id) / FORMER).exists()


def test_a_price_that_was_taken_back_is_gone(store: Store, data: Path, leaf: Case) -> None:
    assert listed(store, data, b"viite;hinta;km\nleaf;;31200\n") == []
    assert now(store, leaf) == (State.DRAFT, None)


def test_a_car_that_is_out_and_that_the_newest_list_calls_sold_is_sold(
    store: Store, data: Path, leaf: Case
) -> None:
    publish(store, read_case(store, leaf.id))
    gone = b"viite;hinta;km;tila\nleaf;12900;31200;Myyty\n"
    assert listed(store, data, gone) == []
    assert read_case(store, leaf.id).state is State.SOLD
    undo(store, leaf.id, by="dealer", own=True)
    listed(store, data, gone)
    assert read_case(store, leaf.id).state is State.DRAFT, "who took it back is not told again"
    listed(store, data, BOTH)
    assert now(store, leaf) == (State.PUBLISHED, Decimal(12900))
    listed(store, data, gone)
    assert read_case(store, leaf.id).state is State.SOLD


def test_a_list_with_other_columns_takes_nothing_away(store: Store, data: Path, leaf: Case) -> None:
    assert listed(store, data, b"viite;km\nleaf;32000\n") == []
    assert now(store, leaf) == (State.READY, Decimal(12900))
    line = Beside(data).stock_of(read_case(store, leaf.id)).line("leaf")
    assert line is not None and (line.offer.price, line.offer.odometer_km) == (Decimal(12900), 32000)
    assert listed(store, data, OTHER) == ["leaf"]
    line = Beside(data).stock_of(read_case(store, leaf.id)).line("leaf")
    assert line is not None and (line.offer.price, line.offer.odometer_km) == (Decimal(12900), 32000)


def test_lists_that_come_together_hold_together(store: Store, data: Path, leaf: Case) -> None:
    assert listed(store, data, b"viite;hinta;km\nleaf;9900;31200\n", OTHER) == []
    assert now(store, leaf) == (State.READY, Decimal(9900))
    assert listed(store, data, OTHER) == ["leaf"]
    assert now(store, leaf) == (State.READY, Decimal(9900))
    assert len(list((data / ".stock").iterdir())) == 1


def test_two_rows_of_one_car_are_a_question_and_no_older_row_is_used(
    store: Store, data: Path, leaf: Case
) -> None:
    listed(store, data, b"viite;hinta;km\nleaf;1000;2\nleaf;3000;4\n")
    assert now(store, leaf) == (State.DRAFT, None)
    listed(store, data, OTHER)
    assert now(store, leaf) == (State.READY, Decimal(12900))


def test_a_car_that_comes_later_gets_no_row_of_a_former_list(
    store: Store, data: Path, tmp_path: Path
) -> None:
    listed(store, data, BOTH)
    listed(store, data, OTHER)
    send_car(store, data, {f"leaf/{n}.jpg": a_photo(tmp_path, n) for n in (1, 2)}, dealer=DEALER)
    (case,) = work_all(store, data)
    assert (case.reference, case.price) == ("leaf", None), "leaf may be another car by now"


def test_a_row_of_another_mark_is_another_cars(store: Store, data: Path, leaf: Case) -> None:
    listed(store, data, b"viite;rek;km\nleaf;XYZ-999;5\n")
    line = Beside(data).stock_of(read_case(store, leaf.id)).line("leaf")
    assert line is not None and line.offer.price == 12900, "the older row named no mark"
    listed(store, data, b"viite;rek;hinta;km\nleaf;ABC-123;12900;31200\n")
    listed(store, data, b"viite;rek;km\nleaf;XYZ-999;5\n")
    line = Beside(data).stock_of(read_case(store, leaf.id)).line("leaf")
    assert line is not None and (line.offer.price, line.mark) == (None, "XYZ999")


def test_the_departments_list_does_the_same(store: Store, data: Path, tmp_path: Path) -> None:
    send_car(store, data, {f"leaf/{n}.jpg": a_photo(tmp_path, n) for n in (1, 2)}, dealer=DEALER)
    work_all(store, data)
    assert listed(store, data, b"rek;hinta;km\nABC-123;12900;31200\n", dealer="") == []
    assert listed(store, data, b"rek;hinta;km\nXYZ-999;1000;1\n", dealer="") == ["leaf"]
    (case,) = find(store).cases
    assert (case.state, case.price) == (State.READY, Decimal(12900))
    assert Beside(data).stock("Toinen Oy").line("", Mark("ABC-123", "FI")) is None


def test_a_sale_that_is_taken_back_finds_the_figures(store: Store, data: Path, leaf: Case) -> None:
    Desk(store, data).sold(leaf.id, by="anna")
    assert listed(store, data, OTHER) == [], "it is sold: nobody misses it in the list"
    Desk(store, data).undo(leaf.id, by="anna")
    work_all(store, data)
    assert now(store, leaf) == (State.READY, Decimal(12900))


def test_an_erased_car_takes_its_former_row_along(store: Store, data: Path, leaf: Case) -> None:
    listed(store, data, OTHER)
    assert (Beside(data).folder(leaf.id) / FORMER).stat().st_mode & 0o777 == 0o600
    Desk(store, data).erase(leaf.id, by="anna")
    assert not Beside(data).folder(leaf.id).exists()
