"""What becomes of a car's folder when something outside its own photos decides: held back, or taken away."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kilpi.adverts.folders import REVIEW_PAGE, exchange, hashes_of, recover
from kilpi.adverts.next_commands import next_commands
from kilpi.adverts.pages import review_page
from kilpi.adverts.records import DECISION, REVIEW
from kilpi.images import decode_photo
from kilpi.schemas import read_record, to_json
from kilpi.types import Mark, Picture, Reason, Record

PICTURE = re.compile(r"[0-9]{2,3}\.jpg")
NAMED_SO = re.compile(
    r"(?:plate-)?[0-9]{2,3}(?:-small|-medium)?\.jpg|odometer\.jpg"
    r"|(?:advert(?:-[a-z]{2})?|review)\.html|listing\.json"
)
KEPT = re.compile(r"(?:plate-)?[0-9]{2,3}(?:-small)?\.jpg|odometer\.jpg")


def hold_back(folder: Path, reasons: Sequence[Reason], language: str) -> Record | None:
    """Make an advert that was written a question: what stands against it was found only afterwards.

    Its pictures stay, covered as they are. Gives the new record, or None where the folder has none.
    """
    before = read_record(folder / DECISION)
    if before is None:
        return None
    names = [name for name in before.files if KEPT.fullmatch(name) and (folder / name).is_file()]
    files = {name: (folder / name).read_bytes() for name in names}
    told = replace(before, state=REVIEW, verdict=REVIEW, reasons=tuple(reasons), price=None, missing=())
    mark = Mark(before.mark, before.country) if before.mark else None
    commands = next_commands(folder, mark, reasons)
    files[REVIEW_PAGE] = review_page(told, pictures_of(files), language, (), commands).encode()
    made = replace(told, files=hashes_of(files))
    exchange(folder, {*before.files, DECISION}, {**files, DECISION: to_json(made).encode()}, private=True)
    return made


def pictures_of(files: Mapping[str, bytes]) -> list[Picture]:
    """The finished pictures among a folder's files."""
    found = []
    for name in sorted(filter(PICTURE.fullmatch, files)):
        photo = decode_photo(files[name], name)
        found.append(Picture(name, photo.id, photo.width, photo.height, 0, files[name]))
    return found


def take_away(folder: Path) -> None:
    """Remove what Kilpi wrote of a car that is gone, and its folder where nothing else is in it."""
    recover(folder)
    for name in names_written(folder):
        (folder / name).unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def names_written(folder: Path) -> list[str]:
    """What Kilpi wrote into a car's folder, its record last; nothing where there is no record.

    One that cannot be read (the disk was full, the power failed) names nothing: then it is all that is called
    as Kilpi calls it, for among that are plates as they were seen.
    """
    path = folder / DECISION
    if not path.is_file():
        return []
    before = read_record(path)
    names = before.files if before else filter(NAMED_SO.fullmatch, (one.name for one in folder.iterdir()))
    return [*sorted({*names} - {DECISION}), DECISION]
