"""What is kept of a photo once its pixels were looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from kilpi.errors import as_kilpi_error
from kilpi.images import open_photo
from kilpi.photos.quality import Look
from kilpi.photos.shelf import Shelf
from kilpi.text import shown
from kilpi.types import Photo, Plate, Problem, Reason, ViewGuess


@dataclass(frozen=True, slots=True)
class Examined:
    """One photo's plates, view and quality, or what went wrong with it: then there is no `look`."""

    path: str
    plates: tuple[Plate, ...] = ()
    guess: ViewGuess | None = None
    look: Look | None = None
    note: str = ""  # what was odd about the file though it could be used, as a code
    problem: Problem | None = None
    aside: tuple[Plate, ...] = ()  # what was found and is taken for no plate

    @classmethod
    def failed(cls, problem: Problem) -> Examined:
        """A file that could not even be opened."""
        return cls(problem.where, problem=problem)


def examine_file(path: str | Path, shelf: Shelf, examine: Callable[[Photo], Examined]) -> Examined:
    """What `examine` says of a photo file, which is then on the shelf."""
    name = shown(str(path))
    try:
        photo = open_photo(path)
    except Exception as error:
        return Examined(name, problem=Problem(name, as_kilpi_error(error, name)))
    seen = examine(photo)
    if seen.problem is None:
        shelf.put(Path(path), photo)
    return seen


def photo_notes(seen: Iterable[Examined]) -> list[Reason]:
    """What was odd about photos that could be used."""
    return [Reason(f"photo_{one.note}", {"photo": one.path}) for one in seen if one.note]
