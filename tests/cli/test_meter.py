"""Counting what registers were asked."""

from __future__ import annotations

import threading

from kilpi.cli.meter import Lookups, Meter
from kilpi.registers.trace import Step


def test_kept_answers_files_and_failures_are_asked_but_not_paid() -> None:
    meter = Meter()
    for step in (
        Step("svv", "found", False, 1.0),
        Step("svv", "NotRegistered", False, 1.0),
        Step("svv", "found", True, 1.0),
        Step("svv", "RegisterUnavailable", False, 1.0),
        Step("cars.csv", "found", False, 1.0),
    ):
        meter(step)
    meter.close("a", in_vain=False)
    assert meter.of("a") == Lookups(5, 2, 0)


def test_every_car_has_its_own_and_the_total_is_their_sum() -> None:
    meter = Meter()
    meter(Step("svv", "found", False, 1.0))
    meter.close("a", in_vain=True)
    meter.close("b", in_vain=False)
    assert (meter.of("a"), meter.of("b"), meter.of("c")) == (Lookups(1, 1, 1), Lookups(), Lookups())
    assert meter.total == Lookups(1, 1, 1)


def test_cars_that_are_made_at_the_same_time_are_counted_apart() -> None:
    meter, asked = Meter(), threading.Barrier(2)

    def make(car: str, steps: int) -> None:
        for _ in range(steps):
            meter(Step("svv", "found", False, 1.0))
        asked.wait(10)  # both were asked before either is closed
        meter.close(car, in_vain=False)
        taken[car] = len(meter.take())

    taken: dict[str, int] = {}
    threads = [threading.Thread(target=make, args=one) for one in (("a", 1), ("b", 3))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (meter.of("a"), meter.of("b"), taken) == (Lookups(1, 1), Lookups(3, 3), {"a": 1, "b": 3})
