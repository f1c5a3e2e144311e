"""Memory that nothing uses goes back to the system."""

from __future__ import annotations

import platform
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from kilpi import memory

PIECES, PIECE = 3000, 50_000  # bytes; each too small for glibc to give it back by itself


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


GLIBC = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other memory")


@GLIBC
def test_what_a_thread_freed_goes_back() -> None:
    kept, freed, go_on = [], threading.Event(), threading.Event()

    def work() -> None:
        pieces = [np.ones(PIECE, np.uint8) for _ in range(PIECES)]
        kept.append(pieces[-1])  # at the end of the thread's memory: what is before it stays
        pieces.clear()
        freed.set()
        go_on.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    assert freed.wait(10)
    before = resident_mb()
    memory.give_back()
    assert resident_mb() < before - 0.5 * PIECES * PIECE / 1e6
    go_on.set()
    thread.join()


HEAPS = """
import ctypes, sys, threading
from kilpi.memory import few_heaps
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
if sys.argv[1] == "few":
    few_heaps()
gate = threading.Barrier(13)
def take():
    libc.malloc(1000)
    gate.wait()
    gate.wait()
threads = [threading.Thread(target=take) for _ in range(12)]
[thread.start() for thread in threads]
gate.wait()
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
gate.wait()
"""


@GLIBC
def test_the_threads_of_a_server_share_two_heaps() -> None:
    def heaps(how: str) -> int:
        told = subprocess.run([sys.executable, "-c", HEAPS, how], capture_output=True, text=True, check=True)
        return told.stdout.count("<heap nr=")

    assert heaps("few") <= 2 < heaps("as usual")


def test_a_c_library_without_these_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda name: object())
    memory.few_heaps()
    memory.give_back()
