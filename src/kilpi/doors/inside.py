"""Files below a folder that others may write to. No link in it is followed, not even one that was put there
between a look and the next step: every folder on the way is opened from the one above it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path, PurePosixPath
from typing import IO

FOLDER = os.O_RDONLY | os.O_DIRECTORY
NO_LINK = os.O_NOFOLLOW | os.O_NONBLOCK  # a named pipe would be waited for


@contextmanager
def folder_below(top: Path, parts: Sequence[str], make: bool = False) -> Iterator[int]:
    """A handle of a folder below `top`; `make`: it and those above it are made. Raises OSError."""
    handle = os.open(top, FOLDER)
    try:
        for part in parts:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=handle)
            below = os.open(part, FOLDER | NO_LINK, dir_fd=handle)
            os.close(handle)
            handle = below
        yield handle
    finally:
        os.close(handle)


def open_below(top: Path, path: str) -> IO[bytes]:
    """A regular file, to be read. Raises OSError, also where it is something else."""
    *folders, name = PurePosixPath(path).parts
    with folder_below(top, folders) as folder:
        handle = os.open(name, os.O_RDONLY | NO_LINK, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise FileNotFoundError(0, "no regular file")
    return os.fdopen(handle, "rb")


def move_below(top: Path, path: str, to: str, reason: str = "") -> None:
    """To the same path below `to`, under a name that is free there, `reason` beside it. Raises OSError."""
    *folders, name = PurePosixPath(path).parts
    with folder_below(top, folders) as source:
        os.stat(
            name, dir_fd=source, follow_symlinks=False
        )  # not there any more: nothing is made in its place
        with folder_below(top, [to, *folders], make=True) as target:
            new = free_name(name, target)
            if reason:
                write_in(target, f"{new}.txt", reason)
            os.rename(name, new, src_dir_fd=source, dst_dir_fd=target)


def note_below(top: Path, path: str, to: str, reason: str) -> None:
    """`reason` as a text at that path below `to`. Raises OSError."""
    *folders, name = PurePosixPath(path).parts
    with folder_below(top, [to, *folders], make=True) as target:
        write_in(target, f"{name}.txt", reason)


def write_in(folder: int, name: str, text: str) -> None:
    """A text, whole or not at all; what is there under the name is replaced, not followed. Raises OSError."""
    beside = f".{name[:100]}.{os.getpid()}.kilpi-new"
    with suppress(FileNotFoundError):
        os.unlink(beside, dir_fd=folder)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK, 0o666, dir_fd=folder)
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)


def free_name(name: str, folder: int) -> str:
    """The name, else with -2, -3 ... before its ending: the first that nothing in the folder has."""
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
    names = (name if number == 1 else f"{stem}-{number}{suffix}" for number in count(1))
    return next(one for one in names if not is_there(one, folder))


def is_there(name: str, folder: int) -> bool:
    """Whether anything in the folder is called so."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
