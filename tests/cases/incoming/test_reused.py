"""A stock number that is used anew: the next car gets nothing of what the list said of the former one."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.sent_cars import a_photo, send_car, work_all

from kilpi.cases import Beside, Case, Desk, SaidMark, State, answer, photos, read_case, sold, split, withdraw
from kilpi.store import Store

DEALER = "Auto Oy"
LIST = b"viite;hinta;km\n42;15900;84200\n43;7900;90000\n"
NEXT = LIST.replace(b"42;15900;84200", b"42;3900;240000")
WITHOUT = b"viite;hinta;km\n43;7900;90000\n"
SAID = SaidMark("XGB-915", "FI")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def came(store: Store, data: Path, folder: Path, name: str, *seeds: int, stock: bytes = b"") -> Case:
    """A car's folder is sent, with a list or without."""
    files = {f"{name}/{seed}.jpg": a_photo(folder, seed) for seed in seeds}
    if stock:
        files["lista.csv"] = stock
    (made,) = send_car(store, data, files, dealer=DEALER).cars
    work_all(store, data)
    return read_case(store, made.case.id)


def listed(store: Store, data: Path, stock: bytes) -> None:
    send_car(store, data, {"lista.csv": stock}, dealer=DEALER)
    work_all(store, data)


@pytest.fixture
def former(store: Store, data: Path, tmp_path: Path) -> Case:
    case = came(store, data, tmp_path, "42", 1, 2, stock=LIST)
    assert (case.state, case.price) == (State.READY, Decimal(15900))
    return case


def after(store: Store, data: Path, folder: Path) -> Case:
    """The next car of the same number, whose mark a person gave."""
    case = came(store, data, folder, "42", 3, 4)
    answer(store, case.id, SAID, by="anna", sure=True)
    work_all(store, data)
    return read_case(store, case.id)


@pytest.mark.parametrize("over", [sold, withdraw, None])
def test_the_former_cars_row_is_not_the_next_ones(
    store: Store, data: Path, tmp_path: Path, former: Case, over: object
) -> None:
    if over is not None:
        over(store, former.id, by="anna")  # type: ignore[operator]
    now = after(store, data, tmp_path)
    assert now.id != former.id and (now.state, now.price) == (State.DRAFT, None)
    listed(store, data, LIST.replace(b"7900", b"6900"))  # the night's, which still has the former car
    assert read_case(store, now.id).price is None
    if over is None:
        assert read_case(store, former.id).price == 15900


def test_what_a_newer_list_says_of_it_holds(store: Store, data: Path, tmp_path: Path, former: Case) -> None:
    sold(store, former.id, by="anna")
    now = after(store, data, tmp_path)
    listed(store, data, NEXT)
    assert (read_case(store, now.id).state, read_case(store, now.id).price) == (State.READY, Decimal(3900))
    listed(store, data, WITHOUT)
    assert read_case(store, now.id).price == 3900, "it left the list, and keeps its own"


def test_the_former_cars_row_is_not_kept_for_the_next_one(
    store: Store, data: Path, tmp_path: Path, former: Case
) -> None:
    sold(store, former.id, by="anna")
    now = after(store, data, tmp_path)
    listed(store, data, WITHOUT)
    assert read_case(store, now.id).price is None
    assert Beside(data).former(now.id) is None


def test_what_two_lists_told_of_the_former_car_is_not_the_next_ones(
    store: Store, data: Path, tmp_path: Path, former: Case
) -> None:
    price, km = b"viite;hinta\n42;15500\n", b"viite;km\n42;84200\n"
    send_car(store, data, {"1.csv": price, "2.csv": km}, dealer=DEALER)
    work_all(store, data)
    assert read_case(store, former.id).price == 15500
    sold(store, former.id, by="anna")
    now = after(store, data, tmp_path)
    assert (now.state, now.price) == (State.DRAFT, None)
    listed(store, data, price)
    assert read_case(store, now.id).price is None


def test_a_row_that_comes_with_the_next_car_is_its_own(
    store: Store, data: Path, tmp_path: Path, former: Case
) -> None:
    sold(store, former.id, by="anna")
    assert came(store, data, tmp_path, "42", 3, 4, stock=NEXT).price == 3900


def test_the_same_car_that_is_back_has_its_row(
    store: Store, data: Path, tmp_path: Path, former: Case
) -> None:
    sold(store, former.id, by="anna")
    back = came(store, data, tmp_path, "42", 3, 4)  # the mark is read from its photos, the same as before
    assert back.id != former.id and (back.mark, back.price) == (former.mark, Decimal(15900))


def test_a_number_that_nobody_had_before_has_its_row(store: Store, data: Path, tmp_path: Path) -> None:
    listed(store, data, LIST)
    assert came(store, data, tmp_path, "42", 1, 2).price == 15900


def test_a_car_that_is_taken_out_of_anothers_photos_gets_nothing_of_its_row(
    store: Store, data: Path, tmp_path: Path
) -> None:
    case = came(store, data, tmp_path, "42", 1, 2, 3, 4, stock=LIST)
    for number in (2, 3):
        _, new = split(store, case.id, [photos(store, case.id)[-1].sha256], by="anna")
        answer(store, new.id, SaidMark(f"XGB-91{number}", "FI"), by="anna", sure=True)
        work_all(store, data)
        now = read_case(store, new.id)
        assert (now.reference, now.state, now.price) == (f"42 ({number})", State.DRAFT, None)
    assert read_case(store, case.id).price == 15900
    listed(store, data, LIST.replace(b"15900", b"14900"))
    assert read_case(store, new.id).price is None and read_case(store, case.id).price == 14900


def others_row(data: Path, case: Case) -> bool:
    """Whether what a list said of the former car lies beside the next one."""
    return any((data / ".beside" / case.id).glob(".others*"))


def test_of_a_former_car_that_is_erased_nothing_stays_beside_the_next_one(
    store: Store, data: Path, tmp_path: Path, former: Case
) -> None:
    sold(store, former.id, by="anna")
    now = after(store, data, tmp_path)
    listed(store, data, WITHOUT)
    assert others_row(data, now), "its row may come back, and would be the next car's"
    Desk(store, data).erase(former.id, by="anna")
    assert not others_row(data, now)


def test_while_a_list_has_its_row_still_the_next_one_does_not_get_it(
    store: Store, data: Path, tmp_path: Path, former: Case
) -> None:
    sold(store, former.id, by="anna")
    now = after(store, data, tmp_path)
    Desk(store, data).erase(former.id, by="anna")
    listed(store, data, LIST.replace(b"7900", b"6900"))
    assert read_case(store, now.id).price is None
    listed(store, data, NEXT)
    assert read_case(store, now.id).price == 3900 and not others_row(data, now)
