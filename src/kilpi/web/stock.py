"""What buyers see: the adverts that are out, as they lie in the site's folder, kept in memory.

Only that folder is read, never the cases: what is not published is not known here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from kilpi.adverts.public_advert import LISTING
from kilpi.adverts.shop_search import Facets, Traits, facets_of, in_order, traits_of
from kilpi.adverts.wording import load_wording
from kilpi.publishing.shop import with_languages
from kilpi.schemas import read_public_advert
from kilpi.types import PublicAdvert, Shop

LOOK_S = 1.0  # the folder is looked at this often at most
WHOLE_S = 60.0  # and each car's file in it, where the folder itself did not change

Found = tuple[tuple[PublicAdvert, Traits], ...]


@dataclass(frozen=True, slots=True)
class Out:
    """One advert that is out: as read from a file of this age and size."""

    advert: PublicAdvert
    mtime_ns: int
    size: int


@dataclass(frozen=True)
class Shelf:
    """All adverts that were out at one moment, in the order of an index. `shop` has its languages."""

    shop: Shop
    cars: tuple[Out, ...]
    changed: float = 0  # when a car last came or went, unix seconds

    @cached_property
    def by_id(self) -> Mapping[str, Out]:
        """Each by its public name."""
        return {one.advert.id: one for one in self.cars}

    @cached_property
    def modified(self) -> float:
        """When anything here last changed, unix seconds; 0 where nothing was ever out."""
        return max(self.changed, max((one.mtime_ns for one in self.cars), default=0) / 1e9)

    @cached_property
    def _told(self) -> dict[str, tuple[Found, Facets]]:
        return {}

    def told(self, language: str) -> tuple[Found, Facets]:
        """The cars with what they are found by in a language, and what can be chosen among them."""
        if language not in self._told:
            wording = load_wording(language)
            found = tuple((one.advert, traits_of(one.advert, wording)) for one in self.cars)
            self._told[language] = (found, facets_of(traits for _, traits in found))
        return self._told[language]


@dataclass
class Stock:
    """The folder of published adverts. `site` is the address that its pages have, ending in a slash."""

    root: Path | None
    shop: Shop
    site: str
    gone: Path | None = None  # where `cases.Site` notes the names of cars that are gone
    _gone: tuple[int, dict[str, str]] | None = None
    _shelf: Shelf | None = None
    _seen: int = 0
    _looked: float = field(default=-WHOLE_S)
    _read: float = field(default=-WHOLE_S)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def case_of(self, name: str) -> str | None:
        """The case whose car was out under this name and is gone; None where there is none."""
        with self._lock:
            try:
                seen = self.gone.stat().st_mtime_ns if self.gone else 0
                if self._gone is None or self._gone[0] != seen:
                    files = self.gone.iterdir() if self.gone and seen else ()
                    self._gone = seen, {one.read_text(encoding="utf-8"): one.name for one in files}
            except OSError:
                return None
            return self._gone[1].get(name)

    def shelf(self) -> Shelf:
        """What is out now, or was a second ago."""
        with self._lock:
            now = time.monotonic()
            if self._shelf is None or now - self._looked >= LOOK_S:
                self._looked = now
                self._look(now)
            assert self._shelf is not None
            return self._shelf

    def _look(self, now: float) -> None:
        """Read again what changed: the folder's time tells where a car came or went."""
        try:
            seen = self.root.stat().st_mtime_ns if self.root else 0
        except OSError:
            seen = 0
        if self._shelf is not None and seen == self._seen and now - self._read < WHOLE_S:
            return
        self._seen, self._read = seen, now
        before = self._shelf.by_id if self._shelf else {}
        cars = {out.advert.id: out for out in self._all(before)}
        if self._shelf is not None and cars == before:
            return
        ordered = tuple(cars[car.id] for car in in_order(out.advert for out in cars.values()))
        spoken = (out.advert.language for out in ordered)
        self._shelf = Shelf(with_languages(self.shop, spoken), ordered, seen / 1e9)

    def _all(self, before: Mapping[str, Out]) -> Sequence[Out]:
        if self.root is None or not self.root.is_dir():
            return ()
        found = (read_out(folder, before.get(folder.name)) for folder in self.root.iterdir())
        return [out for out in found if out is not None]


def read_out(folder: Path, before: Out | None) -> Out | None:
    """The advert in one folder; `before` where it did not change. None where there is none, or a draft."""
    path = folder / LISTING
    try:
        stat = path.stat()
    except OSError:
        return None
    if before is not None and (before.mtime_ns, before.size) == (stat.st_mtime_ns, stat.st_size):
        return before
    advert = read_public_advert(path)
    if advert is None or advert.id != folder.name or advert.missing or not advert.pictures:
        return None
    return Out(advert, stat.st_mtime_ns, stat.st_size)
