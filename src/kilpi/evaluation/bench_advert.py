"""How fast the whole line is here: photos to finished adverts, where the time goes, and the floor under it.

The floor is what no line can be faster than with the same library: the same photos decoded as the line
decodes them, and pictures of the same size, with their small copies, encoded and written.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from kilpi.adverts.folders import write_car
from kilpi.evaluation.line import peak_memory_mb
from kilpi.images import encode_jpeg, open_photo, shrink_to, small_jpeg
from kilpi.photos.intake import CarPhotos
from kilpi.pictures import gallery, hide
from kilpi.pipeline import Kilpi

WARM_UP = 2  # photos of the first car, before the clock starts


@dataclass(frozen=True, slots=True)
class AdvertBench:
    """Wall time of a whole run; `steps_ms` are milliseconds a photo, added up over the threads."""

    cars: int
    photos: int
    pictures: int
    jobs: int
    seconds: float
    floor_seconds: float
    steps_ms: dict[str, float]
    peak_memory_mb: float

    @property
    def photos_a_second(self) -> float:
        """Of the whole line."""
        return self.photos / self.seconds

    @property
    def times_floor(self) -> float:
        """How many times as long as only decoding and writing."""
        return self.seconds / self.floor_seconds


class Clock:
    """Sums up what steps take, from any thread. Steps inside others count in both."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.lock = Lock()

    def timed(self, name: str, do: Callable[..., Any]) -> Callable[..., Any]:
        """`do`, its time added to the step `name`."""

        @wraps(do)
        def step(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return do(*args, **kwargs)
            finally:
                with self.lock:
                    self.seconds[name] += time.perf_counter() - start

        return step


def bench_advert(kilpi: Kilpi, cars: Sequence[CarPhotos]) -> AdvertBench:
    """Make every car's advert in a folder that is thrown away, then measure the floor with as many jobs."""
    clock, photos = Clock(), [path for car in cars for path in car.photos]
    kilpi.advert(*photos[:WARM_UP])
    with TemporaryDirectory() as folder, watched(kilpi, clock):
        start = time.perf_counter()
        with ThreadPoolExecutor(kilpi.each.cars) as pool:
            made = list(pool.map(lambda car: make(kilpi, clock, car, Path(folder)), cars))
        seconds = time.perf_counter() - start
    sizes = [size for car in made for size in car]
    peak = peak_memory_mb()
    floor = floor_seconds(kilpi, photos, sizes)
    steps = {name: 1000 * spent / len(photos) for name, spent in clock.seconds.items()}
    return AdvertBench(len(cars), len(photos), len(sizes), kilpi.jobs, seconds, floor, steps, peak)


def make(kilpi: Kilpi, clock: Clock, car: CarPhotos, folder: Path) -> list[str]:
    """One car's advert, written; the ids of the photos that became pictures."""
    made = kilpi.advert(*car.photos, reference=car.reference)
    clock.timed("write", write_car)(made, folder, kilpi.language)
    return [picture.photo_id for picture in made.pictures]


@contextmanager
def watched(kilpi: Kilpi, clock: Clock) -> Iterator[None]:
    """The line's own steps with a clock on each, as long as the block runs."""
    import kilpi.photos.examined as examined
    import kilpi.pipeline as line

    places: list[tuple[Any, str, str]] = [
        (examined, "open_photo", "decode"),
        (line, "read_plates", "read"),
        (line, "measure", "quality"),
        (kilpi, "view_of", "view"),
        (kilpi, "decide", "decide"),
        (gallery, "finish", "finish"),
        (hide, "readable", "of finish: search again"),
        (hide, "encode_jpeg", "of finish: encode"),
        (hide, "decode_photo", "of finish: decode"),
    ]
    detector_for = kilpi.detector_for

    class Timed:
        """A detector with a clock."""

        def __init__(self, detector: Any) -> None:
            self.find = clock.timed("find", detector.find)

    swaps = [(owner, name, clock.timed(step, getattr(owner, name))) for owner, name, step in places]
    swaps.append((kilpi, "detector_for", lambda guess: Timed(detector_for(guess))))
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in swaps]
    try:
        for owner, name, watch in swaps:
            setattr(owner, name, watch)
        yield
    finally:
        for owner, name, was in before:
            setattr(owner, name, was)


def floor_seconds(kilpi: Kilpi, photos: Sequence[Path], pictured: Sequence[str]) -> float:
    """Only decoding every photo, and encoding and writing those that became pictures."""
    wanted, profile = set(pictured), kilpi.profile

    with TemporaryDirectory() as folder:

        def pass_through(path: Path) -> None:
            photo = open_photo(path)
            if photo.id in wanted:
                shown = shrink_to(photo.pixels, profile.long_side)
                target = Path(folder) / f"{photo.id}.jpg"
                target.write_bytes(encode_jpeg(shown, profile.quality))
                target.with_suffix(".small").write_bytes(small_jpeg(shown))

        start = time.perf_counter()
        for _ in kilpi.each(pass_through, list(photos)):
            pass
        return time.perf_counter() - start
