"""Threads that run the core's worker beside the pages, woken when something came in."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from kilpi.cases import Case, Desk, Flow, forget_old, remove_orphans, work
from kilpi.cases.worker import Handler
from kilpi.errors import KilpiError, StoreError
from kilpi.store import Store

LOG = logging.getLogger("kilpi.web")
LOOK_S = 2.0  # between looks for jobs that another process wrote, or whose time has come
AFTER_FAULT_S = 5.0
FORGET_S = 3600.0
STOP_S = 30.0  # how long a worker may take to end its job


@dataclass
class Workers:
    """`flows`: one a thread, for a flow works on one case at a time."""

    store: Store
    flows: Sequence[tuple[Flow, Callable[[Case], object]]]  # the flow, and what settles a case's folder
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    desk: Desk | None = None  # None: nothing is forgotten
    keep_days: int = 90  # after a car was sold or withdrawn, its case is erased
    wake: threading.Condition = field(default_factory=threading.Condition)
    stopped: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begins to work."""
        for number, (flow, settle) in enumerate(self.flows, 1):
            name = f"worker {number}"
            thread = threading.Thread(target=partial(self._run, flow, settle), name=name, daemon=True)
            self.threads.append(thread)
            thread.start()
        if self.desk is not None:
            threading.Thread(target=self._forget, args=(self.desk,), name="forgetting", daemon=True).start()

    def _forget(self, desk: Desk) -> None:
        """Once an hour: cases whose time is over, uploads that never became a car's."""
        while not self.stopped.wait(FORGET_S):
            try:
                desk.erase_expired(self.keep_days)
                remove_orphans(self.store)
                forget_old(self.store)
            except KilpiError as error:
                LOG.error("forgetting: %s", error)

    def changed(self) -> None:
        """Something came in: look now."""
        with self.wake:
            self.wake.notify_all()

    def running(self) -> bool:
        """Whether every thread is alive."""
        return all(thread.is_alive() for thread in self.threads) and not self.stopped.is_set()

    def stop(self) -> None:
        """Ends after the jobs at hand. A job that takes longer is taken up again when its lease ends."""
        self.stopped.set()
        self.changed()
        for thread in self.threads:
            thread.join(STOP_S)

    def _run(self, flow: Flow, settle: Callable[[Case], object]) -> None:
        while not self.stopped.is_set():
            wait_s = LOOK_S
            try:
                work(self.store, flow, handlers=self.handlers, watch=settle, stop=self.stopped.is_set)
            except StoreError as error:
                LOG.error("worker: %s", error)
                wait_s = AFTER_FAULT_S
            except Exception as error:  # a fault in what settles a folder must not end the thread
                LOG.error("worker: stopped by %s; goes on", type(error).__name__)
                wait_s = AFTER_FAULT_S
            with self.wake:
                if not self.stopped.is_set():
                    self.wake.wait(wait_s)
