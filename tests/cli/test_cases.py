"""The life of a car at the command line: asked, answered, undone, sold, and what folders do to it."""

from __future__ import annotations

import json
import re
import shutil
import signal
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.fakes import FakeDetector, ShadeReader, write_car_photo, write_yard
from tests.stores import no_power_cuts
from typer.testing import CliRunner

from kilpi.cases import to_take_down
from kilpi.cli import advert_run, app, output, publishing
from kilpi.errors import KilpiError, RegisterUnavailable, UsageError
from kilpi.pipeline import Kilpi
from kilpi.publishing.publish import publish
from kilpi.registers.file import FileRegister
from kilpi.store import Store
from kilpi.store.store import Tx

runner = CliRunner()
REGISTER = """\
mark,country,make,model,first_registered,vin
ABC-123,FI,Nissan,Leaf,2019-05-02,SJNFAAZE1U0000258
DEF-456,FI,Nissan,Micra,2018-03-01,
GHJ-789,FI,VW,Golf,2017-01-02,
"""
FACTS = "price = 15900\nkm = 84500\n"
CARS = ("golf", "leaf", "micra")


@pytest.fixture(autouse=True)
def networks(monkeypatch: pytest.MonkeyPatch) -> ShadeReader:
    """Fake networks; leaf's plate (the second) is read as a mark that no register knows."""
    reader = ShadeReader(("GHJ789", "ABC128", "DEF456"))

    def make(ocr: bool, register: Any, language: str, *others: Any) -> Kilpi:
        return Kilpi(detector=FakeDetector(), reader=reader, register=register, language=language)

    monkeypatch.setattr(advert_run, "make_kilpi", make)
    no_power_cuts(monkeypatch)
    monkeypatch.setenv("KILPI_LANGUAGE", "en")
    monkeypatch.delenv("KILPI_REGISTER", raising=False)
    return reader


@pytest.fixture
def yard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_yard(tmp_path / "yard", CARS)
    for car in CARS:
        (tmp_path / "yard" / car / "car.toml").write_text(FACTS)
    (tmp_path / "register.csv").write_text(REGISTER)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def kilpi(*arguments: str, code: int = 0) -> list[dict[str, Any]]:
    """What a command prints; its exit code is `code`."""
    result = runner.invoke(app, list(arguments))
    error = result.exception
    got = error.exit_code if isinstance(error, KilpiError) else result.exit_code
    assert got == code, (result.output, error)
    return [json.loads(line) for line in result.stdout.splitlines()]


def advert(*more: str, code: int = 0) -> dict[str, dict[str, Any]]:
    return {
        car["car"]: car for car in kilpi("advert", "yard", "--register", "register.csv", *more, code=code)
    }


def states() -> dict[str, str]:
    return {car["car"]: car["state"] for car in kilpi("cars")}


def folder(car: str) -> dict[str, tuple[int, bytes]]:
    """Everything in a car's folder: when it was written, and what is in it."""
    return {p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in (Path("out") / car).iterdir()}


def test_an_answer_makes_the_advert_and_undo_brings_the_question_back(yard: Path) -> None:
    assert advert()["leaf"]["state"] == "review"
    assert (yard / "out" / "leaf" / "review.html").is_file()
    (slip,) = kilpi("answer", "leaf", "abc 123")
    assert (slip["state"], slip["reasons"][0]["code"]) == ("review", "read_otherwise")
    kilpi("undo", "leaf")
    (said,) = kilpi("answer", "leaf", "abc 123", "--sure")
    assert (said["state"], said["mark"], said["title"][:11]) == ("ready", "ABC-123", "Nissan Leaf")
    assert [why["code"] for why in said["reasons"]] == ["answered"]
    assert (yard / "out" / "leaf" / "advert.html").is_file()
    before = {car: folder(car) for car in CARS}
    assert advert()["leaf"]["mark"] == "ABC-123"
    assert {car: folder(car) for car in CARS} == before, "a second run changes nothing"
    (back,) = kilpi("undo", "leaf")
    assert (back["state"], back["mark"]) == ("review", "ABC-128")
    assert not (yard / "out" / "leaf" / "advert.html").exists()
    kinds = [event["kind"] for event in kilpi("history", "leaf")]
    once = ["answered", "decided", "undone", "decided"]
    assert kinds == ["received", "started", "decided", *once, *once]


def test_a_slip_of_the_fingers_is_a_question_once_more(yard: Path) -> None:
    mark = advert()["golf"]["mark"]
    slip = f"{mark[:-1]}{(int(mark[-1]) + 1) % 10}"
    (said,) = kilpi("answer", "golf", slip)
    assert (said["state"], said["reasons"][0]["code"]) == ("review", "read_otherwise")
    page = (yard / "out" / "golf" / "review.html").read_text()
    assert f"surely show {mark}" in page and f"kilpi answer golf {slip} --country FI --sure" in page
    (meant,) = kilpi("answer", "golf", slip, "--sure")
    assert (meant["state"], meant["mark"]) == ("draft", slip), "no register knows it"
    (back,) = kilpi("answer", "golf", mark)
    assert (back["state"], back["mark"]) == ("ready", mark)


def test_an_answer_stands_over_other_settings_and_new_photos(yard: Path) -> None:
    advert()
    kilpi("answer", "leaf", "ABC-123", "--country", "FI", "--sure")
    assert advert("--again", "--language", "sv")["leaf"]["state"] == "ready"
    write_car_photo(yard / "yard" / "leaf" / "2.jpg", seed=8, shade=20)
    assert advert()["leaf"]["photos"] == 3 and states()["leaf"] == "ready"


def test_the_review_page_shows_the_plate_its_photo_and_the_command(yard: Path) -> None:
    advert()
    out = yard / "out" / "leaf"
    page = (out / "review.html").read_text()
    assert "plate-01.jpg" in page and "yard/leaf/0.jpg" in page
    assert "one character may be misread" in page, "what to do fits the reason"
    assert f"kilpi answer leaf ABC-128 --country FI -o {yard / 'out'}" in page
    assert stat.S_IMODE((out / "plate-01.jpg").stat().st_mode) == 0o600
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    kilpi("answer", "leaf", "ABC-123", "--sure")
    assert not (out / "plate-01.jpg").exists(), "no advert's folder shows a plate"


def test_a_plate_that_only_a_person_can_read_is_covered(yard: Path, networks: ShadeReader) -> None:
    networks.texts = ("GHJ789", "", "DEF456")
    advert()
    (said,) = kilpi("answer", "leaf", "ABC-123")
    assert said["state"] == "ready"
    grey = np.asarray(Image.open(yard / "out" / "leaf" / "01.jpg").convert("L"))
    assert (grey < 40).mean() < 0.01, "an eighth of the photo was the plate"


def test_no_plate_makes_a_draft_and_a_vin_finds_the_car(yard: Path) -> None:
    advert()
    (said,) = kilpi("answer", "leaf", "--no-plate")
    assert (said["state"], said["mark"]) == ("draft", None) and "register" in said["missing"][0]
    (said,) = kilpi("answer", "leaf", "--vin", "WVWZZZAUZJW000417")
    assert [why["code"] for why in said["reasons"]] == ["answered_vin", "not_registered"]
    assert said["state"] == "draft"
    (said,) = kilpi("answer", "leaf", "--vin", "SJNFAAZE1U0000258")
    assert (said["state"], said["mark"]) == ("ready", "ABC-123")


def test_a_car_without_a_plate_is_published_once_a_person_says_what_it_is(yard: Path) -> None:
    (yard / "yard" / "leaf" / "car.toml").write_text(FACTS + 'description = "Katsastettu. ABC-128."\n')
    advert()
    kilpi("answer", "leaf", "--no-plate")
    (held,) = kilpi("set", "leaf", "make=Nissan", "model=Leaf", "year=2018")
    assert held["state"] == "draft" and "registration number" in held["missing"][0], "what could be a mark"
    (yard / "yard" / "leaf" / "car.toml").write_text(FACTS + 'description = "Nissan 110 kW, Euro 6."\n')
    cars = advert()
    assert (cars["leaf"]["state"], cars["leaf"]["mark"], cars["leaf"]["title"]) == (
        "ready",
        None,
        "Nissan Leaf 2018",
    )
    assert "leaf" in kilpi("publish", "out", "--to", "site")[0]["sent"]
    shown = (yard / "site" / "leaf" / "advert.html").read_text()
    assert "Nissan Leaf 2018" in shown and "128" not in shown


def test_a_given_mark_is_of_the_home_that_has_such_marks(yard: Path) -> None:
    advert("--home", "LV,FI")
    for text, country in (("OG-980", "LV"), ("ÄBC-123", "FI")):
        kilpi("answer", "leaf", text)
        told = [event["data"] for event in kilpi("history", "leaf") if event["kind"] == "answered"]
        assert told[-1]["country"] == country


def test_photos_that_do_not_belong_are_left_out(yard: Path) -> None:
    write_car_photo(yard / "yard" / "golf" / "strange.jpg", seed=9, shade=10)
    assert advert()["golf"]["state"] == "review"
    (said,) = kilpi("answer", "golf", "--not-these", "strange.jpg")
    assert said["state"] == "ready" and advert()["golf"]["photos"] == 2
    kilpi("answer", "golf", "--not-these", "nothing.jpg", code=2)


def test_price_and_mileage_stand_over_the_dealers_file(yard: Path) -> None:
    advert()
    kilpi("set", "golf", "price=9 900 €", "km=120 tkm")
    listing = json.loads((yard / "out" / "golf" / "listing.json").read_text())
    assert (listing["amount"], listing["odometer_km"]) == ("9900", 120000)
    kilpi("set", "golf", "colour=red", code=2)


def test_a_mark_in_car_toml_is_an_answer_and_can_be_undone(yard: Path) -> None:
    (yard / "yard" / "leaf" / "car.toml").write_text(FACTS + 'mark = "ABC-123"\ncolour = "red"\n')
    cars = advert()
    assert (cars["leaf"]["state"], cars["leaf"]["mark"]) == ("review", "ABC-123")
    assert cars["leaf"]["reasons"][0]["code"] == "read_otherwise", "the photos say ABC-128"
    assert "unknown key 'colour'" in cars["leaf"]["problems"][0]["message"], "and the rest is used"
    kilpi("undo", "leaf")
    assert advert()["leaf"]["mark"] == "ABC-128", "it is not given again"


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


def test_what_is_published_stays_while_a_person_is_asked(yard: Path) -> None:
    advert()
    kilpi("publish", "out", "--to", "site")
    assert states() == {"golf": "published", "leaf": "review", "micra": "published"}
    assert kilpi("publish", "out", "--to", "site")[0]["unchanged"] == 2
    assert "published" in [event["kind"] for event in kilpi("history", "golf")]
    write_car_photo(yard / "yard" / "golf" / "2.jpg", seed=8, shade=20)  # of another car
    assert advert()["golf"]["state"] == "review"
    (report,) = kilpi("publish", "out", "--to", "site")
    assert report["withdrawn"] == [] and (yard / "site" / "golf" / "advert.html").is_file()
    assert "golf" in (yard / "site" / "feeds" / "vehicles.csv").read_text()
    kilpi("withdraw", "golf")
    assert kilpi("publish", "out", "--to", "site")[0]["withdrawn"] == ["golf"]
    assert not (yard / "site" / "golf").exists()
    assert [event["kind"] for event in kilpi("history", "golf")][-1] == "taken_down"


def test_a_folder_that_another_worker_wrote_over_does_not_leave(yard: Path) -> None:
    advert()
    kilpi("publish", "out", "--to", "site")
    shutil.copytree("out/golf", "older")
    kilpi("set", "golf", "price=12345")
    shutil.rmtree("out/golf")
    shutil.move("older", "out/golf")
    (report,) = kilpi("publish", "out", "--to", "site")
    assert {
        "folder": "golf",
        "why": "holds another advert than was decided; run kilpi advert again",
    } in report["held"]
    assert (
        report["withdrawn"] == [] and Path("site/golf/advert.html").is_file() and states()["golf"] == "ready"
    )
    advert()
    assert kilpi("publish", "out", "--to", "site")[0]["sent"] == ["golf"]


def test_an_erased_car_leaves_nothing_of_it(yard: Path) -> None:
    advert()
    kilpi("erase", "out/golf")
    assert "golf" not in states() and not (yard / "out" / "golf").exists()
    kilpi("history", "golf", code=13)


def test_an_erased_car_that_is_out_is_taken_down_by_the_next_publish(yard: Path) -> None:
    advert()
    kilpi("publish", "out", "--to", "site")
    assert (yard / "site" / "golf" / "advert.html").is_file()
    beside = yard / "out" / ".beside" / next(car["id"] for car in kilpi("cars") if car["car"] == "golf")
    beside.mkdir(parents=True)
    (beside / "notes.txt").write_text("GHJ-789")
    kilpi("erase", "golf")
    assert not (yard / "out" / "golf").exists() and not beside.exists()
    (report,) = kilpi("publish", "out", "--to", "site")
    assert report["withdrawn"] == ["golf"] and not (yard / "site" / "golf").exists()
    store = Store.open(yard / "out")
    assert to_take_down(store) == []
    store.close()


def test_the_same_car_in_two_folders_is_one_advert(yard: Path) -> None:
    shutil.copytree(yard / "yard" / "golf", yard / "yard" / "zz-golf")
    write_car_photo(yard / "yard" / "zz-again" / "0.jpg", seed=9, shade=0)
    write_car_photo(yard / "yard" / "zz-again" / "1.jpg", seed=10, shade=0)
    cars = advert()
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


def press_ctrl_c() -> None:
    """What SIGINT does where nobody ignores it, as shells make what runs in the background do."""
    raise KeyboardInterrupt


def send_sigterm() -> None:
    signal.raise_signal(signal.SIGTERM)


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
        assert runner.invoke(app, ["advert", "yard", "--register", "register.csv"]).exit_code == 130
    assert signal.getsignal(signal.SIGTERM) == before
    assert states() == {"golf": "ready", "leaf": "working", "micra": "received"}
    assert (yard / "out" / "index.html").is_file()
    golf = folder("golf")
    assert advert()["micra"]["state"] == "ready" and folder("golf") == golf


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


def test_a_publish_that_is_killed_is_finished_or_taken_back_by_the_next(
    yard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advert()

    def killed(*parts: Any, **more: Any) -> None:
        publish(*parts, **more)
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(publishing, "send", killed)
        assert runner.invoke(app, ["publish", "out", "--to", "site"]).exit_code != 0
    assert {path.name for path in Path("site").iterdir() if path.is_dir()} == {"golf", "micra", "feeds"}
    assert states()["golf"] == "ready" and kilpi("history", "golf")[-1]["kind"] == "publishing"
    kilpi("sold", "golf")
    assert kilpi("publish", "out", "--to", "site")[0]["withdrawn"] == ["golf"]
    assert not Path("site/golf").exists() and states()["micra"] == "published"
    assert "golf/" not in Path("site/index.html").read_text()
    assert kilpi("history", "golf")[-1]["kind"] == "taken_down"


def test_corners_go_with_an_answer_or_alone(yard: Path) -> None:
    advert()
    where = "0.jpg=300,450 900,450 900,675 300,675"
    assert kilpi("answer", "leaf", "--corners", where)[0]["state"] == "review", (
        "read there, it is as doubtful"
    )
    (said,) = kilpi(
        *("answer", "leaf", "ABC-123", "--sure"),
        *("--corners", where, "--corners", where.replace("0.jpg", "1.jpg")),
    )
    assert (said["state"], said["mark"]) == ("ready", "ABC-123")
    kinds = [event["data"]["what"] for event in kilpi("history", "leaf") if event["kind"] == "answered"]
    assert kinds == ["corners", "corners", "corners", "mark"]
    for bad in ("0.jpg=1,2,3", "9.jpg=300,450 900,450 900,675 300,675", "0.jpg=1,1 1,9 9,9 9,1", "300,450"):
        kilpi("answer", "leaf", "--corners", bad, code=UsageError.exit_code)


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


def test_what_cannot_be_done_names_the_car_as_its_owner_does(yard: Path) -> None:
    advert()
    result = runner.invoke(app, ["undo", "golf"])
    message = str(result.exception) + result.output
    assert "car golf: nothing to undo" in message
    assert "case " not in message, "nobody knows the id"


def test_on_a_terminal_history_and_publish_speak_as_the_pages_do(
    yard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advert("--language", "fi")
    kilpi("answer", "leaf", "ABC-123")
    kilpi("undo", "leaf")
    monkeypatch.setattr(output, "wants_json", lambda flag: False)
    monkeypatch.setattr(output.console, "width", 300)
    told = runner.invoke(app, ["history", "leaf"]).stdout
    for words in ("Kuvat tulivat", "Tunnus annettu", "ABC-123", "Kumottiin"):
        assert words in told
    assert not re.search(r"answered|undone|decided|review|staff|\bmark\b", told)
    told = " ".join(runner.invoke(app, ["publish", "out", "--to", str(yard / "site")]).stdout.split())
    assert "not published: leaf: tarkistettava" in told


def test_one_publish_is_told_once_for_each_place(yard: Path) -> None:
    advert()
    for place in ("site", "other", "site"):
        runner.invoke(app, ["publish", "out", "--to", str(yard / place)], catch_exceptions=False)
    kinds = [line["kind"] for line in kilpi("history", "golf")]
    assert (kinds.count("publishing"), kinds.count("published")) == (2, 2), kinds
