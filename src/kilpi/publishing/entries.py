"""The ready cars below an output folder, read back and checked once more before anything leaves."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from kilpi.adverts.pages import advert_page
from kilpi.adverts.personal import texts_that_leave
from kilpi.adverts.public_advert import LISTING, small_name
from kilpi.adverts.records import DECISION, READY
from kilpi.disclosure import gives_away
from kilpi.errors import LabelError, PublishError
from kilpi.pictures.clean import check_clean
from kilpi.schemas import read_public_advert, read_record, to_json
from kilpi.types import Dealer, Mark, PublicAdvert, Record

PICTURE_NAME = re.compile(r"[0-9]{2,3}(?:-small)?\.jpg")


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


def read_dealer(path: Path) -> Dealer:
    """A dealer's TOML file with the fields of `Dealer`. Raises LabelError that names file and key."""
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise LabelError(f"{path}: cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LabelError(f"{path}: {error}") from None
    known = {one.name for one in fields(Dealer)}
    for key, value in values.items():
        if key not in known:
            raise LabelError(f"{path}: unknown key {key!r}; known are {', '.join(sorted(known))}")
        number = key in {"latitude", "longitude"}
        wanted: Any = list if key in {"feeds", "show"} else int | float if number else str
        if isinstance(value, bool) or not isinstance(value, wanted):
            raise LabelError(f"{path}: {key} is of the wrong kind")
    site = values.get("site")
    if site is not None:
        if not re.fullmatch(r"https?://[^\s?#/][^\s?#]*", site, re.IGNORECASE):
            raise LabelError(f"{path}: site must be an address such as https://cars.example/")
        scheme, _, rest = site.partition("://")
        values["site"] = f"{scheme.lower()}://{rest.rstrip('/')}/"
    for key in ("feeds", "show"):
        values[key] = tuple(values.get(key, ()))
        if not all(isinstance(part, str) for part in values[key]):
            raise LabelError(f"{path}: {key} is of the wrong kind")
    return Dealer(**values)


def ready_entries(out: Path, site: str | None, held: list[Held]) -> Iterator[Entry]:
    """The ready cars below `out`, one at a time; what does not leave is added to `held`."""
    seen: dict[str, str] = {}
    for folder in sorted(path for path in out.iterdir() if path.is_dir() and not path.name.startswith(".")):
        record = read_record(folder / DECISION)
        if record is None:
            continue
        if record.state != READY:
            held.append(Held(folder.name, record.state))
            continue
        try:
            entry = read_entry(folder, record, site)
        except PublishError as error:
            held.append(Held(folder.name, str(error)))
            continue
        if record.id in seen:
            held.append(Held(folder.name, f"has the same address as {seen[record.id]}; rename the folder"))
            continue
        seen[record.id] = folder.name
        yield entry


def read_entry(folder: Path, record: Record, site: str | None) -> Entry:
    """One ready car's files, checked. Raises PublishError where anything is not as it was written."""
    shown = read_public_advert(folder / LISTING)
    if shown is None or shown.missing or not shown.pictures:
        raise PublishError(f"{folder}: {LISTING} is absent, damaged or a draft; make the advert again")
    found: dict[str, bytes] = {}
    for picture in shown.pictures:
        for name in (picture.name, small_name(picture.name)):
            found[name] = read_picture(folder, name, record)
    listing, page = to_json(shown), advert_page(shown, site)
    mark = Mark(record.mark, record.country) if record.mark else None
    if mark is None or any(gives_away(text, mark, record.vin) for text in texts_that_leave(shown)):
        raise PublishError(
            f"{folder}: the advert's text holds the registration mark or the VIN; make the advert again"
        )
    found[LISTING], found["advert.html"] = listing.encode(), page.encode()
    return Entry(shown, record.vin, found)


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
