"""What buyers see: the adverts that are out, as they lie in the site's folder, found by the database.

A car's page and its card are read from that folder alone, never from the cases: what is not published is not
known here.
"""

from __future__ import annotations

import logging
import re
import threading
from dataclasses import dataclass, field
from pathlib import Path

from kilpi.adverts.shop_search import Wanted, facets_from
from kilpi.adverts.wording import load_wording
from kilpi.errors import StoreError
from kilpi.publishing import offer_search
from kilpi.publishing.offer_search import Found, Overview
from kilpi.publishing.offers import Offers, Out, read_out
from kilpi.publishing.shop import with_languages
from kilpi.store import Store
from kilpi.types import Shop

LOOK_S = 60.0  # the whole folder is compared so often; what the server publishes itself is known at once
NAME = re.compile(r"[\w-]+")  # of a car in addresses, as `adverts.public_advert` makes it
LOG = logging.getLogger(__name__)
NOTHING = Overview(0, facets_from({}), {})


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is out at one moment. `shop` has its languages; `modified` is in unix seconds."""

    shop: Shop
    seen: Overview

    @property
    def modified(self) -> float:
        """When a car last came, changed or went; 0 where none ever did."""
        return self.seen.changed.timestamp() if self.seen.changed else 0.0


@dataclass
class Stock:
    """The site that buyers see. `root` is its folder, None: none; `site` the address, ending in a slash."""

    store: Store
    root: Path | None
    shop: Shop
    site: str
    gone: Path | None = None  # where `cases.Site` notes the names of cars that are gone
    offers: Offers | None = field(init=False)
    _gone: tuple[int, dict[str, str]] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.offers = Offers(self.store, self.root) if self.root else None

    def case_of(self, name: str) -> str | None:
        """The case whose car was out under this name and is gone; None where there is none."""
        with self._lock:
            try:
                seen = self.gone.stat().st_mtime_ns if self.gone else 0
                if self._gone is None or self._gone[0] != seen:
                    files = self.gone.iterdir() if self.gone and seen else ()
                    self._gone = seen, {one.read_text(encoding="utf-8"): one.name for one in files}
            except (OSError, ValueError):
                return None
            return self._gone[1].get(name)

    def shelf(self) -> Shelf:
        """What is out now. Raises StoreError."""
        seen = offer_search.overview(self.store, self.offers.site) if self.offers else NOTHING
        return Shelf(with_languages(self.shop, seen.spoken), seen)

    def car(self, identity: str) -> Out | None:
        """One advert, by its public name."""
        return read_out(self.root / identity) if self.root and NAME.fullmatch(identity) else None

    def found(self, wanted: Wanted, language: str, number: int, total: int) -> Found:
        """A page of the cars that are wanted. Raises StoreError."""
        if self.offers is None:
            return Found((), 0, 1)
        site, wording = self.offers.site, load_wording(language)
        return offer_search.search(self.store, site, wanted, wording, number, total)

    def every(self) -> list[str]:
        """The public names of all cars, in the order of the list. Raises StoreError."""
        return offer_search.every(self.store, self.offers.site) if self.offers else []

    def look(self) -> None:
        """Compares the folder with what is known of it. Raises StoreError."""
        if self.offers:
            self.offers.look()

    def keep(self, stop: threading.Event) -> None:
        """Looks again and again, until it is told to stop."""
        while not stop.is_set():
            try:
                self.look()
            except (StoreError, OSError, ValueError) as error:  # the next look may succeed
                LOG.error("the buyers' pages: %s", error)
            stop.wait(LOOK_S)
