"""`kilpi labels split`: train, val and test, so that no car and no near-duplicate is on two sides.

A car's side is the hash of its name. Photos stand together where they show the same mark or are one picture,
those that name no car also where they are near-duplicates, and their side is the hash of the first car that
is named, or of the photo that comes first in the label file. So adding lines at the end moves nothing, with
one exception: a new photo that joins two groups makes them one, and the later follows the earlier. A split
that was written before is obeyed, which excludes even that.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from kilpi.archives import sha256_of
from kilpi.errors import LabelError, PhotoError, UsageError
from kilpi.hashing import near_pairs, share_of_key
from kilpi.labels.duplicates import Groups, fingerprint_file
from kilpi.labels.locate import Pictures
from kilpi.labels.record import LabelledPhoto, iterate_labels, write_labels
from kilpi.text import compact_mark

NAMES = {2: ("train", "test"), 3: ("train", "val", "test")}


@dataclass(frozen=True)
class Split:
    """Records by side, in their order."""

    sides: Mapping[str, tuple[LabelledPhoto, ...]]
    groups: int  # cars and groups of near-duplicates
    without_car: int  # photos that name no car
    unseen: int  # of those, how many stand alone because their picture is missing or damaged
    own: Mapping[str, Path]  # photo -> its picture, where its path is relative to the label file
    torn: int  # groups of which an earlier split has photos on two sides; their new photos went to the last

    @property
    def text(self) -> str:
        """For a person."""
        total = sum(len(records) for records in self.sides.values())
        counts = [
            f"{name}: {len(records)} photos ({len(records) / total:.0%})"
            for name, records in self.sides.items()
        ]
        lines = [
            *counts,
            f"{self.groups} cars or groups of near-duplicates; {self.without_car} photos name no car",
        ]
        if self.unseen:
            lines.append(f"{self.unseen} photos without car and without picture were each taken as a car")
        if self.torn:
            lines.append(f"{self.torn} groups were on two sides before and stay so: see kilpi labels check")
        return "\n".join(lines)


def parse_ratio(text: str) -> tuple[int, ...]:
    """ "60/20/20" -> (60, 20, 20): train, val, test; two numbers are train and test. Raises UsageError."""
    parts = text.split("/")
    if len(parts) not in NAMES or not all(part.isdecimal() for part in parts) or sum(map(int, parts)) != 100:
        raise UsageError(f"--ratio {text}: expected two or three numbers that make 100, like 60/20/20")
    return tuple(int(part) for part in parts)


def split_labels(
    records: Sequence[LabelledPhoto],
    ratio: Sequence[int],
    pictures: Pictures,
    earlier: Mapping[str, str] | None = None,
) -> Split:
    """Records by side. `ratio` in per cent; `earlier`: photo (sha256 or name) -> its side in an old split.

    The shares are met on average: with few cars they may be missed by far.
    """
    if not records:
        raise UsageError("there is nothing to split: the label file is empty")
    names = NAMES[len(ratio)]
    records = [identified(record, pictures) for record in records]
    groups, unseen = group(records, pictures)
    members: dict[int, list[int]] = {}
    for i in range(len(records)):
        members.setdefault(groups.first(i), []).append(i)
    side_of: dict[int, str] = {}
    torn = 0
    for group_members in members.values():
        known = {i: side for i in group_members if (side := (earlier or {}).get(key_of(records[i]))) in names}
        torn += len(set(known.values())) > 1
        side = (
            max(known.values(), key=names.index)
            if known
            else side_of_key(group_key(records, group_members), ratio)
        )
        side_of |= {i: known.get(i, side) for i in group_members}
    sides = {n: tuple(r for i, r in enumerate(records) if side_of[i] == n) for n in names}
    own = {key_of(r): found for r in records if (found := pictures.own(r)) is not None}
    return Split(sides, len(members), sum(r.car is None for r in records), unseen, own, torn)


def group(records: Sequence[LabelledPhoto], pictures: Pictures) -> tuple[Groups, int]:
    """Photos of one car together; near-duplicates too, unless both name cars. And how many are unseen."""
    groups = joined(records)
    if all(record.car is not None for record in records):
        return groups, 0
    places, prints, unseen = [], [], 0
    for i, record in enumerate(records):
        try:
            prints.append(fingerprint_file(pictures.locate(record)))
            places.append(i)
        except PhotoError:
            unseen += record.car is None
    for a, b in near_pairs(prints):
        i, j = places[a], places[b]
        if records[i].car is None or records[j].car is None:
            groups.join(i, j)
    return groups, unseen


def joined(records: Sequence[LabelledPhoto]) -> Groups:
    """Photos of one car together, as far as the records tell."""
    groups = Groups(len(records))
    first_of: dict[str, int] = {}
    for i, record in enumerate(records):
        for name in names_of(record):
            groups.join(first_of.setdefault(name, i), i)
    return groups


def identified(record: LabelledPhoto, pictures: Pictures) -> LabelledPhoto:
    """The record with its picture's sha256, by which a later split knows it, where the picture is found."""
    if record.photo is not None or (found := pictures.find(record)) is None:
        return record
    return replace(record, photo=sha256_of(found))


def names_of(record: LabelledPhoto) -> list[str]:
    """What tells a photo's car: its name, the marks that are to be seen, the picture itself.

    A car may have two names: two people said two countries of one mark.
    """
    marks = (f"mark:{compact_mark(plate.mark)}" for plate in record.plates if plate.mark)
    named = {"car": record.car, "photo": record.photo}
    return [*(f"{what}:{value}" for what, value in named.items() if value is not None), *marks]


def key_of(record: LabelledPhoto) -> str:
    """What a photo is known by from one run to the next."""
    return record.photo or record.name


def group_key(records: Sequence[LabelledPhoto], members: Sequence[int]) -> str:
    """The first car that is named, else the first photo."""
    car = next((records[i].car for i in members if records[i].car is not None), None)
    return f"car:{car}" if car is not None else f"photo:{key_of(records[members[0]])}"


def side_of_key(key: str, ratio: Sequence[int]) -> str:
    """A hash, taken as a number from 0 to 100, falls into one of the shares."""
    number = 100 * share_of_key(key)
    for name, share in zip(NAMES[len(ratio)], ratio, strict=True):
        if number < share:
            return name
        number -= share
    return NAMES[len(ratio)][-1]


def earlier_split(folder: Path, *, damaged: bool = False) -> dict[str, str]:
    """Photo -> side, from train.jsonl, val.jsonl and test.jsonl where `folder` has them: `sides_of`."""
    return sides_of({name: folder / f"{name}.jsonl" for name in NAMES[3]}, damaged=damaged)


def sides_of(files: Mapping[str, Path], *, damaged: bool = False) -> dict[str, str]:
    """Photo -> side, from the label files of sides, where they are there.

    `damaged`: what is no label there is passed over, for the files are made anew; else LabelError is raised.
    """
    found: dict[str, str] = {}
    for name, file in files.items():
        if file.is_file():
            with suppress(*([LabelError] if damaged else [])):
                for record in iterate_labels(file, [] if damaged else None):
                    found[key_of(record)] = name
    return found


def write_split(split: Split, folder: Path) -> None:
    """One label file a side into `folder`, with the paths of pictures that lie beside the old one changed."""
    for name, records in split.sides.items():
        write_labels(folder / f"{name}.jsonl", [moved(record, split.own, folder) for record in records])


def moved(record: LabelledPhoto, own: Mapping[str, Path], folder: Path) -> LabelledPhoto:
    """The record with its path relative to `folder`."""
    found = own.get(key_of(record))
    return record if found is None else replace(record, path=Path(os.path.relpath(found, folder)).as_posix())
