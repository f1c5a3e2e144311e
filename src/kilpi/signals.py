"""How Ctrl-C and SIGTERM end what runs: after what is in hand, or between two photos."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """The first SIGINT or SIGTERM sets the event; the next SIGINT breaks off."""
    over = threading.Event()

    def told(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        over.set()

    with handled({signal.SIGINT: told, signal.SIGTERM: told}):
        yield over


@contextmanager
def broken_off_by_sigterm() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt as Ctrl-C does, so that what a run holds is given back. The next one
    finds it doing so: whoever ends a group of processes often tells each twice.
    """

    def told(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    with handled({signal.SIGTERM: told}):
        yield


@contextmanager
def handled(handlers: Mapping[signal.Signals, Any]) -> Iterator[None]:
    """These handlers meanwhile; none outside the main thread, which no signal reaches."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
