"""An advert's text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Fact(NamedTuple):
    """One row of an advert's table, already in the advert's language."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The advert's text. It is a draft while `missing` names anything."""

    language: str
    title: str
    paragraphs: tuple[str, ...]
    facts: tuple[Fact, ...]
    equipment: tuple[str, ...] = ()
    price: str | None = None
    missing: tuple[str, ...] = ()  # what a person must add, in the advert's language

    @property
    def is_draft(self) -> bool:
        """True while something that a buyer needs is missing."""
        return bool(self.missing)
