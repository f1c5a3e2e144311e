"""Ctrl-C and SIGTERM: after what is in hand, or at once."""

from __future__ import annotations

import signal
import threading

import pytest

from kilpi.signals import broken_off_by_sigterm, stopped_by_signals


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_the_first_is_told_and_the_next_ctrl_c_breaks_off(first: signal.Signals) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with stopped_by_signals() as over:
        assert not over.is_set()
        signal.raise_signal(first)
        assert over.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


def test_sigterm_breaks_off_as_ctrl_c_does() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with broken_off_by_sigterm():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)  # of a run that is ending
    assert signal.getsignal(signal.SIGTERM) == before


def test_another_thread_changes_no_handler() -> None:
    seen = []

    def run() -> None:
        with broken_off_by_sigterm():
            seen.append(signal.getsignal(signal.SIGTERM))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [before]
