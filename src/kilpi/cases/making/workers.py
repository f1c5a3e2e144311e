"""Workers in threads of one process, for a server that works on its own jobs: begun, woken, ended cleanly."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kilpi.cases.flow import Flow
from kilpi.cases.jobs import LEASE_S
from kilpi.cases.learning.audit import USUAL, AuditPlan
from kilpi.cases.making.worker import Handler, Watch, work
from kilpi.errors import KilpiError, StoreError
from kilpi.memory import few_heaps
from kilpi.store import Store

POLL_S = 2.0  # between looks for jobs of other processes, and for those whose next try is due
LOST_S = 10.0  # after the database gave no answer
log = logging.getLogger(__name__)


@dataclass
class Workers:
    """`count` threads that work until `stop`. Each gets a flow of its own from `make_flow`, in its thread.

    What the threads share must be safe for threads: the store is; `handlers`, `watch` and `idle` are called
    from all of them. `idle` is called in a thread that has just done something and finds nothing more to do.
    """

    store: Store
    make_flow: Callable[[], Flow]
    count: int = 1
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    watch: Watch = lambda case: None
    idle: Callable[[], object] = lambda: None
    poll_s: float = POLL_S
    lease_s: float = LEASE_S
    plan: AuditPlan = USUAL
    _threads: list[threading.Thread] = field(default_factory=list, init=False)
    _turn: int = field(default=0, init=False)
    _over: threading.Event = field(default_factory=threading.Event, init=False)
    _bell: threading.Condition = field(default_factory=threading.Condition, init=False)

    def start(self) -> None:
        """Begins. Once begun, it is not begun again: make another one."""
        few_heaps()
        self._threads = [
            threading.Thread(target=self._run, name=f"worker {n}", daemon=True) for n in range(self.count)
        ]
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """There is a new job: somebody looks at once. To be called after the transaction that wrote it."""
        with self._bell:
            self._turn += 1
            self._bell.notify_all()

    def stop(self, timeout_s: float | None = None) -> bool:
        """No job is begun any more; waits for those in hand. Whether all ended within `timeout_s` seconds.

        A job that did not end is lost with the process, and taken up again when its lease is over.
        """
        self._over.set()
        self.wake()
        until = None if timeout_s is None else time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(None if until is None else max(until - time.monotonic(), 0.0))
        return not self.alive

    @property
    def alive(self) -> bool:
        """Whether any thread runs; False after `start` means that the flow could not be made."""
        return any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        try:
            flow = self.make_flow()
        except Exception as error:
            log.error("a worker could not begin: %s", error if isinstance(error, KilpiError) else type(error))
            return
        while not self._over.is_set():
            turn = self._turn  # before the look: a bell that rings during it is heard
            wait_s = self._look(flow)
            with self._bell:
                self._bell.wait_for(lambda turn=turn: self._over.is_set() or self._turn != turn, wait_s)  # type: ignore[misc]

    def _look(self, flow: Flow) -> float:
        """Does all that is free; how long to wait then, seconds."""
        try:
            done = work(
                self.store,
                flow,
                handlers=self.handlers,
                lease_s=self.lease_s,
                watch=self.watch,
                stop=self._over.is_set,
                plan=self.plan,
            )
            if done:
                self.idle()
            return self.poll_s
        except StoreError as error:
            log.error("%s", error)  # holds no mark
            return LOST_S
        except Exception as error:  # of `watch` or `idle`: the job is done
            log.error("a worker's page failed (%s); the next run mends it", type(error).__name__)
            return self.poll_s
