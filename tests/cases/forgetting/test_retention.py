from __future__ import annotations

import io
import logging
import os
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.cases.helping import Told, in_state, ready, review, worked
from tests.stores import FakeClock

from kilpi.cases import (
    Arrival,
    Case,
    Event,
    Kind,
    Outcome,
    SaidMark,
    Sent,
    State,
    Task,
    answer,
    backlog,
    erase,
    erase_expired,
    history,
    jobs,
    keep_until,
    photos,
    read_case,
    receive,
    remove_orphans,
    undo,
    work,
)
from kilpi.cases.forgetting.retention import ERASE
from kilpi.cases.records import append
from kilpi.errors import CaseRefused
from kilpi.store import Store
from kilpi.store.tables import metadata
from kilpi.types import Mark

PERSONAL = ("QZX", "4711", "anna", "Meikäläinen", "secret-folder", "holiday.jpg", "mail-77")


def original(store: Store, content: bytes) -> Sent:
    assert store.originals is not None
    return Sent(store.originals.add(io.BytesIO(content)), "holiday.jpg")


def personal(store: Store, *content: bytes) -> Case:
    """A case with something personal in every column that may hold it, published."""
    arrival = Arrival(
        tuple(original(store, one) for one in content),
        by="anna",
        reference="Meikäläinen 4711",
        receipt="mail-77",
        place="/secret-folder",
        addresses=("meikäläinen-4711",),
    )
    case = receive(store, arrival).case
    worked(store, case, review(Mark("QZX-471", "FI")))
    answer(store, case.id, SaidMark("QZX-4711", "FI"), by="anna")
    return worked(store, case, ready(record={"plate": "QZX-4711"}, title="Meikäläinen"))


def everything(store: Store) -> str:
    """All rows of all tables as text."""
    return store.read(lambda tx: repr([tx.rows(sa.select(table)) for table in metadata.sorted_tables]))


def test_nothing_personal_is_left(store: Store) -> None:
    case = personal(store, b"photo 1", b"photo 2")
    shas = [photo.sha256 for photo in photos(store, case.id)]
    before = everything(store)
    assert all(word in before for word in (*PERSONAL, *shas))
    erased = erase(store, case.id, by="anna")
    after = everything(store)
    assert [word for word in (*PERSONAL, *shas) if word in after] == []
    assert (erased.state, erased.mark, erased.reference, erased.address) == (State.ERASED, None, "", case.id)
    assert store.originals is not None
    assert not any(path.is_file() for path in store.originals.folder.rglob("*"))


def bare(events: list[Event]) -> list[tuple[object, ...]]:
    return [(event.seq, event.at, event.kind) for event in events]


def test_the_tombstone_says_what_happened_when(store: Store) -> None:
    case = personal(store, b"photo")
    before = history(store, case.id)
    erase(store, case.id, by="anna", why="asked")
    after = history(store, case.id)
    assert [(one.seq, one.at, one.kind) for one in after[:-1]] == [
        (one.seq, one.at, one.kind) for one in before
    ]
    assert all(not one.data for one in after[:-1])
    assert {one.by for one in after} == {"kilpi", "person"}
    assert after[-1].data == {"why": "asked", "live": {}, "address": ""}
    with pytest.raises(CaseRefused):
        erase(store, case.id, by="anna")
    with pytest.raises(CaseRefused):
        undo(store, case.id, by="anna")


def test_erased_text_is_not_in_the_file_either(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    case = personal(store, b"photo")
    erase(store, case.id, by="anna")
    with store.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("kilpi.db*"))
    assert [word for word in PERSONAL if word.encode() in content] == []


def test_a_photo_of_another_case_stays(store: Store) -> None:
    case = personal(store, b"banner", b"mine")
    receive(store, Arrival((original(store, b"banner"), original(store, b"theirs")), dealer="two"))
    erase(store, case.id, by="anna")
    assert store.originals is not None
    left = [path.read_bytes() for path in store.originals.folder.rglob("*") if path.is_file()]
    assert sorted(left) == [b"banner", b"theirs"]


def test_a_dealers_own_folder_is_left_alone(store: Store, tmp_path: Path) -> None:
    mine = tmp_path / "mine.jpg"
    mine.write_bytes(b"x")
    case = receive(store, Arrival((Sent("0" * 64, "mine.jpg", str(mine)),))).case
    erase(store, case.id, by="anna")
    assert mine.exists()


def test_files_are_removed_by_the_next_worker_if_this_one_dies(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = personal(store, b"photo")
    with monkeypatch.context() as dying:
        dying.setattr("kilpi.cases.forgetting.retention.remove_files", lambda store, job: exit("killed"))
        with pytest.raises(SystemExit):
            erase(store, case.id, by="anna")
    assert store.originals is not None
    assert any(path.is_file() for path in store.originals.folder.rglob("*"))
    assert jobs.take(store, [ERASE]) is None  # leased still
    clock.tick(61)
    assert work(store, Told(ready())) == 1
    assert not any(path.is_file() for path in store.originals.folder.rglob("*"))


def test_a_case_is_erased_while_it_is_worked_on(store: Store) -> None:
    case = in_state(store, State.WORKING)

    def flow(task: Task) -> Outcome:
        erase(store, case.id, by="anna")
        return ready()

    work(store, flow)
    assert read_case(store, case.id).state is State.ERASED
    assert "ABC" not in everything(store)
    assert history(store, case.id)[-1].kind is Kind.ERASED


def test_a_case_is_erased_while_its_worker_is_dead(store: Store, clock: FakeClock) -> None:
    case = in_state(store, State.WORKING)  # answered, so an answer is among what is erased
    assert jobs.take(store, ["work"]) is not None
    erase(store, case.id, by="anna")
    clock.tick(61)
    work(store, Told(ready()))
    assert backlog(store) == jobs.Backlog(0, 0, 0, 0)
    assert read_case(store, case.id).state is State.ERASED


def test_cars_that_are_gone_are_erased_in_time(store: Store, clock: FakeClock) -> None:
    sold, withdrawn = in_state(store, State.SOLD, "a"), in_state(store, State.WITHDRAWN, "b", dealer="x")
    for_sale = worked(store, in_state(store, State.REVIEW, "c"), review())
    undone = in_state(store, State.WITHDRAWN, "d", dealer="y")
    undo(store, undone.id, by="anna")
    assert keep_until(sold, 90) == clock() + timedelta(days=90)
    assert keep_until(for_sale, 90) is None
    clock.tick(90 * 86_400 - 1)
    assert erase_expired(store, 90) == []
    clock.tick(1)
    assert sorted(erase_expired(store, 90)) == sorted([sold.id, withdrawn.id])
    assert erase_expired(store, 90) == []
    assert history(store, sold.id)[-1].data["why"] == "keep_days"
    assert read_case(store, undone.id).state is not State.ERASED


def test_uploads_that_became_no_case_are_removed(store: Store) -> None:
    kept = receive(store, Arrival((original(store, b"kept"),))).case
    orphan, fresh = original(store, b"orphan"), original(store, b"fresh")
    assert store.originals is not None
    for sha256 in (orphan.sha256, photos(store, kept.id)[0].sha256):
        os.utime(store.originals.path(sha256), (1, 1))
    assert remove_orphans(store) == 1
    found = {path.name for path in store.originals.folder.rglob("*") if path.is_file()}
    assert found == {photos(store, kept.id)[0].sha256, fresh.sha256}
    assert remove_orphans(store) == 0


def test_no_log_line_and_no_refusal_holds_a_mark(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    case = personal(store, b"photo")
    with pytest.raises(CaseRefused) as refused:
        store.write(lambda tx: append(tx, case.id, Kind.STARTED, "x"))
    erase(store, case.id, by="anna")
    told = caplog.text + str(refused.value)
    assert [word for word in PERSONAL if word in told] == []
