"""Contact sheets of heaps that `kilpi advert --sort` looked over: they show plates, so they go as cars do."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from kilpi.adverts.folders import folder_name

SHEETS = "heaps"  # folder in the output folder; a folder a heap in it
DAY_S = 86_400.0


def sheets_of(out: Path, heap: str) -> Path:
    """Where the sheets of a heap of this name are."""
    return out / SHEETS / folder_name(heap)


def remove_old_sheets(out: Path, days: int) -> int:
    """Those of heaps that were sorted so long ago. How many heaps."""
    folder = out / SHEETS
    old = [one for one in folder.iterdir() if one.is_dir() and is_old(one, days)] if folder.is_dir() else []
    for one in old:
        shutil.rmtree(one, ignore_errors=True)
    return len(old)


def remove_sheets_of(out: Path, reference: str) -> None:
    """Those of the heap that a car came from: it is called as the heap, with a number. All of the heap's go,
    for which of them shows the car is written nowhere; to sort it again makes them anew.
    """
    heap, _, number = reference.rpartition("-")
    if heap and number.isdecimal():
        shutil.rmtree(sheets_of(out, heap), ignore_errors=True)


def is_old(folder: Path, days: int) -> bool:
    """Whether nothing in a folder was written for so many days."""
    return time.time() - folder.stat().st_mtime > days * DAY_S
