"""The life of a car at the command line: asked, answered, undone, sold, and what folders do to it."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import stat
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.cli.yard import CARS, advert, folder, kilpi, press_ctrl_c, runner, send_sigterm, states
from tests.fakes import write_car_photo

from kilpi.cli import app, cases, output, retaining
from kilpi.errors import RegisterUnavailable, Stopped
from kilpi.pipeline import Kilpi
from kilpi.registers.file import FileRegister
from kilpi.store.store import Tx


def test_sold_takes_the_advert_away_and_undo_brings_it_back(yard: Path) -> None:
    advert()
    kilpi("publish", "out", "--to", "site")
    assert (yard / "site" / "golf").is_dir()
    kilpi("sold", "golf")
    assert states()["golf"] == "sold" and not (yard / "out" / "golf").exists()
    assert kilpi("publish", "out", "--to", "site")[0]["withdrawn"] == ["golf"]
    assert "golf" not in advert()
    kilpi("undo", "golf")
    assert (yard / "out" / "golf" / "advert.html").is_file()
    kilpi("withdraw", "golf")
    assert states()["golf"] == "withdrawn"
    kilpi("answer", "golf", "ABC-123", code=13)


def test_an_erased_car_leaves_nothing_of_it(yard: Path) -> None:
    advert()
    kilpi("erase", "out/golf")
    assert "golf" not in states() and not (yard / "out" / "golf").exists()
    told = runner.invoke(app, ["history", "golf"])
    assert str(told.exception) == (
        "out: has no car of that name; `kilpi cars -o out` lists them, -o names another folder"
    )


@pytest.mark.parametrize(
    ("said", "options", "gone"), [("n", [], False), ("y", [], True), ("", ["--yes"], True)]
)
def test_a_terminal_asks_before_it_erases(
    yard: Path, monkeypatch: pytest.MonkeyPatch, said: str, options: list[str], gone: bool
) -> None:
    advert()
    asked: list[str] = []

    def confirm(text: str, abort: bool) -> None:
        asked.append(text)
        if said != "y":
            raise typer.Abort

    with monkeypatch.context() as patch:
        patch.setattr(sys.stdin, "isatty", lambda: True)
        patch.setattr(sys.stdout, "isatty", lambda: True)
        patch.setattr(typer, "confirm", confirm)
        with contextlib.suppress(typer.Abort):
            cases.erase("golf", Path("out"), yes="--yes" in options)
    assert asked == ([] if options else ["Erase golf (VW Golf 2017) for good?"])
    assert ("golf" not in states()) is gone


def test_the_same_car_in_two_folders_is_one_advert(yard: Path) -> None:
    shutil.copytree(yard / "yard" / "golf", yard / "yard" / "zz-golf")
    write_car_photo(yard / "yard" / "zz-again" / "0.jpg", seed=9, shade=0)
    write_car_photo(yard / "yard" / "zz-again" / "1.jpg", seed=10, shade=0)
    (yard / "yard" / "golf" / "cut.jpg").write_bytes(b"")
    first = runner.invoke(app, ["advert", "yard", "-o", "out", "--register", "register.csv"])
    assert first.stderr.count("cut.jpg: the file is empty") == 1, "golf is told twice, its files once"
    cars = {line["car"]: line for line in map(json.loads, first.stdout.splitlines())}
    (yard / "yard" / "golf" / "cut.jpg").unlink()
    assert set(cars) == {*CARS, "zz-again"}, "the same photos are the same car"
    assert cars["zz-again"]["state"] == "review", "the same mark again is never a second advert"
    assert cars["zz-again"]["reasons"][0]["code"] == "same_car_again"
    assert cars["golf"]["state"] == "review", "told again: nobody knows yet whose mark it is"
    assert not (yard / "out" / "golf" / "advert.html").exists()
    page = (yard / "out" / "zz-again" / "review.html").read_text()
    assert "put its photos into one folder" in page and "kilpi withdraw zz-again" in page
    assert not (yard / "out" / "zz-again" / "advert.html").exists()
    again = folder("zz-again")
    advert()
    assert folder("zz-again") == again


def test_addresses_stay_whatever_comes_and_goes(yard: Path) -> None:
    shutil.move(yard / "yard" / "golf", yard / "yard" / "z" / "golf")
    before = advert()["golf"]["folder"]
    write_car_photo(yard / "yard" / "a" / "golf" / "0.jpg", seed=9, shade=20)
    both = advert()
    assert both["golf"]["folder"] == before and both["golf"]["mark"] == "GHJ-789"
    other = next(car for name, car in both.items() if name not in CARS)
    assert other["car"] == "a/golf" and "a_golf" in other["folder"]
    shutil.rmtree(yard / "yard" / "z")
    left = advert()
    assert left["a/golf"]["folder"] == other["folder"]
    assert [why["code"] for why in left["golf"]["reasons"]] == ["photos_missing"], "it is listed"
    page = (yard / "out" / "golf" / "review.html").read_text()
    assert "kilpi sold golf" in page and states()["golf"] == "review"


def test_a_renamed_folder_takes_its_case_along(yard: Path) -> None:
    advert()
    shutil.move(yard / "yard" / "golf", yard / "yard" / "volkswagen")
    assert advert()["golf"]["state"] == "ready" and states() == {
        "golf": "ready", "leaf": "review", "micra": "ready"
    }  # fmt: skip


def test_a_sold_car_whose_folder_comes_back_is_told_and_can_be_put_up_again(yard: Path) -> None:
    advert()
    kilpi("sold", "golf")
    again = ["advert", "yard", "--register", "register.csv"]
    assert "golf" not in runner.invoke(app, again).stderr, "a folder that was left lying"
    shutil.move(yard / "yard" / "golf", yard / "yard" / "golf again")
    for _ in range(2):
        told = " ".join(runner.invoke(app, again).stderr.split())
        assert "car golf, which is sold" in told and "kilpi undo golf -o out" in told
    kilpi("undo", "golf")
    assert states()["golf"] == "ready" and "golf" in advert()


def test_a_register_that_is_down_asks_nothing_of_a_person(
    yard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(self: Kilpi, *args: Any, **options: Any) -> Any:
        raise RegisterUnavailable("the register: timed out")

    with monkeypatch.context() as patch:
        patch.setattr(FileRegister, "look_up", down)
        assert {why["code"] for why in advert()["golf"]["reasons"]} >= {"register_unavailable"}
        assert set(states().values()) == {"working"}
        (said,) = kilpi("answer", "leaf", "ABC-123", "--sure")
        assert said["state"] == "working" and not (yard / "out" / "leaf" / "advert.html").exists()
    assert advert()["leaf"]["mark"] == "ABC-123"
    assert states() == {"golf": "ready", "leaf": "ready", "micra": "ready"}


@pytest.mark.parametrize("end", [press_ctrl_c, send_sigterm])
def test_a_run_that_was_told_to_end_goes_on(
    yard: Path, monkeypatch: pytest.MonkeyPatch, end: Callable[[], None]
) -> None:
    whole = Kilpi.advert

    def stop(self: Kilpi, *paths: Path, reference: str = "", **options: Any) -> Any:
        if reference == "leaf":
            end()
        return whole(self, *paths, reference=reference, **options)

    before = signal.getsignal(signal.SIGTERM)
    with monkeypatch.context() as patch:
        patch.setattr(Kilpi, "advert", stop)
        ended = runner.invoke(app, ["advert", "yard", "--register", "register.csv"]).exception
        assert isinstance(ended, Stopped) and ended.exit_code == 130
        assert "cars that are done stay" in str(ended)
    assert signal.getsignal(signal.SIGTERM) == before
    assert states() == {"golf": "ready", "leaf": "working", "micra": "received"}
    assert (yard / "out" / "index.html").is_file()
    golf = folder("golf")
    assert advert()["micra"]["state"] == "ready" and folder("golf") == golf


def test_what_retaining_did_is_told_in_words(yard: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"ended": 1, "idle": 0, "uploads": 0, "heaps": 0, "left": 0}
    assert retaining.told(counts) == "1 car erased (1 sold or withdrawn, 0 that nothing happened to)"
    more = retaining.told({**counts, "uploads": 2, "heaps": 1})
    assert more.endswith("; 2 uploads, 1 sheet of heaps and 0 folders left over")
    advert()
    monkeypatch.setattr(output, "wants_json", lambda flag: False)
    assert runner.invoke(app, ["retain", "--dry-run"]).output == "no car's time is over\n"


def test_cars_are_found_by_state_and_words(yard: Path) -> None:
    advert()
    assert [car["car"] for car in kilpi("cars", "--state", "review")] == ["leaf"]
    assert [car["car"] for car in kilpi("cars", "--search", "ghj")] == ["golf"]
    kilpi("cars", "--state", "lost", code=2)
    kilpi("cars", "--data", "elsewhere", code=12)


def test_the_database_holds_no_mark_in_its_address_and_is_upgraded_by_hand(yard: Path) -> None:
    advert()
    assert stat.S_IMODE((yard / "out" / "kilpi.db").stat().st_mode) == 0o600
    assert kilpi("db") == [{"database": "up to date"}]


def test_what_is_kept_too_long_goes_with_its_folder_and_crops(
    yard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advert()
    kilpi("sold", "golf")
    assert kilpi("retain") == [{"ended": 0, "idle": 0, "uploads": 0, "heaps": 0, "left": 0}]
    tomorrow = datetime.now(UTC) + timedelta(days=366)
    monkeypatch.setattr(Tx, "now", tomorrow)
    assert (yard / "out" / "leaf" / "plate-01.jpg").is_file()
    told = kilpi("retain", "--dry-run")
    assert {row["car"]: row["why"] for row in told} == {
        "golf": "keep_days",
        "leaf": "keep_idle_days",
        "micra": "keep_idle_days",
    }
    assert kilpi("retain") == [{"ended": 1, "idle": 2, "uploads": 0, "heaps": 0, "left": 0}]
    assert not (yard / "out" / "leaf").exists() and states() == {}
    assert (yard / "yard" / "leaf" / "0.jpg").is_file(), "photos in a dealer's own folder stay"


def test_a_car_that_its_list_calls_sold_comes_down_and_can_be_put_out_again(yard: Path) -> None:
    (yard / "list.csv").write_text("viite;hinta;tila\ngolf;15900;Myynnissä\n")
    advert("--offers", "list.csv")
    kilpi("publish", "out", "--to", "site")
    (yard / "list.csv").write_text("viite;hinta;tila\ngolf;15900;Myyty\n")
    assert "golf" not in advert("--offers", "list.csv"), "it has no advert to be told of"
    assert states()["golf"] == "sold" and not (yard / "out" / "golf").exists()
    (last,) = [one for one in kilpi("history", "golf") if one["kind"] == "sold"]
    assert (last["by"], last["data"]) == ("kilpi", {"why": "stock_list"})
    assert kilpi("publish", "out", "--to", "site")[0]["withdrawn"] == ["golf"]
    assert not (yard / "site" / "golf").exists()
    assert "golf" not in (yard / "site" / "feeds" / "vehicles.csv").read_text()
    kilpi("undo", "golf")
    advert("--offers", "list.csv", code=3)  # the row's price is none
    assert states()["golf"] == "ready", "its car.toml has a price"
    assert kilpi("publish", "out", "--to", "site")[0]["sent"] == ["golf"]
