from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from kilpi.publishing.ledger import STATE, Sent, State, read_state

CARS = 60


def note_cars(path: Path, target: str, first: int) -> None:
    state = State.load(path, target)
    for n in range(first, first + CARS):
        state.note(f"car{n}", Sent(1, "x"))


def test_processes_that_write_at_once_lose_nothing_of_each_other(tmp_path: Path) -> None:
    path, context = tmp_path / STATE, get_context("spawn")
    runs = [("here", 0), ("there", 0), ("here", CARS)]
    parts = [context.Process(target=note_cars, args=(path, target, first)) for target, first in runs]
    for part in parts:
        part.start()
    for part in parts:
        part.join()
    assert {target: len(cars) for target, cars in read_state(path).items()} == {
        "here": 2 * CARS,
        "there": CARS,
    }


def test_threads_too(tmp_path: Path) -> None:
    path = tmp_path / STATE
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda n: note_cars(path, "here", n * CARS), range(3)))
    assert len(read_state(path)["here"]) == 3 * CARS


def test_a_file_from_before_is_read_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / STATE
    path.write_text(json.dumps({"there": {"golf": {"count": 2, "digest": "d"}}}))
    State.load(path, "here").note("leaf", Sent(1, "x"))
    assert State.load(path, "there").sent == {"golf": Sent(2, "d")}
    assert State.load(path, "here").sent == {"leaf": Sent(1, "x")}
