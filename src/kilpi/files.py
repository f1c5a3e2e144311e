"""Files: which are photos, in which order, and how one is written so that nobody sees half of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import quote_from_bytes, unquote_to_bytes

from kilpi.images import SUFFIXES
from kilpi.text import natural_key

try:
    import fcntl
except ImportError:  # Windows: there two at once are for the user to avoid
    fcntl = None  # type: ignore[assignment]


UNFINISHED = ".kilpi-new"  # in the name of a file that is being written; a killed process leaves it


def is_photo(path: Path) -> bool:
    """By its ending; whether it really is one is found out when it is opened."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def is_file(path: Path) -> bool:
    """Whether there is such a file; a name that no file can have is not there."""
    try:
        return path.is_file()
    except OSError:
        return False


def photos_in(folder: Path) -> list[Path]:
    """The photos directly in a folder, photo2 before photo10; none where it is no folder on disk."""
    if not folder.is_dir():
        return []
    return sorted((p for p in folder.iterdir() if is_photo(p) and p.is_file()), key=by_name)


def photos_below(folder: Path) -> Iterator[Path]:
    """Every photo at or below a folder, in a stable order; none where there is no such folder."""
    if folder.is_dir():
        yield from sorted(p for p in folder.rglob("*") if is_photo(p) and p.is_file())


def path_to_text(path: Path) -> str:
    """A path as text that every database takes: names that are no UTF-8 as a file: address."""
    text = str(path)
    try:
        text.encode()
    except UnicodeEncodeError:
        return "file:" + quote_from_bytes(os.fsencode(text))
    return text


def path_from_text(text: str) -> Path:
    """What `path_to_text` wrote."""
    if text.startswith("file:/"):
        return Path(os.fsdecode(unquote_to_bytes(text.removeprefix("file:"))))
    return Path(text)


def by_name(path: Path) -> list[tuple[int, int, str]]:
    """Sort key: the name as people count."""
    return natural_key(path.name)


def write_whole(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write beside and rename: a reader sees the old file or the new one, never half of one. OSError.

    `private`: only its owner may read it (0600), from its first moment on.
    """
    with written_whole(path) as beside:
        if private:
            beside.unlink(missing_ok=True)
            beside.touch(0o600, exist_ok=False)
        beside.write_bytes(content)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; renamed to it when the block ends well, and gone when it does not.

    The content reaches the disk before the name does, so that a power cut leaves no empty file. OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name[:100]}.{os.getpid()}{UNFINISHED}{path.suffix}")
    try:
        yield beside
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Only one process of this machine at a time is in a block with the same `path`, a file of its own that
    stays. A process that dies leaves no lock. OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def taken(path: Path) -> IO[bytes] | None:
    """A file of its own that stays, locked for as long as what is given is kept; None where another has it. A
    process that dies leaves no lock. OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("ab")
    if fcntl is not None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        except OSError:  # a file system that has no locks: there two at once are for the user to avoid
            return file
    return file


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """The same by a folder itself, which is made where it is not there: nothing else is left in it. On a file
    system that has no locks it locks nothing. OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if fcntl is None:
        yield
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a network drive's, say
            fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)
