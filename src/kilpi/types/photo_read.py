"""What became of one photo that was read."""

from __future__ import annotations

from dataclasses import dataclass, field

from kilpi.errors import KilpiError
from kilpi.types.plate import Plate


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds that one photo took in each step."""

    decode: float = 0.0
    find: float = 0.0
    read: float = 0.0


@dataclass(frozen=True, slots=True)
class PhotoRead:
    """What became of one photo: its plates, best first, or the error."""

    path: str
    width: int = 0
    height: int = 0
    plates: tuple[Plate, ...] = ()
    ms: Timing = field(default_factory=Timing)
    error: KilpiError | None = None
    note: str = ""  # what was odd about the file though it could be used, as a code
    aside: tuple[Plate, ...] = ()  # what was found and is taken for no plate
