"""Threads that several cars share: what comes back is in order, and a run that breaks off stops them all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from kilpi.photos.in_order import InOrder, at_once


@pytest.mark.parametrize("jobs", [1, 3])
def test_what_comes_back_is_in_order(jobs: int) -> None:
    assert list(InOrder(jobs)(lambda n: n * n, list(range(20)))) == [n * n for n in range(20)]


def test_cars_share_the_threads() -> None:
    each, at_work, most, lock = InOrder(2), 0, 0, threading.Lock()

    def look(n: int) -> int:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.005)
        with lock:
            at_work -= 1
        return n

    found = at_once(3, lambda stop: list(each(look, list(range(8)))))
    assert found == [list(range(8))] * 3 and most == 2


def test_photos_one_at_a_time_are_cars_one_at_a_time() -> None:
    assert (InOrder(1).cars, InOrder(2).cars, InOrder(8).cars) == (1, 2, 2)
    assert at_once(1, lambda stop: threading.current_thread()) == [threading.current_thread()]


def test_what_one_raises_stops_the_others_and_is_raised() -> None:
    stopped = threading.Event()

    def work(stop: Callable[[], bool]) -> None:
        if threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt
        while not stop():
            time.sleep(0.002)
        stopped.set()

    with pytest.raises(KeyboardInterrupt):
        at_once(2, work)
    assert stopped.is_set()


def test_what_another_thread_raises_is_raised_here() -> None:
    def work(stop: Callable[[], bool]) -> int:
        if threading.current_thread() is not threading.main_thread():
            raise ValueError("no store")
        return 1

    with pytest.raises(ValueError, match="no store"):
        at_once(2, work)
