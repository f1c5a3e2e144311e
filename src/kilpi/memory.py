"""What glibc keeps of memory that was freed: each thread's by itself, and it grows for as long as cars come.

Another C library has neither of its functions; then nothing happens.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress

M_ARENA_MAX, HEAPS = -8, 2  # of glibc's malloc.h
ELSEWHERE = (OSError, AttributeError, TypeError)  # what calling them raises there


def few_heaps() -> None:
    """Two heaps for all threads of the process. Of its own, each thread of a server gets one, and each holds
    on to what pictures took.
    """
    with suppress(*ELSEWHERE):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, HEAPS)


def give_back() -> None:
    """What is free goes back to the system (man 3 malloc_trim); takes a few milliseconds.

    After 32 cars 160 of 440 MB were free and kept.
    """
    with suppress(*ELSEWHERE):
        ctypes.CDLL(None).malloc_trim(0)
