"""The one function that every engine runs: names of photos in, rows out. It knows no engine and no table."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import cv2

from kilpi import archives
from kilpi.bulk.sources import is_remote, read_remote
from kilpi.errors import KilpiError, PhotoMissing, as_kilpi_error
from kilpi.hashing import sha256_hex
from kilpi.images.limits import check_bytes
from kilpi.photos.end_place import placed_on_end
from kilpi.pipeline import Kilpi
from kilpi.plates.detector import PlateDetector
from kilpi.plates.hidden_parts import SeeingReader
from kilpi.plates.no_plate import Parted
from kilpi.plates.read_photo import read_file
from kilpi.schemas import plate_to_json
from kilpi.text import shown
from kilpi.types import Decision, Photo, PhotoRead, Plate, Sighting, ViewGuess

Row = dict[str, Any]
"""One photo as plain values; the columns are those of `kilpi.bulk.parts.SCHEMA`."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What one photo gave. `decision` is None where the photo has an error."""

    read: PhotoRead
    decision: Decision | None = None
    decide_ms: float = 0.0


class Looks(Protocol):
    """Reads a photo and decides; what a worker loads once."""

    def look(self, data: bytes, name: str) -> Looked:
        """A photo file's bytes -> its plates and decision, or its error; raises nothing."""
        ...


Loads = Callable[[], Looks]
"""Makes the part that a worker loads once. It is sent to other processes, so it must be picklable."""


@dataclass(frozen=True, slots=True)
class LoadKilpi:
    """Kilpi with its own networks, each on `threads` threads; OpenCV too."""

    threads: int = 1
    home: tuple[str, ...] = ()

    def __call__(self) -> KilpiLooks:
        """Opens the networks. Raises WeightsError."""
        cv2.setNumThreads(self.threads)
        detector, reader = PlateDetector.load(threads=self.threads), SeeingReader.load(threads=self.threads)
        return KilpiLooks(Kilpi(detector=detector, reader=reader, home=self.home))


@dataclass(frozen=True, slots=True)
class KilpiLooks:
    """Each photo is decided by itself, as if it were all there is of its car."""

    kilpi: Kilpi

    def look(self, data: bytes, name: str) -> Looked:
        """As `kilpi read`, and the decision from this photo's plates and from what else it shows."""
        views: dict[str, ViewGuess] = {}

        def parted(photo: Photo, sightings: Sequence[Sighting]) -> Parted:
            guess = self.kilpi.view_of(photo)
            views.update({photo.id: guess} if guess else {})
            plates, aside = self.kilpi.parted(photo, sightings, guess)
            return Parted([placed_on_end(plate, guess) for plate in plates], aside)

        read = read_file(name, self.kilpi.sightings, parted, data)
        if read.error is not None:
            return Looked(read)
        start = time.perf_counter()
        try:
            decision = self.kilpi.decide(read.plates, views)
        except Exception as error:
            return Looked(replace(read, error=as_kilpi_error(error, shown(name))))
        return Looked(read, decision, 1000 * (time.perf_counter() - start))


def read_batch(looks: Looks, names: Sequence[str], done: Collection[bytes] = frozenset()) -> list[Row]:
    """A row a photo, in order, without those whose `row_key` is in `done`. An error is that photo's row."""
    rows = (read_one(looks, name, done) for name in names)
    return [row for row in rows if row is not None]


def read_one(looks: Looks, name: str, done: Collection[bytes]) -> Row | None:
    """One photo's row; None where it is done already."""
    try:
        data = photo_bytes(name)
    except Exception as error:
        return None if row_key(name, "") in done else failed_row(name, as_kilpi_error(error, shown(name)))
    sha256 = sha256_hex(data)
    return None if row_key(name, sha256) in done else row_of(name, sha256, looks.look(data, name))


def photo_bytes(name: str) -> bytes:
    """A photo's file, on disk, in an archive or at a remote address. Raises PhotoError."""
    try:
        if is_remote(name):
            return read_remote(name)
        check_bytes(archives.file_size(Path(name)), shown(name))
        return archives.read_file(Path(name))
    except FileNotFoundError:
        raise PhotoMissing(f"{shown(name)}: no such file") from None
    except OSError as error:
        raise PhotoMissing(f"{shown(name)}: cannot be read ({error.strerror or 'by its store'})") from None


def row_key(name: str, sha256: str) -> bytes:
    """By what a row is known again: which photo, and which bytes; 16 bytes."""
    return hashlib.sha256(f"{shown(name)}\0{sha256}".encode()).digest()[:16]


def failed_row(name: str, error: KilpiError) -> Row:
    """The row of a photo that nobody could look at."""
    return row_of(name, "", Looked(PhotoRead(name, error=error)))


def row_of(name: str, sha256: str, looked: Looked) -> Row:
    """The row's values. Coordinates are pixels of the photo as displayed; times are milliseconds."""
    read, decision = looked.read, looked.decision
    mark = decision.mark if decision else None
    return {
        "photo": shown(name),
        "sha256": sha256,
        "width": read.width,
        "height": read.height,
        "plates": [plate_values(plate) for plate in read.plates],
        "verdict": decision.verdict.value if decision else None,
        "mark": mark.text if mark else None,
        "country": mark.country if mark else None,
        "p": decision.p if decision else None,
        "reasons": [why.code for why in decision.reasons] if decision else [],
        "decode_ms": read.ms.decode,
        "find_ms": read.ms.find,
        "read_ms": read.ms.read,
        "decide_ms": looked.decide_ms,
        "note": read.note,
        "error": read.error.kind if read.error else None,
        "message": str(read.error) if read.error else None,
    }


def plate_values(plate: Plate) -> Row:
    """One plate as in `kilpi read --json`, but for the other candidates."""
    told = plate_to_json(plate)
    quad = [value for point in told["quad"] for value in point]
    return {"text": told["text"], "country": told["country"], "score": told["score"], "quad": quad}
