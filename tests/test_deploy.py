"""Alarms and dashboard ask for what /metrics has: each query is put to a Prometheus that scrapes a server."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import uvicorn
import yaml
from tests.cases.helping import Told, in_state, ready
from tests.fakes import write_car_photo
from tests.ports import free_port
from tests.postgres import binaries
from tests.web.serving import Server, server

from kilpi.cases import Arrival, Later, Sent, State, erase, find, keep, receive, work
from kilpi.cases.case import AT_WORK
from kilpi.cases.outgoing import outbox
from kilpi.doors.looks import note_look
from kilpi.registers.trace import Step
from kilpi.store import Store, uuid7
from kilpi.web import tokens
from kilpi.web.accounts import Role

__all__ = ["server"]
DEPLOY = Path(__file__).parent.parent / "deploy"
OPERATE = (DEPLOY.parent / "docs" / "operate.md").read_text()
RULES = DEPLOY / "prometheus" / "alerts.yml"
ALERTS = [rule["expr"] for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
PANELS = [
    target["expr"]
    for panel in json.loads((DEPLOY / "prometheus" / "dashboard.json").read_text())["panels"]
    for target in panel["targets"]
]
needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None and not os.environ.get("CI"), reason="apt-get install prometheus"
)


@pytest.fixture
def kilpi(server: Server) -> Iterator[int]:
    """A server in which everything that is counted has happened."""
    outbox.add_hook(server.store, "https://hooks.example/")
    case = in_state(server.store, State.RECEIVED)
    note_look(server.store, "watch /srv/in")
    metrics = server.serving.metrics
    metrics.decided(in_state(server.store, State.REVIEW, "b"), 2)
    metrics.decided(case, 5)
    for outcome in ("found", "RegisterUnavailable"):
        metrics.asked(Step("traficom", outcome, False, 10.0))
    metrics.delivered("ok")
    at = free_port()
    running = uvicorn.Server(uvicorn.Config(server.app, port=at, log_level="error"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    yield at
    running.should_exit = True
    thread.join(10)


@pytest.fixture
def prometheus(server: Server, kilpi: int, tmp_path: Path) -> Iterator[str]:
    """The address of a Prometheus that scrapes it every second, by the shipped file."""
    (tmp_path / "token").write_text(tokens.make(server.store, "prometheus", Role.STAFF))
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    (scrape,) = config["scrape_configs"]
    scrape |= {"scrape_interval": "1s", "scrape_timeout": "1s"}
    scrape["authorization"] = {"credentials_file": str(tmp_path / "token")}
    scrape["static_configs"] = [{"targets": [f"127.0.0.1:{kilpi}"]}]
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    shutil.copy(RULES, tmp_path)
    at = free_port()
    command = ["prometheus", f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/db"]
    command += [f"--web.listen-address=127.0.0.1:{at}", "--log.level=error"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{at}"
    finally:
        process.kill()
        process.wait()


def ask(address: str, query: str) -> list[Any]:
    url = f"{address}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        found = json.load(answer)
    assert found["status"] == "success", query
    result: list[Any] = found["data"]["result"]
    return result


@needs_prometheus
def test_every_query_has_an_answer(prometheus: str) -> None:
    until = time.monotonic() + 60
    while True:  # a rate needs two scrapes
        try:
            if ask(prometheus, "sum(rate(kilpi_photos_total[5m]))") and ask(prometheus, "kilpi_door_ok"):
                break
        except OSError:
            pass
        assert time.monotonic() < until, "Prometheus did not scrape"
        time.sleep(0.3)
    for query in PANELS:
        assert ask(prometheus, query), query
    for query in ALERTS:
        without = re.sub(r"\s*(?:==|>)\s*[0-9.]+\s*$", "", query)  # what is compared must be there
        assert ask(prometheus, without), without


@needs_prometheus
def test_alarms_ring_when_they_should() -> None:
    done = subprocess.run(
        ["promtool", "test", "rules", "alerts_test.yml"], cwd=RULES.parent, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_the_unit_is_understood(tmp_path: Path) -> None:
    text = (DEPLOY / "systemd" / "kilpi.service").read_text()
    (tmp_path / "kilpi.service").write_text(text.replace("/opt/kilpi/bin/kilpi", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / "kilpi.service"], capture_output=True, text=True
    )
    assert "kilpi.service" not in done.stderr, done.stderr


@pytest.mark.skipif(
    shutil.which("rsync") is None and not os.environ.get("CI"), reason="apt-get install rsync"
)
def test_a_backup_can_be_restored_and_forgets_what_was_erased(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    store = Store.open(data)
    kept = [
        keep(store, "", f"{n}.jpg", io.BytesIO(write_car_photo(tmp_path / f"{n}.jpg", n).read_bytes()))
        for n in (1, 2)
    ]
    cars = [receive(store, Arrival((Sent(one.sha256, one.path),))).case for one in kept]

    def back_up() -> None:
        subprocess.run([DEPLOY / "backup", data, copy], check=True, capture_output=True)

    back_up()  # while it is open
    erase(store, cars[0].id, by="x")
    store.close()
    shutil.rmtree(data)
    subprocess.run(["rsync", "--archive", f"{copy}/", f"{data}/"], check=True)
    store = Store.open(data)
    assert [case.state for case in find(store).cases] == [State.RECEIVED] * 2
    assert store.originals and all(store.originals.has(one.sha256) for one in kept)
    assert {path.stat().st_mode & 0o077 for path in copy.rglob("*")} == {0}
    erase(store, cars[0].id, by="x")
    work(store, lambda task: Later(datetime(2100, 1, 1, tzinfo=UTC)))
    back_up()
    store.close()
    assert not list(copy.rglob(kept[0].sha256)) and list(copy.rglob(kept[1].sha256))


def refused(*arguments: str, cwd: Path) -> str:
    """Why `deploy/backup` with these arguments did nothing."""
    env = {name: value for name, value in os.environ.items() if name != "KILPI_DATABASE_URL"}
    done = subprocess.run([DEPLOY / "backup", *arguments], cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == (1 if len(arguments) == 2 else 2) and done.stderr.startswith("backup: ")
    return done.stderr


def test_a_backup_of_nothing_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert "KILPI_DATABASE_URL" in refused("data", "copy", cwd=tmp_path)
    assert "no such folder" in refused("typo", "copy", cwd=tmp_path)
    assert "usage: deploy/backup DATA TO" in refused("data", cwd=tmp_path)
    assert not (tmp_path / "copy").exists()


@pytest.mark.skipif(
    shutil.which("rsync") is None and not os.environ.get("CI"), reason="apt-get install rsync"
)
def test_a_backup_deletes_nothing_that_is_no_backup(tmp_path: Path) -> None:
    Store.open(tmp_path / "data").close()
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies" / "taxes.ods").write_text("of another program")
    assert "holds something else than a backup" in refused("data", "copies", cwd=tmp_path)
    assert "lies in data" in refused("data", "data/copy", cwd=tmp_path)
    store = Store.open(tmp_path / "live")
    assert "is in use" in refused("data", "live", cwd=tmp_path)
    store.close()
    assert [path.name for path in (tmp_path / "copies").iterdir()] == ["taxes.ods"]
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun" / "kilpi.db.new").touch()  # one that was killed may be taken again
    subprocess.run([DEPLOY / "backup", tmp_path / "data", tmp_path / "begun"], check=True)
    assert [path.name for path in (tmp_path / "begun").glob("kilpi*")] == ["kilpi.db"]


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("rsync") is None, reason="root takes it, rsync copies")
def test_a_backup_that_root_takes_is_kilpis_when_it_is_back(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    Store.open(data).close()
    for path in (data, *data.rglob("*")):
        os.chown(path, 65534, 65534)
    env = {name: value for name, value in os.environ.items() if name != "KILPI_DATABASE_URL"}
    subprocess.run([DEPLOY / "backup", data, copy], check=True, env=env)
    shutil.rmtree(data)
    restore = RESTORE[0].replace("/backup/kilpi", str(copy)).replace("/var/lib/kilpi/data", str(data))
    subprocess.run(["bash", "-c", restore], check=True)
    assert {path.stat().st_uid for path in (data, *data.rglob("*"))} == {65534}


RESTORE = re.findall(r"^ +((?:rsync|pg_restore) .*)$", OPERATE, re.MULTILINE)


@pytest.mark.skipif(
    shutil.which("rsync") is None and not os.environ.get("CI"), reason="apt-get install rsync"
)
@pytest.mark.parametrize("into", ["the same database", "a new one"])
def test_a_backup_of_postgres_can_be_restored(postgres: sa.Engine, tmp_path: Path, into: str) -> None:
    data, copy, bin = tmp_path / "data", tmp_path / "copy", binaries()
    assert bin is not None and len(RESTORE) == 2
    names = [f"kilpi_{uuid7()[-12:]}" for _ in range(2)]
    for name in names:
        with postgres.connect() as connection:
            connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    first, second = (
        postgres.url.set(drivername="postgresql", database=name).render_as_string(False) for name in names
    )
    path = {"PATH": f"{bin}:{os.environ['PATH']}"}
    store = Store.open(first, originals=data / "originals")
    photos = [write_car_photo(tmp_path / f"{n}.jpg", n).read_bytes() for n in (1, 2, 3)]
    sent = [keep(store, "", f"{n}.jpg", io.BytesIO(photo)) for n, photo in enumerate(photos)]
    before = [receive(store, Arrival((Sent(one.sha256, one.path),))).case.id for one in sent[:2]]
    # KILPI_DATABASE_URL as SQLAlchemy spells it, which pg_dump does not know.
    told = path | {"KILPI_DATABASE_URL": first.replace("postgresql://", "postgresql+psycopg://")}
    subprocess.run([DEPLOY / "backup", data, copy], check=True, capture_output=True, env=told)
    receive(store, Arrival((Sent(sent[2].sha256, sent[2].path),)))
    store.close()
    shutil.rmtree(data)
    back = first if into == "the same database" else second
    for line in RESTORE:
        command = (
            line.split(" #")[0].replace("/backup/kilpi", str(copy)).replace("/var/lib/kilpi/data", str(data))
        )
        done = subprocess.run(
            ["bash", "-c", command], env=path | {"KILPI_DATABASE_URL": back}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    assert not (data / "kilpi.dump").exists()
    store = Store.open(back, originals=data / "originals")
    assert sorted(case.id for case in find(store).cases) == sorted(before)
    assert store.originals and all(store.originals.has(one.sha256) for one in sent[:2])
    work(store, Told(ready()))  # their jobs are there, and free
    assert not AT_WORK & {case.state for case in find(store).cases}
    store.close()


def test_what_the_files_run_is_there() -> None:
    from typer.main import get_command

    from kilpi.cli import app

    options = {name for one in get_command(app).commands["serve"].params for name in one.opts}  # type: ignore[attr-defined]
    texts = [
        (DEPLOY / name).read_text() for name in ("Containerfile", "compose.yaml", "systemd/kilpi.service")
    ]
    asked = {
        option
        for text in texts
        for option in re.findall(r"(?<![\w-])--(data|site|host|port|proxy|public-url)\b", text)
    }
    assert asked and {f"--{name}" for name in asked} <= options
    assert yaml.safe_load(texts[1])["services"]["kilpi"]["read_only"] is True


def test_the_image_gets_what_it_copies_and_both_ask_the_same_for_health() -> None:
    image, compose = ((DEPLOY / name).read_text() for name in ("Containerfile", "compose.yaml"))
    ignored = (DEPLOY.parent / ".dockerignore").read_text().splitlines()
    lines = [
        line.split()[1:-1] for line in image.splitlines() if line.startswith("COPY ") and "--from" not in line
    ]
    copied = {name for names in lines for name in names}
    assert "*" in ignored and copied == {line[1:] for line in ignored if line.startswith("!")}
    (asked,) = re.findall(r"r\.urlopen\('([^']+)'", image)
    assert asked in yaml.safe_load(compose)["services"]["kilpi"]["healthcheck"]["test"][-1]
