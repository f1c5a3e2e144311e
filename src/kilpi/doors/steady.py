"""Which of a folder's entries stand still: nothing below them changed its size, time or name for a while."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kilpi.photos.kinds import kind_by_name

Stamp = tuple[int, int]  # bytes, modification time in ns


@dataclass(frozen=True, slots=True)
class Entry:
    """Something directly in the watched folder: a file, or a folder with all that is below it.

    `files` is each regular file by its path below the watched folder.
    """

    name: str
    files: Mapping[str, Stamp]

    @property
    def print(self) -> str:
        """A digest of names, sizes and times: the same, nothing changed."""
        told = "\n".join(f"{path}\0{size}\0{time}" for path, (size, time) in sorted(self.files.items()))
        return hashlib.sha256(told.encode(errors="surrogateescape")).hexdigest()

    @property
    def unfinished(self) -> bool:
        """Whether a file of it is called as programs call what they still write."""
        return any(kind_by_name(Path(path).name) == "unfinished" for path in self.files)


def entry_at(top: Path, name: str) -> Entry:
    """An entry as it is now. Raises OSError, also where it vanished meanwhile. Links are not followed."""
    path = top / name
    if not path.is_dir() or path.is_symlink():
        return Entry(name, dict(_stamped(path, name)))
    return Entry(
        name, {rel: stamp for file in _files(path) for rel, stamp in _stamped(file, _below(file, top))}
    )


def _files(folder: Path) -> Iterator[Path]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            yield Path(entry.path)


def _below(file: Path, top: Path) -> str:
    return str(file.relative_to(top))


def _stamped(file: Path, name: str) -> Iterator[tuple[str, Stamp]]:
    state = file.lstat()
    if os.path.isfile(file) and not os.path.islink(file):  # noqa: PTH113, PTH114
        yield name, (state.st_size, state.st_mtime_ns)


@dataclass
class Steady:
    """Remembers when each entry last changed, by the clock that it is told."""

    settle_s: float
    seen: dict[str, tuple[str, float]] = field(default_factory=dict)  # name -> print, since when

    def stands(self, entry: Entry, now: float) -> bool:
        """Whether it is as it was for `settle_s` seconds."""
        return self.since(entry, now) >= self.settle_s

    def since(self, entry: Entry, now: float) -> float:
        """For how many seconds it has been as it is; 0 where it changed."""
        print_ = entry.print
        before = self.seen.get(entry.name)
        if before is None or before[0] != print_:
            self.seen[entry.name] = (print_, now)
            return 0.0
        return now - before[1]

    def forget(self, names: set[str]) -> None:
        """Keeps only what is still there."""
        self.seen = {name: seen for name, seen in self.seen.items() if name in names}
