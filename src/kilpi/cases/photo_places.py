"""Where a case's photo lies: in a folder on this machine, or, as it was sent, among the originals."""

from __future__ import annotations

from pathlib import Path

from kilpi.cases.case import CasePhoto
from kilpi.files import is_file, path_from_text
from kilpi.store.originals import Originals


def lies_at(photo: CasePhoto, originals: Originals | None) -> str:
    """As a text of which `path_from_text` makes a path; of a photo that was sent, and of which no folder is
    known, its name.
    """
    if photo.path is not None:
        return photo.path
    return str(originals.path(photo.sha256)) if originals is not None else photo.name


def file_of(photo: CasePhoto, originals: Originals | None) -> Path | None:
    """Its file; None where it is gone or in an archive."""
    if photo.gone or (photo.path is None and originals is None):
        return None
    path = path_from_text(lies_at(photo, originals))
    return path if is_file(path) else None
