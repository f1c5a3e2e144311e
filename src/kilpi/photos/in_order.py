"""One thing done to several photos, some at a time; what comes back is in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
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

    @property
    def cars(self) -> int:
        """How many cars are worth making at a time."""
        return CARS if self.jobs > 1 else 1

    def __call__(self, do: Callable[[T], R], things: Sequence[T]) -> Iterable[R]:
        """What `do` gives for each thing, in order. `do` must not ask for these threads itself."""
        return map(do, things) if self.jobs == 1 else list(self._pool.map(do, things))


def at_once(times: int, do: Callable[[Callable[[], bool]], R]) -> list[R]:
    """`do` so many times at once, the first in this thread; raises what one of them raises.

    Each is given a function that says whether it should stop: the run was broken off.
    """
    over = Event()
    with ThreadPoolExecutor(max(1, times - 1), "car") as pool:
        try:
            others = [pool.submit(do, over.is_set) for _ in range(times - 1)]
            return [do(over.is_set), *(other.result() for other in others)]
        except BaseException:
            over.set()
            raise
