"""Whose car it is that the department sent, where the car's own data name a dealer."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.sent_cars import a_photo, send_car, work_all

from kilpi.cases import State, Wanted, find, history, read_case, take_in
from kilpi.cases.incoming.adopting import adopt
from kilpi.cases.incoming.dealers import DealerSettings, change_dealer
from kilpi.cases.telling.numbers import numbers
from kilpi.photos.intake import survey
from kilpi.store import Store

TOLD = b'dealer = "auto  oy"\nprice = 15900\nkm = 84500\n'


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(data: Path):  # type: ignore[no-untyped-def]
    store = Store.open(data)
    yield store
    store.close()


def files(tmp_path: Path, told: bytes = TOLD) -> dict[str, bytes]:
    return {**photos_of(tmp_path), "leaf/car.toml": told}


def photos_of(tmp_path: Path) -> dict[str, bytes]:
    return {f"leaf/{n}.jpg": a_photo(tmp_path, n) for n in (1, 2)}


def test_it_belongs_to_a_dealer_who_is_known(store: Store, data: Path, tmp_path: Path) -> None:
    change_dealer(store, DealerSettings("Auto Oy"), by="anna")
    (made,) = send_car(store, data, files(tmp_path)).cars
    assert made.case.dealer == "Auto Oy"
    (again,) = send_car(store, data, files(tmp_path)).cars
    assert (again.case.id, again.how) == (made.case.id, "same")
    work_all(store, data)
    assert [case.id for case in find(store, Wanted(dealer="Auto Oy", search="auto")).cases] == [made.case.id]


def test_a_dealer_whom_nobody_knows_is_only_shown(store: Store, data: Path, tmp_path: Path) -> None:
    (made,) = send_car(store, data, files(tmp_path)).cars
    work_all(store, data)
    case = read_case(store, made.case.id)
    assert (case.dealer, case.seller) == ("", "auto  oy")
    assert [one.id for one in find(store, Wanted(search="auto")).cases] == [case.id]
    change_dealer(store, DealerSettings("Auto Oy"), by="anna")
    (again,) = send_car(store, data, files(tmp_path)).cars
    assert (again.case.id, again.how) == (case.id, "same"), "known since: no second case of the same photos"


def test_who_sends_for_a_dealer_is_not_overruled(store: Store, data: Path, tmp_path: Path) -> None:
    change_dealer(store, DealerSettings("Auto Oy"), by="anna")
    (made,) = send_car(store, data, files(tmp_path), dealer="Toinen Oy").cars
    work_all(store, data)
    assert (read_case(store, made.case.id).seller, made.case.dealer) == ("Toinen Oy", "Toinen Oy")


def test_a_row_of_the_departments_list_names_the_dealer(store: Store, data: Path, tmp_path: Path) -> None:
    change_dealer(store, DealerSettings("Auto Oy"), by="anna")
    listed = "viite;myyjä;hinta;km\nleaf;Auto Oy;12900;1000\nmini;Toinen Oy;1000;1\n".encode()
    sent = {**photos_of(tmp_path), "stock.csv": listed}
    (made,) = send_car(store, data, sent).cars
    (case,) = work_all(store, data)
    assert (made.case.dealer, case.price, case.state) == ("Auto Oy", Decimal(12900), State.READY)


def test_another_dealers_row_of_the_same_name_is_not_used(store: Store, data: Path, tmp_path: Path) -> None:
    send_car(store, data, {"stock.csv": b"viite;dealer;hinta;km\nleaf;Toinen Oy;12900;1000\n"})
    send_car(store, data, photos_of(tmp_path), dealer="Auto Oy")
    (case,) = work_all(store, data)
    assert case.price is None
    send_car(store, data, {"stock.csv": b"rek.nro;hinta;km\nABC-123;12900;1000\n"})
    (case,) = work_all(store, data)
    assert case.price == 12900, "the same mark is the same car"


def test_another_dealers_row_of_the_same_mark_is_not_told(store: Store, data: Path, tmp_path: Path) -> None:
    send_car(store, data, {"stock.csv": b"rek.nro;dealer;hinta;km\nABC-123;Toinen Oy;12900;1000\n"})
    send_car(store, data, photos_of(tmp_path), dealer="Auto Oy")
    (case,) = work_all(store, data)
    assert case.price is None and "Toinen" not in str(case)


def test_so_does_a_folder_on_this_machine(store: Store, tmp_path: Path) -> None:
    a_photo(tmp_path / "yard" / "leaf", 1)
    (tmp_path / "yard" / "leaf" / "car.toml").write_bytes(TOLD)
    (before,) = take_in(store, survey([tmp_path / "yard"]).cars, "FI")
    change_dealer(store, DealerSettings("Auto Oy"), by="anna")
    (again,) = take_in(store, survey([tmp_path / "yard"]).cars, "FI")
    assert (before.case.dealer, again.case.id) == ("", before.case.id)
    a_photo(tmp_path / "yard" / "mini", 2)
    (tmp_path / "yard" / "mini" / "car.toml").write_bytes(TOLD)
    assert [one.case.dealer for one in take_in(store, survey([tmp_path / "yard"]).cars, "FI")] == [
        "",
        "Auto Oy",
    ]


def test_what_came_before_its_dealer_was_known_becomes_the_dealers(
    store: Store, data: Path, tmp_path: Path
) -> None:
    (made,) = send_car(store, data, files(tmp_path)).cars
    work_all(store, data)
    assert adopt(store, "Toinen Oy", by="anna") == 0
    counted = numbers(store).total
    assert counted.cars == 1 and not numbers(store, dealer="Auto Oy").total.cars
    assert adopt(store, "Auto Oy", by="anna") == 1 and adopt(store, "Auto Oy", by="anna") == 0
    assert numbers(store, dealer="Auto Oy").total == counted, "the counts go with the car"
    assert numbers(store).total == counted
    case = read_case(store, made.case.id)
    assert (case.dealer, [event.by for event in history(store, case.id)][-1]) == ("Auto Oy", "anna")
    (again,) = work_all(store, data)
    assert again.state is State.READY
    (same,) = send_car(store, data, files(tmp_path)).cars
    assert (same.case.id, same.how) == (case.id, "same")
