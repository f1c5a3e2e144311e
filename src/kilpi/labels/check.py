"""`kilpi labels check`: everything that is wrong with label files, or looks wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path, PurePath

from kilpi.archives import sha256_of
from kilpi.errors import PhotoError
from kilpi.geometry import box_iou, is_convex, quad_size, quad_to_array
from kilpi.grammar import load_grammars
from kilpi.hashing import near_pairs
from kilpi.labels.duplicates import fingerprint_file
from kilpi.labels.locate import NAMED, Pictures, located, picture_size
from kilpi.labels.record import LabelledPhoto, LabelledPlate, read_labels
from kilpi.text import compact_mark
from kilpi.types import Box, Quad

Parses = Callable[[str, str | None], bool]
"""(mark, country) -> does a grammar parse it. It is not asked about countries that have no grammar."""

OUTSIDE = 2.0  # pixels by which a label may leave the photo: dlib's rounding outward
SMALLEST = 1.5  # pixels: nobody can draw a plate that is narrower or lower
AGREE = 0.4  # intersection over union of a plate's box and its corners, at least
SAME_PLACE = 0.5  # intersection over union of two plates of a photo, at most
UPRIGHT = 0.8  # width over height of a one-row plate, at least; below, corners may start at the wrong one
SHOWN = 50  # findings that are printed

SIDES = frozenset({"train", "val", "test"})


def fits_grammar(mark: str, country: str | None) -> bool:
    """`Parses` with the grammars of the package."""
    return bool(load_grammars().parse(mark, country))


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong (`error`), or that a person should look at."""

    where: str  # label file and photo
    text: str
    error: bool = True


@dataclass(frozen=True)
class Checked:
    """What a check found. It passes if nothing is an error."""

    photos: int
    plates: int
    seen: int  # photos whose picture was found and looked at
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """No finding is an error."""
        return not any(finding.error for finding in self.findings)

    @property
    def text(self) -> str:
        """For a person: errors first."""
        ordered = sorted(self.findings, key=lambda finding: not finding.error)
        lines = [f"{'error' if f.error else 'look at'}: {f.where}: {f.text}" for f in ordered[:SHOWN]]
        if len(ordered) > SHOWN:
            lines.append(f"... and {len(ordered) - SHOWN} more")
        errors = sum(finding.error for finding in self.findings)
        counts = f"{self.photos} photos ({self.seen} pictures seen), {self.plates} plates"
        end = f"{counts}: {errors} errors, {len(self.findings) - errors} to look at"
        return "\n".join([*lines, end])


def failing_photos(labels: Path, images: Sequence[Path] = ()) -> str | None:
    """ "x.jsonl: 3 of 20 photos fail kilpi labels check (a.jpg, b.jpg, c.jpg); ..."; None where none does.

    Of each photo that is found, alone and without opening it: its record, and the size that it was labelled
    at. Raises LabelError where the file cannot be read.
    """
    records, failing = read_labels(labels), []
    for record, path in located(labels, images):
        entry = Entry(str(labels), record)
        with suppress(PhotoError):  # what cannot be read is left out, and said, by whatever needs it
            found = [*check_record(entry, fits_grammar), *check_size(entry, picture_size(path))]
            failing += [record.name] if any(finding.error for finding in found) else []
    if not failing:
        return None
    named = ", ".join(failing[:NAMED]) + (", ..." if len(failing) > NAMED else "")
    return (
        f"{labels}: {len(failing)} of {len(records)} photos fail kilpi labels check ({named});"
        " mend or leave them out: wrong labels teach and measure what is wrong"
    )


@dataclass(frozen=True)
class Entry:
    """One record, and the label file that it is from."""

    file: str
    record: LabelledPhoto

    @property
    def where(self) -> str:
        """For messages."""
        return f"{self.file}: {self.record.name}"

    @property
    def file_side(self) -> str | None:
        """The side of a split that the file's name says, if any."""
        stem = PurePath(self.file).name.removesuffix(".jsonl")
        return stem if stem in SIDES else None


def check_labels(
    files: Mapping[str, Sequence[LabelledPhoto]], pictures: Pictures, parses: Parses | None = None
) -> Checked:
    """Check the records of label files (name -> records) by themselves and against each other.

    Files called train, val and test (with or without .jsonl) are the sides of a split: no car, mark, photo
    or near-duplicate may be on two of them. Where not one picture is found, what needs pictures is left
    out and said so. Messages name photos and files, never marks.
    """
    entries = [Entry(name, record) for name, records in files.items() for record in records]
    findings = [finding for entry in entries for finding in check_record(entry, parses)]
    prints: dict[int, int] = {}
    found = [pictures.find(entry.record) for entry in entries]
    if entries and not any(found):
        findings.append(
            Finding(", ".join(files), "no picture was found, so pictures were not checked", False)
        )
    else:
        for i, (entry, path) in enumerate(zip(entries, found, strict=True)):
            if path is None:
                findings.append(Finding(entry.where, "its picture is missing"))
                continue
            try:
                findings += check_picture(entry, picture_size(path), sha256_of(path))
                prints[i] = fingerprint_file(path)
            except PhotoError as error:
                findings.append(Finding(entry.where, str(error)))
    findings += check_twice(entries)
    findings += check_near(entries, prints)
    findings += check_sides(entries)
    plates = sum(len(entry.record.plates) for entry in entries)
    return Checked(len(entries), plates, len(prints), tuple(findings))


def check_record(entry: Entry, parses: Parses | None) -> Iterator[Finding]:
    """What can be said of a record alone."""
    record = entry.record
    for i, plate in enumerate(record.plates, start=1):
        where = f"{entry.where}, plate {i}"
        yield from (Finding(where, text) for text in plate_errors(plate))
        yield from (Finding(where, text, False) for text in plate_doubts(plate))
        if record.width is not None and record.height is not None and plate.place is not None:
            yield from outside(plate, record.width, record.height, where)
        country = plate.country or record.country
        asked = country is None or country in load_grammars().countries
        if parses is not None and plate.mark is not None and asked and not parses(plate.mark, country):
            # A mark of a country that we do not know of is rarely wrong; of a stated one it is.
            yield Finding(
                where, "its mark fits no grammar; correct the mark or the country", country is not None
            )
    placed = [(i, plate.place) for i, plate in enumerate(record.plates, start=1) if plate.place is not None]
    for (i, a), (j, b) in combinations(placed, 2):
        if box_iou(a, b) > SAME_PLACE:
            yield Finding(entry.where, f"plates {i} and {j} are in the same place")


def plate_errors(plate: LabelledPlate) -> Iterator[str]:
    """What no plate can be."""
    if plate.box is not None and small(plate.box.x2 - plate.box.x1, plate.box.y2 - plate.box.y1):
        yield f"its box is less than {SMALLEST} pixels wide or high"
    if plate.quad is None:
        return
    if not is_convex(plate.quad):
        backwards = is_convex(Quad(*reversed(plate.quad)))
        yield (
            "its corners run against the clock; they go top left, top right, bottom right, bottom left"
            if backwards
            else "the sides of its quad cross or lie on a line"
        )
    elif small(*quad_size(plate.quad)):
        yield f"its quad is less than {SMALLEST} pixels wide or high"
    if plate.box is not None and box_iou(plate.box, plate.quad.box) < AGREE:
        yield "its box and its corners are in different places"


def plate_doubts(plate: LabelledPlate) -> Iterator[str]:
    """What is rarely right."""
    if plate.quad is not None and is_convex(plate.quad):
        corners = quad_to_array(plate.quad)
        width, height = quad_size(plate.quad)
        if corners[1, 0] < corners[0, 0]:
            yield "it is upside down: its second corner is to the left of its first"
        elif plate.rows == 1 and width < UPRIGHT * height:
            yield "it is higher than wide: do its corners begin where the text begins?"
    if plate.mark is not None and plate.legible is False:
        yield "it has a mark, but is called not legible"
    if plate.rows > 2:
        yield f"it has {plate.rows} rows"


def small(width: float, height: float) -> bool:
    """True below the smallest plate that can be seen."""
    return min(width, height) < SMALLEST


def outside(plate: LabelledPlate, width: int, height: int, where: str) -> Iterator[Finding]:
    """A box must lie in the photo; corners may leave it, as long as some of the plate is inside."""
    place = plate.place
    assert place is not None
    if box_iou(place, Box(0, 0, width, height)) == 0:
        yield Finding(where, "lies outside the photo")
        return
    xs, ys = (place.x1, width - place.x2), (place.y1, height - place.y2)
    beyond = -min(*xs, *ys)
    if beyond > OUTSIDE:
        is_box = plate.quad is None
        yield Finding(where, f"leaves the photo by {beyond:.0f} pixels", error=is_box)


def check_picture(entry: Entry, size: tuple[int, int], identity: str) -> Iterator[Finding]:
    """The record against its picture file."""
    record = entry.record
    if record.photo is not None and record.photo != identity:
        yield Finding(entry.where, "its picture has another sha256: it was changed after it was labelled")
    yield from check_size(entry, size)


def check_size(entry: Entry, size: tuple[int, int]) -> Iterator[Finding]:
    """The record against its picture's width and height."""
    record = entry.record
    labelled = (record.width or size[0], record.height or size[1])
    if labelled != size:
        yield Finding(
            entry.where,
            f"was labelled at {labelled[0]} x {labelled[1]}, its picture has {size[0]} x {size[1]}",
        )
    if record.width is None or record.height is None:
        for i, plate in enumerate(record.plates, start=1):
            if plate.place is not None:
                yield from outside(plate, *size, f"{entry.where}, plate {i}")


def check_twice(entries: Sequence[Entry]) -> Iterator[Finding]:
    """The same photo in two records."""
    for key, what in (("photo", "sha256"), ("path", "path")):
        values = [getattr(entry.record, key) for entry in entries]
        several = {value for value, count in Counter(v for v in values if v).items() if count > 1}
        seen: dict[str, Entry] = {}
        for entry, value in zip(entries, values, strict=True):
            same_file = value in seen and (key == "photo" or seen[value].file == entry.file)
            if value in several and same_file:
                yield Finding(entry.where, f"is labelled twice: {seen[value].where} has the same {what}")
            seen.setdefault(value, entry)


def check_near(entries: Sequence[Entry], prints: Mapping[int, int]) -> Iterator[Finding]:
    """Photos that look alike: an error on two sides of a split, else something to look at."""
    places = list(prints)
    alike: dict[int, int] = {}
    for a, b in near_pairs(list(prints.values())):
        i, j = places[a], places[b]
        first, second = entries[i], entries[j]
        if first.record.photo is not None and first.record.photo == second.record.photo:
            continue
        if other_side(first, second):
            yield Finding(second.where, f"looks like {first.where}, which is on another side of the split")
        elif first.record.car is None or first.record.car != second.record.car:
            alike[i] = alike.get(i, 0) + 1
    for i, count in alike.items():
        yield Finding(entries[i].where, f"looks like {count} later photos; is it the same car?", False)


def check_sides(entries: Sequence[Entry]) -> Iterator[Finding]:
    """The same car, or the same mark, on two sides of a split."""
    cars: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        if entry.file_side is None:
            continue
        record = entry.record
        keys = [("car", record.car)] if record.car is not None else []
        keys += [("mark", compact_mark(p.mark)) for p in record.plates if p.mark]
        for what, value in keys:
            first = cars.setdefault((what, value), entry)
            if other_side(first, entry):
                yield Finding(
                    entry.where, f"has the same {what} as {first.where}, on another side of the split"
                )


def other_side(a: Entry, b: Entry) -> bool:
    """True where two records are on two sides of a split."""
    return a.file_side is not None and b.file_side is not None and a.file_side != b.file_side
