"""A car's folder as it is read while it may be exchanged: for a moment it stands under its other name."""

from __future__ import annotations

from pathlib import Path

from kilpi.adverts.folders import OLD
from kilpi.adverts.records import DECISION
from kilpi.hashing import sha256_hex
from kilpi.schemas import read_record
from kilpi.types import Record

TRIES = 3  # an exchange is two renames; a reader that is between them finds one or the other


def places(folder: Path) -> list[Path]:
    """Where a folder may stand, in the order in which to look."""
    return [folder, folder.with_name(OLD + folder.name)] * TRIES


def record_in(folder: Path) -> Record | None:
    """The record of a car's folder, also in the middle of an exchange; None where it has none."""
    return next((found for one in places(folder) if (found := read_record(one / DECISION))), None)


def file_in(folder: Path, name: str) -> tuple[Record, bytes]:
    """A file that the record names, as it was written, and that record. Raises FileNotFoundError."""
    for one in places(folder):
        record = read_record(one / DECISION)
        try:
            content = (one / name).read_bytes()
        except OSError:
            continue
        if record is not None and record.files.get(name) == sha256_hex(content):
            return record, content
    raise FileNotFoundError(name)
