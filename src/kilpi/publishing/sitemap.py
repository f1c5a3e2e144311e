"""sitemap.xml after sitemaps.org 0.9; where one file may not hold all addresses, an index over several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

from kilpi.adverts.shop_names import SITEMAP, advert_file, index_file
from kilpi.types import Shop

MOST_ADDRESSES = 50_000  # of one file: https://www.sitemaps.org/protocol.html, read 2026-11-29
SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
BEGIN = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- Kilpi -->\n'


def sitemap_files(cars: int, shop: Shop) -> tuple[str, ...]:
    """The names of the files for so many cars: sitemap.xml, or sitemap-1.xml ... and last their index."""
    pages = cars + 1  # and the list itself
    parts = -(-pages // pages_a_part(shop))
    return (*(f"sitemap-{n + 1}.xml" for n in range(parts) if parts > 1), SITEMAP)


def pages_a_part(shop: Shop) -> int:
    """How many pages one file holds, each in all of the site's languages."""
    return max(1, MOST_ADDRESSES // len(shop.languages))


def sitemap(cars: Sequence[str], shop: Shop, site: str, name: str = SITEMAP) -> str | None:
    """One of those files, with every language's page as Google asks for it (xhtml:link); None: no such name.

    `cars`: their public names.
    """
    names = sitemap_files(len(cars), shop)
    if name not in names:
        return None
    if name == SITEMAP and len(names) > 1:
        return sitemap_index(names[:-1], site)
    a_part, codes = pages_a_part(shop), shop.languages
    first = 0 if name == SITEMAP else names.index(name) * a_part
    here = cars[max(0, first - 1) : first + a_part - 1]
    groups = [] if first else [{code: index_file(code, codes) for code in codes}]
    groups += [{code: f"{car}/{advert_file(code, codes)}" for code in codes} for car in here]
    urls = "\n".join(line for group in groups for line in sitemap_urls(group, site))
    links = ' xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    return f'{BEGIN}<urlset xmlns="{SCHEMA}"{links}>\n{urls}\n</urlset>\n'


def sitemap_index(names: Sequence[str], site: str) -> str:
    """sitemap.xml where it leads to the files that hold the addresses."""
    parts = "\n".join(f"<sitemap><loc>{escape(site + name)}</loc></sitemap>" for name in names)
    return f'{BEGIN}<sitemapindex xmlns="{SCHEMA}">\n{parts}\n</sitemapindex>\n'


def sitemap_urls(group: Mapping[str, str], site: str) -> Iterator[str]:
    """The entries of one page, one a language."""
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{code}" href="{escape(site + path)}"/>'
        for code, path in group.items()
    )
    for path in group.values():
        yield f"<url><loc>{escape(site + path)}</loc>{links}</url>"
