"""One thing done to several photos, some at a time; what comes back is in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_order(jobs: int, do: Callable[[T], R], things: Sequence[T]) -> Iterable[R]:
    """What `do` gives for each thing, in order; `jobs` of them at a time, in threads.

    Decoders, OpenCV and the networks let other threads run meanwhile.
    """
    if jobs == 1 or len(things) < 2:
        return map(do, things)
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(do, things))
