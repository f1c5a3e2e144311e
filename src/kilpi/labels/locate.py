"""Finds the picture file of a label record: by its path, by its name, or by its sha256."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from unicodedata import normalize

from PIL import ExifTags, Image, UnidentifiedImageError

from kilpi.errors import PhotoMissing, PhotoNotAnImage, PhotoTruncated
from kilpi.files import is_file, photos_below
from kilpi.hashing import file_sha256
from kilpi.images import check_size
from kilpi.labels.record import LabelledPhoto, read_labels

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

        A path as written wins; then the one file of that name anywhere below; then the sha256. Where the
        record has a sha256, a file that was found by its name alone must have it.
        """
        found = self.find(record)
        if found is None:
            places = ", ".join(str(folder) for folder in self.folders) or "no folder"
            raise PhotoMissing(f"{record.name}: not in {places}; say where the pictures are with --images")
        return found

    def find(self, record: LabelledPhoto) -> Path | None:
        """`locate`, or None where no folder has the photo."""
        if record.path is not None:
            for folder in self.folders:
                if is_file(folder / record.path):
                    return folder / record.path
            found = self.by_name(record)
            if found is not None:
                return found
        return self.by_hash.get(record.photo) if record.photo is not None else None

    def own(self, record: LabelledPhoto) -> Path | None:
        """The photo's file where it is only to be had relative to the last folder, the label file's own."""
        if record.path is None or any(is_file(folder / record.path) for folder in self.folders[:-1]):
            return None
        own = [folder / record.path for folder in self.folders[-1:]]
        return next((path for path in own if is_file(path)), None)

    def by_name(self, record: LabelledPhoto) -> Path | None:
        """The only picture that is called like the record's; two of a name are no answer."""
        matches = self.names.get(normalize("NFC", base_name(record.path or "")), ())
        if record.photo is not None:
            return next((path for path in matches if sha256_of(path) == record.photo), None)
        return matches[0] if len(matches) == 1 else None

    @cached_property
    def all(self) -> tuple[Path, ...]:
        """Every picture at or below the folders, each once, in a stable order."""
        found = {path.resolve(): path for folder in self.folders for path in photos_below(folder)}
        return tuple(found.values())

    @cached_property
    def names(self) -> dict[str, tuple[Path, ...]]:
        """Base name -> the pictures that have it."""
        found: dict[str, tuple[Path, ...]] = {}
        for path in self.all:
            name = normalize("NFC", path.name)  # macOS hands out Ä as A and dots
            found[name] = (*found.get(name, ()), path)
        return found

    @cached_property
    def by_hash(self) -> dict[str, Path]:
        """sha256 -> the first picture that has it."""
        return {sha256_of(path): path for path in reversed(self.all)}


def base_name(path: str) -> str:
    """The last part of a path as written on any system."""
    return path.replace("\\", "/").rsplit("/", 1)[-1]


def sha256_of(path: Path) -> str:
    """The file's sha256 in hex. Raises PhotoMissing where it cannot be read."""
    try:
        return file_sha256(path)
    except OSError as error:
        raise PhotoMissing(f"{path}: cannot be read ({error.strerror})") from error


def picture_size(path: Path) -> tuple[int, int]:
    """(width, height) as displayed, from the file's header alone. Raises a PhotoError naming the file."""
    try:
        with Image.open(path) as image:
            width, height = image.size
            turned = image.getexif().get(ExifTags.Base.Orientation, 1) >= 5
            if turned and image.format not in {"HEIF", "AVIF"}:  # those openers have turned it already
                width, height = height, width
    except FileNotFoundError:
        raise PhotoMissing(f"{path}: no such file") from None
    except UnidentifiedImageError:
        raise PhotoNotAnImage(f"{path}: not an image") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise PhotoTruncated(f"{path}: damaged or cut off ({error})") from None
    check_size(width, height, str(path))
    return width, height
