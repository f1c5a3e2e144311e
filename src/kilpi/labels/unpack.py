"""Opens a zip archive of labels into a folder, whatever its names try."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from kilpi.errors import LabelError
from kilpi.labels.junk import is_junk_name

MAX_FILES = 100_000
MAX_TOTAL = 8_000_000_000  # bytes, unpacked
MAX_RATIO = 200  # of unpacked to packed: label text and JPEG stay far below


def unpack(archive: Path, folder: Path) -> None:
    """Every file of the archive below `folder`. Raises LabelError naming the archive."""
    try:
        with zipfile.ZipFile(archive) as zipped:
            entries = [
                entry
                for entry in zipped.infolist()
                if not entry.is_dir() and not is_junk_name(PurePosixPath(entry.filename.replace("\\", "/")))
            ]
            total = sum(entry.file_size for entry in entries)
            packed = archive.stat().st_size
            if len(entries) > MAX_FILES or total > MAX_TOTAL or total > MAX_RATIO * packed + 1_000_000:
                raise LabelError(f"{archive}: would be {len(entries)} files, {total / 1e6:.0f} MB: too much")
            for entry in entries:
                target = folder / inside(entry.filename, archive)
                if target.exists():
                    raise LabelError(f"{archive}: holds two files of one name; unpack it by hand")
                target.parent.mkdir(parents=True, exist_ok=True)
                with zipped.open(entry) as source:
                    target.write_bytes(source.read(entry.file_size + 1))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise LabelError(f"{archive}: cannot be unpacked ({error}); unpack it by hand") from None


def inside(name: str, archive: Path) -> PurePosixPath:
    """The entry's path below the folder. ImgLab's zips have colons in theirs; those are made dashes."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise LabelError(f"{archive}: holds a file that would land outside its folder")
    return PurePosixPath(*(part.replace(":", "-") for part in path.parts))
