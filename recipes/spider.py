"""Crawls what anybody may see and searches every byte of it for what nobody may.

    python recipes/spider.py http://127.0.0.1:8765/stock/ --data kilpi-data
    python recipes/spider.py www --data kilpi-data          # a folder that kilpi publish wrote

The needles are those of the data folder: every mark and VIN, every photo's sha256, every case id, every
user's name with an @. Exit code 1 where one is found; it is told by its kind and where,
never itself.
"""

from __future__ import annotations

import argparse
import gzip
import html
import json
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import httpx2
import sqlalchemy as sa

from kilpi.schemas import read_record
from kilpi.store import Store, tables

LINK = re.compile(rb"""(?:href|src|action|content|poster)\s*=\s*["']([^"'<>]+)["']|<loc>([^<]+)</loc>""")
SRCSET = re.compile(rb"""srcset\s*=\s*["']([^"'<>]+)["']""")
SITEMAP = re.compile(rb"(?m)^Sitemap:\s*(\S+)")  # in robots.txt
QUOTED = re.compile(rb'"((?:https?://|/)[^"\\\s<>]*)"')
NO_PAGE = re.compile(r"(?:mailto|tel|data|javascript):|#")
MOST = 100_000  # answers
LEAST = 5  # letters and digits; a shorter mark is searched for with its separator, as people write it
HEADERS = 4096  # bytes before a body: its address and headers

Get = Callable[[str], tuple[int, bytes, str]]
"""An address -> status, body as it was sent (perhaps packed), and all headers as text."""


@dataclass(frozen=True)
class Leak:
    """What was found: its kind ("mark"), and where. Never the thing itself."""

    kind: str
    where: str


def crawl(get: Get, starts: Iterable[str]) -> dict[str, bytes]:
    """Every answer that is reached from `starts` by links of any kind, on the same host: address -> headers
    and body.
    """
    waiting, seen = list(starts), dict[str, bytes]()
    host = urlsplit(waiting[0]).netloc
    while waiting and len(seen) < MOST:
        url = urldefrag(waiting.pop()).url
        if url in seen or urlsplit(url).netloc != host:
            continue
        status, body, headers = get(url)
        seen[url] = f"{status} {url}\n{headers}\n".encode() + body
        waiting += [urljoin(url, link) for link in links(unpacked(body))]
    return seen


def links(body: bytes) -> Iterator[str]:
    """Whatever in a page, a sitemap or a JSON text may be an address; also in HTML within JSON."""
    for text in (body, body.replace(b'\\"', b'"').replace(b"\\u003c", b"<").replace(b"\\u003e", b">")):
        found = [one or other for one, other in LINK.findall(text)]
        found += QUOTED.findall(text) + SITEMAP.findall(text)
        found += [part.split()[0] for one in SRCSET.findall(text) for part in one.split(b",") if part.strip()]
        for link in found:
            plain = html.unescape(link.decode("utf-8", "replace"))
            if plain.isascii() and plain.isprintable() and " " not in plain and not NO_PAGE.match(plain):
                yield plain


def unpacked(body: bytes) -> bytes:
    """The body itself, or what is in it where it is packed."""
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


def leaks(pages: Mapping[str, bytes], needles: Mapping[str, Iterable[str]]) -> list[Leak]:
    """Where a needle is found in any form; `needles` by kind."""
    wanted = [Needle.of(kind, one) for kind, all_ in needles.items() for one in sorted(set(all_)) if one]
    found: dict[Leak, None] = {}
    for where, content in pages.items():
        for form in forms_of(content):
            found |= {Leak(one.kind, where): None for one in wanted if one.is_in(form)}
    return list(found)


@dataclass(frozen=True)
class Form:
    """Bytes read as a text in small letters, and its letters and digits alone."""

    text: str
    close: str


@dataclass(frozen=True)
class Needle:
    """What is searched for: letters and digits alone, whatever stands between them; one too short for that,
    which letters meet by chance, as people write it.
    """

    kind: str
    close: str
    written: tuple[str, ...]

    @classmethod
    def of(cls, kind: str, text: str) -> Needle:
        """Of a mark, a VIN, an id, an address."""
        parts, close = re.split(r"[\W_]+", text.casefold()), close_of(text.casefold())
        short = len(close) < LEAST
        return cls(kind, close, tuple(sep.join(parts) for sep in ("-", " ", "\u00a0")) if short else ())

    def is_in(self, form: Form) -> bool:
        """Whether a form holds it."""
        return any(one in form.text for one in self.written) if self.written else self.close in form.close


def close_of(text: str) -> str:
    """Letters and digits alone."""
    return re.sub(r"[\W_]+", "", text)


def forms_of(content: bytes) -> Iterator[Form]:
    """The bytes and what is packed in them, read in each encoding, with each way of hiding letters undone."""
    for body in parts_of(content):
        texts = {body.decode("utf-8", "replace"), body.decode("latin-1"), body.decode("utf-16-le", "replace")}
        if b"\xff\xd8\xff" not in body[:HEADERS]:
            texts |= {undone(text) for text in list(texts) for undone in (html.unescape, unquote, escapes)}
        for text in texts:
            yield Form(text.casefold(), close_of(text.casefold()))


def parts_of(content: bytes) -> Iterator[bytes]:
    """The bytes, and what is packed in them: gzip (pages), deflate (a PNG's texts and profile)."""
    yield content
    for found in re.finditer(rb"\x1f\x8b\x08", content):
        yield from inflated(content[found.start() :], 31)
    if b"\x89PNG" in content[:HEADERS]:
        for found in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", content):
            yield from inflated(content[found.start() :], 15)


def inflated(data: bytes, window: int) -> Iterator[bytes]:
    """What deflate gives, where it is that."""
    try:
        yield zlib.decompressobj(window).decompress(data, 50_000_000)
    except zlib.error:
        return


def escapes(text: str) -> str:
    """JSON's and JavaScript's \\u escapes as the letters they are."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)


def needles_of(data: Path) -> dict[str, set[str]]:
    """What nobody may see of a data folder, by kind."""
    store = Store.open(data)
    try:
        with store.engine.connect() as connection:

            def column(one: sa.Column[str]) -> set[str]:
                return {str(value) for (value,) in connection.execute(sa.select(one).distinct()) if value}

            found = {
                "mark": column(tables.cases.c.mark),
                "case id": column(tables.cases.c.id),
                "original's sha256": column(tables.photos.c.sha256),
                "e-mail": {name for name in column(tables.users.c.name) if "@" in name},
            }
    finally:
        store.close()
    records = [read_record(path) for path in data.glob("*/decision.json")]
    found["mark"] |= {one.mark for one in records if one and one.mark}
    found["VIN"] = {one.vin for one in records if one and one.vin}
    return found


def over_http(url: str) -> tuple[int, bytes, str]:
    """One answer, packed as it was sent."""
    with httpx2.Client(follow_redirects=False, timeout=60) as client:
        with client.stream("GET", url, headers={"accept-encoding": "gzip"}) as answer:
            body = b"".join(answer.iter_raw())
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        if location := answer.headers.get("location"):
            body += f'<a href="{html.escape(location)}">'.encode()
        return answer.status_code, body, headers


def folder(root: Path) -> dict[str, bytes]:
    """Every file of a folder, its name with it."""
    return {
        str(path.relative_to(root)): f"{path.relative_to(root)}\n".encode() + path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("place", help="a public address, or a folder")
    parser.add_argument("--data", type=Path, required=True, help="the data folder whose cars may be shown")
    asked = parser.parse_args()
    needles = needles_of(asked.data)
    url = asked.place.startswith("http")
    starts = [urljoin(asked.place, path) for path in ("", "/", "/robots.txt", "/sign-in", "/v1/openapi.json")]
    pages = crawl(over_http, starts) if url else folder(Path(asked.place))
    found = leaks(pages, needles)
    told = {"answers": len(pages), "bytes": sum(map(len, pages.values()))}
    told |= {f"{kind}s searched for": len(all_) for kind, all_ in needles.items()}
    print(json.dumps({**told, "found": [(one.kind, one.where) for one in found]}))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
