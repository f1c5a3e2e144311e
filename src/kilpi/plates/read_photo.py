"""A photo's sightings to its plates: cut out straight, read, ranked, measured."""

from __future__ import annotations

from collections.abc import Sequence

from kilpi.grammar import Grammars
from kilpi.plates.crop import straighten
from kilpi.plates.layout import measure_layout
from kilpi.plates.reader import MARGIN
from kilpi.ports import Reader
from kilpi.sharpness import plate_sharpness
from kilpi.types import Photo, Plate, Sighting


def read_plates(
    photo: Photo, sightings: Sequence[Sighting], reader: Reader, grammars: Grammars
) -> list[Plate]:
    """What was found in one photo, straightened and read, best seen first."""
    if not sightings:
        return []
    crops = [straighten(photo, s.quad, margin=MARGIN) for s in sightings]
    readings = reader.read(crops)
    plates = [
        Plate(
            photo_id=photo.id,
            sighting=sighting,
            reading=reading,
            candidates=grammars.rank(reading) if reading.slots else (),
            frame=(photo.width, photo.height),
            sharpness=plate_sharpness(crop),
            layout=measure_layout(crop, reading, sighting.quad, (photo.width, photo.height)),
        )
        for sighting, reading, crop in zip(sightings, readings, crops, strict=True)
    ]
    return sorted(plates, key=lambda p: -p.sighting.score)
