"""What the files of a public site are called. The first language of a site has the short names."""

from __future__ import annotations

import re
from collections.abc import Sequence

ADVERT_PAGE = re.compile(r"advert(?:-[a-z]{2})?\.html")
INDEX_PAGE = re.compile(r"index(?:-[a-z]{2})?(?:-[0-9]{1,5})?\.html")
INDEX_DATA = re.compile(r"cars-[a-z]{2}\.json")
DEALERS_FILE = re.compile(r"(?:logo|banner|icon)-([0-9a-f]{12})\.(?:png|jpg|svg)")
SITEMAP_FILE = re.compile(r"sitemap(?:-[0-9]{1,5})?\.xml")  # the index, or all; else a part
SITEMAP, ROBOTS = "sitemap.xml", "robots.txt"


def advert_file(language: str, languages: Sequence[str]) -> str:
    """ "advert.html", or "advert-sv.html" for another language than the site's first."""
    return f"advert{_mark(language, languages)}.html"


def index_file(language: str, languages: Sequence[str], page: int = 1) -> str:
    """ "index.html", "index-sv.html", "index-2.html", "index-sv-2.html"."""
    return f"index{_mark(language, languages)}{f'-{page}' if page > 1 else ''}.html"


def data_file(language: str) -> str:
    """What the index's script searches in."""
    return f"cars-{language}.json"


def _mark(language: str, languages: Sequence[str]) -> str:
    return f"-{language}" if languages and language != languages[0] else ""
