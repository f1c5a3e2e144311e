"""A registration mark, and one that a reading may stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from kilpi.text import compact_mark


@dataclass(frozen=True, slots=True)
class Mark:
    """A registration mark in its country's official spelling."""

    text: str  # with the official separator: ABC-123
    country: str | None = None
    series: str | None = None  # name of the grammar's series; None: no rule parses it
    identifies_car: bool = True  # False for trade plates: the next car wears the same

    @property
    def compact(self) -> str:
        """Letters and digits only: ABC123."""
        return compact_mark(self.text)


class Candidate(NamedTuple):
    """A mark that a reading may stand for. `score` is relative among the candidates of one plate."""

    mark: Mark
    score: float
