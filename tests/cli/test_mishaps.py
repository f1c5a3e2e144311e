"""Nothing ends a run: what goes wrong is one photo's or one car's, and the index is written."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.fakes import FakeDetector, ShadeReader, write_car_photo, write_yard
from tests.stores import no_power_cuts
from typer.testing import CliRunner

from kilpi.adverts import folders
from kilpi.cli import advert_run, adverts, app
from kilpi.cli import photos as photos_cli
from kilpi.errors import OutputError, PhotoError, Unexpected, UsageError
from kilpi.pipeline import Kilpi
from kilpi.types import Photo, Sighting

runner = CliRunner()
REGISTER = """\
mark,country,make,model,first_registered
ABC-123,FI,Nissan,Leaf,2019-05-02
DEF-456,FI,Nissan,Micra,2018-03-01
GHJ-789,FI,VW,Golf,2017-01-02
"""
CARS = ("golf", "leaf", "micra")


class Stumbling(FakeDetector):
    """Fails over photos of one folder, with a message that holds a mark."""

    def find(self, photos: Sequence[Photo]) -> list[list[Sighting]]:
        if any("stumble" in photo.path for photo in photos):
            raise ZeroDivisionError("ABC-123 divided by zero")
        return super().find(photos)


@pytest.fixture(autouse=True)
def fake_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(ocr: bool, register: Any = None, language: str = "en", *others: Any) -> Kilpi:
        return Kilpi(detector=Stumbling(), reader=ShadeReader(), register=register, language=language)

    monkeypatch.setattr(advert_run, "make_kilpi", make)
    no_power_cuts(monkeypatch)
    monkeypatch.setattr(photos_cli, "make_kilpi", make)
    monkeypatch.delenv("KILPI_REGISTER", raising=False)


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    """Three cars of two photos each, and a register."""
    write_yard(tmp_path / "yard", CARS)
    (tmp_path / "register.csv").write_text(REGISTER)
    return tmp_path


def run(yard: Path, *more: str, out: str = "out") -> tuple[int, list[dict[str, Any]], str]:
    arguments = ["advert", str(yard / "yard"), "-o", str(yard / out), "--language", "en", *more]
    result = runner.invoke(app, [*arguments, "--register", str(yard / "register.csv")])
    assert result.exception is None or isinstance(result.exception, SystemExit | UsageError | OutputError)
    code = getattr(result.exception, "exit_code", result.exit_code)
    return code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def test_a_photo_that_trips_a_network_is_left_out_and_told(yard: Path) -> None:
    write_car_photo(yard / "yard" / "leaf" / "stumble.jpg", seed=9, shade=10)
    code, (golf, leaf, micra), _ = run(yard)
    assert code == Unexpected.exit_code
    assert leaf["verdict"] == "accepted" and leaf["photos"] == 2
    assert [p["kind"] for p in leaf["problems"]] == ["Unexpected"]
    assert "ZeroDivisionError" in leaf["problems"][0]["message"]
    assert "divided" not in json.dumps(leaf["problems"])  # a message may hold a mark
    assert golf["problems"] == micra["problems"] == []


def test_a_car_that_cannot_be_made_is_one_record_and_the_others_go_on(
    yard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Kilpi.advert

    def advert(self: Kilpi, *paths: Path, reference: str = "", **options: Any) -> Any:
        if reference == "leaf":
            raise RecursionError("ABC-123")
        return whole(self, *paths, reference=reference, **options)

    monkeypatch.setattr(Kilpi, "advert", advert)
    code, cars, _ = run(yard)
    assert code == Unexpected.exit_code and [car["car"] for car in cars] == list(CARS)
    assert [car["verdict"] for car in cars] == ["accepted", "review", "accepted"]
    assert cars[1]["reasons"] == [{"code": "failed"}] and "ABC" not in json.dumps(cars[1])
    page = (yard / "out" / "index.html").read_text()
    assert all(car in page for car in CARS)
    assert (yard / "out" / "leaf" / "review.html").is_file()
    monkeypatch.undo()


def test_a_full_disk_is_told_and_leaves_the_last_advert(yard: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(yard)[0] == 0
    before = (yard / "out" / "leaf" / "advert.html").read_bytes()
    write = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if ".kilpi-new-leaf" in str(self):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    code, (golf, leaf, micra), _ = run(yard, "--again")
    assert code == OutputError.exit_code
    assert [p["kind"] for p in leaf["problems"]] == ["OutputError"] and "No space left" in leaf["problems"][
        0
    ]["message"]
    assert golf["problems"] == micra["problems"] == []
    assert (yard / "out" / "leaf" / "advert.html").read_bytes() == before
    assert not list((yard / "out").glob(".kilpi-*")) and (yard / "out" / "index.html").is_file()


def test_an_index_that_cannot_be_written_is_told_after_the_cars(
    yard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes, **options: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(folders, "write_whole", full)
    code, cars, stderr = run(yard)
    assert code == OutputError.exit_code and len(cars) == 3 and "No space left" in stderr


def test_an_output_that_is_a_file_is_said_before_the_work(yard: Path) -> None:
    (yard / "out").write_text("mine")
    code, cars, _ = run(yard)
    assert code == UsageError.exit_code and cars == [] and (yard / "out").read_text() == "mine"
    assert run(yard, out="out/below")[0] == UsageError.exit_code


def test_an_output_that_is_read_only_is_said_before_the_work(
    yard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise PermissionError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(adverts, "TemporaryFile", refuse)
    assert run(yard)[:2] == (OutputError.exit_code, [])


def test_a_file_where_a_cars_folder_must_be_is_that_cars_trouble(yard: Path) -> None:
    (yard / "out").mkdir()
    (yard / "out" / "leaf").write_text("mine")
    code, cars, _ = run(yard)
    assert code == PhotoError.exit_code and [len(car["problems"]) for car in cars] == [0, 1, 0]
    assert (yard / "out" / "leaf").read_text() == "mine" and not list((yard / "out").glob(".kilpi-*"))


def test_a_mistyped_path_writes_nothing(yard: Path) -> None:
    result = runner.invoke(app, ["advert", str(yard / "yrad"), str(yard / "yard"), "-o", str(yard / "out")])
    assert isinstance(result.exception, UsageError) and result.exception.exit_code == 2
    assert not (yard / "out").exists()
    (yard / "yard" / "1.jpg").write_bytes((yard / "yard" / "leaf" / "0.jpg").read_bytes())
    result = runner.invoke(app, ["read", str(yard / "yard" / "1.jpg"), str(yard / "yrad")])
    assert result.exit_code == 2
    good, bad = (json.loads(line) for line in result.stdout.splitlines())
    assert good["error"] is None and bad["error"]["kind"] == "PhotoMissing"


@pytest.mark.parametrize(
    "name", ["index.html", "CON", "nul.txt", "COM1", "😀" * 62, "a" * 250, "m²_①", "kilpi.db", "x. "]
)
def test_cars_of_any_name_are_made_twice_alike(yard: Path, name: str) -> None:
    shutil.move(yard / "yard" / "leaf", yard / "yard" / name)
    for _ in range(2):
        code, cars, _ = run(yard)
        assert code == 0 and {car["car"] for car in cars} == {"golf", "micra", name}
        folder = next(Path(car["folder"]) for car in cars if car["car"] == name)
        assert (folder / "decision.json").is_file() and len(os.fsencode(folder.name)) < 120
        assert folder.name.lower().partition(".")[0] not in {"con", "nul", "com1", "index"}
    assert (yard / "out" / "index.html").is_file()


def test_a_name_that_is_no_text_is_shown_with_a_replacement(yard: Path) -> None:
    odd = yard / "yard" / os.fsdecode(b"auto-\xe4")
    (yard / "yard" / "leaf").rename(odd)
    (odd / "0.jpg").rename(odd / os.fsdecode(b"kuva-\xe4.jpg"))
    code, cars, _ = run(yard)
    assert code == 0 and cars[0]["car"] == "auto-\ufffd" and cars[0]["verdict"] == "accepted"
    assert run(yard)[0] == 0
    result = runner.invoke(app, ["read", str(yard / "yard")])
    assert result.exit_code == 0 and any("kuva-\ufffd.jpg" in line for line in result.stdout.splitlines())


def test_odd_photos_among_good_ones(yard: Path, jpeg: Any) -> None:
    leaf = yard / "yard" / "leaf"
    whole = (leaf / "0.jpg").read_bytes()
    (leaf / "0.jpg").write_bytes(whole[:-2])
    (leaf / "broken.avif").write_bytes(b"\0\0\0\x1cftypavif\0\0\0\0avifmif1" + bytes(900))
    (leaf / "eps.jpg").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n")
    code, (_, record, _), stderr = run(yard)
    assert code == PhotoError.exit_code and record["verdict"] == "accepted" and record["photos"] == 2
    assert [p["kind"] for p in record["problems"]] == ["PhotoTruncated", "PhotoNotAnImage"]
    assert any(note["code"] == "photo_no_end" for note in record["notes"])
    assert "a PostScript file" in stderr


def test_what_lies_beside_is_told_on_stderr_and_in_the_record(yard: Path) -> None:
    (yard / "yard" / "leaf" / "walk.mp4").touch()
    (yard / "yard" / "stock.csv").touch()
    (yard / "yard" / "Thumbs.db").touch()
    code, _, stderr = run(yard)
    assert code == 0
    assert "walk.mp4: a video" in stderr and "stock.csv: a list" in stderr and "1 file(s)" in stderr
    decision = json.loads((yard / "out" / "leaf" / "decision.json").read_text())
    assert [Path(one["path"]).name for one in decision["left_out"]] == ["walk.mp4"]


def test_an_archive_of_cars_gives_the_same_adverts(yard: Path) -> None:
    packed = shutil.make_archive(str(yard / "cars"), "zip", yard / "yard")
    result = runner.invoke(
        app,
        [
            "advert",
            packed,
            "-o",
            str(yard / "out"),
            "--language",
            "en",
            "--register",
            str(yard / "register.csv"),
        ],
    )
    assert result.exit_code == 0
    cars = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(car["car"], car["verdict"], car["pictures"]) for car in cars] == [
        (c, "accepted", 2) for c in CARS
    ]


def test_a_second_run_over_all_does_not_read_the_first_ones_pictures(yard: Path) -> None:
    shutil.move(yard / "yard", yard / "all")
    (yard / "all").rename(yard / "yard")
    for _ in range(2):
        result = runner.invoke(
            app, ["advert", str(yard), "-o", str(yard / "out"), "--register", str(yard / "register.csv")]
        )
        assert [json.loads(line)["car"] for line in result.stdout.splitlines()] == list(CARS)


def test_a_flat_folder_of_several_cars_says_so(tmp_path: Path) -> None:
    for name in ("leaf_1", "leaf_2", "golf_1", "golf_2"):
        Image.fromarray(np.full((300, 400, 3), 180, np.uint8)).save(tmp_path / f"{name}.jpg")
    result = runner.invoke(app, ["advert", str(tmp_path), "-o", str(tmp_path / "out")])
    (car,) = (json.loads(line) for line in result.stdout.splitlines())
    assert {"code": "several_cars", "cars": 2} in car["notes"]
