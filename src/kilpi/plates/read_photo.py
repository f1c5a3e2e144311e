"""A photo to its plates: opened, searched, what was found cut out straight, read, ranked, measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from kilpi.errors import as_kilpi_error
from kilpi.grammar import Grammars
from kilpi.images import decode_photo, open_photo
from kilpi.plates.crop import straighten
from kilpi.plates.hidden_parts import HiddenParts, SeeingReader
from kilpi.plates.layout import measure_layout
from kilpi.plates.layout_shapes import measure_shapes
from kilpi.plates.no_plate import Parted
from kilpi.plates.reader import MARGIN
from kilpi.ports import Reader
from kilpi.sharpness import plate_sharpness
from kilpi.text import shown
from kilpi.types import (
    Candidate,
    Photo,
    PhotoRead,
    Pixels,
    Plate,
    PlateLayout,
    Quad,
    Reading,
    Sighting,
    Timing,
)

ReadPlates = Callable[[Photo, Sequence[Sighting]], list[Plate]]
"""`read_plates` with a reader and the grammars."""


def read_plates(
    photo: Photo, sightings: Sequence[Sighting], reader: Reader, grammars: Grammars
) -> list[Plate]:
    """What was found in one photo, straightened and read, best seen first."""
    if not sightings:
        return []
    crops = [straighten(photo, s.quad, margin=MARGIN) for s in sightings]
    readings = reader.read(crops)
    plates = [
        read_plate(photo, sighting, reading, crop, grammars)
        for sighting, reading, crop in zip(sightings, readings, crops, strict=True)
    ]
    if isinstance(reader, SeeingReader):
        plates = look_for_hidden(plates, crops, reader.parts)
    return sorted(plates, key=lambda p: -p.sighting.score)


def look_for_hidden(plates: Sequence[Plate], crops: Sequence[Pixels], parts: HiddenParts) -> list[Plate]:
    """The plates, with what is hidden on those that read as a country's mark; `crops` are what was read."""
    asked = [i for i, plate in enumerate(plates) if plate.layout and parses(plate.candidates)]
    readings = [reading for i in asked if (reading := plates[i].reading)]
    found = dict(zip(asked, parts.see([crops[i] for i in asked], readings), strict=True))
    return [
        replace(plate, layout=replace(plate.layout, hidden=found[i]))
        if plate.layout and i in found
        else plate
        for i, plate in enumerate(plates)
    ]


def parses(candidates: Sequence[Candidate]) -> bool:
    """Whether what was read is some country's mark."""
    return bool(candidates) and candidates[0].mark.series is not None


def read_plate(photo: Photo, sighting: Sighting, reading: Reading, crop: Pixels, grammars: Grammars) -> Plate:
    """One plate with all that is known of it; `crop` is what was read."""
    candidates = grammars.rank(reading) if reading.slots else ()
    frame = (photo.width, photo.height)
    layout = measure_plate(crop, reading, sighting.quad, frame, candidates)
    return Plate(photo.id, sighting, reading, candidates, frame, plate_sharpness(crop), layout)


def measure_plate(
    crop: Pixels, reading: Reading, quad: Quad, frame: tuple[int, int], candidates: Sequence[Candidate]
) -> PlateLayout | None:
    """The plate's layout, and where it reads as a country's mark what may be covered. `crop` (h, w, 3) uint8
    RGB in the plate's own proportions, as `straighten` cuts it; the others as for `measure_layout`.
    """
    layout = measure_layout(crop, reading, quad, frame)
    if not parses(candidates):
        return layout
    return measure_shapes(crop, layout, reading, candidates[0].mark)


def read_file(
    path: str | Path,
    find: Callable[[Photo], Sequence[Sighting]],
    read: Callable[[Photo, Sequence[Sighting]], Parted],
    data: bytes | None = None,
) -> PhotoRead:
    """One file (`data`: its bytes), timed: decoded, searched by `find`, read and sorted by `read`; or its
    error.
    """
    start = time.perf_counter()
    try:
        photo = open_photo(path) if data is None else decode_photo(data, str(path))
        decoded = time.perf_counter()
        sightings = find(photo)
        found = time.perf_counter()
        plates, aside = read(photo, sightings)
    except Exception as error:  # one photo's, whatever it is: the others go on
        name = shown(str(path))
        return PhotoRead(name, error=as_kilpi_error(error, name))
    done = time.perf_counter()
    ms = Timing(*(1000 * t for t in (decoded - start, found - decoded, done - found)))
    return PhotoRead(
        photo.path, photo.width, photo.height, tuple(plates), ms, note=photo.note, aside=tuple(aside)
    )


def one_or_more(paths: str | Path | Iterable[str | Path]) -> Iterable[str | Path]:
    """One path as several: a str would otherwise be taken letter by letter."""
    return [paths] if isinstance(paths, str | Path) else paths
