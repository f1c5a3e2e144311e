"""What was found in one photo, read, sorted, and looked at again wherever more may be seen, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kilpi.grammar import Grammars
from kilpi.plates.look_at_halves import look_at_halves
from kilpi.plates.look_at_places import look_at_places
from kilpi.plates.look_closer import look_closer
from kilpi.plates.look_on import look_on
from kilpi.plates.no_plate import Parted, part
from kilpi.plates.read_photo import ReadPlates
from kilpi.ports import Detector, Reader
from kilpi.types import Photo, Sighting, ViewGuess


def read_and_look_again(
    photo: Photo,
    sightings: Sequence[Sighting],
    detectors: tuple[Detector, Detector],
    reader: Reader,
    read: ReadPlates,
    view: Callable[[], ViewGuess | None],
    grammars: Grammars,
) -> Parted:
    """Plates, and what is none. Of the `detectors` the second looks on where the search stopped early; `read`
    is done with the `reader`; `view` tells what the photo shows, and is only asked where that matters.
    """
    detector, further = detectors
    found = part(read(photo, sightings), view, grammars)
    found = look_closer(photo, found, detector, read, view, grammars)
    found = look_on(photo, found, further, read, view, grammars)
    found = look_at_places(photo, found, detector, read, view, grammars)
    return look_at_halves(photo, found, detector, reader, read, view)
