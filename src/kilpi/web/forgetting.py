"""Forgotten while the server runs: cases whose time is over, uploads that came to nothing."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from kilpi.cases import Desk, forget_old, outbox, remove_orphans
from kilpi.errors import KilpiError

LOG = logging.getLogger("kilpi.web")
EVERY_S = 3600.0


@dataclass
class Forgetting:
    """A thread that looks once an hour, and at the start."""

    desk: Desk
    keep_days: int  # after a car was sold or withdrawn, its case is erased
    over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begins."""
        threading.Thread(target=self._run, name="forgetting", daemon=True).start()

    def stop(self) -> None:
        """Ends, where it does not erase just now: what is left half is done by the next."""
        self.over.set()

    def once(self) -> None:
        """Forgets what is due."""
        self.desk.erase_expired(self.keep_days)
        remove_orphans(self.desk.store)
        forget_old(self.desk.store)
        outbox.forget_delivered(self.desk.store)

    def _run(self) -> None:
        while not self.over.is_set():
            try:
                self.once()
            except KilpiError as error:
                LOG.error("forgetting: %s", error)
            self.over.wait(EVERY_S)
