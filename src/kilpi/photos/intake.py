"""From what a person points at (folders, files, standard input) to photos and cars, in a stable order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kilpi.errors import UsageError
from kilpi.files import photos_in
from kilpi.images import SUFFIXES

CAR_FILE = "car.toml"


@dataclass(frozen=True, slots=True)
class CarPhotos:
    """One car: its reference, its photos in order of name, and its car.toml where there is one."""

    reference: str
    photos: tuple[Path, ...]
    car_file: Path | None = None


def walk_photos(paths: Iterable[str]) -> Iterator[str]:
    """Every path as given; a folder stands for all photos below it. A missing file goes on, to be named."""
    for name in paths:
        path = Path(name)
        if not path.is_dir():
            yield name
            continue
        for folder in sorted([path, *(p for p in path.rglob("*") if p.is_dir())]):
            yield from (str(photo) for photo in photos_in(folder))


def find_cars(paths: Iterable[Path], per_car: str | None = None) -> list[CarPhotos]:
    """Files -> one car; a folder with photos -> one car; a folder of folders -> one car each.

    `per_car` is a regular expression for flat folders: photos whose names match with the same first group
    (or the same whole match) are one car. Raises UsageError where nothing is found.
    """
    given = list(paths)
    files = [p for p in given if not p.is_dir()]
    cars = [CarPhotos(files[0].parent.name or "car", tuple(files))] if files else []
    for folder in (p for p in given if p.is_dir()):
        cars += cars_by_name(folder, per_car) if per_car else cars_by_folder(folder)
    if not cars:
        named = ", ".join(str(p) for p in given)
        raise UsageError(
            f"no photos in {named}; expected a folder per car with {', '.join(sorted(SUFFIXES))}"
        )
    return unique_references(cars)


def cars_by_folder(root: Path) -> list[CarPhotos]:
    """Every folder at or below `root` that directly holds photos is a car."""
    cars = []
    for folder in sorted([root, *(p for p in root.rglob("*") if p.is_dir())]):
        photos = photos_in(folder)
        if photos:
            car_file = folder / CAR_FILE
            cars.append(CarPhotos(folder.name, tuple(photos), car_file if car_file.is_file() else None))
    return cars


def cars_by_name(root: Path, per_car: str) -> list[CarPhotos]:
    """Photos below `root` grouped by what `per_car` finds in their names."""
    try:
        pattern = re.compile(per_car)
    except re.error as error:
        raise UsageError(f"--per-car {per_car!r} is not a regular expression: {error}") from None
    groups: dict[str, list[Path]] = {}
    for name in walk_photos([str(root)]):
        found = pattern.search(Path(name).name)
        if not found:
            raise UsageError(f"{name}: --per-car {per_car!r} does not match; widen it or move the file away")
        groups.setdefault(found.group(1) if found.groups() else found.group(0), []).append(Path(name))
    return [CarPhotos(reference, tuple(photos)) for reference, photos in groups.items()]


def unique_references(cars: list[CarPhotos]) -> list[CarPhotos]:
    """Two folders of the same name get a number behind it, so that neither overwrites the other."""
    seen: dict[str, int] = {}
    named = []
    for car in cars:
        count = seen[car.reference] = seen.get(car.reference, 0) + 1
        reference = car.reference if count == 1 else f"{car.reference}-{count}"
        named.append(CarPhotos(reference, car.photos, car.car_file))
    return named
