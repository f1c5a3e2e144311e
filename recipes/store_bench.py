"""How long lists, searches and the next question take with many cases: python recipes/store_bench.py PLACE

PLACE is a folder (SQLite) or the address of a Postgres database. An empty one is filled with --cases made-up
cases in the proportions below, five photos and three events each, written as rows; then every query is asked
--calls times with other values each time. One JSON line a query: milliseconds, and what else the machine did.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from kilpi.cases import Case, Order, State, Wanted, counts, find, find_one, history, next_question, to_publish
from kilpi.cases.records import case_of, case_words
from kilpi.store import Store, Tx, first_id
from kilpi.store.tables import cases, events, photos, words
from kilpi.text import compact_mark
from kilpi.types import Mark

SHARES = {  # of a dealer group after a few years: most cars are sold
    State.SOLD: 0.66, State.WITHDRAWN: 0.04, State.PUBLISHED: 0.24, State.READY: 0.01,
    State.DRAFT: 0.01, State.REVIEW: 0.03, State.WAITING: 0.009, State.WORKING: 0.001,
}  # fmt: skip
MAKES = [
    "Volvo",
    "Toyota",
    "Skoda",
    "Volkswagen",
    "Ford",
    "Opel",
    "Audi",
    "BMW",
    "Kia",
    "Nissan",
    "Mazda",
    "Saab",
]
DEALERS = [
    f"Autotalo {name}" for name in ("Aho", "Berg", "Ceder", "Dahl", "Eklund", "Forss", "Grön", "Hakala")
]
LETTERS = "ABCEFGHIJKLMNOPRSTUVXYZ"
PART = 2_000  # cases a transaction


def place_parser(about: str | None) -> argparse.ArgumentParser:
    """A bench's command line: a folder or a database's address first."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("place")
    return parser


def main() -> None:
    parser = place_parser(__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    store, chance = Store.open(asked.place), random.Random(asked.seed)
    begun = time.perf_counter()
    made = existing(store) or fill(store, asked.cases, chance)
    filled_s = round(time.perf_counter() - begun, 1)
    print(json.dumps({"database": store.engine.dialect.name, "cases": len(made), "filled_s": filled_s}))
    backend = backend_of(store)
    for name, query in queries(store, made, chance).items():
        load = round(os.getloadavg()[0], 1)
        print(json.dumps({"query": name, **measure(query, asked.calls, backend), "load": load}), flush=True)
    store.close()


def existing(store: Store) -> list[Case]:
    """What an earlier run wrote."""
    return [case_of(row) for row in store.read(lambda tx: tx.rows(sa.select(cases).order_by(cases.c.id)))]


def fill(store: Store, count: int, chance: random.Random) -> list[Case]:
    """Writes the cases; gives them."""
    states = chance.choices(list(SHARES), list(SHARES.values()), k=count)
    at = datetime(2023, 1, 1, tzinfo=UTC)
    made: list[Case] = []
    for n, state in enumerate(states):
        at += timedelta(seconds=900)
        made.append(make(n, state, at, chance))
    for first in range(0, count, PART):
        part = made[first : first + PART]
        store.write(lambda tx, part=part: insert(tx, part))  # type: ignore[misc]
    with store.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    return made


def make(n: int, state: State, at: datetime, chance: random.Random) -> Case:
    mark = "".join(chance.choices(LETTERS, k=3)) + f"-{chance.randint(1, 999)}"
    return Case(
        id=f"{first_id(at)}-7000-8000-{n:012x}",  # as if made then
        dealer=chance.choice(DEALERS),
        reference=f"R{chance.randint(10_000, 99_999)}",
        address=f"car-{n}",
        place="",
        seq=3,
        received=at,
        changed=at + timedelta(seconds=chance.randint(0, 10_000_000)),
        state=state,
        mark=Mark(mark, "FI"),
        settled=True,
        title=f"{chance.choice(MAKES)} {chance.randint(1, 99)} {chance.randint(2001, 2026)}",
        price=Decimal(chance.randint(5, 900) * 100),
        currency="EUR",
    )


def insert(tx: Tx, part: list[Case]) -> None:
    tx.connection.execute(cases.insert(), [row(case) for case in part])
    found = [{"word": word, "case_id": case.id} for case in part for word in case_words(case)]
    tx.connection.execute(words.insert(), found)
    tx.connection.execute(
        photos.insert(),
        [
            {"case_id": c.id, "sha256": f"{c.id}{n}", "name": f"{n}.jpg", "position": n}
            for c in part
            for n in range(5)
        ],
    )
    tx.connection.execute(
        events.insert(),
        [
            {
                "case_id": c.id,
                "seq": n,
                "at": c.received,
                "by": "kilpi",
                "kind": kind,
                "data": {"x": "y" * 200},
            }
            for c in part
            for n, kind in enumerate(("received", "started", "decided"), 1)
        ],
    )


def row(case: Case) -> dict[str, Any]:
    asked = case.changed if case.state in (State.REVIEW, State.DRAFT) else None
    names = ("id", "dealer", "reference", "address", "seq", "received", "changed", "settled", "title")
    assert case.mark
    return {
        **{name: getattr(case, name) for name in names},
        "state": case.state.value,
        "price_cents": int((case.price or 0) * 100),
        "currency": case.currency,
        "mark": case.mark.text,
        "mark_key": compact_mark(case.mark.text),
        "country": "FI",
        "ask_at": asked,
        "rank": 0.0,
    }


def queries(store: Store, made: list[Case], chance: random.Random) -> dict[str, Callable[[], object]]:
    """Each call asks for something else."""
    any_case: Iterator[Case] = iter(lambda: chance.choice(made), None)
    deep = cursors(store, Wanted(), 40)
    deep_changed = cursors(store, Wanted(order=Order.CHANGED), 40)

    def search(text: Callable[[Case], str], **more: Any) -> Callable[[], object]:
        return lambda: find(store, Wanted(search=text(next(any_case)), **more))

    return {
        "control: SELECT 1": lambda: store.read(lambda tx: tx.rows(sa.select(1))),
        "list, first page": lambda: find(store),
        "list, a later page": lambda: find(store, cursor=chance.choice(deep)),
        "list, last changed, a later page": lambda: find(
            store, Wanted(order=Order.CHANGED), cursor=chance.choice(deep_changed)
        ),
        "list, one state": lambda: find(store, Wanted(states=(chance.choice(list(SHARES)),))),
        "list, one state, last changed": lambda: find(
            store, Wanted(states=(chance.choice(list(SHARES)),), order=Order.CHANGED)
        ),
        "list, one dealer": lambda: find(store, Wanted(dealer=chance.choice(DEALERS))),
        "list, review and draft of a dealer": lambda: find(
            store, Wanted(dealer=chance.choice(DEALERS), states=(State.REVIEW, State.DRAFT))
        ),
        "list, by title": lambda: find(store, Wanted(order=Order.TITLE, up=True)),
        "list, by title, a rare state": lambda: find(
            store, Wanted(order=Order.TITLE, states=(State.WORKING,), up=True)
        ),
        "list, by price, a dealer's sold": lambda: find(
            store, Wanted(order=Order.PRICE, states=(State.SOLD,), dealer=chance.choice(DEALERS))
        ),
        "list, older than 90 days": lambda: find(store, Wanted(before=made[-8_640].received)),
        "search, a whole mark": search(lambda case: case.mark.text if case.mark else ""),
        "search, three letters": search(lambda case: case.mark.text[:3] if case.mark else ""),
        "search, one letter": search(lambda case: case.mark.text[:1] if case.mark else ""),
        "search, digits": search(lambda case: case.mark.text.split("-")[1] if case.mark else ""),
        "search, a make": search(lambda case: case.title.split()[0]),
        "search, a make, last changed": search(lambda case: case.title.split()[0], order=Order.CHANGED),
        "search, make and year": search(lambda case: case.title),
        "search, a word of every case": search(lambda case: "autotalo"),
        "search, a word of every case and none": search(lambda case: "autotalo qqq"),
        "search, a make in review": search(lambda case: case.title.split()[0], states=(State.REVIEW,)),
        "one case by reference": lambda: find_one(store, next(any_case).address),
        "history of a case": lambda: history(store, next(any_case).id),
        "next question": lambda: next_question(store, f"reviewer {chance.randint(1, 200)}"),
        "next question of a dealer": lambda: next_question(store, "anna", dealer=chance.choice(DEALERS)),
        "to publish": lambda: to_publish(store, limit=50),
        "counts": lambda: counts(store),
    }


def cursors(store: Store, wanted: Wanted, pages: int) -> list[str]:
    """Where some far pages begin."""
    found, cursor = [], None
    for _ in range(pages):
        cursor = find(store, wanted, cursor=cursor, limit=500).cursor
        if cursor is None:
            break
        found.append(cursor)
    return found


def measure(query: Callable[[], object], calls: int, backend: Path | None = None) -> dict[str, float]:
    """`cpu` is this process's own time, `server_cpu` that of Postgres's backend: what no other program can
    lengthen. SQLite's work is all in `cpu`.
    """
    query()
    took, cpu, served = [], [], []
    for _ in range(calls):
        begun, begun_cpu, begun_served = time.perf_counter(), time.process_time(), on_cpu_ms(backend)
        query()
        took.append((time.perf_counter() - begun) * 1000)
        cpu.append((time.process_time() - begun_cpu) * 1000)
        served.append(on_cpu_ms(backend) - begun_served)
    p50, p95, p99 = (round(float(part), 2) for part in np.percentile(took, [50, 95, 99]))
    found = {
        "p50_ms": p50,
        "p95_ms": p95,
        "p99_ms": p99,
        "cpu_p95_ms": round(float(np.percentile(cpu, 95)), 2),
    }
    return found | ({"server_cpu_p95_ms": round(float(np.percentile(served, 95)), 2)} if backend else {})


def backend_of(store: Store) -> Path | None:
    """Where the kernel counts the time of the backend that these calls go to, if it runs on this machine."""
    if store.engine.dialect.name != "postgresql":
        return None
    (row,) = store.read(lambda tx: tx.rows(sa.select(sa.func.pg_backend_pid().label("pid"))))
    file = Path(f"/proc/{row['pid']}/schedstat")
    return file if file.is_file() else None


def on_cpu_ms(backend: Path | None) -> float:
    """How long a process has run, milliseconds."""
    return int(backend.read_text().split()[0]) / 1e6 if backend else 0.0


if __name__ == "__main__":
    main()
