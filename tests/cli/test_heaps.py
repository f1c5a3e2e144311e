"""kilpi advert --sort: shown, made where all is sure or with --confirm, and remembered."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.cli.yard import kilpi, runner, states
from tests.fakes import ShadeReader, write_car_photo
from tests.photos.heaps import walk

from kilpi.archives import content_sha256
from kilpi.cases import find, photos
from kilpi.cli import app, heaps
from kilpi.files import photos_in
from kilpi.photos.heap import HeapPhoto
from kilpi.store import Store

Photos = dict[str, HeapPhoto]


@pytest.fixture
def heap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, networks: ShadeReader) -> Photos:
    """A folder with two cars' photos; what is seen in each, by name, is given here."""
    monkeypatch.chdir(tmp_path)
    seen = {one.name: one for one in walk("red FFRRcsdd", "blue FFRRcsdd")}
    for number, name in enumerate(seen):
        write_car_photo(tmp_path / "heap" / name, seed=number, size=(320, 240), shade=0 if number < 8 else 20)
    (tmp_path / "register.csv").write_text(
        "mark,country,make,model\nGHJ-789,FI,VW,Golf\nDEF-456,FI,Nissan,Micra\n"
    )

    def looker(*parts: object) -> Callable[[Path, str], HeapPhoto]:
        def look(path: Path, name: str) -> HeapPhoto:
            return replace(seen[name], id=content_sha256(path), name=name)

        return look

    monkeypatch.setattr(heaps, "looker", looker)
    return seen


def advert(*more: str, code: int = 0) -> list[dict[str, Any]]:
    return kilpi("advert", "heap", "--register", "register.csv", *more, code=code)


def test_a_heap_in_which_all_is_sure_becomes_its_cars(heap: Photos) -> None:
    told, *cars = advert("--sort")
    assert (told["heap"], told["sure"], told["made"], [len(car["photos"]) for car in told["cars"]]) == (
        "heap", True, True, [8, 8])  # fmt: skip
    assert [(car["car"], car["mark"]) for car in cars] == [("heap-1", "GHJ-789"), ("heap-2", "DEF-456")]
    sheets = [Path(path) for path in told["sheets"]]
    assert [path.name for path in sheets] == ["car-1.png", "car-2.png"]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in sheets), "plates are uncovered"
    made = {path: path.stat().st_mtime_ns for path in Path("out").glob("heap-?/*")}
    again = advert("--sort")[1:] + advert()
    assert [car["car"] for car in again] == ["heap-1", "heap-2"] * 2, "known without --sort, too"
    assert {path: path.stat().st_mtime_ns for path in Path("out").glob("heap-?/*")} == made


def test_a_question_is_shown_and_nothing_made_until_it_is_confirmed(heap: Photos) -> None:
    strange = write_car_photo(Path("heap/IMG_0001.JPG"), seed=90, size=(320, 240))
    heap[strange.name] = walk("red c")[0]
    (told,) = advert("--sort", code=3)  # its photos were not used
    assert (told["sure"], told["made"], [one["photo"] for one in told["aside"]]) == (
        False,
        False,
        ["IMG_0001.JPG"],
    )
    assert states() == {} and Path(told["sheets"][-1]).name == "aside.png"
    told, *cars = advert("--sort", "--confirm")
    assert told["made"] and [car["car"] for car in cars] == ["heap-1", "heap-2"]
    assert len(advert()) == 2, "the one aside stays aside"


def test_an_answer_to_a_sorted_car_changes_no_other(heap: Photos) -> None:
    advert("--sort")
    before = {path: path.read_bytes() for path in Path("out/heap-2").iterdir()}
    (said,) = kilpi("set", "heap-1", "price=15900", "km=84500")
    assert said["car"] == "heap-1" and "price" not in said["missing"]
    made = {path: path.stat().st_mtime_ns for path in Path("out/heap-1").iterdir()}
    advert("--sort")
    assert {path: path.read_bytes() for path in Path("out/heap-2").iterdir()} == before
    assert {path: path.stat().st_mtime_ns for path in Path("out/heap-1").iterdir()} == made


def test_a_photo_that_comes_later_goes_to_its_car(heap: Photos) -> None:
    advert("--sort")
    late = write_car_photo(Path("heap/IMG_2000.JPG"), seed=91, size=(320, 240))
    heap[late.name] = walk("blue d")[0]
    assert [len(car["photos"]) for car in advert("--sort")[0]["cars"]] == [8, 9]
    store = Store.open("out")
    assert sorted(len(photos(store, case.id)) for case in find(store).cases) == [8, 9]
    store.close()


def test_photos_in_folders_that_only_say_pictures_are_one_heap(heap: Photos, tmp_path: Path) -> None:
    for number, path in enumerate(photos_in(tmp_path / "heap")):
        place = tmp_path / "heap" / ("100APPLE" if number < 10 else "101APPLE") / path.name
        place.parent.mkdir(exist_ok=True)
        path.rename(place)
    told = advert("--sort")[0]
    assert [len(car["photos"]) for car in told["cars"]] == [8, 8]
    assert [row["car"] for row in advert()] == ["heap-1", "heap-2"] and len(states()) == 2


def test_an_archive_is_sorted_in_place(heap: Photos, tmp_path: Path) -> None:
    with zipfile.ZipFile("heap.zip", "w") as archive:
        for path in photos_in(tmp_path / "heap"):
            archive.write(path, path.name)
    shutil.rmtree("heap")
    for _ in range(2):
        found = kilpi("advert", "heap.zip", "--register", "register.csv", "--sort")
        assert [row.get("car") for row in found] == [None, "heap-1", "heap-2"]
    assert len(states()) == 2


def test_a_few_photos_say_too_little_and_are_a_question(heap: Photos, tmp_path: Path) -> None:
    for path in photos_in(tmp_path / "heap")[4:]:
        path.unlink()
    (told,) = advert("--sort", code=3)  # its photos were not used
    assert not told["made"] and states() == {}


def test_what_is_said_of_one_car_in_a_heap_is_told_as_not_used(heap: Photos) -> None:
    Path("heap/car.toml").write_text("price = 1000\n")
    Path("heap/notes.txt").write_text("1 EUR")
    for again in (["--sort"], []):
        result = runner.invoke(app, ["advert", "heap", "--register", "register.csv", *again])
        told = result.stderr.replace("\n", " ")
        assert "heap/car.toml: " in told and "heap/notes.txt: " in told and "several" in told
    assert states() == {"heap-1": "draft", "heap-2": "draft"}
