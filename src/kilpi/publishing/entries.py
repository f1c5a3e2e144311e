"""The ready cars below an output folder, read back and checked once more before anything leaves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from kilpi.adverts.personal import (
    nameless,
    names_another_beside,
    names_strange,
    texts_that_leave,
)
from kilpi.adverts.public_advert import LISTING, small_name
from kilpi.adverts.public_pages import advert_page
from kilpi.adverts.records import DECISION, READY
from kilpi.adverts.shop_names import advert_file
from kilpi.adverts.strange_marks import marks_said, names_one_of
from kilpi.adverts.translated import told_in
from kilpi.disclosure import gives_away
from kilpi.errors import PublishError
from kilpi.hashing import sha256_hex
from kilpi.pictures.clean import check_clean
from kilpi.schemas import read_public_advert, read_record, to_json
from kilpi.text import compact_mark
from kilpi.types import Mark, Offer, PublicAdvert, Record, Shop, Verdict

WITHOUT_MARK = frozenset({"answered_no_plate", "answered_vin"})
"""A person said so: the photos show no mark, and there is none to hold the texts against."""
Refusal = Callable[[str, Record], str]
"""Why a car's folder (its name, its record) may not leave; "" where it may."""
PICTURE_NAME = re.compile(r"[0-9]{2,3}(?:-small|-medium)?\.jpg")


@dataclass(frozen=True)
class Entry:
    """One ready car: its advert, its VIN (for feeds that demand it), and the files that may leave."""

    shown: PublicAdvert
    vin: str | None
    files: Mapping[str, bytes] = field(repr=False)

    @property
    def digest(self) -> str:
        """sha256 over names and contents: what changes when anything of the advert changes."""
        total = hashlib.sha256()
        for name in sorted(self.files):
            total.update(name.encode() + b"\0" + hashlib.sha256(self.files[name]).digest())
        return total.hexdigest()


@dataclass(frozen=True, slots=True)
class Held:
    """A car's folder that does not leave, and why."""

    folder: str
    why: str


def ready_entries(
    out: Path,
    site: str | None,
    held: list[Held],
    shop: Shop | None = None,
    refusal: Refusal = lambda folder, record: "",
    turn: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Iterator[Entry]:
    """The ready cars below `out`, one at a time; what does not leave is added to `held`. `refusal` is asked
    last: what it lets go is sent next. All of a car is done in its `turn`, also what is done with the entry.
    """
    seen: dict[str, str] = {}
    folders = sorted(path for path in out.iterdir() if path.is_dir() and not path.name.startswith("."))
    marks = {compact_mark(mark) for folder in folders if (mark := _mark_of(folder))}
    for folder in folders:
        with turn():
            entry = _ready_entry(folder, site, held, shop, marks, seen, refusal)
            if entry is not None:
                yield entry


def _ready_entry(
    folder: Path,
    site: str | None,
    held: list[Held],
    shop: Shop | None,
    marks: Collection[str],
    seen: dict[str, str],
    refusal: Refusal,
) -> Entry | None:
    """One car's; None where there is none, or where it does not leave. `seen`: public id -> folder."""
    record = read_record(folder / DECISION)
    if record is None:
        return None
    if record.state != READY:
        held.append(Held(folder.name, record.state))
        return None
    try:
        entry = read_entry(folder, record, site, shop, marks)
    except PublishError as error:
        held.append(Held(folder.name, str(error)))
        return None
    if record.id in seen:
        held.append(Held(folder.name, f"has the same address as {seen[record.id]}; rename the folder"))
        return None
    if why := refusal(folder.name, record):
        held.append(Held(folder.name, why))
        return None
    seen[record.id] = folder.name
    return entry


def read_entry(
    folder: Path,
    record: Record,
    site: str | None,
    shop: Shop | None = None,
    others: Collection[str] = (),
) -> Entry:
    """One ready car's files, checked; with a `shop`, a page in each of its languages. `others` are marks of
    other cars, compact: no text names one.

    Raises PublishError where anything is not as it was written.
    """
    shown = read_public_advert(folder / LISTING)
    if shown is None or shown.missing or not shown.pictures:
        raise PublishError(f"{folder}: {LISTING} is absent, damaged or a draft; make the advert again")
    found: dict[str, bytes] = {}
    for picture in shown.pictures:
        for name in (picture.name, small_name(picture.name), picture.medium):
            if name:
                found[name] = read_picture(folder, name, record)
    mark = Mark(record.mark, record.country) if record.mark else None
    if mark is None and not any(why.code in WITHOUT_MARK for why in record.reasons):
        raise PublishError(f"{folder}: its registration mark is not known; make the advert again")
    languages = shop.languages if shop else (shown.language,)
    told = [text for code in languages for text in texts_that_leave(told_in(shown, code).advert)]
    if any(gives_away(text, mark, record.vin) for text in (*texts_that_leave(shown), *told)):
        raise PublishError(
            f"{folder}: the advert's text holds the registration mark or the VIN; make the advert again"
        )
    check_strange(folder, shown, mark, others)
    found[LISTING] = to_json(shown).encode()
    check_listing(folder, record)
    for code in languages:
        page = advert_page(shown, site, shop, code)
        found[advert_file(code, languages)] = page.encode()
    return Entry(shown, record.vin, found)


def check_listing(folder: Path, record: Record) -> None:
    """Raises PublishError where a folder's advert is not the one of its record: edited, or exchanged since
    that was read.
    """
    try:
        content = (folder / LISTING).read_bytes()
    except OSError:
        content = b""
    if sha256_hex(content) != record.files.get(LISTING):
        raise PublishError(f"{folder}: {LISTING} is not the advert that was decided; make the advert again")


def marks_in_texts(folder: Path) -> set[str]:
    """What an advert's own texts say that would be a car's mark if there were such a car (compact)."""
    shown = read_public_advert(folder / LISTING)
    texts = (shown.title, *shown.paragraphs, *shown.equipment) if shown else ()
    return {mark for text in texts for mark in marks_said(text)}


def _mark_of(folder: Path) -> str:
    """The mark that a car's folder has, be it ready or a draft; a question's is no more than a guess."""
    record = read_record(folder / DECISION)
    return (record.mark or "") if record and record.verdict == Verdict.ACCEPTED else ""


def check_strange(folder: Path, shown: PublicAdvert, mark: Mark | None, others: Collection[str]) -> None:
    """Raises PublishError where the dealer's words hold what could be another car's mark (`others`: their
    marks), or this car's where nobody knows it.
    """
    by_dealer = not shown.vehicle.data_from or {"make", "model"} & set(shown.vehicle.by_dealer)
    name = Offer(make=shown.vehicle.make, model=shown.vehicle.model) if by_dealer else Offer()
    texts = {"description": shown.paragraphs, "equipment": shown.equipment}
    strange = [
        field
        for field, own in texts.items()
        if any(names_strange(text, mark, shown.title) or names_one_of(text, others) for text in own)
    ]
    beside = [text for text in (shown.dealer, shown.place, shown.contact) if text]
    if any(names_another_beside(text) or names_one_of(text, others) for text in beside):
        strange.append("dealer, place or contact")
    if nameless(name, mark) != name or (by_dealer and names_one_of(shown.title, others)):
        strange.insert(0, "make and model")
    if strange:
        raise PublishError(
            f"{folder}: what could be a registration mark or a VIN stands in its {' and '.join(strange)}; "
            "change that, and make the advert again"
        )


def read_picture(folder: Path, name: str, record: Record) -> bytes:
    """A picture exactly as it was written, without metadata."""
    if not PICTURE_NAME.fullmatch(name):
        raise PublishError(f"{folder}: a picture has a name that kilpi does not give")
    try:
        content = (folder / name).read_bytes()
    except OSError:
        raise PublishError(f"{folder}: {name} is missing; make the advert again") from None
    if hashlib.sha256(content).hexdigest() != record.files.get(name):
        raise PublishError(
            f"{folder}: {name} was changed after its plates were covered; make the advert again"
        )
    check_clean(content, name)
    return content
