"""From files that were sent to an advert, out at a site and down again."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from tests.sent_cars import a_photo, send_car, work_all
from tests.workbooks import xlsx

from kilpi.adverts.folders import advert_digest
from kilpi.adverts.records import DECISION
from kilpi.cases import (
    Case,
    Desk,
    How,
    SaidFacts,
    SaidMark,
    Site,
    State,
    answer,
    history,
    photos,
    publish_one,
    read_case,
    rerun,
    shown_at,
)
from kilpi.errors import CaseRefused, PublishError
from kilpi.files import locked_folder
from kilpi.publishing.offers import Offers
from kilpi.publishing.publish import publish
from kilpi.schemas import read_record
from kilpi.store import Store
from kilpi.types import Dealer


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of adverts; the store's database is elsewhere."""
    return tmp_path / "data"


def test_a_car_comes_goes_out_and_is_sold(store: Store, data: Path, tmp_path: Path) -> None:
    files = {"leaf/1.jpg": a_photo(tmp_path, 1), "leaf/2.jpg": a_photo(tmp_path, 2)}
    files["leaf/car.toml"] = b"price = 15900\nodometer_km = 31200\n"
    (received,) = send_car(store, data, files).cars
    (case,) = work_all(store, data)
    assert (case.id, case.state, case.mark and case.mark.text) == (received.case.id, State.READY, "ABC-123")
    record = read_record(data / case.address / DECISION)
    assert record is not None and record.price is not None and "15" in record.price
    assert record.mark and record.mark not in case.address

    site = Site(data, tmp_path / "site")
    publish_one(store, case.id, site.target, by="anna")
    work_all(store, data, site)
    assert read_case(store, case.id).state is State.PUBLISHED
    assert (tmp_path / "site" / record.id / "advert.html").is_file()
    assert [event.by for event in history(store, case.id) if event.kind == "publishing"] == ["anna"]

    Desk(store, data).sold(case.id, by="anna")
    assert not (data / case.address).exists()
    work_all(store, data, site)
    assert list((tmp_path / "site").glob("*/*")) == [] and shown_at(store, case.id) == {}
    assert not any((data / ".site").iterdir())

    back = Desk(store, data).undo(case.id, by="anna")
    assert back.state is State.WORKING
    assert [one.state for one in work_all(store, data)] == [State.READY]


def test_a_car_that_comes_down_leaves_the_feeds_at_once(store: Store, data: Path, tmp_path: Path) -> None:
    """`kilpi publish` wrote them at night, and `kilpi serve` takes the car down in the morning."""
    for number, name in enumerate(("leaf", "golf")):
        texts = {f"{name}/car.toml": b"price = 15900\nodometer_km = 31200\n"}
        send_car(store, data, {f"{name}/1.jpg": a_photo(tmp_path, 20 + number), **texts})
    cars, site = work_all(store, data), Site(data, tmp_path / "site")
    for case in cars:  # both photos show one plate: a person says that they are two cars
        answer(store, case.id, SaidMark(f"ABC-{case.id[-3:]}".upper(), "FI"), by="anna", sure=True)
    names = {}
    for case in work_all(store, data):
        publish_one(store, case.id, site.target, by="anna")
        record = read_record(data / case.address / DECISION)
        assert record is not None
        names[case.id] = record.id
    work_all(store, data, site)
    publish(data, site.target, dealer=Dealer(feeds=("plain",)))
    gone, *left = names
    feed = tmp_path / "site" / "feeds" / "vehicles.json"
    assert sorted(row["id"] for row in json.loads(feed.read_text())) == sorted(names.values())
    Desk(store, data).sold(gone, by="anna")
    work_all(store, data, site)
    assert [row["id"] for row in json.loads(feed.read_text())] == [names[one] for one in left]
    table = (tmp_path / "site" / "feeds" / "vehicles.csv").read_text()
    assert names[gone] not in table and names[left[0]] in table


def test_what_is_not_ready_does_not_go_out(store: Store, data: Path, tmp_path: Path) -> None:
    (received,) = send_car(store, data, {"leaf/1.jpg": a_photo(tmp_path, 1)}).cars
    with pytest.raises(CaseRefused):
        publish_one(store, received.case.id, "site", by="anna")


def test_an_erased_car_leaves_nothing(store: Store, data: Path, tmp_path: Path) -> None:
    files = {
        "leaf/1.jpg": a_photo(tmp_path, 1),
        "leaf/2.jpg": a_photo(tmp_path, 2),
        "leaf/a.txt": b"9900 EUR",
    }
    (received,) = send_car(store, data, files).cars
    (case,) = work_all(store, data)
    assert (data / case.address).exists()
    Desk(store, data).erase(case.id, by="anna")
    left = [path for path in data.rglob("*") if path.is_file()]
    assert left == []
    assert store.originals is not None and not store.originals.has(photos_of(files)[0])
    assert received.case.id == case.id


def photos_of(files: dict[str, bytes]) -> list[str]:
    import hashlib

    return [hashlib.sha256(content).hexdigest() for name, content in files.items() if name.endswith(".jpg")]


def test_an_erased_car_that_is_out_is_taken_down(store: Store, data: Path, tmp_path: Path) -> None:
    files = {f"leaf/{n}.jpg": a_photo(tmp_path, n) for n in (1, 2)} | {
        "leaf/car.toml": b"price = 1000\nkm = 2\n"
    }
    send_car(store, data, files)
    (case,) = work_all(store, data)
    site = Site(data, tmp_path / "site")
    publish_one(store, case.id, site.target, by="anna")
    work_all(store, data, site)
    Desk(store, data).erase(case.id, by="anna")
    work_all(store, data, site)
    assert [path for path in (tmp_path / "site").rglob("*") if path.is_file()] == []
    assert [path for path in data.rglob("*") if path.is_file()] == []


def test_notes_that_come_later_make_the_advert_again(store: Store, data: Path, tmp_path: Path) -> None:
    files = {f"leaf/{n}.jpg": a_photo(tmp_path, n) for n in (1, 2)}
    send_car(store, data, files)
    (case,) = work_all(store, data)
    assert case.state is State.DRAFT
    (again,) = send_car(store, data, {**files, "leaf/car.toml": b"price = 9900\nkm = 1000\n"}).cars
    assert (again.case.id, again.how) == (case.id, How.CHANGED)
    assert [one.state for one in work_all(store, data)] == [State.READY]


def test_a_stock_list_gives_its_cars_their_price(store: Store, data: Path, tmp_path: Path) -> None:
    files = {f"leaf/{n}.jpg": a_photo(tmp_path, n) for n in (1, 2)}
    send_car(store, data, files, dealer="Auto Oy")
    assert [one.state for one in work_all(store, data)] == [State.DRAFT]
    rows = xlsx([["reference", "price", "km"], ["leaf", "12900", "31200"]])
    assert send_car(store, data, {"lista.xlsx": rows}, dealer="Toinen Oy").stock
    assert work_all(store, data) == []
    send_car(store, data, {"lista.xlsx": rows}, dealer="Auto Oy")
    assert [one.state for one in work_all(store, data)] == [State.READY]


def test_a_mark_in_car_toml_is_an_answer(store: Store, data: Path, tmp_path: Path) -> None:
    files = {"leaf/1.jpg": a_photo(tmp_path, 1), "leaf/car.toml": b'mark = "ABC-123"\nprice = 1000\nkm = 2\n'}
    (received,) = send_car(store, data, files).cars
    assert [event.kind for event in history(store, received.case.id)] == ["received", "answered"]
    assert [one.state for one in work_all(store, data)] == [State.READY]


def test_photos_of_one_name_in_two_folders_are_both_used(store: Store, data: Path, tmp_path: Path) -> None:
    files = {"leaf/kuvat/1.jpg": a_photo(tmp_path, 1), "leaf/photos/1.jpg": a_photo(tmp_path, 2)}
    (received,) = send_car(store, data, files).cars
    (case,) = work_all(store, data)
    answer(store, case.id, SaidFacts(price=None, odometer_km=5), by="anna")
    work_all(store, data)
    record = read_record(data / case.address / DECISION)
    assert record is not None and record.pictures == 2
    assert len(photos(store, received.case.id)) == 2


def test_nothing_laid_out_is_left(store: Store, data: Path, tmp_path: Path) -> None:
    send_car(store, data, {"leaf/1.jpg": a_photo(tmp_path, 1)})
    work_all(store, data)
    assert list((data / ".laid-out").iterdir()) == []


def test_what_a_killed_process_laid_out_goes_after_a_day(store: Store, data: Path, tmp_path: Path) -> None:
    for name, age_s in (("old", 90_000), ("new", 10)):
        (data / ".laid-out" / name / "ABC-123").mkdir(parents=True)
        then = time.time() - age_s
        os.utime(data / ".laid-out" / name, (then, then))
    send_car(store, data, {"leaf/1.jpg": a_photo(tmp_path, 1)})
    assert [path.name for path in (data / ".laid-out").iterdir()] == ["new"]


LEAF = {"leaf/car.toml": b'price = 15900\nkm = 31200\ndescription = "Vaihdossa tuli xgb 915, siisti"\n'}


def another(store: Store, data: Path, tmp_path: Path, dealer: str = "Auto Oy") -> Case:
    """A car of a dealer that was taken in part exchange."""
    (made,) = send_car(store, data, {"golf/3.jpg": a_photo(tmp_path, 3)}, dealer=dealer).cars
    answer(store, made.case.id, SaidMark("XGB-915", "FI"), by="anna", sure=True)
    return made.case


@pytest.mark.parametrize(("dealer", "state"), [("Auto Oy", State.DRAFT), ("Toinen Oy", State.READY)])
def test_a_text_that_names_another_car_of_the_dealer_is_asked_for_again(
    store: Store, data: Path, tmp_path: Path, dealer: str, state: State
) -> None:
    another(store, data, tmp_path, dealer)
    work_all(store, data)
    files = {f"leaf/{n}.jpg": a_photo(tmp_path, n) for n in (1, 2)} | LEAF
    (made,) = send_car(store, data, files, dealer="Auto Oy").cars
    work_all(store, data)
    now = read_case(store, made.case.id)
    assert now.state is state
    assert ("registration number" in " ".join(now.missing)) is (state is State.DRAFT)
    assert ("915" in (data / now.address / "advert.html").read_text()) is (state is State.READY)


def test_a_car_that_came_later_keeps_the_text_that_names_it_from_going_out(
    store: Store, data: Path, tmp_path: Path
) -> None:
    files = {f"leaf/{n}.jpg": a_photo(tmp_path, n) for n in (1, 2)} | LEAF
    (made,) = send_car(store, data, files, dealer="Auto Oy").cars
    work_all(store, data)
    assert read_case(store, made.case.id).state is State.READY
    other = another(store, data, tmp_path)
    work_all(store, data)
    site = Site(data, tmp_path / "site", Offers(store, tmp_path / "site"))
    publish_one(store, made.case.id, site.target, by="anna")
    work_all(store, data, site)
    now = read_case(store, made.case.id)
    assert not list((tmp_path / "site").glob("*/advert.html"))
    assert (now.state, now.missing) == (State.DRAFT, ("a description without the registration number",))
    assert [event.data["why"] for event in history(store, now.id) if event.kind == "rerun"] == ["others_mark"]
    Desk(store, data).erase(other.id, by="anna")
    rerun(store, made.case.id, by="anna", why="stock")
    work_all(store, data, site)
    assert read_case(store, made.case.id).state is State.READY


def test_who_waited_for_another_publisher_sends_nothing_that_is_old_by_then(
    store: Store, data: Path, tmp_path: Path
) -> None:
    files = {f"leaf/{n}.jpg": a_photo(tmp_path, n) for n in (1, 2)}
    send_car(store, data, files | {"leaf/car.toml": b"price = 15900\nkm = 31200\n"})
    (case,) = work_all(store, data)
    site, record = Site(data, tmp_path / "site"), read_record(data / case.address / DECISION)
    assert record is not None
    with ThreadPoolExecutor(1) as pool, locked_folder(site.to):
        waiting = pool.submit(site, case, advert_digest(record))
        with pytest.raises(TimeoutError):
            waiting.result(0.2)
        answer(store, case.id, SaidFacts(price=Decimal(14900)), by="anna")
        work_all(store, data)
    with pytest.raises(PublishError):
        waiting.result(10)
    assert list(site.to.iterdir()) == []
