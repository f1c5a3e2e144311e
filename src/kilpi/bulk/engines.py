"""Who runs the batches: processes of this machine, or Ray Data. Both load the networks once a worker, take a
few batches ahead and give rows as they are done, so memory does not grow with the number of photos.
"""

from __future__ import annotations

import logging
import multiprocessing as mp
import os
import threading
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import islice
from typing import Any, Protocol

from kilpi.bulk.batch import Loads, Looks, Row, failed_row, read_batch
from kilpi.errors import KilpiError, MissingExtra, Unexpected
from kilpi.text import shown

BATCH = 16  # photos a worker takes at a time
AHEAD = 2  # batches a worker, one in hand and one to go on with
DEATHS = 2  # of workers that had this one photo alone in hand, before it gets a row that says so


class Engine(Protocol):
    """Runs batches on workers."""

    def run(self, names: Iterable[str], loads: Loads, done: Collection[bytes]) -> Iterator[list[Row]]:
        """The rows of all photos that are not `done`, in any order, as they come."""
        ...


def batches(names: Iterable[str], size: int) -> Iterator[list[str]]:
    """`size` at a time."""
    them = iter(names)
    while batch := list(islice(them, size)):
        yield batch


@dataclass
class Local:
    """Processes of this machine.

    A worker that dies takes nothing with it: what may have been in its hands is read again, one photo at a
    time; a photo that kills its worker twice gets a row with an error.
    """

    workers: int
    batch: int = BATCH
    deaths: Counter[str] = field(default_factory=Counter)
    alone: deque[str] = field(default_factory=deque)  # was in hand when a worker died

    def run(self, names: Iterable[str], loads: Loads, done: Collection[bytes]) -> Iterator[list[Row]]:
        """As `Engine`; raises what `loads` raised in a worker."""
        waiting = batches(names, self.batch)
        over = False
        while not over:
            flying: dict[Future[list[Row]], list[str]] = {}
            pool = ProcessPoolExecutor(self.workers, mp.get_context("spawn"), begin_worker, (loads, done))
            try:
                yield from self._fly(pool, waiting, flying)
                over = True
            except BrokenProcessPool:
                yield self._suspect([name for batch in flying.values() for name in batch])
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _fly(
        self,
        pool: ProcessPoolExecutor,
        waiting: Iterator[list[str]],
        flying: dict[Future[list[Row]], list[str]],
    ) -> Iterator[list[Row]]:
        while True:
            while len(flying) < self._most() and (batch := self._next(waiting)):
                flying[pool.submit(work, batch)] = batch
            if not flying:
                return
            for future in wait(flying, return_when=FIRST_COMPLETED).done:
                rows = future.result()
                del flying[future]
                yield rows

    def _most(self) -> int:
        return 1 if self.alone else AHEAD * self.workers

    def _next(self, waiting: Iterator[list[str]]) -> list[str] | None:
        return [self.alone.popleft()] if self.alone else next(waiting, None)

    def _suspect(self, names: Sequence[str]) -> list[Row]:
        """What was in hand goes alone from now on; the rows of those that had their tries."""
        if len(names) == 1:
            self.deaths[names[0]] += 1
        fatal = [name for name in names if self.deaths[name] >= DEATHS]
        self.alone.extendleft(name for name in reversed(names) if name not in fatal)
        return [failed_row(name, died(name)) for name in fatal]


def died(name: str) -> KilpiError:
    """What is said of a photo that no worker survived."""
    return Unexpected(f"{shown(name)}: the process that read it died twice; please report it")


WORKER: dict[str, Any] = {}  # this process's own, when it is a worker of `Local`


def begin_worker(loads: Loads, done: Collection[bytes]) -> None:
    """Loads once. What goes wrong is told with the first batch, for here it would only break the pool."""
    threading.Thread(target=end_with_parent, daemon=True).start()
    try:
        WORKER.update(looks=loads(), done=done)
    except Exception as error:
        WORKER["error"] = error


def end_with_parent() -> None:
    """A run that is killed leaves no worker behind."""
    parent = mp.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def work(names: list[str]) -> list[Row]:
    """One batch in a worker."""
    if "error" in WORKER:
        raise WORKER["error"]
    return read_batch(WORKER["looks"], names, WORKER["done"])


@dataclass(frozen=True)
class Ray:
    """Ray Data: actors on this machine, or on the cluster that RAY_ADDRESS names.

    Paths must then mean the same on every machine. A batch whose actor dies is given to another by Ray.
    """

    workers: int
    batch: int = BATCH

    def run(self, names: Iterable[str], loads: Loads, done: Collection[bytes]) -> Iterator[list[Row]]:
        """As `Engine`. Raises MissingExtra."""
        if find_spec("ray") is None:
            raise MissingExtra("--engine ray needs an optional part: pip install 'kilpi[bulk]'")
        data = self.dataset(names, loads, done)
        for batch in data.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=1):
            yield batch.to_pylist()

    def dataset(self, names: Iterable[str], loads: Loads, done: Collection[bytes]) -> Any:
        """The lazy data set of rows."""
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray would tell its makers of every run
        import pyarrow as pa
        import ray

        if not ray.is_initialized():
            # One more than the actors take, for Ray's own tasks would wait for a free one for ever.
            cpus = None if os.environ.get("RAY_ADDRESS") else self.workers + 1
            ray.init(num_cpus=cpus, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
        logging.getLogger("ray.data").setLevel(logging.ERROR)  # its plans and advice, on every run's stderr
        ray.data.DataContext.get_current().enable_progress_bars = False
        blocks = [pa.table({"photo": pa.array(batch, pa.string())}) for batch in batches(names, self.batch)]
        if not blocks:
            return ray.data.from_arrow(pa.table({"photo": pa.array([], pa.string())}))
        return ray.data.from_arrow(blocks).map_batches(
            RayWorker,
            fn_constructor_args=(loads, frozenset(done)),
            batch_size=self.batch,
            batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(size=self.workers),
            num_cpus=1,
        )


class RayWorker:
    """What each actor holds."""

    def __init__(self, loads: Loads, done: Collection[bytes]) -> None:
        self.looks: Looks = loads()
        self.done = done

    def __call__(self, batch: Any) -> Any:
        """One batch: a table with a column `photo` to a table of rows."""
        import pyarrow as pa

        from kilpi.bulk.parts import SCHEMA

        return pa.Table.from_pylist(
            read_batch(self.looks, batch.column("photo").to_pylist(), self.done), SCHEMA
        )
