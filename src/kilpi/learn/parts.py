"""Examples as tensors, made part by part and kept in files of a run's folder.

So a training that was stopped goes on from those that are there, and a part is the same however many
processes make them.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
import torch

from kilpi.files import written_whole
from kilpi.hashing import sha256_hex

T = TypeVar("T")  # a dataclass whose fields are all tensors, an example a row
Make = Callable[[int], Any]  # the part of this number, a T; pickled once a process

MAKERS: list[Make] = []  # of a process that makes parts


def part_files(out: Path, name: str, count: int, seed: int, each: int, photos: Sequence[str]) -> list[Path]:
    """Where a run's parts lie: of other photos, or by another number or size, are other parts."""
    made = sha256_hex(f"{seed} {each} {' '.join(sorted(photos))}".encode())[:8]
    return [out / f"{name}-{made}-{i:03d}.npz" for i in range(count)]


def gather(kind: type[T], files: Sequence[Path], make: Make, workers: int) -> T:
    """All parts as one; those whose files are there already are taken from them, the others made by `workers`
    processes, or here where that is one.
    """
    missing = [(at, file) for at, file in enumerate(files) if not file.is_file()]
    if workers > 1 and len(missing) > 1:
        with ProcessPoolExecutor(workers, get_context("spawn"), begin, (make,)) as pool:
            list(pool.map(write_own, *zip(*missing, strict=True)))
    else:
        for at, file in missing:
            write_part(make(at), file)
    return joined([read_part(kind, file) for file in files])


def begin(make: Make) -> None:
    """Keeps what this process makes parts with, on one thread: there is a process a core."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C tells the training, which ends this
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    MAKERS[:] = [make]


def write_own(at: int, file: Path) -> None:
    """One part of this process."""
    write_part(MAKERS[0](at), file)


def write_part(part: Any, file: Path) -> None:
    """One part, written whole or not at all."""
    with written_whole(file) as beside:
        np.savez(beside, **{field.name: getattr(part, field.name).numpy() for field in fields(part)})


def read_part(kind: type[T], file: Path) -> T:
    """The inverse."""
    with np.load(file) as kept:
        return kind(*(torch.from_numpy(kept[field.name]) for field in fields(kind)))  # type: ignore[arg-type]


def joined(parts: Sequence[T]) -> T:
    """Several as one."""
    first: Any = parts[0]
    columns = (torch.cat([getattr(part, field.name) for part in parts]) for field in fields(first))
    return type(parts[0])(*columns)
