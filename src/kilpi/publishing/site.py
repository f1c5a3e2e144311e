"""The index of a public site as files beside the cars' folders: pages, what their script searches, sitemap.

Each file is written beside and renamed. What an earlier run wrote and this one does not is removed; a file
that is not Kilpi's stays, and is told.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kilpi.adverts.shop_names import (
    DEALERS_FILE,
    INDEX_DATA,
    INDEX_PAGE,
    ROBOTS,
    SITEMAP,
    SITEMAP_FILE,
    data_file,
    index_file,
)
from kilpi.adverts.shop_pages import Listed, shop_data, shop_page
from kilpi.adverts.shop_search import A_PAGE, facets_of, in_order, traits_of
from kilpi.adverts.wording import load_wording
from kilpi.files import write_whole
from kilpi.publishing.entries import Held
from kilpi.publishing.folder_target import BY_KILPI
from kilpi.publishing.sitemap import sitemap, sitemap_files
from kilpi.types import PublicAdvert, Shop

MADE_BY = {  # how a file of ours begins
    INDEX_PAGE: BY_KILPI,
    INDEX_DATA: re.compile(rb'\{"made_by": "Kilpi"'),
    SITEMAP_FILE: re.compile(rb"<\?xml[^>]*>\s*<!-- Kilpi -->"),
    re.compile(re.escape(ROBOTS)): re.compile(rb"# Kilpi\n"),
}
HEAD = 4096  # bytes


@dataclass(frozen=True, slots=True)
class SiteReport:
    """What one run did at the root of a site: names written and removed, and what is not ours and stays."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    held: tuple[Held, ...]


def write_site(root: Path, cars: Sequence[PublicAdvert], shop: Shop, site: str | None) -> SiteReport:
    """Make the files beside the cars' folders those of these cars. `shop` must have its languages."""
    wanted = dict(site_files(cars, shop, site))
    written, held = [], []
    for name, content in wanted.items():
        path = root / name
        if path.exists() and not is_ours(path):
            words = "is there already and not Kilpi's; move it away, or publish to another folder"
            held.append(Held(name, words))
        elif not path.exists() or path.read_bytes() != content:
            write_whole(path, content)
            written.append(name)
    gone = [path for path in root.iterdir() if path.name not in wanted and path.is_file() and is_ours(path)]
    for path in gone:
        path.unlink()
    return SiteReport(tuple(written), tuple(sorted(path.name for path in gone)), tuple(held))


def site_files(cars: Sequence[PublicAdvert], shop: Shop, site: str | None) -> Iterator[tuple[str, bytes]]:
    """Name -> content of every file beside the cars' folders, in the order in which they are written."""
    yield from shop.files.items()
    listed = in_order(cars)
    for language in shop.languages:
        wording = load_wording(language)
        found = [(car, traits_of(car, wording)) for car in listed]
        facets = facets_of(traits for _, traits in found)
        yield data_file(language), shop_data(found, shop, language).encode()
        for number in range(1, Listed((), len(listed)).pages + 1):
            here = listed[(number - 1) * A_PAGE : number * A_PAGE]
            page = shop_page(shop, language, Listed(here, len(listed), number), facets, site)
            yield index_file(language, shop.languages, number), page.encode()
    if site:
        names = [car.id for car in listed]
        for name in sitemap_files(len(names), shop):  # the index last: it leads to files that are there
            yield name, (sitemap(names, shop, site, name) or "").encode()
    yield ROBOTS, robots(f"{site}{SITEMAP}" if site else None).encode()


def is_ours(path: Path) -> bool:
    """Whether a file at the root of a site was written by Kilpi: by its name and how it begins."""
    if (named := DEALERS_FILE.fullmatch(path.name)) is not None:
        return hashlib.sha256(path.read_bytes()).hexdigest().startswith(named[1])
    for name, begins in MADE_BY.items():
        if name.fullmatch(path.name):
            with path.open("rb") as file:
                return begins.match(file.read(HEAD)) is not None
    return False


def robots(sitemap_url: str | None, only: str = "") -> str:
    """robots.txt: everything, or what is below the path `only`, may be read. It counts at a host's root."""
    rules = [f"Allow: {only}", "Disallow: /"] if only else ["Allow: /"]
    lines = ["# Kilpi", "User-agent: *", *rules, *([f"Sitemap: {sitemap_url}"] if sitemap_url else [])]
    return "\n".join(lines) + "\n"
