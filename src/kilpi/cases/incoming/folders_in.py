"""Folders of photos on this machine become cases: which case each car of a survey is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from unicodedata import normalize

from kilpi.adverts.dealer_stock import read_car_file, read_car_mark
from kilpi.adverts.folders import folder_name
from kilpi.archives import content_sha256, split
from kilpi.cases.answers import SaidMark, from_data
from kilpi.cases.case import GONE, OPEN, Case, Kind
from kilpi.cases.incoming.arrival import Arrival, Sent
from kilpi.cases.incoming.dealers import known_dealer
from kilpi.cases.incoming.receive import receive
from kilpi.cases.lists import every, history, photos
from kilpi.cases.verbs import answer
from kilpi.errors import LabelError, UsageError
from kilpi.files import path_to_text, photos_in
from kilpi.grammar import load_grammars
from kilpi.hashing import sha256_hex
from kilpi.photos.intake import CAR_FILE, CarPhotos
from kilpi.store import Store
from kilpi.text import shown


@dataclass(frozen=True, slots=True)
class Taken:
    """A car of a survey, and the case that it is."""

    car: CarPhotos
    case: Case
    own: bool = True  # False: a copy of the photos, which lie in a folder of their own besides
    back: bool = False  # the case is gone, and its folder is called otherwise, or says something since


@dataclass
class Known:
    """The names that cases have already; no new one gets a name that differs only in case."""

    references: dict[str, str] = field(default_factory=dict)  # as `same_name` -> place
    addresses: set[str] = field(default_factory=set)

    def add(self, case: Case) -> None:
        """One more case."""
        self.references.setdefault(same_name(case.reference), case.place)
        self.addresses.add(same_name(case.address))


def same_name(name: str) -> str:
    """Names that some file systems take for one."""
    return normalize("NFC", name).casefold()


def take_in(store: Store, cars: Sequence[CarPhotos], country: str, apart: bool = False) -> list[Taken]:
    """Every car's case, new or known; `country` is that of a mark in car.toml.

    `apart`: the cars share folders and are told apart by the names of their photos.
    """
    if not cars:
        return []
    known = known_names(store)
    folders = [place_of(car, apart) for car in cars]
    top = os.path.commonpath([str(folder.parent) for folder in folders])
    taken = []
    for car, folder in zip(cars, folders, strict=True):
        place = path_to_text(folder)
        relative = shown(os.path.relpath(str(folder).rstrip("*"), top))
        before = known.references.get(same_name(car.reference), place)
        reference = car.reference if before == place else relative
        wished = [folder_name(reference), folder_name(relative)]
        arrival = Arrival(
            photos=tuple(sent(path) for path in car.photos),
            reference=reference,
            place=place,
            belongs=known_dealer(store, dealer_in(car)),
            addresses=tuple(name for name in wished if same_name(name) not in known.addresses),
            mark=mark_in(car, country),
        )
        case = receive(store, arrival).case
        known.add(case)
        own = is_of(store, case, arrival)
        case = with_car_file(store, case, car, country) if own else case
        named = replace(car, reference=case.reference)
        taken.append(Taken(named, case, own, case.state in GONE and comes_back(case, car)))
    return taken


def is_of(store: Store, case: Case, arrival: Arrival) -> bool:
    """Whether the case's photos are these, and not others of the same content: of a copied folder nothing is
    taken but that it is the same car.
    """
    lying = {photo.path for photo in arrival.photos}
    return case.place == arrival.place or any(
        photo.path is None or photo.path in lying for photo in photos(store, case.id)
    )


def comes_back(case: Case, car: CarPhotos) -> bool:
    """Whether the folder of a car that is sold or withdrawn is not merely the one that was left lying."""
    if same_name(car.reference) != same_name(case.reference.rpartition("/")[2]):
        return True
    try:
        inside = split(car.car_file) if car.car_file else None  # as old as its archive
        written = (inside[0] if inside else car.car_file).stat().st_mtime if car.car_file else 0.0
    except OSError:
        return False
    return case.ended is not None and written > case.ended.timestamp()


def known_names(store: Store) -> Known:
    """The names of all cases but the erased."""
    known = Known()
    for case in every(store):
        known.add(case)
    return known


def place_of(car: CarPhotos, apart: bool) -> Path:
    """The folder of a car's photos; where it holds other photos too, one that is not there, for this car.

    Photos that were named one by one are known again by their names.
    """
    folders = {photo.parent.resolve() for photo in car.photos}
    folder = Path(os.path.commonpath([str(one) for one in folders]))
    if car.part:
        return folder / f"{car.part}*"
    if apart:
        return folder / f"{car.reference}*"
    mine = {photo.absolute() for photo in car.photos}
    if all(
        photo.absolute() in mine for parent in {p.parent for p in car.photos} for photo in photos_in(parent)
    ):
        return folder
    names = "\n".join(sorted(photo.name for photo in car.photos))
    return folder / f"{sha256_hex(names.encode(errors='replace'))[:12]}*"


def sent(path: Path) -> Sent:
    """A photo that stays where it lies; one that cannot be read is known by its path."""
    lies = path_to_text(resolved(path))
    try:
        digest = content_sha256(path)
    except OSError:
        digest = sha256_hex(b"unreadable\0" + lies.encode())
    return Sent(digest, shown(path.name), lies)


def resolved(path: Path) -> Path:
    """Where a photo lies, on disk or in an archive, whatever it was called by."""
    return path.parent.resolve() / path.name


def mark_in(car: CarPhotos, country: str) -> SaidMark | None:
    """The mark in car.toml, of `country` where it names none; None where there is none that can be one."""
    text = read_car_mark(car.car_file) if car.car_file else None
    if text is None:
        return None
    try:
        mark = load_grammars().mark(text, country)
        return SaidMark(mark.text, mark.country or country)
    except UsageError:
        return None  # the advert's page names the line


def dealer_in(car: CarPhotos) -> str | None:
    """The dealer that car.toml names; None where it names none."""
    try:
        told = read_car_file(car.car_file).values if car.car_file else {}
    except LabelError:
        return None
    return told.get("dealer")


def with_car_file(store: Store, case: Case, car: CarPhotos, country: str) -> Case:
    """A mark in car.toml is an answer, given once: it is not given again after it was undone or corrected."""
    said = mark_in(car, country) if case.state in OPEN else None
    if said is None:
        return case
    given = (event for event in history(store, case.id) if event.kind is Kind.ANSWERED)
    if any(event.by == CAR_FILE and from_data(event.data) == said for event in given):
        return case
    return answer(store, case.id, said, by=CAR_FILE)
