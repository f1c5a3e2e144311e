"""Answers become labels: what people said of cars is what the networks learn from next.

A photo of an answered car is labelled with the plates that were seen in it, or with the corners that a person
gave; the one that reads most like the answered mark carries the mark. Cars are parted into train.jsonl and
test.jsonl by the hash of their name, so that a car, and its photos that come later, stay on their side for
good. The files lie in labels/ beside the originals: erasing a case takes its photos out of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from kilpi.cases.answers import Answers, SaidMark, SaidNoPlate, combine
from kilpi.cases.case import Case, CasePhoto, Event, Kind
from kilpi.cases.learning.audit import said_in_audit
from kilpi.cases.learning.label_files import (
    FOLDER,
    forget,
    labels_folder,
    labels_held,
    no_more,
    write_private,
)
from kilpi.cases.lists import every, history, photos
from kilpi.cases.photo_places import file_of
from kilpi.cases.picture_answers import PicturesSaid
from kilpi.cases.projection import standing
from kilpi.cases.seen import SeenPlate, own_plate, seen_of
from kilpi.errors import UsageError
from kilpi.hashing import sha256_hex
from kilpi.labels.check import Entry, check_record, fits_grammar
from kilpi.labels.locate import Pictures
from kilpi.labels.record import LabelledPhoto, LabelledPlate
from kilpi.labels.split import Split, earlier_split, split_labels
from kilpi.store import Store
from kilpi.text import compact_mark, counted
from kilpi.types import Quad

RATIO = (80, 20)  # per cent of the cars: train and test
ORIGIN = "review"
SILENT = frozenset({"facts", "order", "shown", "crop", "view"})  # answers that tell nothing of plates


@dataclass(frozen=True, slots=True)
class Collected:
    """The labels of all answers, and why some photos gave none (reason -> how many)."""

    records: tuple[LabelledPhoto, ...]
    left_out: Mapping[str, int]
    cars: int
    judged: int = 0  # photos where a person said where a plate is, or where none is
    placed: Mapping[str, Quad] = field(default_factory=dict)  # by photo (sha256), the corners of a person

    @property
    def text(self) -> str:
        """For a person."""
        plates = sum(len(record.plates) for record in self.records)
        marks = sum(plate.mark is not None for record in self.records for plate in record.plates)
        lines = [
            f"{counted(self.cars, 'answered car')}: {counted(len(self.records), 'photo')},"
            f" {counted(plates, 'plate')}, {marks:,} with a mark"
        ]
        lines += [f"  left out: {why}: {counted(n, 'photo')}" for why, n in sorted(self.left_out.items())]
        return "\n".join(lines)


def collect(store: Store, since: datetime | None = None) -> Collected:
    """The labels of all cars that were answered, since a time (UTC) if one is given. Raises StoreError."""
    records: list[LabelledPhoto] = []
    left_out: Counter[str] = Counter()
    cars = judged = 0
    corners: dict[str, Quad] = {}
    # No erased ones; as they came, so that the same answers give the same bytes.
    for case in sorted(every(store), key=lambda case: case.id):
        events = history(store, case.id)
        said = last_said(events)
        if said is None or (since is not None and said.at < since):
            continue
        made = labels_of(store, case, events, said, left_out)
        answers = combine(events)
        placed = {*answers.corners, *answers.pictures.plates, *answers.pictures.no_plates}
        corners |= {photo: answers.corners[photo] for r in made if (photo := str(r.photo)) in answers.corners}
        none = isinstance(answers.identity, SaidNoPlate)
        judged += sum(record.photo in placed or (none and not record.plates) for record in made)
        cars += bool(made)
        records += made
    differing = disputed(records)
    if differing:
        left_out["in two cars, and what was said of them differs"] += len(differing)
    once = {record.photo: record for record in reversed(records) if record.photo not in differing}
    return Collected(tuple(reversed(once.values())), dict(left_out), cars, judged, corners)


def disputed(records: Sequence[LabelledPhoto]) -> set[str | None]:
    """Photos of which two cars' answers say two things: one of both is wrong, and nobody said which."""
    said: dict[str | None, set[tuple[LabelledPlate, ...]]] = {}
    for record in records:
        said.setdefault(record.photo, set()).add(record.plates)
    return {photo for photo, each in said.items() if len(each) > 1}


def last_said(events: Sequence[Event]) -> Event | None:
    """The newest answer that stands and tells something of the photos, also the audit's; None without one."""
    told = [event for event in standing(events) if event.kind is Kind.ANSWERED]
    audited = said_in_audit(events)
    found = [event for event in told if event.data.get("what") not in SILENT]
    return found[-1] if found else audited[0] if audited else None


def labels_of(
    store: Store, case: Case, events: Sequence[Event], said: Event, left_out: Counter[str]
) -> list[LabelledPhoto]:
    """One answered car's photos, labelled."""
    answers, seen = combine(events), seen_of(events)
    if answers.identity is None and (audited := said_in_audit(events)):
        answers = replace(answers, identity=audited[1])
    identity = answers.identity
    known = own_known(seen, answers)
    made = []
    for photo in photos(store, case.id):
        path = file_of(photo, store.originals)
        plates = still_seen(seen.get(photo.sha256, ()), answers.pictures, photo.sha256)
        judged = photo.sha256 in answers.corners or answers.pictures.judged(photo.sha256)
        if photo.sha256 in answers.without:
            left_out["of another car"] += 1
        elif path is None:
            left_out["not where it was, or in an archive"] += 1
        elif not isinstance(identity, SaidMark | SaidNoPlate) and not judged:
            left_out["the answer says nothing of its plates"] += 1
        elif isinstance(identity, SaidNoPlate) and plates:
            left_out["said to have no plate, and one was seen: whose, nobody said"] += 1
        elif isinstance(identity, SaidMark) and not (plates or judged or known):
            left_out["no plate was seen, nor the car's own in its other photos: it may be here"] += 1
        else:
            record = label(case, photo, path, answers, plates)
            record = replace(record, by=said.by, at=said.at.isoformat())
            findings = check_record(Entry(FOLDER, record), fits_grammar)
            wrong = next((finding.text for finding in findings if finding.error), None)
            if wrong is None:
                made.append(record)
            else:
                left_out[f"fails kilpi labels check, {wrong}"] += 1
    return made


def own_known(seen: Mapping[str, Sequence[SeenPlate]], answers: Answers) -> bool:
    """Whether a car's own plate was found in some photo, or a person said where it is.

    Where it was not, the person read it in a photo where the networks found none: that is no photo without a
    plate.
    """
    if answers.corners or not isinstance(answers.identity, SaidMark):
        return bool(answers.corners)
    mark = compact_mark(answers.identity.text)
    return any(own_plate(plates, mark) is not None for plates in seen.values())


def label(
    case: Case, photo: CasePhoto, path: Path, answers: Answers, seen: Sequence[SeenPlate]
) -> LabelledPhoto:
    """One photo. A person's corners stand for the plate that was seen nearest to the mark; a cover that one
    added for a plate that was missed is a plate.
    """
    said = answers.identity if isinstance(answers.identity, SaidMark) else None
    own = own_plate(seen, compact_mark(said.text)) if said else None
    plates = [LabelledPlate(quad=plate.quad) for plate in seen]
    corners = answers.corners.get(photo.sha256)
    if corners is not None:
        mine = LabelledPlate(quad=corners)
        plates, own = [mine, *(p for i, p in enumerate(plates) if i != own and not same_place(p, mine))], 0
    for quad in answers.pictures.plates.get(photo.sha256, ()):
        missed = LabelledPlate(quad=quad)
        if not any(same_place(plate, missed) for plate in plates):
            plates.append(missed)
    if own is not None and said is not None:
        plates[own] = replace(plates[own], mark=said.text, country=said.country, legible=True)
    width, height = next((plate.frame for plate in seen if plate.frame), (None, None))
    return LabelledPhoto(
        photo.sha256, str(path), width, height, car_name(case, said), None, tuple(plates), ORIGIN
    )


def still_seen(seen: Sequence[SeenPlate], said: PicturesSaid, photo: str) -> list[SeenPlate]:
    """One photo's plates without those that a person says are none."""
    none = [LabelledPlate(quad=quad) for quad in said.no_plates.get(photo, ())]
    return [plate for plate in seen if not any(same_place(LabelledPlate(quad=plate.quad), n) for n in none)]


def same_place(one: LabelledPlate, other: LabelledPlate) -> bool:
    """Whether the middle of one plate lies within the other."""
    a, b = one.place, other.place
    assert a is not None and b is not None
    x, y = (a.x1 + a.x2) / 2, (a.y1 + a.y2) / 2
    return b.x1 <= x <= b.x2 and b.y1 <= y <= b.y2


def car_of(case: Case, answers: Answers) -> str:
    """`car_name`, by what was answered."""
    return car_name(case, answers.identity if isinstance(answers.identity, SaidMark) else None)


def car_name(case: Case, said: SaidMark | None) -> str:
    """A car that comes again as another case is the same car, and stays on its side."""
    key = f"{compact_mark(said.text)} {said.country}" if said else case.id
    return sha256_hex(f"car {key}".encode())[:16]


def write_from_cases(store: Store, found: Collected) -> Split:
    """train.jsonl and test.jsonl in `labels_folder`: 0600, the folder 0700.

    Photos that were on a side before stay there. Raises UsageError where nothing was answered, StoreError.
    """
    if not found.records:
        raise UsageError("labels: no answer says anything of a photo yet; see kilpi cars --state review")
    folder = labels_folder(store)
    with labels_held(folder):
        split = split_labels(found.records, RATIO, Pictures(()), earlier_split(folder, damaged=True))
        for name, records in split.sides.items():
            write_private(folder / f"{name}.jsonl", records)
    forget(store, no_more(store, found.records))
    return split


def as_data(found: Collected, split: Split) -> dict[str, Any]:
    """For JSON."""
    sides = {name: len(records) for name, records in split.sides.items()}
    return {"cars": found.cars, "photos": len(found.records), "left_out": dict(found.left_out), **sides}
