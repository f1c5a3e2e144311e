"""Folders and zip archives below what a person points at: their photos, and everything else by name.

Nothing is passed over in silence: what is not used is a `LeftOut` with its kind, and what systems leave
behind (thumbnail folders, "._" files) is counted.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kilpi.archives import is_zip, open_archive
from kilpi.files import by_name
from kilpi.photos.kinds import OTHER, begins_as_photo, is_clutter, kind_by_name
from kilpi.schemas import read_record
from kilpi.text import shown
from kilpi.types import LeftOut, Reason

CAR_FILE = "car.toml"
DECISION = "decision.json"  # what `kilpi advert` writes into a car's folder, as adverts.records names it


@dataclass
class Place:
    """One folder, on disk or in an archive."""

    path: Path
    photos: list[Path] = field(default_factory=list)
    car_file: Path | None = None
    left_out: list[LeftOut] = field(default_factory=list)
    clutter: int = 0

    def leave(self, path: Path, code: str, **values: str) -> None:
        """Say of a file or folder why it is not used."""
        self.left_out.append(LeftOut(shown(str(path)), Reason(code, dict(values))))


def places(root: Path, skip: Collection[Path] = ()) -> list[Place]:
    """`root` and all below it, folders by name; `skip` are resolved folders that are not entered."""
    found = list(archive_places(root) if is_zip(root) and root.is_file() else disk_places(root, skip, set()))
    return sorted(found, key=lambda place: place.path.parts)


def disk_places(folder: Path, skip: Collection[Path], seen: set[str]) -> Iterator[Place]:
    """One folder and those below it. A link to a folder is followed, each folder once."""
    place = Place(folder)
    yield place
    seen.add(os.path.realpath(folder))
    try:
        entries = sorted(folder.iterdir(), key=by_name)
    except OSError:
        place.leave(folder, "unreadable")
        return
    record = read_record(folder / DECISION)
    own = {*record.files, DECISION} if record else frozenset[str]()
    entered = 0
    for path in entries:
        if path.name in own:
            continue
        if is_clutter(path.name):
            place.clutter += 1
        elif path.is_dir():
            entered += 1
            if path.resolve() in skip:
                place.leave(path, "own_output")
            elif os.path.realpath(path) not in seen:
                yield from disk_places(path, skip, seen)
        elif is_zip(path) and path.is_file():
            entered += 1
            yield from archive_places(path)
        else:
            sort_file(place, path)
    if not (place.photos or place.left_out or place.car_file or entered):
        place.leave(folder, "own_output" if own else "empty_folder")


def sort_file(place: Place, path: Path) -> None:
    """Put one file on disk where it belongs."""
    kind = kind_by_name(path.name)
    if not path.exists():
        place.leave(path, "broken_link")
    elif not path.is_file():
        place.leave(path, "no_file")
    elif path.name == CAR_FILE:
        place.car_file = path
    elif kind == "photo" or (kind == OTHER and begins_as_photo(path)):
        place.photos.append(path)
    else:
        place.leave(path, kind)


def archive_places(archive: Path) -> Iterator[Place]:
    """The folders inside a zip archive, with paths that lead into it."""
    found: dict[Path, Place] = {archive: Place(archive)}
    try:
        opened = open_archive(archive)
    except OSError as error:
        found[archive].leave(archive, "bad_archive", why=error.strerror or type(error).__name__)
        yield from found.values()
        return
    for path in sorted((archive / name for name in opened.members), key=lambda p: (p.parts[:-1], by_name(p))):
        place = found.setdefault(path.parent, Place(path.parent))
        inside = path.relative_to(archive).parts
        kind = kind_by_name(path.name)
        if any(map(is_clutter, inside)):
            place.clutter += 1
        elif path.name == CAR_FILE:
            place.car_file = path
        elif kind == "photo" or (kind == OTHER and begins_as_photo(path)):
            place.photos.append(path)
        elif is_zip(path):
            place.leave(path, "nested_archive")
        else:
            place.leave(path, "in_archive" if kind in {"text", "list"} else kind)
    for name, code in opened.refused.items():
        found[archive].leave(archive / name, code)
    if not any(place.photos or place.left_out for place in found.values()):
        found[archive].leave(archive, "empty_folder")
    yield from found.values()
