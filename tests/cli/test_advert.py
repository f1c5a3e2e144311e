"""`kilpi advert`: car folders in, adverts out; killed half way it leaves only whole folders."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
import typer
from PIL import Image
from tests.fakes import FakeDetector, ShadeReader, write_yard
from tests.stores import no_power_cuts
from typer.testing import CliRunner

from kilpi.cli import advert_run, adverts, app, output
from kilpi.cli.advert_run import Asked
from kilpi.cli.adverts import Ways
from kilpi.config import load_settings
from kilpi.errors import MissingExtra, UsageError
from kilpi.pipeline import Kilpi

runner = CliRunner()
REGISTER = """\
mark,country,make,model,first_registered
ABC-123,FI,Nissan,Leaf,2019-05-02
DEF-456,FI,Nissan,Micra,2018-03-01
"""


@pytest.fixture(autouse=True)
def homes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Fake networks; gives the home countries that each run was made for."""
    asked: list[tuple[str, ...]] = []

    def make(
        ocr: bool, register: Any, language: str, profile: str, home: Sequence[str], cover: Any, *others: Any
    ) -> Kilpi:
        asked.append(tuple(home))
        return Kilpi(
            detector=FakeDetector(), reader=ShadeReader(), register=register, language=language, cover=cover
        )

    monkeypatch.setattr(advert_run, "make_kilpi", make)
    no_power_cuts(monkeypatch)
    monkeypatch.delenv("KILPI_REGISTER", raising=False)
    monkeypatch.delenv("KILPI_HOME", raising=False)
    return asked


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    """Two cars of two photos each, one with a car.toml and a broken file, and a register."""
    write_yard(tmp_path / "yard", ("leaf", "micra"))
    (tmp_path / "yard" / "leaf" / "car.toml").write_text("price = 15900\nkm = 84500\n")
    (tmp_path / "yard" / "leaf" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (tmp_path / "register.csv").write_text(REGISTER)
    return tmp_path


def run(yard: Path, *more: str) -> tuple[int, list[dict[str, Any]]]:
    arguments = ["advert", str(yard / "yard"), "-o", str(yard / "out"), "--language", "en", *more]
    result = runner.invoke(app, [*arguments, "--register", str(yard / "register.csv")])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_a_folder_per_car_and_an_index(yard: Path) -> None:
    code, (leaf, micra) = run(yard)
    assert code == 3  # one photo was broken
    assert leaf["verdict"] == "accepted" and leaf["title"].startswith("Nissan Leaf")
    assert [p["kind"] for p in leaf["problems"]] == ["PhotoTruncated"]
    assert micra["state"] == "draft" and leaf["state"] == "ready"
    folder = Path(leaf["folder"])
    assert {"advert.html", "listing.json", "decision.json", "01.jpg", "02.jpg"} <= {
        p.name for p in folder.iterdir()
    }
    assert "ABC" not in (folder / "advert.html").read_text()
    assert (yard / "out" / "index.html").is_file()


def test_a_second_run_over_a_half_finished_one_gives_the_same(yard: Path) -> None:
    run(yard)
    whole = {p.name: p.read_bytes() for p in (yard / "out" / "leaf").iterdir()}
    (yard / "out" / ".kilpi-new-leaf").mkdir()
    (yard / "out" / ".kilpi-new-leaf" / "01.jpg").write_bytes(b"half")
    (yard / "out" / "micra" / "advert.html").unlink()
    run(yard)
    again = {p.name: p.read_bytes() for p in (yard / "out" / "leaf").iterdir()}
    assert {n for n in again if n.endswith(".jpg")} == {n for n in whole if n.endswith(".jpg")}
    assert again["01.jpg"] == whole["01.jpg"] and again["advert.html"] == whole["advert.html"]
    assert (yard / "out" / "micra" / "advert.html").is_file()
    assert not list((yard / "out").glob(".kilpi-*"))


def test_a_car_file_inside_an_archive_counts(yard: Path) -> None:
    """It was named and not read, though the same archive, sent by mail, was a car with its price."""
    folder = yard / "yard" / "micra"
    with ZipFile(yard / "yard" / "packed.zip", "w") as archive:
        for photo in sorted(folder.glob("*.jpg")):
            archive.write(photo, f"kuvat/{photo.name}")
        archive.writestr("car.toml", "price = 8900\nkm = 120000\nnonsense = 1\n")
    shutil.rmtree(folder)
    _, cars = run(yard)
    packed = next(car for car in cars if car["car"] == "packed")
    assert (packed["state"], packed["missing"]) == ("ready", [])
    assert json.loads((Path(packed["folder"]) / "listing.json").read_text())["amount"] == "8900"
    with ZipFile(yard / "yard" / "packed.zip", "a") as archive:
        archive.writestr("more.txt", "a line")
    assert states_of(run(yard)[1])["packed"] == "ready"


def states_of(cars: list[dict[str, Any]]) -> dict[str, str]:
    return {car["car"]: car["state"] for car in cars}


def test_a_broken_car_file_is_a_problem_and_the_advert_a_draft(yard: Path) -> None:
    (yard / "yard" / "micra" / "car.toml").write_text("price = [")
    _, (_, micra) = run(yard)
    assert micra["state"] == "draft" and any("car.toml" in p["message"] for p in micra["problems"])


@contextmanager
def unread() -> Iterator[None]:
    """Standard output is a pipe that nobody reads any more, as after `| head`."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", pipe)
        yield


def test_what_nobody_reads_any_more_ends_a_verb_well() -> None:
    with unread():
        with pytest.raises(typer.Exit) as ended:
            output.print_json({"car": "golf"})
        assert ended.value.exit_code == 0
        output.print_json({"car": "leaf"})  # and leaves nothing that could fail later


def test_adverts_are_made_though_nobody_reads_what_is_told(yard: Path) -> None:
    asked = Asked((str(yard / "yard"),), str(yard / "register.csv"), language="en")
    with unread(), pytest.raises(typer.Exit) as ended:
        adverts.run(asked, yard / "out", load_settings(), Ways(as_json=True))
    assert ended.value.exit_code == 3, "one photo was broken"
    assert {path.parent.name for path in yard.glob("out/*/decision.json")} == {"leaf", "micra"}


def test_an_unknown_language_is_said_before_the_work(yard: Path) -> None:
    result = runner.invoke(app, ["advert", str(yard / "yard"), "--language", "xx"])
    assert result.exit_code != 0 and not (yard / "out").exists()


def test_the_home_countries_come_from_the_option_or_the_environment(
    yard: Path, homes: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KILPI_HOME", "FI,SE")
    run(yard)
    run(yard, "--home", "ee, lv")
    assert homes == [("FI", "SE"), ("EE", "LV")]


def test_another_home_makes_every_advert_anew(yard: Path) -> None:
    run(yard)
    written = (yard / "out" / "leaf" / "decision.json").stat().st_mtime_ns
    run(yard)
    assert (yard / "out" / "leaf" / "decision.json").stat().st_mtime_ns == written
    run(yard, "--home", "FI")
    assert (yard / "out" / "leaf" / "decision.json").stat().st_mtime_ns > written


def test_to_cover_numbers_in_writing_needs_ocr_and_makes_adverts_anew(
    yard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(yard)
    written = (yard / "out" / "leaf" / "decision.json").stat().st_mtime_ns
    monkeypatch.setenv("KILPI_COVER_TEXTS", "1")

    def missing() -> object:
        raise MissingExtra("PP-OCR is not installed")

    monkeypatch.setattr(advert_run, "load_engine", missing)
    result = runner.invoke(app, ["advert", str(yard / "yard"), "-o", str(yard / "out"), "--language", "en"])
    assert isinstance(result.exception, MissingExtra)
    assert (yard / "out" / "leaf" / "decision.json").stat().st_mtime_ns == written
    monkeypatch.setattr(advert_run, "load_engine", lambda: lambda *_, **__: SimpleNamespace(boxes=None))
    code, (leaf, _) = run(yard)
    assert code == 3 and leaf["verdict"] == "accepted"
    assert (yard / "out" / "leaf" / "decision.json").stat().st_mtime_ns > written


def test_the_dealers_plate_comes_from_the_option_or_the_dealers_file(yard: Path) -> None:
    Image.new("RGB", (240, 60), (10, 90, 200)).save(yard / "plate.png")
    (yard / "dealer.toml").write_text('name = "Auto Oy"\ncover = "plate.png"\n')
    blue = []
    for options in (("--cover", str(yard / "plate.png")), ("--dealer", str(yard / "dealer.toml")), ()):
        run(yard, *options)
        pixels = np.asarray(Image.open(yard / "out" / "leaf" / "01.jpg")).astype(int)
        blue.append(bool((np.abs(pixels - (10, 90, 200)).max(axis=2) < 12).sum() > 2000))
    assert blue == [True, True, False]


def test_a_list_a_note_and_what_is_not_read_of_them_stand_in_the_cars_own_record(yard: Path) -> None:
    (yard / "yard" / "leaf" / "broken.jpg").unlink()
    (yard / "yard" / "leaf" / "car.toml").unlink()
    (yard / "yard" / "micra" / "info.txt").write_text("Hinta 9 900 €, ajettu 120 tkm")
    (yard / "stock.csv").write_text("sep=;\nViite;Hinta (€);Ajettu;Moottori\nleaf;19.900;84500;40 kWh\n")
    code, (leaf, micra) = run(yard, "--offers", str(yard / "stock.csv"))
    assert code == 3, "a price that is not clear"
    assert (micra["state"], leaf["state"]) == ("ready", "draft")
    said = " ".join(problem["message"] for problem in leaf["problems"])
    assert "stock.csv:3: Hinta (€): '19.900' is not clear" in said and "'Moottori' '40 kWh'" in said
    assert "'19.900'" in leaf["missing"][0]
    assert "19.900" in (yard / "out" / "leaf" / "advert.html").read_text(), "on its page too"
    assert "Moottori" in (yard / "out" / "index.html").read_text()


def test_columns_that_are_not_read_are_no_failure(yard: Path) -> None:
    (yard / "yard" / "leaf" / "broken.jpg").unlink()
    (yard / "yard" / "leaf" / "car.toml").write_text('price = 15900\nkm = 84500\ncolour = "red"\n')
    code, (leaf, _) = run(yard)
    assert (code, leaf["state"]) == (0, "ready")
    assert "unknown key 'colour' ('red')" in leaf["problems"][0]["message"]


def test_a_text_that_names_the_mark_makes_its_car_a_draft_and_the_others_go_on(yard: Path) -> None:
    text = 'price = 15900\nkm = 84500\ndescription = "Auto A B C - 1 2 3"\nmake = "Nissan abc123"\n'
    (yard / "yard" / "leaf" / "car.toml").write_text(text)
    _, (leaf, micra) = run(yard)
    assert leaf["state"] == "draft" and micra["verdict"] == "accepted"
    assert "without the registration number" in leaf["missing"][0]


def test_a_later_note_makes_the_advert_anew(yard: Path) -> None:
    run(yard)
    (yard / "yard" / "micra" / "info.txt").write_text("Hinta 9 900 €, ajettu 120 tkm")
    assert run(yard)[1][1]["state"] == "ready"


def test_a_price_list_given_as_a_register_is_said_and_nothing_is_written(yard: Path) -> None:
    (yard / "prices.csv").write_text("mark;price;km\nABC-123;15900;84500\n")
    told = ["--register", str(yard / "prices.csv")]
    result = runner.invoke(app, ["advert", str(yard / "yard"), "-o", str(yard / "o"), *told])
    assert isinstance(result.exception, UsageError) and "is a price list" in str(result.exception)
    assert not (yard / "o").exists()


def test_a_row_about_another_car_is_no_advert_and_says_both_marks(yard: Path) -> None:
    (yard / "stock.csv").write_text("reference;mark;price;km\nmicra;XYZ-987;3900;284200\n")
    _, (_, micra) = run(yard, "--offers", str(yard / "stock.csv"))
    assert (micra["state"], micra["title"]) == ("review", "micra")
    told = {"code": "contradiction_mark", "read": "DEF-456", "dealer": "XYZ987"}
    assert told in micra["reasons"]
    assert not (yard / "out" / "micra" / "advert.html").exists()


def test_a_row_of_another_year_is_no_advert(yard: Path) -> None:
    (yard / "stock.csv").write_text("reference;mark;vuosimalli;price;km\nmicra;DEF-456;2012;3900;284200\n")
    _, (_, micra) = run(yard, "--offers", str(yard / "stock.csv"))
    assert {"code": "contradiction_year", "registered": 2018, "dealer": 2012} in micra["reasons"]


def test_the_dealers_vin_is_in_nothing_that_is_published(yard: Path) -> None:
    (yard / "yard" / "leaf" / "car.toml").write_text('price = 1000\nkm = 84500\nvin = "SJNFAAZE1U0000258"\n')
    _, (leaf, _) = run(yard)
    assert leaf["verdict"] == "accepted"
    written = [path.read_text() for path in (yard / "out" / "leaf").glob("*.*ml")]
    written.append((yard / "out" / "leaf" / "listing.json").read_text())
    assert all("SJNFAAZE" not in text for text in written)


def test_what_registers_were_asked_is_counted_by_car_and_not_again_for_what_is_done(yard: Path) -> None:
    _, first = run(yard)
    assert [car["lookups"] for car in first] == 2 * [{"asked": 1, "paid": 0, "in_vain": 0}]
    _, second = run(yard)
    assert second[1]["lookups"] == {"asked": 0, "paid": 0, "in_vain": 0}
    _, none = run(yard, "--lookups", "0")
    assert none[1]["lookups"]["asked"] == 0 and none[1]["verdict"] == "accepted"
