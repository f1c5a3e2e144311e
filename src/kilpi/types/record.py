"""What only the dealer sees of a car: mark, VIN, reasons, problems. Never published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Why:
    """A reason: its code and values for machines, its words for people."""

    code: str
    values: Mapping[str, Any]
    words: str


@dataclass(frozen=True)
class Trouble:
    """A photo or step that gave nothing: its error, and the same in the reader's language."""

    where: str
    kind: str
    message: str
    words: str


@dataclass(frozen=True)
class Unused:
    """A photo that is not published, and why in words."""

    photo: str
    words: str


@dataclass(frozen=True)
class Record:
    """One car's decision.json: for the dealer only, and what the index and publishing need."""

    reference: str
    id: str
    state: str
    verdict: str
    mark: str | None
    country: str | None
    p: float | None
    vin: str | None
    register: str | None
    title: str
    price: str | None
    picture: str | None  # small copy of the first picture
    pictures: int
    photos: tuple[str, ...]
    reasons: tuple[Why, ...]
    missing: tuple[str, ...]
    problems: tuple[Trouble, ...]
    left_out: tuple[Unused, ...]
    files: Mapping[str, str]  # name -> sha256 of what was written
    inputs: str = ""  # digest of all that the advert was made from
