"""Finds the picture file of a label record: by its path, by its name, or by its sha256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from unicodedata import normalize

from PIL import ExifTags, Image, UnidentifiedImageError

from kilpi.errors import PhotoMissing, PhotoNotAnImage, PhotoTruncated
from kilpi.images import SUFFIXES, check_size
from kilpi.labels.record import LabelledPhoto


def label_folders(labels: Path, *given: Path | None) -> list[Path]:
    """Where the photos of a label file are looked for: the folders that were given, then the file's own."""
    return [*(folder for folder in given if folder is not None), labels.parent]


def locate(record: LabelledPhoto, folders: Sequence[Path]) -> Path:
    """The file of one record, as `Pictures.locate` finds it; for many records keep one `Pictures`."""
    return Pictures(folders).locate(record)


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
        found = {path.resolve(): path for folder in self.folders for path in pictures_below(folder)}
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


def is_file(path: Path) -> bool:
    """Whether there is such a file; a name that no file can have is not there."""
    try:
        return path.is_file()
    except OSError:
        return False


def base_name(path: str) -> str:
    """The last part of a path as written on any system."""
    return path.replace("\\", "/").rsplit("/", 1)[-1]


def pictures_below(folder: Path) -> Iterator[Path]:
    """Every picture at or below a folder, in a stable order."""
    if folder.is_dir():
        yield from sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())


def sha256_of(path: Path) -> str:
    """The file's sha256 in hex. Raises PhotoMissing where it cannot be read."""
    try:
        stat = path.stat()
        return _sha256(path, stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        raise PhotoMissing(f"{path}: cannot be read ({error.strerror})") from error


@lru_cache(maxsize=100_000)
def _sha256(path: Path, size: int, mtime_ns: int) -> str:
    """Size and time are in the key, so that a changed file is hashed again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
