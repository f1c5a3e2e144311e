"""Adverts on disk: a folder per car, written beside and renamed, and an index over all of them.

A run that is killed leaves either the old folder or the new one; what it left half written is cleared by the
next run. Files that Kilpi did not write are carried over.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from kilpi.adverts.pages import SMALL_SIDE, Row, advert_page, index_page, review_page
from kilpi.adverts.public_advert import LISTING, public_advert, public_id, small_name
from kilpi.adverts.records import DECISION, record, state_of
from kilpi.errors import UsageError
from kilpi.files import write_whole
from kilpi.images import decode_photo, encode_jpeg, shrink_to
from kilpi.schemas import read_record, to_json
from kilpi.types import Car, Picture, Record

ADVERT, REVIEW_PAGE, INDEX = "advert.html", "review.html", "index.html"
NEW, OLD = ".kilpi-new-", ".kilpi-old-"  # beside a car's folder while it is exchanged
UNSAFE = re.compile(r"[\x00-\x1f/\\:*?\"<>|]+")  # in a folder's name, on any common file system
ASK_AGAIN = frozenset({"register_unavailable", "register_refused"})  # reasons that another day may mend
SMALL_QUALITY = 78  # JPEG


def write_car(car: Car, out: Path, language: str = "en", inputs: str = "") -> Path:
    """Write one car's folder below `out` and tell where it is.

    Holds `advert.html`, `listing.json` and the pictures where there is an advert, `review.html` where there
    is none, and always `decision.json`. `inputs` is the digest by which `current` knows the folder again.
    Raises PublishError where the mark would stand in the advert, and UsageError where a file that Kilpi did
    not write is in the way.
    """
    folder = out / folder_name(car.reference)
    out.mkdir(parents=True, exist_ok=True)
    recover(folder)
    before = read_record(folder / DECISION)
    files = car_files(car, before.id if before else public_id(car), language, inputs)
    ours = {*before.files, DECISION} if before else set()
    refuse_collisions(folder, ours, files)
    exchange(folder, ours, files)
    return folder


def inputs_digest(paths: Iterable[Path], *others: str) -> str:
    """sha256 over files (name and content) and over whatever else an advert depends on, in order."""
    total = hashlib.sha256()
    for path in paths:
        try:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            content = "unreadable"
        total.update(f"{path.name}\n{content}\n".encode())
    for other in others:
        total.update(f"{len(other)}\n{other}\n".encode())
    return total.hexdigest()


def current(out: Path, reference: str, inputs: str) -> Record | None:
    """The record of a car's folder where it was made from the same inputs and is whole; else None.

    A car whose register did not answer is never current: the next run asks again.
    """
    folder = out / folder_name(reference)
    recover(folder)
    found = read_record(folder / DECISION)
    if found is None or found.inputs != inputs or any(w.code in ASK_AGAIN for w in found.reasons):
        return None
    for name, digest in found.files.items():
        try:
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
                return None
        except OSError:
            return None
    return found


def write_index(out: Path, language: str = "en") -> Path:
    """Write `index.html` over every car's folder below `out`."""
    page = index_page(car_rows(out), language)
    path = out / INDEX
    write_whole(path, page.encode())
    return path


def car_rows(out: Path) -> Iterator[Row]:
    """Every whole car folder below `out`, by name."""
    for folder in sorted(out.iterdir() if out.is_dir() else ()):
        if folder.is_dir() and not folder.name.startswith("."):
            found = read_record(folder / DECISION)
            if found is not None:
                yield Row(folder.name, found)


def folder_name(reference: str) -> str:
    """A reference as one folder name; where it must be changed, a short hash keeps two apart."""
    clean = UNSAFE.sub("_", reference).strip(" .")[:100]
    if clean == reference and clean:
        return clean
    return f"{clean or 'car'}-{hashlib.sha256(reference.encode()).hexdigest()[:6]}"


def car_files(car: Car, identity: str, language: str, inputs: str) -> dict[str, bytes]:
    """Name -> content of everything in a car's folder; decision.json comes last and names the others."""
    files: dict[str, bytes] = {}
    for picture in car.pictures:
        files[picture.name] = picture.jpeg
        files[small_name(picture.name)] = small_copy(picture)
    advert = None
    if car.listing is not None and state_of(car) in {"ready", "draft"}:
        advert = public_advert(car, car.listing, identity)
        files[LISTING] = to_json(advert).encode()
        files[ADVERT] = advert_page(advert).encode()
    else:
        plain = record(car, identity, None, {})
        files[REVIEW_PAGE] = review_page(plain, car.pictures, language).encode()
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    files[DECISION] = to_json(record(car, identity, advert, hashes, inputs)).encode()
    return files


def small_copy(picture: Picture) -> bytes:
    """A finished picture again with its longer side at SMALL_SIDE pixels: as covered and as clean."""
    photo = decode_photo(picture.jpeg, picture.name, target_side=SMALL_SIDE)
    return encode_jpeg(shrink_to(photo.pixels, SMALL_SIDE), SMALL_QUALITY)


def refuse_collisions(folder: Path, ours: Collection[str], files: Mapping[str, bytes]) -> None:
    """Raise UsageError where a file that is not ours has a name that we need."""
    taken = [name for name in files if name not in ours and (folder / name).exists()]
    if taken:
        raise UsageError(
            f"{folder}: {taken[0]} is there already and not written by kilpi; choose another output folder"
        )


def exchange(folder: Path, ours: Collection[str], files: Mapping[str, bytes]) -> None:
    """Write the new folder beside the old one, carry over what is not `ours`, and change places."""
    new, old = folder.with_name(NEW + folder.name), folder.with_name(OLD + folder.name)
    new.mkdir()
    for name, content in files.items():
        (new / name).write_bytes(content)
    if not folder.exists():
        new.rename(folder)
        return
    for path in folder.iterdir():
        if path.name not in ours:
            carry(path, new / path.name)
    folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old)


def carry(source: Path, target: Path) -> None:
    """A foreign file or folder to the new place, leaving the old one whole until the exchange is done."""
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True, copy_function=link_or_copy)
    else:
        link_or_copy(source, target)


def link_or_copy(source: str | Path, target: str | Path) -> None:
    """A hard link where the file system has them, else a copy."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def recover(folder: Path) -> None:
    """Clear what a killed run left: put the old folder back where the new one never came."""
    new, old = folder.with_name(NEW + folder.name), folder.with_name(OLD + folder.name)
    if old.exists() and not folder.exists():
        old.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(new, ignore_errors=True)
