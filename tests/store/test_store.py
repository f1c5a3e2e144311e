from __future__ import annotations

import contextlib
import logging
import stat
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from tests.stores import FakeClock

from kilpi.config import Settings
from kilpi.errors import MissingExtra, StoreError, UsageError
from kilpi.store import Store, Tx, open_store, uuid7
from kilpi.store.tables import cases, events, jobs, photos

SECRET = "ABC-987"  # stands for a mark


def insert(tx: Tx, **more: object) -> str:
    values: dict[str, object] = {"id": uuid7(), "address": uuid7(), "received": tx.now, "changed": tx.now}
    values |= more
    tx.run(cases.insert().values(**values))
    return str(values["id"])


def test_what_is_written_is_read_by_another(store: Store, open_store: Callable[[], Store]) -> None:
    case_id = store.write(insert)
    assert open_store().read(lambda tx: tx.row(sa.select(cases.c.id))) == {"id": case_id}


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def fail(tx: Tx) -> None:
        insert(tx)
        raise ValueError

    with pytest.raises(ValueError):
        store.write(fail)
    assert store.read(lambda tx: tx.rows(sa.select(cases))) == []


def test_times_come_back_in_utc_and_a_time_without_zone_is_refused(store: Store, clock: FakeClock) -> None:
    clock.now = datetime(2026, 3, 2, 10, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    store.write(insert)
    row = store.read(lambda tx: tx.row(sa.select(cases)))
    assert row is not None
    assert row["received"] == datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=UTC)
    assert row["received"].utcoffset() == timedelta(0)
    with pytest.raises(StoreError):
        store.write(lambda tx: insert(tx, received=datetime(2026, 3, 2)))


def test_a_photo_needs_its_case(store: Store) -> None:
    with pytest.raises(StoreError):
        store.write(lambda tx: tx.run(photos.insert().values(case_id="none", sha256="a")))


def test_events_can_be_added_and_blanked_but_not_changed_or_deleted(store: Store) -> None:
    def add(tx: Tx) -> str:
        case_id = insert(tx)
        tx.run(events.insert().values(case_id=case_id, seq=1, at=tx.now, by="a", kind="sold", data={"x": 1}))
        return case_id

    case_id = store.write(add)
    for change in ({"data": {"x": 2}}, {"data": None, "kind": "erased"}, {"data": None, "seq": 2}):
        with pytest.raises(StoreError):
            store.write(lambda tx, change=change: tx.run(events.update().values(**change)))  # type: ignore[misc]
    with pytest.raises(StoreError):
        store.write(lambda tx: tx.run(events.delete()))
    store.write(lambda tx: tx.run(events.update().values(data=sa.null(), by="person")))
    rows = store.read(lambda tx: tx.rows(sa.select(events.c.case_id, events.c.data, events.c.by)))
    assert rows == [{"case_id": case_id, "data": None, "by": "person"}]


def test_no_message_and_no_log_line_holds_what_was_written(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    store.write(lambda tx: insert(tx, address=SECRET))
    with pytest.raises(StoreError) as twice:
        store.write(lambda tx: insert(tx, address=SECRET))
    with pytest.raises(StoreError) as wrong:
        store.read(lambda tx: tx.rows(sa.text(f"SELECT nothing FROM cases WHERE mark = '{SECRET}'")))
    for error in (twice, wrong):
        told = f"{error.value} {error.value.__cause__} {error.getrepr(chain=False)}"
        assert "database" in str(error.value)
        assert SECRET not in str(error.value)
        assert error.value.__cause__ is None
        assert error.value.__suppress_context__ or SECRET not in told
    assert SECRET not in caplog.text


def test_text_that_a_database_cannot_keep_is_the_askers_mistake(store: Store) -> None:
    """Postgres keeps no NUL, neither as text nor inside JSON; the database is well, and is not blamed."""
    for more in ({"reference": f"{SECRET}\0"}, {"reasons": [f"{SECRET}\0"]}):
        with contextlib.suppress(UsageError):  # SQLite keeps it
            store.write(lambda tx, more=more: insert(tx, **more))  # type: ignore[misc]
    with contextlib.suppress(UsageError):
        store.read(lambda tx: tx.rows(sa.select(cases.c.id).where(cases.c.dealer == "a\0")))
    if store.engine.dialect.name == "postgresql":
        with pytest.raises(UsageError, match="NUL") as told:
            store.write(lambda tx: insert(tx, reference=f"{SECRET}\0"))
        assert SECRET not in str(told.value)
        assert store.read(lambda tx: tx.rows(sa.select(cases.c.id))) == []


def test_writers_wait_for_each_other(store: Store) -> None:
    """Read, then write what was read: without the lock from the beginning, additions would be lost."""
    case_id = store.write(insert)

    def add(tx: Tx) -> None:
        query = sa.select(cases.c.version).where(cases.c.id == case_id).with_for_update()
        row = tx.row(query)
        assert row is not None
        tx.run(cases.update().values(version=row["version"] + 1))

    threads = [threading.Thread(target=lambda: [store.write(add) for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read(lambda tx: tx.row(sa.select(cases.c.version))) == {"version": 80}


def test_a_deadlock_is_broken_and_run_again(store: Store) -> None:
    """Two take the same two rows in opposite order; Postgres ends one, SQLite never gets there."""
    ids = [store.write(insert), store.write(insert)]
    both = threading.Barrier(2, timeout=0.5)

    def change(order: list[str]) -> None:
        def do(tx: Tx) -> None:
            for case_id in order:
                tx.run(cases.update().where(cases.c.id == case_id).values(version=cases.c.version + 1))
                with contextlib.suppress(threading.BrokenBarrierError):
                    both.wait()

        store.write(do)

    threads = [threading.Thread(target=change, args=(order,)) for order in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read(lambda tx: tx.rows(sa.select(cases.c.version))) == [{"version": 2}] * 2


def test_locks_by_name_exclude_each_other(store: Store) -> None:
    order: list[str] = []
    inside, go_on = threading.Event(), threading.Event()

    def first(tx: Tx) -> None:
        tx.lock("mark FI ABC987")
        inside.set()
        go_on.wait(5)
        order.append("first")

    def second(tx: Tx) -> None:
        tx.lock("mark FI ABC987")
        order.append("second")

    one = threading.Thread(target=lambda: store.write(first))
    two = threading.Thread(target=lambda: store.write(second))
    one.start()
    inside.wait(5)
    two.start()
    two.join(0.1)
    assert order == []
    go_on.set()
    one.join()
    two.join()
    assert order == ["first", "second"]


def test_without_a_given_clock_a_transaction_has_one_moment(place: str) -> None:
    store = Store.open(place)
    first, second = store.read(lambda tx: (tx.now, tx.now))
    assert first == second
    assert abs(first - datetime.now(UTC)) < timedelta(seconds=60)
    store.close()


def test_the_database_is_the_owners_alone(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "new" / "kept")
    store.write(insert)
    for folder in (tmp_path / "new", tmp_path / "new" / "kept"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = list((tmp_path / "new" / "kept").iterdir())
    assert {file.name for file in files} >= {"kilpi.db", "kilpi.db-wal"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    store.close()


def test_sqlite_runs_as_it_should(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
    read = store.read(lambda tx: [tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names])
    assert read == ["wal", 2, 1, 1, 30_000]
    store.close()


@pytest.mark.parametrize("wrong", ["mysql://localhost/kilpi", "postgresql+psycopg2://x/y"])
def test_other_databases_are_refused(wrong: str) -> None:
    with pytest.raises(UsageError, match="KILPI_DATABASE_URL"):
        Store.open(wrong)


def test_an_address_that_cannot_be_reached_is_not_told() -> None:
    with pytest.raises(StoreError) as error:
        Store.open("postgresql://kilpi:s3cret@127.0.0.1:1/kilpi?connect_timeout=2")
    assert "s3cret" not in str(error.value)


def test_postgres_without_its_part_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kilpi.store.engines.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"kilpi\[postgres\]"):
        Store.open("postgresql://localhost/kilpi")


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("no folder")
    with pytest.raises(StoreError, match="kept"):
        Store.open(tmp_path / "kept")
    (tmp_path / "kilpi.db").write_text("no database, but long enough to be taken for one" * 20)
    with pytest.raises(StoreError, match="database"):
        Store.open(tmp_path)


def test_the_settings_choose_the_database(place: str, tmp_path: Path) -> None:
    url = place if "://" in place else ""
    store = open_store(tmp_path / "kept", Settings(database_url=SecretStr(url)))
    assert store.engine.dialect.name == ("postgresql" if url else "sqlite")
    assert store.originals is not None
    assert store.originals.folder == tmp_path / "kept" / "originals"
    assert store.read(lambda tx: tx.rows(sa.select(jobs))) == []
    store.close()
    assert "s3cret" not in repr(Settings(database_url=SecretStr("postgresql://a:s3cret@b/c")))


@pytest.mark.parametrize("address", ["kilpi", "db/kilpi", "localhost:5432/kilpi"])
def test_what_is_no_address_of_a_database_makes_no_database(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="KILPI_DATABASE_URL is no address") as caught:
        open_store(tmp_path / "kept", Settings(database_url=SecretStr(address)))
    assert address not in str(caught.value), "it may hold a password"
    assert list(tmp_path.iterdir()) == []
