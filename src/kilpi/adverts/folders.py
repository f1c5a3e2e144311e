"""Adverts on disk: a folder per car, written beside and renamed, and an index over all of them.

A run that is killed leaves either the old folder or the new one; what it left half written is cleared by the
next run. Files that Kilpi did not write are carried over.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kilpi.adverts.next_commands import next_commands
from kilpi.adverts.pages import (
    ODOMETER_CROP,
    Row,
    crop_name,
    index_page,
    review_page,
)
from kilpi.adverts.personal import asked_again
from kilpi.adverts.public_advert import (
    LISTING,
    has_medium,
    medium_name,
    names_car,
    public_advert,
    public_id,
    small_name,
)
from kilpi.adverts.public_pages import advert_page
from kilpi.adverts.records import DECISION, record, state_of
from kilpi.adverts.wording import load_wording
from kilpi.archives import content_sha256
from kilpi.errors import PublishError, UsageError
from kilpi.files import write_whole
from kilpi.hashing import sha256_hex
from kilpi.images import decode_photo, medium_jpeg, small_jpeg
from kilpi.schemas import read_record, to_json
from kilpi.text import shown
from kilpi.types import MEDIUM_SIDE, SMALL_SIDE, Car, Picture, PublicAdvert, Record

ADVERT, REVIEW_PAGE, INDEX = "advert.html", "review.html", "index.html"
NEW, OLD = ".kilpi-new-", ".kilpi-old-"  # beside a car's folder while it is exchanged
UNSAFE = re.compile(r"[\x00-\x1f/\\:*?\"<>|]+")  # in a folder's name, on any common file system
LONGEST = 100  # bytes of a folder's name, so that what is put before and behind it still fits into 255
KEPT_NAMES = re.compile(  # learn.microsoft.com: Naming Files, Paths, and Namespaces; and our own
    r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?$|index\.html$|kilpi\.(?:json|db.*)$|originals$",
    re.IGNORECASE,
)
# Reasons that another day may mend.
ASK_AGAIN = frozenset({"register_unavailable", "register_doubtful", "register_refused"})


def write_car(
    car: Car, out: Path, language: str = "en", inputs: str = "", address: str = "", case: str = ""
) -> Path:
    """Write one car's folder below `out` and tell where it is: by its `address`, else by its reference.

    Holds `advert.html`, `listing.json` and the pictures where there is an advert, `review.html` where there
    is none, with the plates as they were seen, and always `decision.json`. `inputs` is the digest by which
    `current` knows the folder again, `case` the id of the car's case. Raises PublishError where the mark
    would stand in the advert, and UsageError where a file that Kilpi did not write is in the way.
    """
    folder = out / (address or folder_name(car.reference))
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    recover(folder)
    before = read_record(folder / DECISION)
    mark = car.decision.mark
    named = before is None or names_car(before.id, car)
    named_after = replace(car, reference=address) if address else car
    identity = public_id(named_after) if named or before is None else before.id
    commands = next_commands(folder, mark, car.decision.reasons)
    files = car_files(car, identity, language, inputs, commands, case)
    ours = {*before.files, DECISION} if before else set()
    refuse_collisions(folder, ours, files)
    exchange(folder, ours, files, private=True)
    return folder


def inputs_digest(paths: Iterable[Path], *others: str) -> str:
    """sha256 over files (name and content) and over whatever else an advert depends on, in order."""
    total = hashlib.sha256()
    for path in paths:
        try:
            content = content_sha256(path)
        except OSError:
            content = "unreadable"
        total.update(f"{shown(path.name)}\n{content}\n".encode())
    for other in others:
        total.update(f"{len(other)}\n{other}\n".encode())
    return total.hexdigest()


def advert_digest(done: Record) -> str:
    """The digest of what would be published of a car: its listing and its pictures."""
    leaves = [name for name in done.files if name == LISTING or name.endswith(".jpg")]
    return inputs_digest([], *(f"{name} {done.files[name]}" for name in sorted(leaves)))


def current(folder: Path, inputs: str) -> Record | None:
    """The record of a car's folder where it was made from the same inputs and is whole; else None.

    A car whose register did not answer is never current: the next run asks again.
    """
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
    page = index_page(car_rows(out), language, out)
    path = out / INDEX
    write_whole(path, page.encode(), private=True)
    return path


def car_rows(out: Path) -> Iterator[Row]:
    """Every whole car folder below `out`, by name."""
    for folder in sorted(out.iterdir() if out.is_dir() else ()):
        if folder.is_dir() and not folder.name.startswith("."):
            found = read_record(folder / DECISION)
            if found is not None:
                yield Row(folder.name, found)


def folder_name(reference: str) -> str:
    """A reference as one folder name; where it must be changed, a short hash keeps two apart.

    At most 100 bytes, for file systems count bytes; neither hidden nor a name that Windows or Kilpi keeps.
    """
    clean = cut_name(UNSAFE.sub("_", shown(reference)), LONGEST).strip(" .")
    if KEPT_NAMES.match(clean):
        clean = f"car-{clean}"  # Windows keeps "nul.txt" as well
    if clean == reference and clean:
        return clean
    return f"{clean or 'car'}-{hashlib.sha256(reference.encode(errors='replace')).hexdigest()[:6]}"


def cut_name(name: str, most: int) -> str:
    """The beginning of a name that takes at most `most` bytes, whole characters only."""
    return name.encode()[:most].decode(errors="ignore")


def car_files(
    car: Car,
    identity: str,
    language: str,
    inputs: str,
    commands: Sequence[tuple[str, str]] = (),
    case: str = "",
) -> dict[str, bytes]:
    """Name -> content of everything in a car's folder; decision.json comes last and names the others."""
    files: dict[str, bytes] = {}
    for picture in car.pictures:
        files[picture.name] = picture.jpeg
        files[small_name(picture.name)] = picture.small or small_copy(picture)
        if has_medium(picture.width, picture.height):
            files[medium_name(picture.name)] = medium_copy(picture)
    advert = advert_of(car, identity)
    if advert is not None:
        files[LISTING] = to_json(advert).encode()
        files[ADVERT] = advert_page(advert).encode()
    else:
        plain = record(car, identity, None, {})
        files |= {crop_name(number): crop.jpeg for number, crop in enumerate(car.crops, 1)}
        files[REVIEW_PAGE] = review_page(plain, car.pictures, language, car.crops, commands).encode()
    if car.odometer_crop is not None:
        files[ODOMETER_CROP] = car.odometer_crop
    files[DECISION] = to_json(record(car, identity, advert, hashes_of(files), inputs, case)).encode()
    return files


def hashes_of(files: Mapping[str, bytes]) -> dict[str, str]:
    """By file name the sha256 of what is in it, as a record keeps them."""
    return {name: sha256_hex(content) for name, content in files.items()}


def advert_of(car: Car, identity: str) -> PublicAdvert | None:
    """The advert of an accepted car, None for the others. Where its name gives the mark away (registers have
    free texts too) it is a draft without a name.
    """
    if car.listing is None or state_of(car) not in {"ready", "draft"}:
        return None
    try:
        return public_advert(car, car.listing, identity)
    except PublishError:
        wording = load_wording(car.listing.language)
        words = wording.text("missing", "description_mark")
        plain = replace(car.listing, title=wording.text("text", "untitled"))
        return public_advert(car, asked_again(plain, words), identity)


def small_copy(picture: Picture) -> bytes:
    """A finished picture again with its longer side at SMALL_SIDE pixels: as covered and as clean."""
    photo = decode_photo(picture.jpeg, picture.name, target_side=SMALL_SIDE)
    return small_jpeg(photo.pixels)


def medium_copy(picture: Picture) -> bytes:
    """As `small_copy`, with the longer side at MEDIUM_SIDE pixels."""
    return medium_jpeg(decode_photo(picture.jpeg, picture.name, target_side=MEDIUM_SIDE).pixels)


def refuse_collisions(folder: Path, ours: Collection[str], files: Mapping[str, bytes]) -> None:
    """Raise UsageError where a file that is not ours has a name that we need."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file where a car's folder must be; choose another output folder")
    taken = [name for name in files if name not in ours and (folder / name).exists()]
    if taken:
        raise UsageError(
            f"{folder}: {taken[0]} is there already and not written by kilpi; choose another output folder"
        )


def exchange(
    folder: Path, ours: Collection[str], files: Mapping[str, bytes], *, private: bool = False
) -> None:
    """Write the new folder beside the old one, carry over what is not `ours`, and change places.

    `private`: the folder holds marks, and only its owner may open it (0700) and its files (0600).
    """
    new, old = folder.with_name(NEW + folder.name), folder.with_name(OLD + folder.name)
    new.mkdir(mode=0o700 if private else 0o777)
    try:
        for name, content in files.items():
            if private:
                (new / name).touch(0o600, exist_ok=False)  # narrow from its first moment on
            (new / name).write_bytes(content)
        for path in folder.iterdir() if folder.exists() else ():
            if path.name not in ours:
                carry(path, new / path.name)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    except BaseException:
        recover(folder)  # a full disk must not be kept full by half a folder
        raise
    shutil.rmtree(old, ignore_errors=True)


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
