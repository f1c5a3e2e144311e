"""From what a person points at (folders, archives, files, a list) to photos and cars, in a stable order.

Whose photo it is, is one rule: it belongs to the nearest folder above it that has a car.toml; where none has
one, to the nearest whose name does more than say that pictures are in it ("kuvat", "Photos (2)", "100APPLE";
photos/data/folders.toml). The folder or archive that was named is the uppermost that counts. A zip archive is
a folder that is called like it, without the ending.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count as numbers
from pathlib import Path
from unicodedata import normalize

from kilpi.archives import is_zip
from kilpi.errors import UsageError
from kilpi.images import SUFFIXES
from kilpi.photos.kinds import only_says_pictures, table
from kilpi.photos.walk import CAR_FILE, DECISION, Place, places
from kilpi.text import letters, shown
from kilpi.types import LeftOut, Reason

__all__ = ["BESIDE", "CAR_FILE", "DECISION", "CarPhotos", "Survey", "find_cars", "survey", "walk_photos"]

TEXTS = frozenset({"text"})  # beside a car's photos they are the dealer's notes, read and told elsewhere
BESIDE = frozenset(  # why a file that is no photo is not used: words of [left_out] in adverts/data
    (
        "video",
        "sound",
        "pdf",
        "raw_photo",
        "drawing",
        "archive",
        "document_file",
        "list",
        "label_file",
        "text",
        "unfinished",
    )
    + ("other_file", "unreadable", "own_output", "empty_folder", "broken_link", "no_file", "bad_archive")
    + ("nested_archive", "in_archive", "encrypted", "unsafe_name")
)
SEVERAL = 0.8  # share of the photos in a flat folder whose names must agree that it holds several cars


@dataclass(frozen=True, slots=True)
class CarPhotos:
    """One car: its reference, its photos in order of name, and its car.toml where there is one.

    `left_out` is what lies beside them and is not used; `notes` is what its owner should know. `part` tells
    cars apart whose photos lie in one folder together.
    """

    reference: str
    photos: tuple[Path, ...]
    car_file: Path | None = None
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[Reason, ...] = ()
    part: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """All cars, what is no car's and not used, and how many files of systems and programs were left alone."""

    cars: tuple[CarPhotos, ...]
    left_out: tuple[LeftOut, ...] = ()
    clutter: int = 0


def walk_photos(paths: Iterable[str], told: Callable[[LeftOut], object] | None = None) -> Iterator[str]:
    """Every path as given; a folder or archive stands for all photos below it.

    `told` hears of what else is there. A missing file goes on, to be named. Raises UsageError, at the end,
    where nothing was found.
    """
    empty: list[Path] = []
    left_out: list[LeftOut] = []
    any_found = False
    for name in paths:
        path = Path(name)
        if not is_container(path):
            any_found = True
            yield name
            continue
        for place in places(path):
            any_found = any_found or bool(place.photos)
            yield from map(str, place.photos)
            for left in place.left_out if told else ():
                told(left)  # type: ignore[misc]
            left_out += () if any_found else place.left_out
        empty += () if any_found else (path,)
    if not any_found:
        raise UsageError(nothing_found(empty, left_out))


def find_cars(paths: Iterable[Path], per_car: str | None = None) -> list[CarPhotos]:
    """`survey`'s cars."""
    return list(survey(paths, per_car).cars)


def survey(paths: Iterable[Path], per_car: str | None = None, skip: Collection[Path] = ()) -> Survey:
    """Files -> one car; folders and zip archives -> their cars by the rule above.

    `per_car` is a regular expression for flat folders: photos whose names match with the same first group
    (or the same whole match) are one car. `skip` are folders that are not entered, as the one for adverts.
    Raises UsageError where a path does not exist, and where nothing is found.
    """
    given = list(paths)
    refuse_missing(given)
    files = tuple(path for path in given if not is_container(path))
    loose = CarPhotos(shown(files[0].absolute().parent.name) or "car", files) if files else None
    cars = [with_warning(loose)] if loose else []
    left, clutter = [], 0
    roots = [path for path in given if is_container(path)]
    outside = {folder.resolve() for folder in skip} - {root.resolve() for root in roots}
    for root in roots:
        found = places(root, outside)
        clutter += sum(place.clutter for place in found)
        made, others = cars_by_name(found, per_car) if per_car else cars_by_folder(root, found)
        cars += made
        left += others
    if not cars:
        raise UsageError(nothing_found(given, left))
    return Survey(tuple(unique_references(cars)), tuple(left), clutter)


def is_container(path: Path) -> bool:
    """Whether photos are looked for below a path: a folder, or a zip archive."""
    return path.is_dir() or (is_zip(path) and path.is_file())


def refuse_missing(paths: Sequence[Path]) -> None:
    """Raise UsageError naming what does not exist: before any work, for it is a slip of the keyboard."""
    missing = [shown(str(path)) for path in paths if not path.exists()]
    if missing:
        named = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        raise UsageError(f"{named}: no such file or folder; nothing was done")


def nothing_found(given: Sequence[Path], left: Sequence[LeftOut]) -> str:
    """What to say where no photo was found: what was looked for, what was found instead, what to do."""
    if not given:
        return "no photos: the list of names is empty; give photos, or folders or zip archives with photos"
    named = ", ".join(shown(str(path)) for path in given)
    counts = Counter(one.reason.code for one in left if one.reason.code != "empty_folder")
    instead = ", ".join(f"{count} x {code.replace('_', ' ')}" for code, count in counts.items())
    wanted = f"looked there and below for {', '.join(sorted(SUFFIXES))}"
    found = f", and found {instead}" if instead else ""
    return f"no photos in {named}: {wanted}{found}; name photos, or a folder or zip archive with photos"


def cars_by_folder(root: Path, found: Sequence[Place]) -> tuple[list[CarPhotos], list[LeftOut]]:
    """The cars of one root, and what is not used and no car's."""
    with_file = {place.path: place.car_file for place in found if place.car_file}
    groups: dict[Path, list[Place]] = {}
    for place in found:
        groups.setdefault(owner(place.path, root, with_file), []).append(place)
    cars: list[CarPhotos] = []
    left: list[LeftOut] = []
    for folder, members in groups.items():
        photos = tuple(photo for place in members for photo in place.photos)
        beside = tuple(one for place in members for one in place.left_out)
        if photos:
            told = tuple(one for one in beside if one.reason.code not in TEXTS)
            cars.append(with_warning(CarPhotos(name_of(folder), photos, with_file.get(folder), told)))
        else:
            left += beside
    return cars, left


def owner(folder: Path, root: Path, with_file: Collection[Path]) -> Path:
    """The folder whose car the photos directly in `folder` show."""
    chain = [folder, *folder.parents][: len(folder.parts) - len(root.parts) + 1]
    marked = next((one for one in chain if one in with_file), None)
    return marked or next((one for one in chain if not only_says_pictures(name_of(one))), root)


def name_of(folder: Path) -> str:
    """A folder's or an archive's name, as a car is called after it."""
    name = folder.stem if is_zip(folder) else folder.name
    return shown(name if name not in {"", ".."} else folder.resolve().name) or "car"


def cars_by_name(found: Sequence[Place], per_car: str) -> tuple[list[CarPhotos], list[LeftOut]]:
    """The photos of one root grouped by what `per_car` finds in their names."""
    try:
        pattern = re.compile(per_car)
    except re.error as error:
        raise UsageError(f"--per-car {per_car!r} is not a regular expression: {error}") from None
    groups: dict[str, list[Path]] = {}
    for path in (photo for place in found for photo in place.photos):
        match = pattern.search(shown(path.name))
        if not match:
            raise UsageError(
                f"{shown(str(path))}: --per-car {per_car!r} does not match; widen it or move the file away"
            )
        key = (match.group(1) if match.groups() else match.group(0)) or "car"
        groups.setdefault(key, []).append(path)
    cars = [CarPhotos(reference, tuple(photos)) for reference, photos in groups.items()]
    return cars, [one for place in found for one in place.left_out]


def with_warning(car: CarPhotos) -> CarPhotos:
    """The car with a note where the names of its photos say that they are several cars'."""
    count = cars_in_names([photo.stem for photo in car.photos])
    return replace(car, notes=(Reason("several_cars", {"cars": count}),)) if count > 1 else car


NUMBERED = re.compile(r"(?:[ _.-]+[^ _.-]{1,6}|[ _.-]*\(?[0-9]{1,4}\)?)$")  # at the end of a photo's name


def head_of(stem: str) -> str:
    """What a photo's name begins with, before its number or last short word: "Leaf_front" -> "leaf"."""
    return letters(NUMBERED.sub("", shown(stem)))


def cars_in_names(stems: Sequence[str]) -> int:
    """How many cars the names of photos tell of: "leaf_1, leaf_2, golf_1, golf_2" are 2; 1 if in doubt."""
    sizes: dict[str, int] = {}
    for stem in stems:
        head = head_of(stem)
        if head in table("folders.toml")["beginnings"] or re.fullmatch(r"[0-9]{7,}", head) or not head:
            return 1
        sizes[head] = sizes.get(head, 0) + 1
    groups = [size for size in sizes.values() if size > 1]
    return len(groups) if len(groups) > 1 and sum(groups) >= SEVERAL * len(stems) else 1


def unique_references(cars: Sequence[CarPhotos]) -> list[CarPhotos]:
    """Two folders of one name: the second is called by its path, as far as that tells it apart.

    Names that only differ in case or in how their letters are coded are one name to some file systems.
    """
    taken: set[str] = set()
    named = []
    for car in cars:
        free = (one for one in longer_names(car) if normalize("NFC", one).casefold() not in taken)
        reference = next(free)
        taken.add(normalize("NFC", reference).casefold())
        named.append(replace(car, reference=reference))
    return named


def longer_names(car: CarPhotos) -> Iterator[str]:
    """leaf, yard/leaf, lot/yard/leaf ...; when all folders are named, leaf-2, leaf-3 ..."""
    yield car.reference
    folders = [shown(one.name) for one in car.photos[0].absolute().parents if one.name]
    at = folders.index(car.reference) if car.reference in folders else 0
    name = car.reference
    for folder in folders[at + 1 :]:
        name = f"{folder}/{name}"
        yield name
    yield from (f"{car.reference}-{number}" for number in numbers(2))
