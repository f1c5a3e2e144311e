"""What a site's folder shows, as rows of the database: buyers search in these.

The folder stays the truth. A row is made of the advert's file and only leads to it: whoever shows a car reads
that file again, so a row that is a minute old shows nothing that was taken away.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kilpi.adverts.naming import fold
from kilpi.adverts.public_advert import LISTING
from kilpi.adverts.shop_search import own_words, traits_of
from kilpi.adverts.wording import LANGUAGES, load_wording
from kilpi.schemas import read_public_advert
from kilpi.store import Store, Tx
from kilpi.store.desk_tables import offer_sites, offers
from kilpi.types import PublicAdvert

PART = 50  # cars a transaction: no other writer waits for long
MOST = 10**9  # of a year, kilometres, or an amount: what is more is not known
UNKNOWN = 10**15  # in what lists are ordered by: after all that is known
LONGEST = 300  # characters that are kept of a name; what can be indexed is limited


@dataclass(frozen=True, slots=True)
class Out:
    """One advert that is out: as read from a file of this age and size."""

    advert: PublicAdvert
    mtime_ns: int
    size: int


def read_out(folder: Path) -> Out | None:
    """The advert in one folder of a site. None where there is none, or a draft."""
    path = folder / LISTING
    try:
        stat = path.stat()
    except OSError:
        return None
    advert = read_public_advert(path)
    if advert is None or advert.id != folder.name or advert.missing or not advert.pictures:
        return None
    return Out(advert, stat.st_mtime_ns, stat.st_size)


@dataclass(frozen=True, slots=True)
class Offers:
    """The rows of one site. `root` is its folder, which need not be there yet."""

    store: Store
    root: Path

    @property
    def site(self) -> str:
        """The folder's name in the rows, the same as `kilpi publish --to` gives it."""
        return str(self.root.resolve())

    def note(self, identities: Sequence[str]) -> int:
        """These cars came, changed or went. How many rows changed. Raises StoreError.

        Their files are read while nobody else writes, so that the last look is the one that stays.
        """
        return self.store.write(lambda tx: self._note(tx, identities))

    def look(self) -> int:
        """Compares the whole folder. How many rows changed. Raises StoreError."""
        query = sa.select(offers.c.id, offers.c.mtime_ns, offers.c.size).where(offers.c.site == self.site)
        rows = self.store.read(lambda tx: tx.rows(query))
        known = {row["id"]: (row["mtime_ns"], row["size"]) for row in rows}
        there = dict(ages(self.root))
        due = [name for name in {**there, **known} if there.get(name) != known.get(name)]
        parts = (due[first : first + PART] for first in range(0, len(due), PART))
        return sum(self.note(part) for part in parts)

    def _note(self, tx: Tx, identities: Sequence[str]) -> int:
        site, changed = self.site, 0
        tx.lock(f"offers {site}")
        for identity in identities:
            mine = (offers.c.site == site, offers.c.id == identity)
            found = read_out(self.root / identity)
            gone = tx.run(offers.delete().where(*mine))
            if found is not None:
                tx.run(offers.insert().values(site=site, **row_of(found)))
            changed += gone > 0 or found is not None
        if changed and not tx.run(
            offer_sites.update().where(offer_sites.c.site == site).values(changed=tx.now)
        ):
            tx.run(offer_sites.insert().values(site=site, changed=tx.now))
        return changed


def ages(root: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    """Name -> (age, size) of the advert's file in each folder of a site; nothing where the site is away."""
    try:
        folders = os.scandir(root)
    except OSError:
        return
    with folders:
        for folder in folders:
            if not folder.name.isascii():
                continue  # no car's: names are made of ASCII letters
            try:
                stat = Path(folder.path, LISTING).stat()
            except OSError:
                continue
            yield folder.name, (stat.st_mtime_ns, stat.st_size)


def row_of(found: Out) -> dict[str, Any]:
    """An advert as its row, but for the site."""
    car = found.advert
    traits = traits_of(car, load_wording(LANGUAGES[0]))  # its coded fields are the same in every language
    price, year, km = cents(car.amount), bounded(traits.year), bounded(traits.km)
    return {
        "id": car.id,
        "language": kept(car.language),
        "make": kept(traits.make),
        "fuel": kept(traits.fuel),
        "gearbox": kept(traits.gearbox),
        "seller": kept(traits.seller),
        "body": kept(car.vehicle.body or ""),
        "colour": kept(car.vehicle.colour or ""),
        "age": -year if year else UNKNOWN,
        "cheap": UNKNOWN if price is None else price,
        "dear": UNKNOWN if price is None else -price,
        "driven": UNKNOWN if km is None else km,
        "title_key": kept(fold(car.title)),
        "words": storable(own_words(car)),
        "mtime_ns": found.mtime_ns,
        "size": found.size,
    }


def storable(text: str) -> str:
    """What both databases take: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "").encode(errors="replace").decode()


def kept(text: str) -> str:
    """The beginning of a name."""
    return storable(text)[:LONGEST]


def bounded(value: int | None) -> int | None:
    """A whole number that fits into its column."""
    return value if value is not None and 0 <= value < MOST else None


def cents(amount: str | None) -> int | None:
    """ "15900.50" -> 1590050."""
    try:
        value = Decimal(amount or "")
    except InvalidOperation:
        return None
    return int(value * 100) if value.is_finite() and 0 <= value < MOST else None
