"""Files that systems put beside a person's own: macOS' "._" doubles, __MACOSX of its zips, thumbnails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath

NAMES = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini", "Icon\r", "@eaDir", "$RECYCLE.BIN"})


def is_junk_name(path: PurePath) -> bool:
    """Whether any part of a path is hidden or a system's."""
    return any(part in NAMES or (part.startswith(".") and part not in {".", ".."}) for part in path.parts)


def is_junk(path: Path, below: Path) -> bool:
    """The same for what lies below a folder; how the folder itself is called does not matter."""
    return is_junk_name(path.relative_to(below))


def files_below(folder: Path) -> Iterator[Path]:
    """Every file at or below a folder, in a stable order, but for those."""
    return (path for path in sorted(folder.rglob("*")) if not is_junk(path, folder) and path.is_file())
