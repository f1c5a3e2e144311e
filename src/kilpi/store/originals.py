"""Photos that were sent to Kilpi, kept as they came, each under the sha256 of its bytes.

originals/ab/ab12... : one photo once, however often it is sent. A photo in a folder on this machine is not
copied: its row holds the path, and its sha256 tells whether it is still the same.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kilpi.errors import NoRoom, StoreError
from kilpi.store.engines import make_private_folder

PIECE = 1 << 20  # bytes read at a time
UNFINISHED = ".part"
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Originals:
    """The folder. It is made when the first photo comes: files 0600, folders 0700."""

    folder: Path
    floor: int = 0  # bytes that stay free on its disk

    def path(self, sha256: str) -> Path:
        """Where a photo lies, or would lie."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise StoreError("originals: a photo's name is its sha256, 64 hexadecimal digits")
        return self.folder / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Whether the photo is here."""
        return self.path(sha256).is_file()

    def add(self, file: IO[bytes]) -> str:
        """Reads `file` to its end and keeps it: written beside, then renamed. Its sha256, hex.

        Raises NoRoom; StoreError where the folder cannot be written to (a full disk, say). Nothing half is
        left behind.
        """
        self.check_room()
        try:
            make_private_folder(self.folder)
            handle, name = tempfile.mkstemp(suffix=UNFINISHED, dir=self.folder)  # 0600
            try:
                return self._move_in(_copy(file, handle), Path(name))
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise self._told(error) from None

    @contextmanager
    def aside(self, file: IO[bytes], ending: str) -> Iterator[tuple[Path, str]]:
        """Reads `file` to its end into one that nobody else has, gone after the block: its path, which ends
        so, and its sha256. Raises StoreError as `add`.
        """
        try:
            make_private_folder(self.folder)
            handle, name = tempfile.mkstemp(suffix=UNFINISHED + ending, dir=self.folder)
        except OSError as error:
            raise self._told(error) from None
        try:
            try:
                sha256 = _copy(file, handle)
            except OSError as error:
                raise self._told(error) from None
            yield Path(name), sha256
        finally:
            Path(name).unlink(missing_ok=True)

    def _told(self, error: OSError) -> StoreError:
        return StoreError(f"originals {self.folder}: {error.strerror}; see its room and its rights")

    def check_room(self) -> None:
        """Raises NoRoom where less than `floor` is free: cases and adverts need room too."""
        if not self.floor:
            return
        there = next(place for place in (self.folder, *self.folder.absolute().parents) if place.is_dir())
        if shutil.disk_usage(there).free < self.floor:
            raise NoRoom(
                f"originals {self.folder}: less than {self.floor // MB} MB are free (KILPI_MIN_FREE_MB); "
                "nothing more is taken in until there is room"
            )

    def _move_in(self, sha256: str, written: Path) -> str:
        place = self.path(sha256)
        make_private_folder(place.parent)
        written.replace(place)  # over the same bytes, if they are here: their age counts from the last time
        _sync(place.parent)
        return sha256

    def remove(self, sha256: str) -> None:
        """Takes a photo away; none there is fine. Raises StoreError where it cannot."""
        try:
            self.path(sha256).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"originals {self.folder}: {error.strerror}; see its rights") from None

    def older_than(self, unix_s: float) -> Iterator[str]:
        """The sha256 of every photo last sent before then; unfinished files of that age are removed."""
        if not self.folder.is_dir():
            return
        for path in sorted(self.folder.glob(f"*{UNFINISHED}*")):
            if path.stat().st_mtime < unix_s:
                path.unlink(missing_ok=True)
        for path in sorted(self.folder.glob("??/*")):
            if path.stat().st_mtime < unix_s:
                yield path.name


def _copy(file: IO[bytes], handle: int) -> str:
    digest = hashlib.sha256()
    with os.fdopen(handle, "wb") as out:
        while piece := file.read(PIECE):
            digest.update(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _sync(folder: Path) -> None:
    """A rename is only on the disk once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
