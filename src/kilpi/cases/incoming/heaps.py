"""Heaps: one folder, archive, upload or mail with photos of several cars, looked at, sorted, made into cases.

`look_at` opens and sorts; `receive_heap` files what was placed. A photo that is some case's already stays
there, whatever sorting says of it now: a person may have moved it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from kilpi.cases.case import OPEN, Case, State
from kilpi.cases.incoming.arrival import Arrival, How, Received, Sent
from kilpi.cases.incoming.folders_in import resolved
from kilpi.cases.incoming.receive import add_photos, receive
from kilpi.cases.records import case_of, get, photos_of
from kilpi.errors import WeightsError, as_kilpi_error
from kilpi.files import path_to_text
from kilpi.hashing import sha256_hex
from kilpi.images import open_photo
from kilpi.photos.grouping import sort_heap
from kilpi.photos.heap import HeapCar, HeapPhoto, Sorting, heap_photo
from kilpi.photos.intake import CarPhotos
from kilpi.pipeline import Kilpi
from kilpi.store import Store, Tx
from kilpi.store.tables import cases, photos
from kilpi.text import shown
from kilpi.types import Problem

PART = "sorted-"  # what the places of cars begin with that were sorted out of a folder
LookAt = Callable[[Path, str], HeapPhoto]
"""Opens one photo (its file, and its name as sent) and says what sorting knows of it. Raises KilpiError."""


@dataclass(frozen=True, slots=True)
class Heap:
    """A heap, sorted. `files`: by sha256, where each photo lies; `problems`: photos that cannot be used."""

    sorting: Sorting
    files: Mapping[str, Path] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether every photo is placed surely, so that nobody need look."""
        return self.sorting.sure and not self.problems


def looker(line: Kilpi) -> LookAt:
    """Looks with the line's own networks: about as long as `kilpi read` takes, a photo.

    Raises WeightsError without the view network: what a photo shows is what sorting goes by.
    """
    viewer = line.viewer
    if viewer is None:
        raise WeightsError("sorting needs the network view.onnx; install Kilpi again, or see KILPI_WEIGHTS")

    def look(path: Path, name: str) -> HeapPhoto:
        photo = open_photo(path)
        guess = viewer.read([photo])[0]
        return heap_photo(photo, name, guess, line.plates(photo, guess))

    return look


def look_at(files: Sequence[tuple[Path, str]], look: LookAt) -> Heap:
    """Opens every photo (its file, and its name as sent) once and sorts them. Twice the same counts once."""
    found: dict[str, HeapPhoto] = {}
    paths: dict[str, Path] = {}
    problems = []
    for path, name in files:
        try:
            photo = look(path, name)
        except Exception as error:  # that photo's, whatever it is
            problems.append(Problem(shown(name), as_kilpi_error(error, shown(name))))
            continue
        found.setdefault(photo.id, photo)
        paths.setdefault(photo.id, path)
    return Heap(sort_heap(list(found.values())), paths, tuple(problems))


def receive_heap(
    store: Store, cars: Sequence[HeapCar], sent: Mapping[str, Sent], base: Arrival
) -> list[Received]:
    """A case for each car of a sorting, or the one that has most of its photos. `base`: who sent them, under
    what.

    `sent`: the photos by sha256. The cars of one receipt are told apart by a number, in their order. A car
    most of whose photos several cases have is left as it is. Raises what `receive` raises.
    """
    received = []
    for number, car in enumerate(cars, 1):
        mine = tuple(sent[one.photo] for one in car.photos)
        known = store.read(partial(_cases_of, photos_sent=mine, dealer=base.dealer))
        new = tuple(one for one in mine if one.sha256 not in known)
        if len(new) * 2 >= len(mine):  # what is known may be in every car, as a dealer's own picture is
            arrival = numbered(base, number) if len(cars) > 1 else base
            received.append(receive(store, replace(arrival, photos=new)))
        elif len(set(known.values())) == 1:
            case_id = next(iter(known.values()))
            received.append(store.write(partial(_add, case_id=case_id, new=new, by=base.by)))
    return received


def numbered(base: Arrival, number: int) -> Arrival:
    """The arrival of one of several cars: nothing that names it is another's."""
    return replace(
        base,
        receipt=base.receipt and f"{base.receipt} {number}",
        reference=base.reference and f"{base.reference}-{number}",
        place=base.place and f"{base.place}/{number}*",
        addresses=tuple(f"{address}-{number}" for address in base.addresses),
        answers=(),  # a price or a mark that came along is one car's, and nobody says whose
    )


def _add(tx: Tx, case_id: str, new: Sequence[Sent], by: str) -> Received:
    case = get(tx, case_id)
    if not new or case.state not in OPEN:
        return Received(case, How.SAME)
    return Received(add_photos(tx, case, new, by), How.CHANGED)


def _cases_of(tx: Tx, photos_sent: Sequence[Sent], dealer: str) -> dict[str, str]:
    """Which case of the dealer has each of these photos; of several the newest. Others are not told."""
    query = (
        sa.select(photos.c.sha256, photos.c.case_id)
        .join(cases)
        .where(photos.c.sha256.in_([one.sha256 for one in photos_sent]), cases.c.dealer == dealer)
        .order_by(photos.c.case_id)
    )
    return {row["sha256"]: row["case_id"] for row in tx.rows(query)}


# --- heaps in folders on this machine ---


def car_of(heap: CarPhotos, car: HeapCar, files: Mapping[str, Path], number: int) -> CarPhotos:
    """One car of a sorted folder, with a name of its own. What the folder's car.toml says is one car's."""
    paths = tuple(files[one.photo] for one in car.photos)
    ids = "\n".join(sorted(one.photo for one in car.photos))
    part = f"{PART}{sha256_hex(ids.encode())[:12]}"  # the same photos, the same place
    return CarPhotos(f"{heap.reference}-{number}", paths, part=part)


def parts_of(store: Store, heap: CarPhotos, cars: Sequence[CarPhotos] = ()) -> list[CarPhotos]:
    """The cars that a folder was sorted into before, and `cars`, as it is sorted now: known photos stay.

    New photos go to the case that has the others of their car; to none where several cases have those.
    Empty where the folder was never sorted and `cars` is empty.
    """
    known = store.read(partial(_sorted_cases, heap=heap))
    has = {place: case.id for case, places in known for place in places}
    lies = {path_to_text(resolved(path)): path for path in heap.photos}
    own = {case.id: [lies[place] for place in places if place in lies] for case, places in known}
    new: list[CarPhotos] = []
    for car in cars:
        there = {path: has.get(path_to_text(resolved(path))) for path in car.photos}
        ids = {case_id for case_id in there.values() if case_id}
        if not ids:
            new.append(car)
        elif len(ids) == 1:
            own[ids.pop()] += [path for path, case_id in there.items() if not case_id]
    before = [
        CarPhotos(case.reference, tuple(own[case.id]), part=Path(case.place).name.rstrip("*"))
        for case, _ in known
        if own[case.id]
    ]
    return [*before, *new]


def _sorted_cases(tx: Tx, heap: CarPhotos) -> list[tuple[Case, list[str]]]:
    """The cases that were sorted out of a folder, in their order, and where their photos lie."""
    begins = [f"{path_to_text(folder)}/{PART}" for folder in folders_of(heap)]
    there = [(cases.c.place >= text) & (cases.c.place < text + "\U0010ffff") for text in begins]
    query = sa.select(cases).where(sa.or_(*there), cases.c.state != State.ERASED.value)
    rows = tx.rows(query.order_by(cases.c.id))
    return [(case_of(row), [one.path for one in photos_of(tx, row["id"]) if one.path]) for row in rows]


def folders_of(heap: CarPhotos) -> list[Path]:
    """Every folder that a car of a heap may lie in: those with photos, and what is above them in the heap."""
    parents = {resolved(photo).parent for photo in heap.photos}
    top = Path(os.path.commonpath([str(folder) for folder in parents]))
    chains = [[folder, *folder.parents] for folder in parents]
    return sorted({one for chain in chains for one in chain[: chain.index(top) + 1]})
