"""From folders and lists to cars, in a stable order."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from unicodedata import normalize

import pytest
from tests.fakes import write_car_photo

from kilpi.adverts import records
from kilpi.adverts.wording import LANGUAGES, load_wording
from kilpi.errors import UsageError
from kilpi.photos import walk
from kilpi.photos.intake import BESIDE, cars_in_names, find_cars, survey, walk_photos
from kilpi.photos.kinds import is_clutter, only_says_pictures, table
from kilpi.schemas import to_json
from kilpi.types import Car, Decision, LeftOut, Verdict


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_a_folder_per_car_with_photos_in_natural_order(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "b/2.jpg",
        "b/10.JPG",
        "b/1.jpeg",
        "b/notes.txt",
        "b/.hidden.jpg",
        "a/x.heic",
        "empty/readme",
    )
    touch(tmp_path, "a/car.toml")
    a, b = find_cars([tmp_path])
    assert (a.reference, b.reference) == ("a", "b")
    assert [p.name for p in b.photos] == ["1.jpeg", "2.jpg", "10.JPG"]
    assert a.car_file == tmp_path / "a" / "car.toml" and b.car_file is None


def test_files_are_one_car(tmp_path: Path) -> None:
    touch(tmp_path, "front.jpg", "rear.jpg")
    (car,) = find_cars([tmp_path / "rear.jpg", tmp_path / "front.jpg"])
    assert [p.name for p in car.photos] == ["rear.jpg", "front.jpg"]


def test_flat_folders_are_grouped_by_name(tmp_path: Path) -> None:
    touch(tmp_path, "17_a.jpg", "17_b.jpg", "18_a.jpg")
    cars = find_cars([tmp_path], per_car=r"^(\d+)_")
    assert [(c.reference, len(c.photos)) for c in cars] == [("17", 2), ("18", 1)]


def test_what_cannot_be_grouped_is_named(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    with pytest.raises(UsageError, match=r"a\.jpg"):
        find_cars([tmp_path], per_car=r"^(\d+)_")
    with pytest.raises(UsageError, match="regular expression"):
        find_cars([tmp_path], per_car="(")


def test_where_nothing_is_found_it_is_said_what_was_looked_for_and_what_lies_there(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    touch(tmp_path, "papers/a.pdf", "papers/b.pdf", "cars/1.jpg")
    empty, papers, cars = (tmp_path / name for name in ("empty", "papers", "cars"))
    for ask in (lambda *paths: find_cars(paths), lambda *paths: list(walk_photos(map(str, paths)))):
        with pytest.raises(UsageError, match=r"no photos in .*empty: looked .*\.jpg.*; name photos, or"):
            ask(empty)
        with pytest.raises(UsageError, match=r"found 2 x pdf;"):
            ask(empty, papers)
        with pytest.raises(UsageError, match="no photos: the list of names is empty"):
            ask()
        assert len(ask(empty, cars)) == len(ask(cars, papers)) == 1


@pytest.mark.parametrize("name", ["yrad", "yrad.zip", "1.jgp", "a/b/c"])
def test_a_mistyped_path_is_said_before_any_work(tmp_path: Path, name: str) -> None:
    touch(tmp_path, "yard/leaf/1.jpg")
    with pytest.raises(UsageError, match="no such file or folder; nothing was done"):
        find_cars([tmp_path / "yard", tmp_path / name])


def test_two_folders_of_one_name_stay_apart(tmp_path: Path) -> None:
    touch(tmp_path, "north/leaf/1.jpg", "south/leaf/1.jpg")
    assert [c.reference for c in find_cars([tmp_path])] == ["leaf", "south/leaf"]


def test_walking_passes_missing_files_on(tmp_path: Path) -> None:
    touch(tmp_path, "d/2.jpg", "d/sub/1.jpg")
    names = list(walk_photos([str(tmp_path / "gone.jpg"), str(tmp_path / "d")]))
    assert [Path(n).name for n in names] == ["gone.jpg", "2.jpg", "1.jpg"]


def zipped(path: Path, *names: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return path


def cars_of(root: Path, *names: str) -> dict[str, list[str]]:
    touch(root, *names)
    return {c.reference: [str(p.relative_to(root)) for p in c.photos] for c in find_cars([root])}


def codes(found: Sequence[LeftOut], root: Path) -> dict[str, str]:
    return {str(Path(one.path).relative_to(root)): one.reason.code for one in found}


def test_a_photo_is_the_nearest_folders_that_is_called_more_than_pictures(tmp_path: Path) -> None:
    found = cars_of(
        tmp_path,
        "A/kuvat/1.jpg",
        "A/kuvat/sisätilat/2.jpg",
        "B/3.jpg",
        "B/DCIM/100APPLE/4.jpg",
        "B/WhatsApp Images (2)/5.jpg",
        "pohjoinen/C/6.jpg",
    )
    assert found == {
        "A": ["A/kuvat/1.jpg", "A/kuvat/sisätilat/2.jpg"],
        "B": ["B/3.jpg", "B/DCIM/100APPLE/4.jpg", "B/WhatsApp Images (2)/5.jpg"],
        "C": ["pohjoinen/C/6.jpg"],
    }


def test_a_car_file_gathers_all_that_is_below_it(tmp_path: Path) -> None:
    touch(tmp_path, "A/car.toml", "A/aamulla/1.jpg", "A/illalla/2.jpg", "B/1.jpg")
    a, b = find_cars([tmp_path])
    assert (a.reference, len(a.photos), a.car_file) == ("A", 2, tmp_path / "A" / "car.toml")
    assert (b.reference, b.car_file) == ("B", None)


def test_the_folder_that_was_named_is_the_uppermost(tmp_path: Path) -> None:
    touch(tmp_path, "A/kuvat/1.jpg", "A/kuvat/bilder/2.jpg")
    (car,) = find_cars([tmp_path / "A" / "kuvat"])
    assert (car.reference, len(car.photos)) == ("kuvat", 2)


def test_this_folder_has_a_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "leaf/1.jpg")
    monkeypatch.chdir(tmp_path / "leaf")
    assert [c.reference for c in find_cars([Path()])] == ["leaf"]
    assert [c.reference for c in find_cars([Path("1.jpg")])] == ["leaf"]


def test_archives_are_folders(tmp_path: Path) -> None:
    zipped(
        tmp_path / "leaf.zip", "1.jpg", "kuvat/2.jpg", "__MACOSX/._1.jpg", "video.mp4", "more.zip", "info.txt"
    )
    zipped(tmp_path / "two.zip", "golf/1.jpg", "polo/1.jpg")
    zipped(tmp_path / "micra" / "kuvat.zip", "1.jpg")
    (tmp_path / "text.zip").write_text("no archive")
    found = survey([tmp_path])
    assert {c.reference: len(c.photos) for c in found.cars} == {"leaf": 2, "micra": 1, "golf": 1, "polo": 1}
    leaf = next(c for c in found.cars if c.reference == "leaf")
    assert codes(leaf.left_out, tmp_path / "leaf.zip") == {
        "video.mp4": "video",
        "more.zip": "nested_archive",
        "info.txt": "in_archive",
    }
    assert codes(found.left_out, tmp_path) == {"text.zip": "bad_archive"} and found.clutter == 1
    assert [c.reference for c in find_cars([tmp_path / "two.zip"])] == ["golf", "polo"]
    assert len(list(walk_photos([str(tmp_path / "two.zip")]))) == 2


def test_a_photo_without_an_ending_is_one_inside_an_archive_too(tmp_path: Path) -> None:
    photo = write_car_photo(tmp_path / "front.jpg", 1).read_bytes()
    with zipfile.ZipFile(tmp_path / "leaf.zip", "w") as archive:
        archive.writestr("IMG-20260302", photo)
        archive.writestr("notes", "hello")
        archive.writestr("car.toml", "price = 15900")
    (car,) = survey([tmp_path / "leaf.zip"]).cars
    assert [path.name for path in car.photos] == ["IMG-20260302"]
    assert codes(car.left_out, tmp_path / "leaf.zip") == {"notes": "other_file"}
    assert car.car_file == tmp_path / "leaf.zip" / "car.toml"


def test_nothing_is_passed_over_in_silence(tmp_path: Path) -> None:
    touch(
        tmp_path, "leaf/1.jpg", "leaf/walk.MOV", "leaf/papers.pdf", "leaf/2.CR3", "leaf/3.psd", "leaf/4.weird"
    )
    touch(
        tmp_path, "leaf/.2.HEIC.icloud", "leaf/5.jpg.crdownload", "leaf/photos.rar", "stock.csv", "readme.txt"
    )
    touch(tmp_path, "leaf/Thumbs.db", "leaf/@eaDir/1.jpg/SYNOPHOTO_THUMB_M.jpg", "leaf/._1.jpg", "leaf/1.AAE")
    (tmp_path / "empty" / "inside").mkdir(parents=True)
    (tmp_path / "leaf" / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    os.mkfifo(tmp_path / "leaf" / "pipe.jpg")
    found = survey([tmp_path])
    (leaf,) = found.cars
    assert [p.name for p in leaf.photos] == ["1.jpg"]
    assert codes(leaf.left_out, tmp_path / "leaf") == {
        "walk.MOV": "video",
        "papers.pdf": "pdf",
        "2.CR3": "raw_photo",
        "3.psd": "drawing",
        "4.weird": "other_file",
        ".2.HEIC.icloud": "unfinished",
        "5.jpg.crdownload": "unfinished",
        "photos.rar": "archive",
        "gone.jpg": "broken_link",
        "pipe.jpg": "no_file",
    }
    assert codes(found.left_out, tmp_path) == {
        "stock.csv": "list",
        "readme.txt": "text",
        "empty/inside": "empty_folder",
    }
    assert found.clutter == 4
    told: list[LeftOut] = []
    assert len(list(walk_photos([str(tmp_path)], told.append))) == 1 and len(told) == 13


def test_photos_without_an_ending_are_found(tmp_path: Path, jpeg: Callable[..., Path]) -> None:
    (tmp_path / "leaf").mkdir()
    (tmp_path / "leaf" / "IMG-1234").write_bytes(jpeg().read_bytes())
    (tmp_path / "leaf" / "image.jpg_large").write_bytes(jpeg().read_bytes())
    (car,) = find_cars([tmp_path / "leaf"])
    assert [p.name for p in car.photos] == ["image.jpg_large", "IMG-1234"]


def test_every_reason_has_words_in_every_language() -> None:
    for language in LANGUAGES:
        assert set(load_wording(language).tables["left_out"]) >= BESIDE
    assert set(table("kinds.toml")["endings"]) <= BESIDE


def test_links_to_folders_are_followed_once(tmp_path: Path) -> None:
    touch(tmp_path, "store/1.jpg", "yard/leaf/2.jpg")
    (tmp_path / "yard" / "golf").symlink_to(tmp_path / "store")
    (tmp_path / "yard" / "leaf" / "loop").symlink_to(tmp_path / "yard")
    assert {c.reference: len(c.photos) for c in find_cars([tmp_path / "yard"])} == {"golf": 1, "leaf": 1}


def test_the_own_output_is_not_read_again(tmp_path: Path) -> None:
    touch(tmp_path, "leaf/1.jpg", "out/leaf/01.jpg", "old/leaf/01.jpg", "old/leaf/advert.html")
    car = Car("leaf", (), Decision(Verdict.REVIEW, None, None, ()))
    files = {"01.jpg": "0" * 64, "advert.html": "0" * 64}
    (tmp_path / "old" / "leaf" / "decision.json").write_text(to_json(records.record(car, "id", None, files)))
    found = survey([tmp_path], skip=[tmp_path / "out"])
    assert [str(p.relative_to(tmp_path)) for c in found.cars for p in c.photos] == ["leaf/1.jpg"]
    assert codes(found.left_out, tmp_path) == {"out": "own_output", "old/leaf": "own_output"}
    assert walk.DECISION == records.DECISION
    touch(tmp_path, "old/leaf/new.jpg")  # a photo that Kilpi did not write is a photo
    assert [len(c.photos) for c in survey([tmp_path / "old"]).cars] == [1]


@pytest.mark.parametrize(
    ("stems", "cars"),
    [
        (["leaf_1", "leaf_2", "golf_1", "golf_2"], 2),
        (["VW Golf (1)", "VW Golf (2)", "Volvo V60 (1)", "Volvo V60 (2)", "Volvo V60 (3)"], 2),
        (["101-a", "101-b", "102-a", "102-b", "103-a", "103-b"], 3),
        (["IMG_0001", "IMG_0002", "IMG_E0003", "IMG_E0004"], 1),
        (["front_1", "front_2", "rear_1", "rear_2"], 1),
        (["20260504_101500", "20260504_101512", "20260505_090000", "20260505_090100"], 1),
        (["WhatsApp Image 2026-05-04 at 10.11.12", "WhatsApp Image 2026-05-04 at 10.11.13 (1)"], 1),
        (["1", "2", "3"], 1),
        (["leaf_1", "leaf_2", "golf", "other"], 1),
        ([], 1),
    ],
)
def test_names_tell_of_several_cars(stems: list[str], cars: int) -> None:
    assert cars_in_names(stems) == cars


def test_a_flat_folder_of_several_cars_says_so(tmp_path: Path) -> None:
    touch(tmp_path, "yard/leaf_1.jpg", "yard/leaf_2.jpg", "yard/golf_1.jpg", "yard/golf_2.jpg")
    (car,) = find_cars([tmp_path])
    assert [(note.code, note.values) for note in car.notes] == [("several_cars", {"cars": 2})]
    assert all(c.notes == () for c in find_cars([tmp_path], per_car=r"^([a-z]+)_"))


@pytest.mark.parametrize(
    "name", ["m²_①.jpg", "5²3.jpg", "٣.jpg", "😀" * 62 + ".jpg", "index.html.jpg", "CON.jpg", "[b]x.jpg"]
)
def test_any_name_is_sorted_and_kept(tmp_path: Path, name: str) -> None:
    touch(tmp_path, f"leaf/{name}", "leaf/1.jpg")
    (car,) = find_cars([tmp_path])
    assert {p.name for p in car.photos} == {name, "1.jpg"}


def test_names_that_are_no_text_are_shown_with_a_replacement(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/auto-\xe4"
    Path(os.fsdecode(folder)).mkdir()
    for name in (b"/kuva-\xe4.jpg", b"/video-\xf6.mp4"):
        Path(os.fsdecode(folder + name)).touch()
    (car,) = find_cars([tmp_path])
    assert car.reference == "auto-\ufffd" and car.photos[0].exists()
    assert car.left_out[0].path.endswith("auto-\ufffd/video-\ufffd.mp4")


def test_names_that_file_systems_take_for_one_are_two_cars(tmp_path: Path) -> None:
    touch(
        tmp_path, "a/Leaf/1.jpg", "b/leaf/1.jpg", "c/Ma\u0308ki/1.jpg", "d/M\u00e4ki/1.jpg", "e/leaf-2/1.jpg"
    )
    references = [c.reference for c in find_cars([tmp_path])]
    assert (
        references[:2] == ["Leaf", "b/leaf"] and len({normalize("NFC", r).lower() for r in references}) == 5
    )


def test_names_of_folders_and_clutter() -> None:
    assert all(
        map(
            only_says_pictures,
            ["kuvat", "Kuvat 2", "PHOTOS", "Photos (1)", "100CANON", "Bilder", "Sisa\u0308tilat"],
        )
    )
    assert not any(map(only_says_pictures, ["leaf", "12", "ABC-123", "Volvo V60", "", "1000CANON"]))
    assert all(
        map(is_clutter, ["Thumbs.db", ".DS_Store", "._1.jpg", "@eaDir", "__MACOSX", "desktop.ini", "1.XMP"])
    )
    assert not any(map(is_clutter, ["1.jpg", "system.jpg", "nomedia.jpg", ".1.heic.icloud"]))
