"""One thing done to several photos, some at a time; what comes back is in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Event
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

CARS = 2  # at a time, where several photos are: while one car is decided, the other's photos are looked at


class InOrder:
    """`jobs` threads that work on photos, whoever's they are: cars made at the same time share them.

    Decoders, OpenCV and the networks let other threads run meanwhile.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._pool = ThreadPoolExecutor(jobs, "photo")  # starts a thread only when it has work for it
        self._over = Event()

    @property
    def cars(self) -> int:
        """How many cars are worth making at a time."""
        return CARS if self.jobs > 1 else 1

    def __call__(self, do: Callable[[T], R], things: Sequence[T]) -> Iterable[R]:
        """What `do` gives for each thing, in order. `do` must not ask for these threads itself.

        Raises KeyboardInterrupt where the run was broken off meanwhile.
        """
        if self.jobs == 1:
            return map(do, things)
        return list(self._pool.map(partial(self._unless_over, do), things))

    def _unless_over(self, do: Callable[[T], R], thing: T) -> R:
        if self._over.is_set():
            raise KeyboardInterrupt
        return do(thing)

    def at_once(self, do: Callable[[Callable[[], bool]], R]) -> list[R]:
        """`do` for as many `cars`, the first in this thread. What one of them raises breaks the others off,
        between two photos, and is raised. Each is given a function that says whether it should stop.
        """
        if self.cars == 1:
            return [do(self._over.is_set)]
        raised: list[BaseException] = []

        def guarded() -> R:
            try:
                return do(self._over.is_set)
            except BaseException as error:
                raised.append(error)
                self._over.set()
                raise

        pool = ThreadPoolExecutor(self.cars - 1, "car")
        try:
            others = [pool.submit(guarded) for _ in range(self.cars - 1)]
            return [guarded(), *(other.result() for other in others)]
        except BaseException as error:
            self._over.set()
            raise (raised or [error])[0] from None
        finally:
            with suppress(KeyboardInterrupt):  # who asks twice waits for what is put back all the same
                pool.shutdown()
            pool.shutdown()
            self._over.clear()
