"""What the line sees in the photos of labelled cars, kept in a file: read once, judged as often as needed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kilpi.errors import LabelError, PhotoError
from kilpi.geometry import box_iou
from kilpi.grammar import Grammars
from kilpi.images import open_photo
from kilpi.labels.locate import Pictures, label_folders
from kilpi.labels.record import LabelledPhoto, read_labels
from kilpi.photos.end_place import placed_on_end
from kilpi.pipeline import Kilpi
from kilpi.plates.crop import straighten
from kilpi.plates.reader import MARGIN
from kilpi.schemas import plate_line, plate_of_line
from kilpi.sharpness import plate_sharpness
from kilpi.text import compact_mark
from kilpi.types import Mark, Photo, Plate, PlatePlace, Shown, ViewGuess

OWN = 0.3  # IoU with the label from which a sighting is the car's own plate


@dataclass(frozen=True, slots=True)
class CarReads:
    """One car: its true mark's letters and digits (None: it wears none), its photos, its plates as seen.

    `own` says of each plate whether it lies where the label has the car's own; `country` is the mark's, where
    the labels name it: without it KOE 65 would be an ordinary mark of Latvia.
    """

    name: str
    truth: str | None
    photos: int
    plates: tuple[Plate, ...]
    own: tuple[bool, ...]
    country: str | None = None
    shown: Shown = field(default_factory=Shown, compare=False)


def wears_its_own(car: CarReads, grammars: Grammars) -> bool:
    """Whether the car's true mark is its own: it wears one, and that is no trade plate's."""
    return car.truth is not None and grammars.mark(car.truth, car.country).identifies_car


def is_own(mark: Mark, car: CarReads, grammars: Grammars) -> bool:
    """Whether a mark fetches this car from a register: its own characters, and of the right country."""
    same = mark.compact == car.truth and car.country in (None, mark.country)
    return same and wears_its_own(car, grammars)


def group_cars(records: Iterable[LabelledPhoto]) -> dict[str, list[LabelledPhoto]]:
    """Records by car; a photo that names no car is a car of its own."""
    cars: dict[str, list[LabelledPhoto]] = {}
    for record in records:
        cars.setdefault(record.car or record.name, []).append(record)
    return cars


def truth_of(car: str, records: Sequence[LabelledPhoto]) -> str | None:
    """The mark that a car's labels name. Other cars' plates are labelled without a mark.

    Raises LabelError where they name several.
    """
    marks = {compact_mark(plate.mark) for record in records for plate in record.plates if plate.mark}
    if len(marks) > 1:
        raise LabelError(f"car {car}: its photos have several marks; label other cars' plates without a mark")
    return marks.pop() if marks else None


def country_of(records: Sequence[LabelledPhoto]) -> str | None:
    """The country of a car's mark; None where the labels name none, or several."""
    countries = {
        plate.country or record.country for record in records for plate in record.plates if plate.mark
    }
    return countries.pop() if len(countries) == 1 else None


def read_cars(
    labels: Path,
    images: Sequence[Path],
    kilpi: Kilpi,
    part: tuple[int, int] = (0, 1),
    tick: Callable[[], object] = bool,
) -> Iterator[CarReads]:
    """Looks at every car of a label file; `part` (i, k) takes each k-th car from the i-th on.

    A photo that cannot be read counts as one that shows nothing. `tick` is called after each car.
    """
    pictures = Pictures(label_folders(labels, *images))
    cars = list(group_cars(read_labels(labels)).items())
    for name, records in cars[part[0] :: part[1]]:
        plates: list[Plate] = []
        own: list[bool] = []
        views: dict[str, ViewGuess] = {}
        for record in records:
            path = pictures.find(record)
            if path is None:
                continue
            try:
                photo = open_photo(path)
            except PhotoError:
                continue
            seen, view = look_at(photo, kilpi)
            views |= view
            places = [p.place for p in record.plates if p.mark and p.place is not None]
            plates += seen
            own += [any(box_iou(p.sighting.quad.box, place) >= OWN for place in places) for p in seen]
        truth, country = truth_of(name, records), country_of(records)
        yield CarReads(name, truth, len(records), tuple(plates), tuple(own), country, Shown.by(views))
        tick()


def look_at(photo: Photo, kilpi: Kilpi) -> tuple[list[Plate], dict[str, ViewGuess]]:
    """A photo's plates, and by its id what it shows."""
    guess = kilpi.view_of(photo)
    plates = [placed_on_end(plate, guess) for plate in look(photo, kilpi, guess)]
    return plates, {photo.id: guess} if guess else {}


def look(photo: Photo, kilpi: Kilpi, guess: ViewGuess | None) -> list[Plate]:
    """A photo's plates with all that the verifier wants to know of them; `guess` is what it shows."""
    plates = kilpi.plates(photo, guess)
    return [plate if plate.frame is not None else described(plate, photo) for plate in plates]


def described(plate: Plate, photo: Photo) -> Plate:
    """The plate with its photo's size and its own sharpness."""
    crop = straighten(photo, plate.sighting.quad, margin=MARGIN)
    return replace(plate, frame=(photo.width, photo.height), sharpness=plate_sharpness(crop))


def write_reads(path: Path, cars: Iterable[CarReads]) -> int:
    """One line of JSON a car, as they come; gives how many. Candidates are left out: they follow."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for car in cars:
            file.write(json.dumps(car_line(car), ensure_ascii=False) + "\n")
            count += 1
    return count


def car_line(car: CarReads) -> dict[str, Any]:
    """One car as plain values."""
    plates = [plate_line(plate, own) for plate, own in zip(car.plates, car.own, strict=True)]
    return {
        "car": car.name, "truth": car.truth, "country": car.country, "photos": car.photos, "plates": plates,
        "ends": {key: round(end, 4) for key, end in car.shown.ends.items()},
        "places": {key: [list(place) for place in places] for key, places in car.shown.places.items()},
    }  # fmt: skip


def load_reads(paths: Sequence[Path], grammars: Grammars) -> list[CarReads]:
    """The cars of such files, ranked anew. Raises LabelError where a file is none of these."""
    cars = []
    for path in paths:
        try:
            lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            cars += [car_of(line, grammars) for line in lines]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LabelError(f"{path}: holds no reads of cars ({type(error).__name__})") from None
    return cars


def car_of(line: dict[str, Any], grammars: Grammars) -> CarReads:
    """The inverse of `write_reads` for one line."""
    seen = [plate_of_line(values) for values in line["plates"]]
    plates = tuple(ranked(plate, grammars) for plate, _ in seen)
    own = tuple(is_own for _, is_own in seen)
    shown = Shown(line.get("ends", {}), places_of_line(line))
    return CarReads(line["car"], line["truth"], line["photos"], plates, own, line["country"], shown)


def places_of_line(line: Mapping[str, Any]) -> dict[str, tuple[PlatePlace, ...]]:
    """By photo id, where cars wear their plates; nothing in lines of earlier versions."""
    places = line.get("places", {})
    return {key: tuple(PlatePlace(*values) for values in found) for key, found in places.items()}


def ranked(plate: Plate, grammars: Grammars) -> Plate:
    """The plate with the marks that its reading may stand for."""
    known = plate.reading is not None and bool(plate.reading.slots)
    return replace(plate, candidates=grammars.rank(plate.reading)) if known and plate.reading else plate
