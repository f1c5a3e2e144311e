"""What is kept of a photo once its pixels were looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kilpi.photos.quality import Look
from kilpi.types import Plate, Problem, Reason, ViewGuess


@dataclass(frozen=True, slots=True)
class Examined:
    """One photo's plates, view and quality, or what went wrong with it: then there is no `look`."""

    path: str
    plates: tuple[Plate, ...] = ()
    guess: ViewGuess | None = None
    look: Look | None = None
    note: str = ""  # what was odd about the file though it could be used, as a code
    problem: Problem | None = None

    @classmethod
    def failed(cls, problem: Problem) -> Examined:
        """A file that could not even be opened."""
        return cls(problem.where, problem=problem)


def photo_notes(seen: Iterable[Examined]) -> list[Reason]:
    """What was odd about photos that could be used."""
    return [Reason(f"photo_{one.note}", {"photo": one.path}) for one in seen if one.note]
