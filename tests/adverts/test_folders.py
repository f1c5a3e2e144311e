from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.adverts_data import OFFER, accepted, doubtful, pictures

from kilpi.adverts import folders
from kilpi.adverts.folders import car_rows, current, folder_name, inputs_digest, write_car, write_index
from kilpi.disclosure import mentions
from kilpi.errors import UsageError
from kilpi.images import decode_photo
from kilpi.pictures.clean import check_clean
from kilpi.types import Mark, Reason

READY = {"01.jpg", "01-small.jpg", "02.jpg", "02-small.jpg", "advert.html", "listing.json", "decision.json"}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_ready_car(tmp_path: Path) -> None:
    folder = write_car(accepted(), tmp_path / "out", "en")
    assert names(folder) == READY
    for path in folder.glob("*.jpg"):
        check_clean(path.read_bytes(), path.name)
    values = json.loads((folder / "decision.json").read_text())
    assert set(values["files"]) == READY - {"decision.json"}


def test_a_car_for_review_gets_no_advert_and_loses_an_old_one(tmp_path: Path) -> None:
    write_car(accepted("x"), tmp_path, "en")
    folder = write_car(doubtful("x"), tmp_path, "en")
    assert names(folder) == {"01.jpg", "01-small.jpg", "review.html", "decision.json"}


def test_foreign_files_stay(tmp_path: Path) -> None:
    folder = write_car(accepted(), tmp_path, "en")
    (folder / "notes").mkdir()
    (folder / "notes" / "my.txt").write_text("mine")
    (folder / "own.jpg").write_text("mine too")
    write_car(accepted(count=1), tmp_path, "en")
    assert (folder / "notes" / "my.txt").read_text() == "mine"
    assert (folder / "own.jpg").read_text() == "mine too"
    assert not (folder / "02.jpg").exists()


def test_somebody_elses_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "leaf").mkdir()
    (tmp_path / "leaf" / "01.jpg").write_text("the dealer's original")
    with pytest.raises(UsageError, match=r"01\.jpg"):
        write_car(accepted(), tmp_path, "en")
    assert (tmp_path / "leaf" / "01.jpg").read_text() == "the dealer's original"


@pytest.mark.parametrize("step", ["mkdir", "write", "carry", "first rename", "second rename", "rmtree"])
def test_killed_anywhere_and_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    folder = write_car(accepted(), tmp_path, "en")
    (folder / "own.txt").write_text("mine")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    changed = accepted(offer=replace(OFFER, equipment=()), count=1)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        interrupt(patch, step)
        write_car(changed, tmp_path, "en")
    if step in {"mkdir", "write", "carry", "first rename"}:
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    write_car(changed, tmp_path, "en")
    assert names(tmp_path) == {"leaf"}
    assert names(folder) == (READY - {"02.jpg", "02-small.jpg"}) | {"own.txt"}


def interrupt(patch: pytest.MonkeyPatch, step: str) -> None:
    """Stop the exchange at one step, as a kill would."""

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    rename = Path.rename
    count = iter(range(1, 9))
    wanted = {"first rename": 1, "second rename": 2}.get(step, 0)

    def counted(self: Path, target: Path) -> Path:
        if next(count) == wanted:
            raise KeyboardInterrupt
        return rename(self, target)

    write = Path.write_bytes

    def half(self: Path, content: bytes) -> int:
        write(self, content[: len(content) // 2])
        raise KeyboardInterrupt

    match step:
        case "mkdir":
            patch.setattr(folders, "car_files", stop)
        case "write":
            patch.setattr(Path, "write_bytes", half)
        case "carry":
            patch.setattr(folders, "carry", stop)
        case "rmtree":
            calls = iter(range(9))
            patch.setattr("shutil.rmtree", lambda *_, **__: stop() if next(calls) == 2 else None)
        case _:
            patch.setattr(Path, "rename", counted)


def test_the_same_car_keeps_its_address(tmp_path: Path) -> None:
    def identity(folder: Path) -> str:
        return str(json.loads((folder / "listing.json").read_text())["id"])

    first = identity(write_car(accepted("ABC-123", count=2), tmp_path, "en"))
    more = accepted("ABC-123")
    later = replace(more, pictures=pictures(4)[1:])
    assert identity(write_car(later, tmp_path, "en")) == first


def test_the_index_holds_every_whole_folder(tmp_path: Path) -> None:
    for car in (accepted("a"), doubtful("b")):
        write_car(car, tmp_path, "en")
    (tmp_path / "c").mkdir()
    (tmp_path / ".kilpi-new-d").mkdir()
    assert [row.folder for row in car_rows(tmp_path)] == ["a", "b"]
    assert "a/advert.html" in write_index(tmp_path, "sv").read_text()


def test_small_copies_are_small(tmp_path: Path) -> None:
    folder = write_car(accepted(), tmp_path, "en")
    small = decode_photo((folder / "01-small.jpg").read_bytes(), "small")
    assert (small.width, small.height) == (120, 90)


@pytest.mark.parametrize("reference", ["a/b", "../up", "", ".", "a\\b", "x:y", "nul\0", "a" * 300])
def test_folder_names_stay_below_out(tmp_path: Path, reference: str) -> None:
    name = folder_name(reference)
    assert name not in {"", ".", ".."}
    assert len(Path(name).parts) == 1
    assert len(name) < 150
    assert folder_name("a/b") != folder_name("a_b") == "a_b"


def test_a_folder_made_from_the_same_inputs_is_current(tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"one")
    digest = inputs_digest([photo, tmp_path / "absent"], "en")
    folder = write_car(accepted(), tmp_path / "out", "en", digest)
    found = current(tmp_path / "out" / "leaf", digest)
    assert found is not None
    assert found.title == "Nissan Leaf Tekna 2019"
    photo.write_bytes(b"two")
    changed = inputs_digest([photo, tmp_path / "absent"], "en")
    assert current(tmp_path / "out" / "leaf", changed) is None
    assert inputs_digest([photo], "a", "bc") != inputs_digest([photo], "ab", "c")
    (folder / "01.jpg").write_bytes(b"damaged")
    assert current(tmp_path / "out" / "leaf", digest) is None


def test_a_car_whose_register_was_away_is_never_current(tmp_path: Path) -> None:
    car = doubtful()
    away = replace(car.decision, reasons=(Reason("register_unavailable", {"register": "x"}),))
    write_car(replace(car, decision=away), tmp_path, "en", "digest")
    assert current(tmp_path / "blurred", "digest") is None


def test_what_holds_marks_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = write_car(accepted(), tmp_path / "out")
    index = write_index(tmp_path / "out")
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "out", folder, index)] == [
        0o700,
        0o700,
        0o600,
    ]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_name_that_gives_the_mark_away_makes_a_draft_and_stops_nothing(tmp_path: Path) -> None:
    car = accepted(offer=replace(OFFER, description="K L T\n\nabc 123", equipment=("ABC", "123", "Koukku")))
    assert car.listing is not None and car.vehicle is not None
    listing = replace(car.listing, title="Nissan Leaf ABC-123")
    car = replace(car, vehicle=replace(car.vehicle, model="LEAF ABC-123"), listing=listing)
    folder = write_car(car, tmp_path)
    page = (folder / "advert.html").read_text() + (folder / "listing.json").read_text()
    assert not mentions(page, car.decision.mark or Mark("ABC-123"))
    assert "Used vehicle" in page and "Koukku" in page
    assert '"a description without the registration number"' in (folder / "decision.json").read_text()
