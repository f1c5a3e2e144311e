"""Files that were sent become cars: by the rule that folders on this machine go by (`photos/intake.py`)."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path

from kilpi.adverts.dealer_stock import CAR_FILE, StockList
from kilpi.cases.answers import Answer
from kilpi.cases.case import AT_WORK, OPEN
from kilpi.cases.incoming.arrival import Arrival, Received, Sent
from kilpi.cases.incoming.beside import Beside
from kilpi.cases.incoming.dealers import known_dealer, same_name
from kilpi.cases.incoming.folders_in import dealer_in, mark_in
from kilpi.cases.incoming.newer_lists import NO_LIST, Listed, take_lists
from kilpi.cases.incoming.receive import cars_of, receive
from kilpi.cases.incoming.reused import keep_others_row
from kilpi.cases.incoming.sent_files import USED, SentFile, SentKind, forget_old, known, originals_of
from kilpi.cases.incoming.sent_heaps import enqueue_heap
from kilpi.cases.incoming.sent_more import join_case, put_texts, tells_another
from kilpi.cases.lists import Wanted, every
from kilpi.cases.verbs import rerun
from kilpi.errors import CaseRefused, OutputError, UsageError
from kilpi.photos.intake import CarPhotos, survey
from kilpi.photos.kinds import only_says_pictures
from kilpi.store import Store, uuid7
from kilpi.store.engines import make_private_folder
from kilpi.text import shown
from kilpi.types import LeftOut, Offer

LAID_OUT = ".laid-out"  # folder of what is laid out while it is looked at; hidden, so no car is called so
STALE_S = 86_400.0  # nothing is looked at for so long
DEEPEST, LONGEST = 12, 150  # folders of a path that was sent, and bytes of each part
UNSAFE = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Batch:
    """What one person sent together. `files` are (path as sent, sha256); an archive stands for its members.

    `reference` is the dealer's own name for the car, where all photos are one car's; "": folders tell. With
    `joins` None, that name stands for the dealer's open case of the same reference; else the photos that lie
    in no folder join that case alone, "" none.
    """

    files: tuple[tuple[str, str], ...]
    by: str
    owner: str = ""  # whose files: as `sent_files.keep`
    dealer: str = ""
    reference: str = ""
    receipt: str | None = None
    digest: str = ""  # of all that was asked for under the receipt, where it must be the same again
    answers: tuple[Answer, ...] = ()
    sort: bool = False  # loose photos may be of several cars: a worker sorts them first
    joins: str | None = None


@dataclass(frozen=True, slots=True)
class MadeCars:
    """The cases, in the order of their folders; what is no car's; whether a stock list was among them.

    `heaps`: how many heaps of loose photos a worker will sort into cases first; `listed`: what the lists say.
    """

    cars: tuple[Received, ...]
    left_out: tuple[LeftOut, ...] = ()
    stock: bool = False
    heaps: int = 0
    listed: Listed = NO_LIST


def make_cars(store: Store, data: Path, batch: Batch, country: str) -> MadeCars:
    """Cases of all photos of a batch, and the dealer's new stock list.

    `country` is that of a mark in car.toml that names none. Raises UsageError where a file was not sent, or
    is no longer kept; StoreError; OutputError.
    """
    files = _files(store, batch)
    lists = [file for file in files if file.kind is SentKind.LIST]
    beside = Beside(data)
    paths = [originals_of(store).path(file.sha256) for file in lists]
    before = beside.stock(batch.dealer)
    listed = take_lists(store, beside, batch.dealer, paths) if paths else NO_LIST
    laid = [file for file in files if file.kind in (SentKind.PHOTO, SentKind.BESIDE)]
    made: list[Received] = []
    heaps = 0
    left: tuple[LeftOut, ...] = ()
    if any(file.kind is SentKind.PHOTO for file in laid):
        with laid_out(store, data, laid, batch.reference) as (root, names):
            found = survey([root])
            left = found.left_out
            for number, car in enumerate(found.cars, 1):
                if is_heap(batch, car, root):
                    sent = [Sent(names[path], path.name) for path in car.photos]
                    if again := cars_of(store, batch.dealer, sent):
                        made += again
                        continue
                    heaps += 1
                    base = Arrival((), by=batch.by, dealer=batch.dealer, reference=car.reference)
                    store.write(partial(enqueue_heap, base=base, photos=sent))
                    continue
                mine = replace(batch, receipt=f"{batch.receipt} {number}") if batch.receipt else batch
                if not lies_in_root(car, root):  # a folder's name, and the next car's may be called so too
                    mine = replace(mine, joins="")
                received = _received(store, beside, mine, car, names, country)
                keep_others_row(store, beside, received, before)
                made.append(received)
    forget_old(store)
    if lists:
        unlisted = {case.id for case in listed.unlisted}
        _rerun_all(store, batch, {one.case.id for one in made}, beside.stock(batch.dealer), unlisted)
    return MadeCars(tuple(made), left, bool(lists), heaps, listed)


def is_heap(batch: Batch, car: CarPhotos, root: Path) -> bool:
    """Whether photos came without a folder and a name: they may be of several cars."""
    loose = all(path.parent == root for path in car.photos)
    one = batch.reference or batch.receipt or batch.answers or car.car_file
    return batch.sort and loose and not one and len(car.photos) > 1


def lies_in_root(car: CarPhotos, root: Path) -> bool:
    """Whether a car is the one that the batch was named for, not one of a folder inside."""
    if car.car_file is not None and car.car_file.parent != root:
        return False
    folders = [path.parent.relative_to(root).parts for path in car.photos]
    return any(all(map(only_says_pictures, parts)) for parts in folders)


def _files(store: Store, batch: Batch) -> list[SentFile]:
    """The files of a batch under the paths that they were sent under, archives by their members."""
    found = known(store, batch.owner, [sha256 for _, sha256 in batch.files])
    missing = sum(sha256 not in found for _, sha256 in batch.files)
    if missing:
        raise UsageError(
            f"batch: {missing} of its files did not arrive, or are no longer kept; send them again"
        )
    files: list[SentFile] = []
    for path, sha256 in batch.files:
        one = found[sha256]
        if one.kind is SentKind.ARCHIVE:
            folder = path.rpartition(".")[0] or path  # an archive is a folder that is called like it
            inside = [member for member in one.members if member.kind in USED]
            files += [replace(member, path=f"{folder}/{member.path}") for member in inside]
        elif one.kind in USED:
            files.append(SentFile(path, sha256, one.kind))
    return files


@contextmanager
def laid_out(
    store: Store, data: Path, files: Sequence[SentFile], reference: str = ""
) -> Iterator[tuple[Path, dict[Path, str]]]:
    """A folder with the files as they were sent, as links, and the sha256 of each. It is gone afterwards.

    It is called as the car where all is one car's. Raises OutputError.
    """
    originals, names = originals_of(store), dict[Path, str]()
    try:
        make_private_folder(data / LAID_OUT)
        clear_laid_out(data / LAID_OUT)
        with tempfile.TemporaryDirectory(dir=data / LAID_OUT) as top:
            root = Path(top) / (safe_part(reference) or f"photos-{uuid7()[-6:]}")
            for file in files:
                path = _free(root, safe_path(file.path), names, file.sha256)
                if path in names:
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                path.symlink_to(originals.path(file.sha256).resolve())
                names[path] = file.sha256
            yield root, names
    except OSError as error:
        raise OutputError(f"{data / LAID_OUT}: cannot be written ({error.strerror}); see its room") from None


def clear_laid_out(folder: Path) -> None:
    """What a killed process left: links, and names that may hold marks."""
    for left in folder.iterdir():
        with suppress(OSError):  # gone meanwhile
            if left.stat().st_mtime < time.time() - STALE_S:
                shutil.rmtree(left, ignore_errors=True)


def safe_path(path: str) -> Path:
    """A path that was sent, as one below a folder of ours: it cannot climb, and has no empty parts."""
    parts = [safe_part(part) for part in path.replace("\\", "/").split("/")]
    parts = [part for part in parts if part]
    return Path(*parts[-DEEPEST:]) if parts else Path("photo")


def safe_part(part: str) -> str:
    """One part of a path; "" where nothing of it is left."""
    part = UNSAFE.sub("", shown(part)).replace("/", "").strip()
    if part.strip(".") == "":
        return ""
    stem, dot, ending = part.rpartition(".")
    ending = dot + ending if stem and len(ending) <= 8 else ""
    return part.removesuffix(ending).encode()[:LONGEST].decode(errors="ignore") + ending


def _free(root: Path, wanted: Path, names: dict[Path, str], sha256: str) -> Path:
    """A name that no other content and no folder has: telephones call every photo image.jpg, and a file may
    be called as a folder beside it is.
    """
    folder = root
    for part in wanted.parts[:-1]:
        folder = next(path for path in numbered(folder / part) if path not in names)
    for path in numbered(folder / wanted.name):
        if names.get(path) == sha256 or not (path in names or path.is_dir()):
            return path
    raise AssertionError("unreachable")


def numbered(path: Path) -> Iterator[Path]:
    """photo.jpg, photo-2.jpg, photo-3.jpg ..."""
    yield path
    yield from (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))


def _received(
    store: Store, beside: Beside, batch: Batch, car: CarPhotos, names: dict[Path, str], country: str
) -> Received:
    sent = tuple(Sent(names[path], path.name) for path in car.photos if path in names)
    lying = texts_of(car, names)
    texts = {path.name: path.read_bytes() for path in lying}
    mark = mark_in(car, country)
    line = beside.stock(batch.dealer).line(car.reference)
    row = line.offer if line else Offer()
    arrival = Arrival(
        sent,
        by=batch.by,
        dealer=batch.dealer,
        belongs="" if batch.dealer else known_dealer(store, dealer_in(car) or row.dealer),
        reference=car.reference,
        receipt=batch.receipt,
        digest=batch.digest,
        named=bool(batch.reference) and batch.joins is None,
        answers=(*batch.answers, *([mark] if mark else [])),
        beside=bool(texts),
    )
    joins = batch.joins and not tells_another(store, beside, batch.joins, lying)
    received = join_case(store, batch.joins, arrival) if batch.joins and joins else None
    received = received or receive(store, arrival)
    return put_texts(store, beside, received, texts, batch.by)


def texts_of(car: CarPhotos, names: dict[Path, str]) -> list[Path]:
    """car.toml, and the texts in the folders of the car's photos, which no other car's photos lie in."""
    folders = {path.parent for path in car.photos}
    notes = [
        path for path in names if path.parent in folders and path.name != CAR_FILE and path not in car.photos
    ]
    return [*([car.car_file] if car.car_file else []), *sorted(notes)]


def _rerun_all(store: Store, batch: Batch, made: set[str], stock: StockList, unlisted: set[str]) -> None:
    """A new stock list may give any of the dealer's cars its price; the department's those that it names."""
    marks, dealers = stock.marks, {same_name(line.offer.dealer or "") for line in stock.every_line}
    for case in every(store, Wanted(tuple(OPEN - AT_WORK), batch.dealer or None)):
        named = same_name(case.dealer) in dealers or (case.mark is not None and case.mark.compact in marks)
        with suppress(CaseRefused):  # sold meanwhile
            if case.id not in made and (case.dealer == batch.dealer or named or case.id in unlisted):
                rerun(store, case.id, by=batch.by, why="unlisted" if case.id in unlisted else "stock")
