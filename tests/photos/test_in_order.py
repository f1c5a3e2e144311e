"""Threads that several cars share: what comes back is in order, and a run that breaks off stops them all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from kilpi.photos.in_order import InOrder


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

    found = each.at_once(lambda stop: list(each(look, list(range(8)))))
    assert found == [list(range(8))] * 2 and most == 2


def test_photos_one_at_a_time_are_cars_one_at_a_time() -> None:
    assert (InOrder(1).cars, InOrder(2).cars, InOrder(8).cars) == (1, 2, 2)
    assert InOrder(1).at_once(lambda stop: threading.current_thread()) == [threading.current_thread()]


def in_main() -> bool:
    return threading.current_thread() is threading.main_thread()


@pytest.mark.parametrize("breaks_here", [True, False])
def test_what_one_raises_is_raised_and_stops_the_others_between_cars(breaks_here: bool) -> None:
    stopped = threading.Event()

    def work(stop: Callable[[], bool]) -> None:
        if in_main() is breaks_here:
            raise ValueError("no store")
        while not stop():
            time.sleep(0.002)
        stopped.set()

    each = InOrder(2)
    with pytest.raises(ValueError, match="no store"):
        each.at_once(work)
    assert stopped.is_set()
    assert each.at_once(lambda stop: stop()) == [False, False]  # the next run is not over


def test_who_breaks_off_does_not_wait_for_all_photos_of_another_car() -> None:
    each, looked, put_back = InOrder(2), [], []
    begun = threading.Event()

    def look(n: int) -> None:
        begun.set()
        looked.append(n)
        time.sleep(0.01)

    def work(stop: Callable[[], bool]) -> None:
        if in_main():
            assert begun.wait(10)
            raise KeyboardInterrupt
        try:
            list(each(look, list(range(1000))))
        except KeyboardInterrupt:
            put_back.append(True)
            raise

    with pytest.raises(KeyboardInterrupt):
        each.at_once(work)
    assert len(looked) < 100 and put_back
