"""Sends news of cases: each delivery until it is taken, under one id, signed; given up after about three
days.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx2

from kilpi.cases.outgoing import outbox
from kilpi.cases.outgoing.outbox import OnItsWay
from kilpi.doors.looks import note_look
from kilpi.errors import CaseChanged, KilpiError, UsageError
from kilpi.publishing.address import Allowed
from kilpi.publishing.posting import post
from kilpi.publishing.standard import standard_headers
from kilpi.retry import retry_after_s
from kilpi.store import Store

TIMEOUT_S = 20.0  # for a whole attempt, from connecting to the head of the answer
LANES = 16  # hooks that are sent to at a time, one delivery each
LANE_S = 60.0  # for how long a hook has a lane before others that wait for one
EVERY_S = 2.0  # between looks for new deliveries
NOTE_S = 60.0  # between notes that we look
# Seconds before each further attempt, as Standard Webhooks proposes them; then it is given up.
WAITS_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
JITTER = (0.8, 1.2)
GONE = 410  # the receiver does not want it any more
log = logging.getLogger(__name__)


@dataclass
class Deliver:
    """One sender; any number may run beside each other."""

    store: Store
    allowed: Allowed = field(default_factory=Allowed)
    transport: httpx2.AsyncBaseTransport | None = None
    now: Callable[[], float] = time.time
    told: Callable[[str], object] = lambda outcome: None  # "ok", "failed" or "given_up", for whoever counts
    noted: float = 0.0
    served: dict[str, float] = field(default_factory=dict, init=False)  # when a hook last got a lane

    @property
    def name(self) -> str:
        """As it is called on /readyz."""
        return "webhooks"

    def run(self, stop: threading.Event) -> None:
        """Sends until it is told to stop: each hook in a lane of its own, so that none waits for another."""
        lanes: dict[str, threading.Thread] = {}
        while not stop.is_set():
            try:
                lanes = {hook: lane for hook, lane in lanes.items() if lane.is_alive()}
                # Who waited longest for a lane comes first: slow ones do not take turns in all of them.
                for hook in sorted(outbox.due_hooks(self.store), key=lambda one: self.served.get(one, 0.0)):
                    if hook not in lanes and len(lanes) < LANES:
                        self.served[hook] = time.monotonic()
                        lanes[hook] = threading.Thread(target=self._lane, args=(hook, stop), daemon=True)
                        lanes[hook].start()
                self._note()
            except KilpiError as error:
                log.error("%s: %s", self.name, error)
            stop.wait(EVERY_S)
        for lane in lanes.values():
            lane.join(TIMEOUT_S)

    def _lane(self, hook: str, stop: threading.Event) -> None:
        """One hook's deliveries, for a while."""
        until = time.monotonic() + LANE_S
        try:
            while time.monotonic() < until and not stop.is_set() and self.one(hook):
                pass
        except KilpiError as error:
            log.error("%s: %s", self.name, error)

    def look(self) -> bool:
        """Sends what is due now; False. Raises StoreError."""

        def drain(hook: str) -> None:
            while self.one(hook):
                pass

        with ThreadPoolExecutor(LANES) as pool:
            list(pool.map(drain, outbox.due_hooks(self.store)))
        return False

    def one(self, hook: str | None = None) -> bool:
        """One delivery, of this hook or of any; whether there was one. Raises StoreError."""
        one = outbox.take(self.store, hook)
        if one is None:
            return False
        try:
            self._settle(one, *self._post(one))
        except CaseChanged as error:
            log.info("%s", error)
        return True

    def _note(self) -> None:
        if time.monotonic() - self.noted > NOTE_S:
            self.noted = time.monotonic()
            note_look(self.store, self.name)

    def _post(self, one: OnItsWay) -> tuple[int, str, float | None]:
        """(status, or 0; what went wrong; seconds that the receiver asks to wait)."""
        try:
            parts, address = self.allowed.check(one.hook.url)
        except UsageError:
            return 0, "not allowed", None
        except (OSError, ValueError) as error:
            return 0, type(error).__name__, None
        host = parts.hostname or ""
        body, at = one.delivery.body, int(self.now())
        netloc = f"[{address}]" if ":" in address else address
        target = parts._replace(netloc=f"{netloc}:{parts.port}" if parts.port else netloc).geturl()
        headers = {
            "Host": parts.netloc,
            "Content-Type": "application/json",
            "User-Agent": "kilpi",
            **standard_headers(one.hook.secret, one.delivery.id, at, body),
        }
        try:
            answer = post(
                target, body, headers, within_s=TIMEOUT_S, server_name=host, transport=self.transport
            )
        except (httpx2.HTTPError, ValueError, OSError) as error:  # TimeoutError is an OSError
            return 0, type(error).__name__, None
        asked = retry_after_s(answer.retry_after, datetime.fromtimestamp(at, UTC))
        return answer.status, f"status {answer.status}", asked

    def _settle(self, one: OnItsWay, status: int, error: str, asked: float | None) -> None:
        if 200 <= status < 300:
            outbox.sent(self.store, one)
            self.told("ok")
        elif status == GONE or one.delivery.attempts > len(WAITS_S):
            told = {"case": one.delivery.case_id, "delivery": one.delivery.id}
            log.warning("%s: a delivery is given up (%s)", self.name, error, extra=told)
            outbox.bury(self.store, one, error)
            self.told("given_up")
        else:
            wait = WAITS_S[one.delivery.attempts - 1] * random.uniform(*JITTER)
            outbox.later(self.store, one, min(max(wait, asked or 0.0), WAITS_S[-1]), error)
            self.told("failed")
