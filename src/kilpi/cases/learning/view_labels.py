"""What the staff says that photos show becomes labels for the view network, beside those of the plates.

Only a person's own word counts: an order of pictures, a picture left out or a cover say nothing sure of
what a photo shows, for a plate stands in close-ups too, and a photo is left out for many reasons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kilpi.cases.answers import combine
from kilpi.cases.case import Case, Event, Kind
from kilpi.cases.learning.label_files import (
    SETS,
    forget,
    labels_folder,
    labels_held,
    no_more,
    write_private,
)
from kilpi.cases.learning.labelling import ORIGIN, RATIO, car_of
from kilpi.cases.lists import every, history, photos
from kilpi.cases.photo_places import file_of
from kilpi.cases.projection import standing
from kilpi.labels.locate import Pictures
from kilpi.labels.record import LabelledPhoto
from kilpi.labels.split import earlier_split, sides_of, split_labels
from kilpi.store import Store
from kilpi.store.engines import make_private_folder

SIDES = ("train", "test")


def views_file(labels: Path) -> Path:
    """Of train.jsonl or test.jsonl the photos whose view a person said; below, so that erasing finds it."""
    return labels.parent / SETS / f"views-{labels.name}"


def collect_views(store: Store) -> tuple[LabelledPhoto, ...]:
    """Every photo of which somebody said what it shows, with `view`; not those of another car, nor those
    that are gone. Raises StoreError.
    """
    found: list[LabelledPhoto] = []
    for case in sorted(every(store), key=lambda case: case.id):
        events = history(store, case.id)
        found += views_of(store, case, events)
    return tuple(found)


def views_of(store: Store, case: Case, events: Sequence[Event]) -> list[LabelledPhoto]:
    """One case's."""
    answers, said = combine(events), said_last(events)
    if not said:
        return []
    made = []
    for photo in photos(store, case.id):
        event, path = said.get(photo.sha256), file_of(photo, store.originals)
        if event is None or path is None or photo.sha256 in answers.without:
            continue
        view = str(answers.pictures.wishes.views[photo.sha256])
        car = car_of(case, answers)
        told = LabelledPhoto(photo.sha256, str(path), car=car, origin=ORIGIN, view=view)
        made.append(replace(told, by=event.by, at=event.at.isoformat()))
    return made


def said_last(events: Sequence[Event]) -> Mapping[str, Event]:
    """By photo (sha256) the answer that stands on what it shows; what came along from another case is told
    there.
    """
    told = (one for one in standing(events) if one.kind is Kind.ANSWERED and one.data.get("what") == "view")
    last = {str(one.data["photo"]): one for one in told}
    return {photo: one for photo, one in last.items() if "from" not in one.data}


def write_views(store: Store, found: Sequence[LabelledPhoto]) -> dict[str, int]:
    """`views_file` of both sides: how many photos each has. A car is on the side where its plates are, and a
    photo that was on a side stays there. Call it after `write_from_cases`. Raises StoreError, LabelError.
    """
    folder = labels_folder(store)
    files = {side: views_file(folder / f"{side}.jsonl") for side in SIDES}
    with labels_held(folder):
        known = {**earlier_split(folder, damaged=True), **sides_of(files, damaged=True)}
        sides = split_labels(found, RATIO, Pictures(()), known).sides if found else {}
        for side, file in files.items():
            if mine := sides.get(side):
                make_private_folder(file.parent)
                write_private(file, mine)
            else:
                file.unlink(missing_ok=True)
    forget(store, no_more(store, found))
    return {side: len(sides.get(side, ())) for side in SIDES}
