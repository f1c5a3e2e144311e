"""kilpi watch, kilpi hooks: from the command line, to the end."""

from __future__ import annotations

import inspect
import io
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.cases.helping import arrive
from tests.fakes import write_car_photo
from tests.ports import free_port
from typer.testing import CliRunner

from kilpi.cases import Arrival, Case, How, MadeCars, Received, Sent, State, find, receive
from kilpi.cases.incoming.newer_lists import Listed
from kilpi.cli import app, doors, hooks, serve
from kilpi.cli.cases import who_makes
from kilpi.cli.doors import run_door
from kilpi.doors.looks import looks
from kilpi.doors.steady import Steady
from kilpi.doors.watch import Watch
from kilpi.errors import DoorError, NoRoom, StoreError, UsageError
from kilpi.store import Store


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def test_watch_once_and_hooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Steady, "stands", lambda self, entry, now: True)  # seconds that nobody needs
    monkeypatch.setenv("KILPI_HOOKS_PRIVATE", "127.0.0.1")
    data = str(tmp_path / "data")
    write_car_photo(tmp_path / "in/leaf/1.jpg", 1, (160, 120))
    Store.open(tmp_path / "data").close()
    made = json.loads(run("hooks", "add", "http://127.0.0.1:9/x", "--data", data, "--json"))
    assert made["secret"].startswith("whsec_")
    watched = ["watch", str(tmp_path / "in"), "--data", data, "--dealer", "Auto Oy", "--once"]
    (line,) = run(*watched).splitlines()
    assert json.loads(line)["how"] == "new" and "leaf" not in line
    assert (tmp_path / "in/done/leaf/1.jpg").is_file()
    told = [json.loads(line) for line in run("hooks", "deliveries", "--data", data, "--json").splitlines()]
    assert [one["kind"] for one in told] == ["received"] and "secret" not in run(
        "hooks", "list", "--data", data
    )
    run("hooks", "send", "--once", "--data", data)
    assert json.loads(run("hooks", "deliveries", "--data", data, "--json"))["error"] == "ConnectError"
    assert json.loads(run("hooks", "resend", told[0]["id"], "--data", data, "--json")) == {"resent": 1}
    store = Store.open(tmp_path / "data")
    assert [case.dealer for case in find(store).cases] == ["Auto Oy"] and looks(store) == []
    store.close()


def test_what_works_beside_the_server_works_on_its_folder() -> None:
    verbs: list[Callable[..., None]] = [serve.serve, doors.watch, doors.mail, hooks.add, hooks.send]
    assert {inspect.signature(verb).parameters["data"].default for verb in verbs} == {Path("kilpi-data")}


def test_cars_are_told_also_when_nobody_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*arguments: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("kilpi.cli.output.print_json", closed)
    case = Case("1", "", "leaf", "", "", 1, datetime.now(UTC), datetime.now(UTC), State.RECEIVED)
    doors.tell_cars(MadeCars((Received(case, How.NEW),)))


def test_a_stock_list_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr("kilpi.cli.output.tell", lambda data, words, as_json: told.append((data, words)))
    case = Case("1", "", "leaf", "", "", 1, datetime.now(UTC), datetime.now(UTC), State.READY)
    doors.tell_cars(MadeCars((), stock=True, listed=Listed(41, (case,))))
    data, words = {"listed": 41, "unlisted": ["1"]}, "stock list: 41 cars; no longer in it, figures kept: 1"
    assert told == [(data, words)]


def test_watch_once_ends_where_there_is_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_car_photo(tmp_path / "in/leaf/1.jpg", 1, (160, 120))
    monkeypatch.setenv("KILPI_MIN_FREE_MB", str(1 << 40))
    monkeypatch.setattr(doors, "tell_log", lambda form: None)
    watched = ["watch", str(tmp_path / "in"), "--data", str(tmp_path / "data"), "--once"]
    done = CliRunner().invoke(app, watched)
    assert isinstance(done.exception, NoRoom) and "KILPI_MIN_FREE_MB" in str(done.exception)
    assert (tmp_path / "in/leaf/1.jpg").is_file()


def test_mail_once_says_what_it_could_not_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setattr(doors, "tell_log", lambda form: None)
    for name, value in {
        "HOST": "127.0.0.1", "PORT": str(port), "TLS": "none", "USER": "u", "PASSWORD": "p",
        "SENDERS": "a@x.example=X Oy",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"KILPI_MAIL_{name}", value)
    done = CliRunner().invoke(app, ["mail", "--data", str(tmp_path / "data"), "--once"])
    assert isinstance(done.exception, DoorError) and done.exception.exit_code == 15
    told = str(done.exception)
    assert f"127.0.0.1:{port} cannot be reached" in told and "KILPI_MAIL_PORT" in told


def test_a_door_that_is_shut_is_not_missed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    store = Store.open(tmp_path / "data")
    stop = threading.Event()
    door = Watch(store, tmp_path / "in", tmp_path / "data")
    door.look()
    assert [look.name for look in looks(store)] == [door.name]
    stop.set()
    run_door(door, stop)
    assert looks(store) == []
    store.close()


def test_hooks_say_what_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KILPI_HOOKS_PRIVATE", "127.0.0.1")
    data = str(tmp_path / "data")
    added = ["hooks", "add", "http://127.0.0.1:9/x", "--data", data, "--dealer", "Auot Oy"]
    early = CliRunner().invoke(app, added)
    assert isinstance(early.exception, StoreError)
    assert "`kilpi serve` once it was started" in str(early.exception)
    Store.open(tmp_path / "data").close()
    assert "nobody here is called so yet" in CliRunner().invoke(app, added).stderr
    resent = CliRunner().invoke(app, ["hooks", "resend", "msg_x", "--data", data])
    assert isinstance(resent.exception, UsageError) and "1 of these ids" in str(resent.exception)


def test_who_makes_the_advert_of_photos_that_were_sent(store: Store) -> None:
    lying = arrive(store, "a")
    sent_in = receive(store, Arrival((Sent(kept(store, b"b"), "b.jpg"),))).case
    assert "kilpi advert" in who_makes(store, lying) and "kilpi serve" in who_makes(store, sent_in)


def kept(store: Store, content: bytes) -> str:
    """A photo among the originals."""
    assert store.originals is not None
    return store.originals.add(io.BytesIO(content))
