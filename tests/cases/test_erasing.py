"""Erasure, whatever else goes on: a worker has the car, a heap waits, somebody else sent the same photo."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.sent_cars import a_photo, maker_of, send_car, work_all
from tests.stores import FakeClock, no_power_cuts

from kilpi.adverts.folders import NEW, OLD
from kilpi.cases import (
    Beside,
    Case,
    Desk,
    Flow,
    LaidOut,
    Later,
    Outcome,
    SaidFacts,
    SaidMark,
    Site,
    State,
    Task,
    answer,
    backlog,
    find,
    heap_sorter,
    history,
    jobs,
    keep,
    photos,
    publish_one,
    published,
    publisher,
    publishing,
    read_case,
    remove_orphans,
    rerun,
    shown_at,
    taken_down,
    work,
)
from kilpi.cases.forgetting import keeping
from kilpi.cases.forgetting.keeping import Keep, retain
from kilpi.cases.forgetting.sweeping import sweep
from kilpi.cases.incoming import sent_heaps
from kilpi.photos.heap import HeapPhoto
from kilpi.store import Store
from kilpi.store.tables import cases, uploads

MARKS = (b"ABC-123", b"ABC123", b"KLP-777")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def kept(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """As `kilpi serve` opens it: the database lies in the data folder."""
    no_power_cuts(monkeypatch)
    store = Store.open(data)
    yield store
    store.close()


def holding(folder: Path) -> list[str]:
    """The files of a folder that hold a mark in content or name, the database's among them."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    named = [path for path in folder.rglob("*") if any(mark.decode() in path.name for mark in MARKS)]
    return [str(path) for path in found if any(mark in path.read_bytes() for mark in MARKS)] + [
        *map(str, named)
    ]


def a_leaf(store: Store, data: Path, tmp_path: Path) -> Case:
    return send_car(store, data, {f"leaf/{n}.jpg": a_photo(tmp_path, n) for n in (1, 2)}).cars[0].case


def test_cases_that_were_joined_to_it_go_with_it(store: Store, data: Path, tmp_path: Path) -> None:
    """They are the same car: each had its mark, for as long as a car that was withdrawn is kept."""
    case, other, third, apart = (
        send_car(store, data, {f"{name}/{n}.jpg": a_photo(tmp_path, n) for n in numbers}).cars[0].case
        for name, numbers in (("leaf", (1, 2)), ("golf", (3,)), ("yaris", (4,)), ("micra", (5,)))
    )
    desk = Desk(store, data)
    for one in (case, other, third):
        answer(store, one.id, SaidMark("ABC-123", "FI"), by="anna", sure=True)
    desk.join(third.id, other.id, by="anna")
    desk.join(other.id, case.id, by="anna")
    desk.withdraw(apart.id, by="anna")
    desk.erase(case.id, by="anna")
    assert [read_case(store, one.id).state for one in (case, other, third)] == [State.ERASED] * 3
    assert read_case(store, apart.id).state is State.WITHDRAWN
    for one in (other, third):
        assert read_case(store, one.id).mark is None
        assert [event.data for event in history(store, one.id)[:-1] if event.data] == []
    assert backlog(store) == jobs.Backlog(0, 0, 0, 0)


def once_made(store: Store, data: Path, then: Callable[[], object]) -> Flow:
    """The line, and something that happens when it has just written the car's folder."""
    flow = LaidOut(store, maker_of(store, data), Beside(data))

    def made(task: Task) -> Outcome | Later:
        outcome = flow(task)
        assert (data / task.case.address / "decision.json").is_file()
        then()
        return outcome

    return made


@pytest.mark.parametrize("verb", ["erase", "sold", "withdraw"])
def test_what_a_worker_wrote_of_a_car_that_went_meanwhile_goes_too(
    kept: Store, data: Path, tmp_path: Path, verb: str
) -> None:
    case = a_leaf(kept, data, tmp_path)
    work(kept, once_made(kept, data, lambda: getattr(Desk(kept, data), verb)(case.id, by="anna")))
    assert not (data / case.address).exists()
    assert verb != "erase" or holding(data) == []
    assert backlog(kept) == jobs.Backlog(0, 0, 0, 0)


def test_also_where_the_flow_fails_then(kept: Store, data: Path, tmp_path: Path) -> None:
    case = a_leaf(kept, data, tmp_path)

    def erase_and_fail() -> None:
        Desk(kept, data).erase(case.id, by="anna")
        (data / case.address).mkdir(exist_ok=True)
        raise RuntimeError

    made = once_made(kept, data, erase_and_fail)
    work(kept, made)
    assert not (data / case.address).exists() and backlog(kept) == jobs.Backlog(0, 0, 0, 0)


def test_also_where_the_worker_dies_then(store: Store, clock: FakeClock, data: Path, tmp_path: Path) -> None:
    """The next one takes the job up, and knows from it where the folder was."""
    case = a_leaf(store, data, tmp_path)

    def erase_and_die() -> None:
        aside = data / case.address
        shutil.copytree(aside, tmp_path / "aside")
        Desk(store, data).erase(case.id, by="anna")
        shutil.copytree(
            tmp_path / "aside", aside
        )  # written again after the erasure, by a worker that is slow
        raise SystemExit

    with pytest.MonkeyPatch.context() as dying:
        dying.setattr(
            "kilpi.cases.making.worker.put_back", lambda *given: None
        )  # killed: nothing is put back
        with pytest.raises(SystemExit):
            work(store, once_made(store, data, erase_and_die))
    assert holding(data / case.address)
    clock.tick(61)
    work_all(store, data)
    assert not (data / case.address).exists()


def test_a_worker_that_lost_its_lease_leaves_nothing(
    store: Store, clock: FakeClock, data: Path, tmp_path: Path
) -> None:
    case = a_leaf(store, data, tmp_path)

    def stand_still() -> None:
        shutil.copytree(data / case.address, tmp_path / "aside")
        clock.tick(61)
        assert jobs.take(store, ["work"]) is not None  # another worker has it
        Desk(store, data).erase(case.id, by="anna")
        shutil.copytree(tmp_path / "aside", data / case.address)

    work(store, once_made(store, data, stand_still), lease_s=60)
    assert not (data / case.address).exists()


def test_an_advert_that_is_sent_while_its_car_is_erased_is_taken_down(
    kept: Store, data: Path, tmp_path: Path
) -> None:
    files = {f"leaf/{n}.jpg": a_photo(tmp_path, n) for n in (1, 2)} | {
        "leaf/car.toml": b"price = 1000\nkm = 2\n"
    }
    send_car(kept, data, files)
    (case,) = work_all(kept, data)
    site = Site(data, tmp_path / "site")

    def show(shown: Case, advert: str | None) -> None:
        site(shown, advert)
        if advert is not None:
            Desk(kept, data).erase(case.id, by="anna")

    publish_one(kept, case.id, site.target, by="anna")
    work(kept, lambda task: None, handlers=publisher(kept, site.target, show))  # type: ignore[arg-type]
    assert [path for path in (tmp_path / "site").rglob("*") if path.is_file()] == []
    assert shown_at(kept, case.id) == {} and holding(data) == []


def test_the_folders_name_is_kept_no_longer_than_the_advert_is_out(
    kept: Store, data: Path, tmp_path: Path
) -> None:
    case = a_leaf(kept, data, tmp_path)
    kept.write(lambda tx: tx.run(cases.update().values(address="KLP-777")))
    answer(kept, case.id, SaidFacts(Decimal(1000), "EUR", 2), by="anna")
    work_all(kept, data)
    published(kept, case.id, "there", publishing(kept, case.id, "there"))
    Desk(kept, data).erase(case.id, by="anna")
    assert history(kept, case.id)[-1].data["address"] == "KLP-777" and not (data / "KLP-777").exists()
    taken_down(kept, case.id, "there")
    kept.checkpoint()
    assert holding(data) == [] and read_case(kept, case.id).live == 0


def test_no_byte_of_the_mark_is_left(kept: Store, data: Path, tmp_path: Path) -> None:
    """In no file: adverts, texts, originals, the archive's names, the database and its log."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("KLP-777/KLP-777 front.jpg", a_photo(tmp_path, 1))
        archive.writestr("KLP-777/KLP-777 back.jpg", a_photo(tmp_path, 2))
        archive.writestr("KLP-777/notes.txt", b"KLP-777, 9900 EUR")
    send_car(kept, data, {"KLP-777.zip": packed.getvalue()})
    (case,) = work_all(kept, data)
    assert len(holding(data)) >= 4, "the advert, the text, its original, the database"
    Desk(kept, data).erase(case.id, by="anna")
    assert holding(data) == []
    assert list((data / ".beside").glob("*")) == [] and not any((data / "originals").glob("??/*"))


def test_the_other_dealers_upload_is_still_told(kept: Store, data: Path, tmp_path: Path) -> None:
    same = a_photo(tmp_path, 1)
    case = send_car(kept, data, {"leaf/1.jpg": same}, dealer="A Oy").cars[0].case
    theirs = keep(kept, "B Oy", "x/1.jpg", io.BytesIO(same))
    Desk(kept, data).erase(case.id, by="anna")
    owners = kept.read(lambda tx: tx.rows(sa.select(uploads.c.owner)))
    assert [row["owner"] for row in owners] == ["B Oy"]
    assert kept.originals and kept.originals.has(theirs.sha256), "a fresh upload becomes a car yet"
    for path in (data / "originals").glob("??/*"):
        os.utime(path, (1, 1))
    kept.write(lambda tx: tx.run(uploads.update().values(at=tx.now - timedelta(days=2))))
    assert remove_orphans(kept) == 1


def test_the_photos_of_a_heap_wait_with_it(kept: Store, data: Path, tmp_path: Path) -> None:
    first = a_photo(tmp_path, 1)
    other = send_car(kept, data, {"golf/1.jpg": first}, dealer="A Oy").cars[0].case
    made = send_car(kept, data, {"1.jpg": first, "2.jpg": a_photo(tmp_path, 2)}, dealer="B Oy")
    assert made.heaps == 1
    kept.write(lambda tx: tx.run(uploads.delete()))
    for path in (data / "originals").glob("??/*"):
        os.utime(path, (1, 1))
    Desk(kept, data).erase(other.id, by="anna")
    assert remove_orphans(kept) == 0
    work_all_sorted(kept)
    (case,) = find(kept).cases
    assert len(photos(kept, case.id)) == 2 and case.dealer == "B Oy"


def unsure(path: Path, name: str) -> HeapPhoto:
    raise RuntimeError("sorting does not know this photo")


def work_all_sorted(store: Store) -> None:
    handlers = heap_sorter(store, unsure)
    work(store, lambda task: None, handlers=handlers, stop=iter([False, True]).__next__)  # type: ignore[arg-type]


def test_a_heap_that_lost_a_photo_says_so(kept: Store, data: Path, tmp_path: Path) -> None:
    send_car(kept, data, {"1.jpg": a_photo(tmp_path, 1), "2.jpg": a_photo(tmp_path, 2)})
    next((data / "originals").glob("??/*")).unlink()
    work_all_sorted(kept)
    (case,) = find(kept).cases
    assert (case.state, [(why.code, why.values) for why in case.reasons]) == (
        State.REVIEW,
        [("photos_lost", {"count": 1})],
    )
    assert backlog(kept) == jobs.Backlog(0, 0, 0, 0)


def test_a_heap_that_lost_all_is_given_up_at_once(
    kept: Store, data: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    send_car(kept, data, {"1.jpg": a_photo(tmp_path, 1), "2.jpg": a_photo(tmp_path, 2)})
    for path in (data / "originals").glob("??/*"):
        path.unlink()
    work_all_sorted(kept)
    assert backlog(kept).given_up == 1 and "all 2 photos" in caplog.text
    assert find(kept).cases == ()


def test_a_heap_that_cannot_be_sorted_is_one_case_in_the_end(kept: Store, data: Path, tmp_path: Path) -> None:
    send_car(kept, data, {"1.jpg": a_photo(tmp_path, 1), "2.jpg": a_photo(tmp_path, 2)})

    def fails(job: jobs.Job) -> None:
        with pytest.MonkeyPatch.context() as broken:
            broken.setattr(sent_heaps, "look_at", lambda files, look: 1 / 0)
            sent_heaps.sort_sent(kept, job, unsure)

    job = jobs.take(kept, ["sort"])
    assert job is not None
    with pytest.raises(ZeroDivisionError):
        fails(job)
    fails(replace(job, attempts=jobs.ATTEMPTS))
    (case,) = find(kept).cases
    assert len(photos(kept, case.id)) == 2


def test_what_dead_processes_left_is_swept_and_nothing_else(kept: Store, data: Path, tmp_path: Path) -> None:
    case = a_leaf(kept, data, tmp_path)
    stays = send_car(kept, data, {"golf/1.jpg": a_photo(tmp_path, 3)}).cars[0].case
    work_all(kept, data)
    shutil.copytree(data / case.address, tmp_path / "aside")
    Desk(kept, data).erase(case.id, by="anna")
    for name in (case.address, "my own copy", f"{OLD}{case.address}-2", ".mine"):
        shutil.copytree(tmp_path / "aside", data / name)
    (data / case.address / "mine.txt").write_text("the user's")
    (data / ".beside" / case.id).mkdir(parents=True)
    (data / "not ours").mkdir()
    (data / f"{NEW}fresh").mkdir()
    assert sweep(kept) == 2
    assert [path.name for path in (data / case.address).iterdir()] == ["mine.txt"]
    assert (data / "my own copy" / "decision.json").is_file(), "a copy under another name is the user's"
    assert (data / stays.address / "decision.json").is_file() and (data / "not ours").is_dir()
    assert (data / ".mine").is_dir() and (data / f"{NEW}fresh").is_dir()
    assert not (data / ".beside" / case.id).exists()
    assert retain(kept, Keep()).swept == 0


def test_a_case_that_somebody_came_back_to_is_not_erased_for_idleness(
    store: Store, clock: FakeClock, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = a_leaf(store, data, tmp_path)
    work_all(store, data)
    clock.tick(366 * 86_400)
    real = keeping.overdue
    looks: list[object] = []

    def overdue(*given: object) -> list[tuple[Case, str]]:
        found = real(store, Keep()) if not looks else []
        looks.append(found)
        if found:
            rerun(store, case.id, by="anna", why="back")
        return found

    monkeypatch.setattr(keeping, "overdue", overdue)
    assert retain(store, Keep()).idle == () and read_case(store, case.id).state is State.WORKING


def test_old_uploads_are_forgotten_daily(kept: Store, data: Path) -> None:
    keep(kept, "", "KLP-777.txt", io.BytesIO(b"x"))
    kept.write(lambda tx: tx.run(uploads.update().values(at=tx.now - timedelta(days=8))))
    retain(kept, Keep())
    assert kept.read(lambda tx: tx.rows(sa.select(uploads))) == []
