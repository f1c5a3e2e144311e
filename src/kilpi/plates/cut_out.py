"""The plates of a car cut out as its photos show them, for the dealer's own eyes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kilpi.images import encode_jpeg
from kilpi.plates.crop import straighten
from kilpi.plates.reader import MARGIN
from kilpi.types import Photos, Plate, PlateCrop, by_id

MOST = 12  # plates a car; more are no help to a person
HEIGHT, QUALITY = 96, 85  # pixels, JPEG


def cut_out(photos: Photos, plates: Sequence[Plate]) -> Iterator[PlateCrop]:
    """The plates uncovered and upright, best seen first, each with what was read on it."""
    known = by_id(photos)
    seen = [plate for plate in plates if plate.photo_id in known]
    for plate in sorted(seen, key=lambda plate: -plate.sighting.score)[:MOST]:
        photo = known[plate.photo_id]
        pixels = straighten(photo, plate.sighting.quad, HEIGHT, MARGIN)
        raw = plate.reading.text if plate.reading else ""
        read = plate.candidates[0].mark.text if plate.candidates else raw
        height, width = pixels.shape[:2]
        yield PlateCrop(photo.path, read, width, height, encode_jpeg(pixels, QUALITY))
