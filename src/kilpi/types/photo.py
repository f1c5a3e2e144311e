"""One decoded file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kilpi.types.geometry import Pixels


@dataclass(frozen=True, slots=True)
class Photo:
    """One decoded file. `width` and `height` are native, as displayed (after EXIF rotation).

    `pixels` may be decoded at 1/`reduction` of that; every coordinate in Kilpi is in native pixels.
    `data` is the file itself, so that native pixels can be had later without a second read.
    """

    id: str  # sha256 of the file, hex
    path: str  # as given
    width: int
    height: int
    pixels: Pixels = field(compare=False, repr=False)
    reduction: int = 1  # 1, 2, 4 or 8
    taken: datetime | None = None  # EXIF DateTimeOriginal, no time zone
    data: bytes = field(default=b"", compare=False, repr=False)
    note: str = ""  # what was odd about the file though it could be used, as a code


Photos = Sequence[Photo] | Mapping[str, Photo]
"""Photos in order, or by their ids, perhaps decoded only when asked for."""


def by_id(photos: Photos) -> Mapping[str, Photo]:
    """The photos by their ids."""
    return photos if isinstance(photos, Mapping) else {photo.id: photo for photo in photos}
