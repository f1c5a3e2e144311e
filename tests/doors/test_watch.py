"""A watched folder: nothing half copied, lost or taken twice, whatever happens to folder, disk or us."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

import pytest
from tests.fakes import write_car_photo

from kilpi.cases import Case, SentFile, find, keep, photos
from kilpi.cases.incoming import sent_files
from kilpi.doors import watch as watching
from kilpi.doors.inside import open_below
from kilpi.doors.looks import looks
from kilpi.doors.watch import Watch
from kilpi.errors import StoreError, UsageError
from kilpi.hashing import file_sha256
from kilpi.store import Originals, Store

SIZE = (160, 120)


class Ticks:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def watch(store: Store, tmp_path: Path, ticks: Ticks) -> Watch:
    (tmp_path / "in").mkdir()
    return Watch(store, tmp_path / "in", tmp_path / "data", clock=ticks)


def put(watch: Watch, path: str, seed: int = 1) -> Path:
    return write_car_photo(watch.folder / path, seed, SIZE)


def settled(watch: Watch, ticks: Ticks, seconds: float = 10) -> bool:
    """A look, a while, and another look."""
    watch.look()
    ticks.now += seconds
    return watch.look()


def cases_of(store: Store) -> list[Case]:
    return sorted(find(store).cases, key=lambda case: case.id)


def below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_folder_is_a_car_and_goes_to_done(watch: Watch, ticks: Ticks) -> None:
    put(watch, "leaf/1.jpg", 1), put(watch, "leaf/2.jpg", 2), put(watch, "golf/1.jpg", 3)
    assert watch.look() and not cases_of(watch.store)
    ticks.now += 10
    assert not watch.look()
    assert sorted(case.reference for case in cases_of(watch.store)) == ["golf", "leaf"]
    assert below(watch.folder) == ["done/golf/1.jpg", "done/leaf/1.jpg", "done/leaf/2.jpg"]
    (look,) = looks(watch.store)
    assert look.name == f"watch {watch.folder}" and look.problem == ""


def test_a_copy_that_goes_on_is_waited_for(watch: Watch, ticks: Ticks) -> None:
    whole = put(watch, "leaf/1.jpg").read_bytes()
    growing = watch.folder / "leaf" / "2.jpg"
    for part in range(1, 5):
        growing.write_bytes(whole[: part * len(whole) // 5])
        assert settled(watch, ticks, 3)
    assert cases_of(watch.store) == []
    put(watch, "leaf/2.jpg", 2)
    settled(watch, ticks)
    (case,) = cases_of(watch.store)
    assert len(photos(watch.store, case.id)) == 2


def test_a_copy_that_paused_is_not_called_broken(watch: Watch, ticks: Ticks) -> None:
    whole = put(watch, "leaf/1.jpg").read_bytes()
    (watch.folder / "leaf/1.jpg").write_bytes(whole[: len(whole) // 2])
    assert settled(watch, ticks, 60) and not cases_of(watch.store)
    (watch.folder / "leaf/1.jpg").write_bytes(whole)
    assert not settled(watch, ticks)
    assert len(cases_of(watch.store)) == 1 and below(watch.folder) == ["done/leaf/1.jpg"]


def test_what_cannot_be_used_says_why(watch: Watch, ticks: Ticks) -> None:
    whole = put(watch, "leaf/1.jpg").read_bytes()
    (watch.folder / "leaf/2.jpg").write_bytes(whole[: len(whole) // 2])
    (watch.folder / "leaf/clip.mp4").write_bytes(b"film")
    (watch.folder / "bad.zip").write_bytes(b"no archive")
    with ZipFile(watch.folder / "golf.zip", "w") as archive:
        archive.writestr("golf/1.jpg", write_car_photo(watch.folder.parent / "x.jpg", 9, SIZE).read_bytes())
        archive.writestr("golf/2.jpg", b"text")
    settled(watch, ticks, 400)
    assert below(watch.folder) == [
        "done/golf.zip", "done/leaf/1.jpg", "failed/bad.zip", "failed/bad.zip.txt", "failed/golf.zip.txt",
        "failed/leaf/2.jpg", "failed/leaf/2.jpg.txt", "failed/leaf/clip.mp4", "failed/leaf/clip.mp4.txt",
    ]  # fmt: skip
    assert "damaged" in (watch.folder / "failed/leaf/2.jpg.txt").read_text()
    assert "golf/2.jpg" in (watch.folder / "failed/golf.zip.txt").read_text()
    assert len(cases_of(watch.store)) == 2


def test_loose_photos_are_one_arrival(watch: Watch, ticks: Ticks) -> None:
    put(watch, "IMG_1.jpg", 1), put(watch, "IMG_2.jpg", 2)
    watch.look()
    ticks.now += 10
    put(watch, "IMG_3.jpg", 3)
    assert watch.look() and not cases_of(watch.store)
    settled(watch, ticks)
    (case,) = cases_of(watch.store)
    assert len(photos(watch.store, case.id)) == 3


def test_killed_before_the_move_it_is_the_same_case(
    watch: Watch, ticks: Ticks, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(watch, "leaf/1.jpg", 1), put(watch, "golf/1.jpg", 2)

    class Killed(BaseException):
        pass

    def kill(*arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(Watch, "_put_away", kill)
        settled(watch, ticks)
    assert len(cases_of(watch.store)) == 1
    again = Watch(watch.store, watch.folder, watch.data, clock=ticks)
    settled(again, ticks)
    assert len(cases_of(watch.store)) == 2
    assert below(watch.folder) == ["done/golf/1.jpg", "done/leaf/1.jpg"]


def test_a_folder_renamed_while_read(watch: Watch, ticks: Ticks, monkeypatch: pytest.MonkeyPatch) -> None:
    put(watch, "leaf/1.jpg", 1), put(watch, "leaf/2.jpg", 2)
    real, renamed = sent_files.keep, list[Path]()

    def keep(store: Store, owner: str, path: str, file: object) -> object:
        if not renamed:
            renamed.append((watch.folder / "leaf").rename(watch.folder / "nissan"))
        return real(store, owner, path, file)  # type: ignore[arg-type]

    monkeypatch.setattr(watching, "keep", keep)
    assert settled(watch, ticks) and not cases_of(watch.store)
    settled(watch, ticks)
    (case,) = cases_of(watch.store)
    assert case.reference == "nissan" and below(watch.folder) == ["done/nissan/1.jpg", "done/nissan/2.jpg"]


@pytest.mark.parametrize("fault", ["disk", "database"])
def test_where_the_machine_fails_everything_stays(
    watch: Watch, ticks: Ticks, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    put(watch, "leaf/1.jpg")
    with monkeypatch.context() as patched:
        if fault == "disk":
            patched.setattr(Originals, "_move_in", raising(OSError(28, "No space left on device")))
        else:
            patched.setattr(watching, "make_cars", raising(StoreError("database: failed")))
        assert not settled(watch, ticks), "what fails is tried again a minute later, not at once"
    assert below(watch.folder) == ["leaf/1.jpg"] and not cases_of(watch.store)
    assert looks(watch.store)[0].problem
    watch.look()
    assert len(cases_of(watch.store)) == 1 and looks(watch.store)[0].problem == ""


def test_a_mount_that_vanishes_and_comes_back(watch: Watch, ticks: Ticks) -> None:
    put(watch, "leaf/1.jpg")
    watch.look()
    away = watch.folder.rename(watch.folder.with_name("away"))
    assert not watch.look() and looks(watch.store)[0].problem
    away.rename(watch.folder)
    settled(watch, ticks)
    assert len(cases_of(watch.store)) == 1
    watch.device = -1  # as if another disk lay there
    put(watch, "golf/1.jpg", 3)
    assert not settled(watch, ticks)
    assert "mounted" in looks(watch.store)[0].problem and len(cases_of(watch.store)) == 1


def test_files_that_stay_are_taken_once(watch: Watch, ticks: Ticks) -> None:
    put(watch, "leaf/1.jpg", 1)
    watch.keep = True
    settled(watch, ticks)
    assert below(watch.folder) == ["leaf/1.jpg"] and len(cases_of(watch.store)) == 1
    again = Watch(watch.store, watch.folder, watch.data, keep=True, clock=ticks)
    seen: list[int] = []
    again.changed = lambda: seen.append(1)
    settled(again, ticks)
    assert not seen
    put(again, "leaf/2.jpg", 2), put(again, "leaf/3.jpg", 3)
    settled(again, ticks)
    cases = cases_of(watch.store)
    assert sum(len(photos(watch.store, case.id)) for case in cases) >= 3 and seen
    assert (watch.data / ".watch").stat().st_mode & 0o777 == 0o700


def test_names_that_are_taken_in_done_give_way(watch: Watch, ticks: Ticks) -> None:
    for seed in (1, 2):
        put(watch, "leaf/1.jpg", seed)
        settled(watch, ticks)
    assert below(watch.folder) == ["done/leaf-2/1.jpg", "done/leaf/1.jpg"]


def test_it_hears_of_changes_and_stops(watch: Watch) -> None:
    watch.clock, watch.settle_s = time.monotonic, 0.2
    watch.steady.settle_s = 0.2
    stop, came = threading.Event(), threading.Event()
    watch.changed = came.set
    thread = threading.Thread(target=watch.run, args=(stop,))
    thread.start()
    try:
        put(watch, "leaf/1.jpg")
        assert came.wait(10)
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive() and len(cases_of(watch.store)) == 1


def test_data_and_watched_folder_are_apart(store: Store, tmp_path: Path) -> None:
    (tmp_path / "data/in").mkdir(parents=True)
    for folder in (tmp_path / "data/in", tmp_path / "data", tmp_path):
        with pytest.raises(UsageError):
            Watch(store, folder, tmp_path / "data")
    with pytest.raises(UsageError, match="no such folder"):
        Watch(store, tmp_path / "gone", tmp_path / "data")


def raising(error: Exception) -> Callable[..., object]:
    def fail(*arguments: object, **more: object) -> object:
        raise error

    return fail


@pytest.mark.parametrize("name", ["done", "failed"])
def test_a_link_in_place_of_our_folders_leads_nowhere(
    watch: Watch, ticks: Ticks, tmp_path: Path, name: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (watch.folder / name).symlink_to(outside)
    put(watch, "leaf/1.jpg")
    (watch.folder / "authorized_keys").write_bytes(b"ssh-rsa evil")
    for _ in range(4):
        settled(watch, ticks, 400)
    assert list(outside.iterdir()) == [] and name in watch.problem and "link" in watch.problem
    assert (watch.folder / "leaf" / "1.jpg").exists() and cases_of(watch.store) == []
    (watch.folder / name).unlink()
    settled(watch, ticks, 400)
    assert len(cases_of(watch.store)) == 1 and watch.problem == ""


@pytest.mark.parametrize("name", ["done", "failed"])
def test_a_link_that_is_put_there_meanwhile_leads_nowhere(
    watch: Watch, ticks: Ticks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()

    def swap(*arguments: Any) -> SentFile:
        if not (watch.folder / name).is_symlink():
            (watch.folder / name).symlink_to(outside)
        return keep(*arguments)

    monkeypatch.setattr(watching, "keep", swap)
    put(watch, "leaf/1.jpg"), (watch.folder / "leaf" / "clip.mp4").write_bytes(b"film")
    settled(watch, ticks, 400)
    assert list(outside.iterdir()) == [] and (watch.folder / "leaf" / "1.jpg").exists()


def test_links_pipes_and_devices_are_neither_followed_nor_waited_for(
    watch: Watch, ticks: Ticks, tmp_path: Path
) -> None:
    outside = write_car_photo(tmp_path / "elsewhere" / "1.jpg", 9, SIZE)
    (watch.folder / "linked").symlink_to(outside.parent)
    (watch.folder / "one.jpg").symlink_to(outside)
    (watch.folder / "device.jpg").symlink_to("/dev/zero")
    os.mkfifo(watch.folder / "pipe.jpg")
    put(watch, "leaf/1.jpg")
    (watch.folder / "leaf" / "2.jpg").symlink_to(outside)
    os.mkfifo(watch.folder / "leaf" / "3.jpg")
    settled(watch, ticks)
    (case,) = cases_of(watch.store)
    assert len(photos(watch.store, case.id)) == 1 and watch.problem == ""


@pytest.mark.parametrize("what", ["link", "pipe", "folder"])
def test_a_photo_that_became_something_else_is_not_read(
    watch: Watch, ticks: Ticks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    outside = write_car_photo(tmp_path / "elsewhere" / "1.jpg", 9, SIZE)

    def swap(top: Path, path: str) -> IO[bytes]:
        place = watch.folder / "leaf"
        if what == "folder":
            place.rename(tmp_path / "away")
            place.symlink_to(outside.parent)
        else:
            (place / "1.jpg").unlink()
            (place / "1.jpg").symlink_to(outside) if what == "link" else os.mkfifo(place / "1.jpg")
        return open_below(top, path)

    monkeypatch.setattr(watching, "open_below", swap)
    put(watch, "leaf/1.jpg")
    settled(watch, ticks)
    assert cases_of(watch.store) == [] and outside.exists()
    assert watch.store.originals is not None and not watch.store.originals.has(file_sha256(outside))


def test_without_room_everything_waits(watch: Watch, ticks: Ticks) -> None:
    put(watch, "leaf/1.jpg")
    assert watch.store.originals is not None
    object.__setattr__(watch.store.originals, "floor", 1 << 60)
    assert not settled(watch, ticks) and "KILPI_MIN_FREE_MB" in watch.problem
    assert "again" not in watch.problem, "nothing needs to be sent again"
    assert below(watch.folder) == ["leaf/1.jpg"] and cases_of(watch.store) == []
    object.__setattr__(watch.store.originals, "floor", 0)
    settled(watch, ticks)
    assert len(cases_of(watch.store)) == 1 and watch.problem == ""
