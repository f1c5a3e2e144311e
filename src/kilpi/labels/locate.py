"""Finds the picture file of a label record: by its path, by its name, or by its sha256."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath
from unicodedata import normalize

from kilpi.archives import sha256_of
from kilpi.errors import PhotoMissing
from kilpi.files import is_file, photos_below
from kilpi.images import displayed
from kilpi.labels.record import LabelledPhoto, read_labels

SPLITS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}  # folders
NAMED = 5  # photos that a message names before it only counts


def label_folders(labels: Path, *given: Path | None) -> list[Path]:
    """Where the photos of a label file are looked for: the folders that were given, then the file's own."""
    return [*(folder for folder in given if folder is not None), labels.parent]


def locate(record: LabelledPhoto, folders: Sequence[Path]) -> Path:
    """The file of one record, as `Pictures.locate` finds it; for many records keep one `Pictures`."""
    return Pictures(folders).locate(record)


def located(labels: Path, images: Sequence[Path] = ()) -> Iterator[tuple[LabelledPhoto, Path]]:
    """Every record of a label file with its photo's file; `missing_photos` tells of the others."""
    pictures = Pictures(label_folders(labels, *images))
    for record in read_labels(labels):
        path = pictures.find(record)
        if path is not None:
            yield record, path


def missing_photos(labels: Path, images: Sequence[Path] = ()) -> str | None:
    """ "x.jsonl: 3 of 20 photos were not found (a.jpg, b.jpg, c.jpg); ..."; None where all are there."""
    pictures, records = Pictures(label_folders(labels, *images)), read_labels(labels)
    missing = [record.name for record in records if pictures.find(record) is None]
    if not missing:
        return None
    named = ", ".join(missing[:NAMED]) + (", ..." if len(missing) > NAMED else "")
    return (
        f"{labels}: {len(missing)} of {len(records)} photos were not found ({named});"
        " say where they are with --images or KILPI_DATA"
    )


class Pictures:
    """Folders of pictures, each with all below it. They are listed and hashed once, when first needed."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)

    def locate(self, record: LabelledPhoto) -> Path:
        """The photo's file. Raises PhotoMissing naming the photo and the folders.

        A path as written wins, where several folders have it the one with the record's sha256; then the one
        file of that name anywhere below; then the sha256. Where the record has a sha256, a file that was
        found by its name alone must have it.
        """
        found = self.find(record)
        if found is None:
            places = ", ".join(str(folder) for folder in self.folders) or "no folder"
            raise PhotoMissing(f"{record.name}: not in {places}; say where the pictures are with --images")
        return found

    def find(self, record: LabelledPhoto, beside: Path | None = None) -> Path | None:
        """`locate`, or None where no folder has the photo.

        `beside`: the label file's folder, which is looked in first.
        """
        if record.path is not None:
            found = self.as_written(record, beside) or self.by_name(record)
            if found is not None:
                return found
        return self.by_hash.get(record.photo) if record.photo is not None else None

    def as_written(self, record: LabelledPhoto, beside: Path | None = None) -> Path | None:
        """The file at the record's path below one of the folders."""
        written = plain(record.path or "")
        folders = [*([beside] if beside is not None else []), *self.folders]
        there = list(dict.fromkeys(folder / written for folder in folders if is_file(folder / written)))
        if len(there) > 1 and record.photo is not None:
            return next((path for path in there if sha256_of(path) == record.photo), there[0])
        return there[0] if there else None

    def own(self, record: LabelledPhoto) -> Path | None:
        """The photo's file where it is only to be had relative to the last folder, the label file's own."""
        if record.path is None or any(is_file(folder / record.path) for folder in self.folders[:-1]):
            return None
        own = [folder / record.path for folder in self.folders[-1:]]
        return next((path for path in own if is_file(path)), None)

    def by_name(self, record: LabelledPhoto) -> Path | None:
        """The only picture that is called like the record's; two of a name are no answer.

        Of several the one whose folders are called as in the record's path. Names may differ in case, and a
        name without an ending may stand for the only picture of that name.
        """
        written = PurePosixPath(plain(record.path or ""))
        name = normalize("NFC", written.name)
        matches = self.names.get(name) or self.loose_names.get(name.casefold(), ())
        if record.photo is not None:
            return next((path for path in matches if sha256_of(path) == record.photo), None)
        matches = tuple(path for path in matches if not other_split(written, path, self.folders))
        if len(matches) > 1:
            shared = [common_end(path, written) for path in matches]
            best = max(shared)
            matches = tuple(p for p, n in zip(matches, shared, strict=True) if n == best and best > 1)
        return matches[0] if len(matches) == 1 else None

    def called(self, path: str) -> int:
        """How many pictures have the name that a path ends in."""
        return len(self.names.get(normalize("NFC", base_name(path)), ()))

    @cached_property
    def all(self) -> tuple[Path, ...]:
        """Every picture at or below the folders, each once, in a stable order."""
        found = {path.resolve(): path for folder in self.folders for path in photos_below(folder)}
        return tuple(found.values())

    def has_pictures_in(self, folder: Path) -> bool:
        """Whether pictures lie directly in a folder, one of ours or below."""
        return folder.resolve() in self.parents

    @cached_property
    def parents(self) -> frozenset[Path]:
        """The folders that pictures lie in."""
        return frozenset(path.resolve().parent for path in self.all)

    @cached_property
    def names(self) -> dict[str, tuple[Path, ...]]:
        """Base name -> the pictures that have it."""
        found: dict[str, tuple[Path, ...]] = {}
        for path in self.all:
            name = normalize("NFC", path.name)  # macOS hands out Ä as A and dots
            found[name] = (*found.get(name, ()), path)
        return found

    @cached_property
    def by_stem(self) -> dict[str, tuple[Path, ...]]:
        """Base name without its ending -> the pictures that have it."""
        found: dict[str, tuple[Path, ...]] = {}
        for path in self.all:
            stem = stem_of(path.name)
            found[stem] = (*found.get(stem, ()), path)
        return found

    @cached_property
    def loose_names(self) -> dict[str, tuple[Path, ...]]:
        """Base name without regard to case, and the same without its ending -> the pictures that have it."""
        found: dict[str, tuple[Path, ...]] = {}
        for path in self.all:
            name = normalize("NFC", path.name).casefold()
            for key in (name, name.removesuffix(path.suffix.casefold())):
                found[key] = (*found.get(key, ()), path)
        return found

    @cached_property
    def by_hash(self) -> dict[str, Path]:
        """sha256 -> the first picture that has it."""
        return {sha256_of(path): path for path in reversed(self.all)}


def base_name(path: str) -> str:
    """The last part of a path as written on any system."""
    return plain(path).rsplit("/", 1)[-1]


def stem_of(path: str) -> str:
    """A path without its ending, composed (macOS hands out Ä as A and dots)."""
    return normalize("NFC", str(PurePosixPath(path).with_suffix("")))


def plain(path: str) -> str:
    """A path as written on any system, with "/"."""
    return path.replace("\\", "/")


def common_end(path: Path, written: PurePosixPath) -> int:
    """How many last parts two paths share."""
    both = zip(reversed(path.parts), reversed(written.parts), strict=False)
    count = 0
    for one, other in both:
        if normalize("NFC", one).casefold() != normalize("NFC", other).casefold():
            break
        count += 1
    return count


def other_split(written: PurePosixPath, path: Path, folders: Sequence[Path]) -> bool:
    """Whether a path says train and the file lies in valid: then it is another photo of the same name."""
    said = {SPLITS[part.casefold()] for part in written.parts[:-1] if part.casefold() in SPLITS}
    inside = next((path.relative_to(folder) for folder in folders if path.is_relative_to(folder)), path)
    found = {SPLITS[part.casefold()] for part in inside.parts[:-1] if part.casefold() in SPLITS}
    return bool(said and found and not said & found)


def picture_size(path: Path) -> tuple[int, int]:
    """(width, height) as displayed, from the file's header alone. Raises a PhotoError naming the file."""
    return displayed(path)[0]
