"""A car's photo files opened: every usable photo once, and what was odd or wrong about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from kilpi.errors import as_kilpi_error
from kilpi.images import open_photo
from kilpi.text import shown
from kilpi.types import Photo, Problem, Reason


def photo_notes(photos: Sequence[Photo]) -> list[Reason]:
    """What was odd about photos that could be used."""
    return [Reason(f"photo_{photo.note}", {"photo": photo.path}) for photo in photos if photo.note]


def open_all(paths: Iterable[str | Path]) -> tuple[list[Photo], list[Problem]]:
    """Every usable photo once (a file given twice counts once), and what was wrong with the others."""
    photos: dict[str, Photo] = {}
    problems: list[Problem] = []
    for path in paths:
        try:
            photo = open_photo(path)
        except Exception as error:
            problems.append(Problem(shown(str(path)), as_kilpi_error(error, shown(str(path)))))
        else:
            photos.setdefault(photo.id, photo)
    return list(photos.values()), problems
