"""kill -9 at random moments, and what is left: python recipes/kill_nine.py PLACE --moments 200

PLACE is an empty folder (SQLite) or the address of an empty Postgres database. Three workers and one feeder
run; at each moment one of them, drawn by chance, is killed and begun again. The feeder receives cars (some
twice, some with another's mark), answers, sells, withdraws, undoes and erases; the flow writes a file a car;
workers publish to a folder and take down from it. At the end all is worked off without killing, and counted:

    lost            cars that were received and have no case
    doubled         cars with two cases; two adverts with one mark
    half_written    rows that are not what their events amount to; adverts whose file is missing or not whole
    wrongly_shown   pages of cars that are not for sale
    wrongly_gone    published cars without their page, or with an old one
    stuck           jobs that are left, and cases at work without one
    asked_for_kills cars that a person is asked about because of the kills alone
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kilpi.cases import (
    Arrival,
    Case,
    Kind,
    Later,
    Outcome,
    SaidMark,
    Sent,
    State,
    Task,
    answer,
    erase,
    history,
    publish_due,
    publisher,
    receive,
    shown_at,
    sold,
    undo,
    withdraw,
    work,
)
from kilpi.cases import jobs as case_jobs
from kilpi.cases.case import AT_WORK
from kilpi.cases.projection import project
from kilpi.cases.records import columns
from kilpi.errors import CaseError, RegisterUnavailable
from kilpi.store import Store
from kilpi.store.tables import cases, jobs
from kilpi.types import Mark, Reason

LEASE_S = 2.0
RETRY_S, RETRY_MOST_S = 0.2, 2.0  # instead of 10 s and an hour
FORK = multiprocessing.get_context("fork")  # a killed process is back at once; none has a store before
TARGET = "site"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("place")
    parser.add_argument("--moments", type=int, default=200)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--cars", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        done = run(asked.place, Path(folder), asked.moments, asked.workers, asked.cars, asked.seed)
    print(json.dumps(done))


def run(place: str, out: Path, moments: int, workers: int, cars: int, seed: int) -> dict[str, Any]:
    """The whole: kills, the end without kills, the count. `out` gets the flow's files and the pages."""
    chance = random.Random(seed)
    Store.open(place, originals=out / "originals").close()
    waits = case_jobs.RETRY_S, case_jobs.RETRY_MOST_S
    case_jobs.RETRY_S, case_jobs.RETRY_MOST_S = RETRY_S, RETRY_MOST_S
    running = [begin(feed, place, out, cars)] + [begin(serve, place, out, cars) for _ in range(workers)]
    jobs_of = [feed] + [serve] * workers
    begun = time.perf_counter()
    for _ in range(moments):
        time.sleep(chance.uniform(0.02, 0.6))
        n = chance.randrange(len(running))
        kill(running[n])
        running[n] = begin(jobs_of[n], place, out, cars)
    killed_s = time.perf_counter() - begun
    running[0].join(600)  # the feeder comes to its end; the workers go on until nothing is left
    store = Store.open(place, originals=out / "originals")
    drained = drain(store, 120)
    for process in running:
        kill(process)
    counted = count(store, out, cars)
    counted |= {"moments": moments, "killed_s": round(killed_s, 1), "drained": drained}
    case_jobs.RETRY_S, case_jobs.RETRY_MOST_S = waits
    counted["database"] = store.engine.dialect.name
    store.close()
    return counted


def begin(what: Any, place: str, out: Path, cars: int) -> BaseProcess:
    process = FORK.Process(target=what, args=(place, out, cars), daemon=True)
    process.start()
    return process


def kill(process: BaseProcess) -> None:
    if process.pid and process.is_alive():
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    process.join()


def drain(store: Store, most_s: float) -> bool:
    """Waits until there is nothing to do, at five looks in a row; whether that came.

    One look is too little: a worker may be about to write a job for a car that another has just published.
    """
    end, quiet = time.monotonic() + most_s, 0
    while time.monotonic() < end:
        left = store.read(lambda tx: tx.rows(sa.select(jobs.c.id).where(jobs.c.free_at.is_not(None))))
        due = store.read(lambda tx: tx.rows(sa.select(cases.c.id).where(cases.c.state == State.READY.value)))
        quiet = 0 if left or due else quiet + 1
        if quiet == 5:
            return True
        time.sleep(0.2)
    return False


# --- what runs and is killed ---


def serve(place: str, out: Path, cars: int) -> None:
    """A worker that also publishes."""
    store = Store.open(place, originals=out / "originals")
    site = out / TARGET

    def show(case: Case, advert: str | None) -> None:
        page = site / f"{case.address}.html"
        time.sleep(random.uniform(0, 0.02))
        if advert is None:
            page.unlink(missing_ok=True)
        else:
            write_whole(page, advert)
        time.sleep(random.uniform(0, 0.02))

    def flow(task: Task) -> Outcome | Later:
        return advertise(task, out)

    handlers = publisher(store, TARGET, show)
    while True:
        work(store, flow, handlers=handlers, lease_s=LEASE_S)
        publish_due(store, TARGET)
        time.sleep(0.05)


def advertise(task: Task, out: Path) -> Outcome | Later:
    """A flow in small: the car's number stands in its photo's name; now and then the register is down."""
    time.sleep(random.uniform(0, 0.03))
    if random.random() < 0.1:
        raise RegisterUnavailable("the register is down")
    if random.random() < 0.1:
        return Later(datetime.now(UTC) + timedelta(seconds=0.5))
    number = int(task.photos[0].name.split()[0])
    said = task.answers.identity
    if number % 6 == 0 and not isinstance(said, SaidMark):
        return Outcome(State.REVIEW, reasons=(Reason("not_sure_enough"),))
    mark = Mark(said.text, said.country) if isinstance(said, SaidMark) else mark_of(number)
    advert = f"advert of {mark.text} with {len(task.photos)} photos"
    write_whole(out / "adverts" / task.case.id, advert)
    time.sleep(random.uniform(0, 0.03))
    return Outcome(State.READY, mark=mark, read=mark, advert=advert, p=1.0, weights="none")


def mark_of(number: int) -> Mark:
    """Every tenth car has the mark of the one before: a duplicate."""
    return Mark(f"AAA-{number - (number % 10 == 9)}", "FI")


def write_whole(path: Path, text: str) -> None:
    """Beside, then renamed, as Kilpi writes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("w") as file:
        for letter in text:
            file.write(letter)
            file.flush()
    beside.replace(path)


def feed(place: str, out: Path, cars: int) -> None:
    """Receives every car and does with it what a person would; begun again, it finds what was done."""
    store = Store.open(place, originals=out / "originals")
    for number in range(cars):
        if (gone := out / "gone" / str(number)).exists():  # erased, or killed while erasing; not sent again
            with suppress(CaseError):
                erase(store, gone.read_text(), by="feeder")
            continue
        arrival = Arrival(
            (photo(number, 0), photo(number, 1)), by="feeder", receipt=f"car {number}", reference=f"R{number}"
        )
        case = receive(store, arrival).case
        time.sleep(random.uniform(0, 0.05))
        with suppress(CaseError):
            treat(store, case, number, gone)


def treat(store: Store, case: Case, number: int, gone: Path) -> None:
    kinds = Counter(event.kind for event in history(store, case.id))
    if number % 4 == 0:
        receive(store, Arrival((photo(number, 2),), reference=f"R{number}"))  # one more photo
    if number % 6 == 0 and not kinds[Kind.ANSWERED]:
        answer(store, case.id, SaidMark(mark_of(number).text, "FI"), by="feeder")
    if number % 7 == 0 and not kinds[Kind.SOLD]:
        time.sleep(0.2)
        sold(store, case.id, by="feeder")
        if number % 14 == 0:
            undo(store, case.id, by="feeder")
    if number % 11 == 0 and not kinds[Kind.WITHDRAWN]:
        time.sleep(0.1)
        withdraw(store, case.id, by="feeder")
    if number % 13 == 12:
        time.sleep(0.2)
        write_whole(gone, case.id)
        erase(store, case.id, by="feeder")


def photo(number: int, n: int) -> Sent:
    name = f"{number} {n}.jpg"
    return Sent(hashlib.sha256(name.encode()).hexdigest(), name, f"/nowhere/{name}")


# --- what is left ---


def count(store: Store, out: Path, cars: int) -> dict[str, Any]:
    rows = store.read(lambda tx: tx.rows(sa.select(cases)))
    left = store.read(lambda tx: tx.rows(sa.select(jobs)))
    open_jobs = {row["case_id"] for row in left if row["free_at"] and row["kind"] == "work"}
    states = Counter(row["state"] for row in rows)
    settled = Counter(row["mark_key"] for row in rows if row["settled"] and State(row["state"]) not in OVER)
    pages = {path.stem: path.read_text() for path in (out / TARGET).glob("[!.]*.html")}
    return {
        "cars": cars,
        "states": dict(states),
        "lost": len(missing(rows, cars)),
        "doubled": len(rows) - cars + sum(n - 1 for n in settled.values()),
        "half_written": sum(not whole(store, row, out) for row in rows),
        "wrongly_shown": len(set(pages) - {row["address"] for row in rows if row["state"] in SHOWN}),
        "wrongly_gone": sum(pages.get(row["address"]) != advert_of(store, row) for row in published(rows)),
        "stuck": sum(row["free_at"] is not None for row in left)
        + sum(State(row["state"]) in AT_WORK and row["id"] not in open_jobs for row in rows),
        "asked_for_kills": sum(row["free_at"] is None for row in left),
        "given_up": dict(Counter(row["error"] for row in left if row["free_at"] is None)),
        "pages": len(pages),
        "unfinished_files": len([*out.rglob(".*")]),
    }


OVER = (State.SOLD, State.WITHDRAWN, State.ERASED)
SHOWN = (State.PUBLISHED.value, State.REVIEW.value)  # what is out stays while a person is asked


def missing(rows: list[dict[str, Any]], cars: int) -> set[str]:
    """An erased case has no receipt any more, so as many may be missing as are erased."""
    wanted = {f"car {n}" for n in range(cars)} - {row["receipt"] for row in rows}
    return set(list(wanted)[sum(row["state"] == State.ERASED.value for row in rows) :])


def whole(store: Store, row: dict[str, Any], out: Path) -> bool:
    amount = columns(project(history(store, row["id"])))
    if {name: row[name] for name in amount} != amount:
        return False
    if row["state"] not in (State.READY.value, State.PUBLISHED.value):
        return True
    file, advert = out / "adverts" / row["id"], project(history(store, row["id"])).advert
    return file.is_file() and bool(file.read_text() == advert)


def published(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (row for row in rows if row["state"] == State.PUBLISHED.value)


def advert_of(store: Store, row: dict[str, Any]) -> str:
    return shown_at(store, row["id"]).get(TARGET, "")


if __name__ == "__main__":
    main()
