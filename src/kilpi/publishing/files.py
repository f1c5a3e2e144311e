"""Feed files: whole or not at all, and without anything that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kilpi.files import write_whole
from kilpi.publishing.rows import Source, row_of
from kilpi.publishing.schema import Fault, Row, Schema, check, feed_names, load_schema
from kilpi.text import natural_key
from kilpi.types import Dealer, PublicAdvert

PLAIN = "plain"
FEEDS = "feeds"  # their folder below a site
# What a spreadsheet takes for a formula, after OWASP's "CSV Injection"; numbers (also of phones) are safe.
FORMULA = re.compile(r"^[\s\u00a0]*[=+\-@\t\r|%]")
NUMBER = re.compile(r"[+\-]?[0-9 ().\-]+")


@dataclass(frozen=True)
class Advertised:
    """A car for the feeds: its advert without the pictures' bytes, and its VIN."""

    shown: PublicAdvert
    vin: str | None


@dataclass(frozen=True)
class FeedReport:
    """One feed: its file (None where it was not written), how many cars it holds, what kept others out."""

    name: str
    path: Path | None
    cars: int
    faults: tuple[Fault, ...]


def write_feeds(cars: Sequence[Advertised], folder: Path, dealer: Dealer) -> tuple[FeedReport, ...]:
    """The plain feed, and those that the dealer named, below `folder`. Cars with faults stay out."""
    folder.mkdir(parents=True, exist_ok=True)
    here = {car.shown.id for car in cars}
    for name in feed_names():
        drop_gone(load_schema(name), folder, lambda car: car in here)
    return tuple(write_feed(cars, folder, dealer, name) for name in dict.fromkeys((PLAIN, *dealer.feeds)))


def write_feed(cars: Sequence[Advertised], folder: Path, dealer: Dealer, name: str) -> FeedReport:
    """One feed. Where none of the cars passes, the old file stays, without those that are gone: an empty feed
    deletes all adverts.
    """
    schema = load_schema(name)
    if schema.needs_site and dealer.site is None:
        return FeedReport(
            name, None, 0, (Fault("all", "url", "needs the site's address in the dealer's file"),)
        )
    rows = [(car.shown.id, row_of(Source(car.shown, car.vin, dealer, schema))) for car in cars]
    faults = check(schema, rows)
    bad = {fault.car for fault in faults}
    good = [row for car, row in rows if car not in bad]
    if rows and not good:
        return FeedReport(name, None, 0, tuple(faults))
    path = folder / schema.file
    put(schema, path, table(schema, good), good)
    return FeedReport(name, path, len(good), tuple(faults))


def leave_feeds(folder: Path, identity: str) -> None:
    """A car that was taken down leaves all feeds at once, before they are written the next time."""
    for name in feed_names():
        drop_gone(load_schema(name), folder, lambda car: car != identity)


def drop_gone(schema: Schema, folder: Path, stays: Callable[[str], bool]) -> None:
    """Takes the cars that are not out any more from a feed's file, whether or not it is written this time: it
    may have a fault, or no longer be asked for, and whoever reads it goes on.
    """
    path = folder / schema.file
    key = next(column.name for column in schema.columns if column.value == "{id}")
    try:
        text = io.StringIO(path.read_text(encoding="utf-8"), newline="")
        rows = list(csv.DictReader(text, delimiter=schema.delimiter))
    except (OSError, UnicodeDecodeError, csv.Error):  # there is none, or it is not Kilpi's
        return
    left = [row for row in rows if stays((row.get(key) or "").removeprefix("'"))]
    if not rows or key not in rows[0] or len(left) == len(rows):
        return
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), delimiter=schema.delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(left)
    put(schema, path, out.getvalue(), left)


def put(schema: Schema, path: Path, text: str, rows: Sequence[Row]) -> None:
    """A feed's file; of the plain feed its rows as JSON beside it, too."""
    write_whole(path, text.encode())
    if schema.name == PLAIN:
        lines = json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
        write_whole(path.with_suffix(".json"), lines.encode())


def table(schema: Schema, rows: Sequence[Row]) -> str:
    """Rows as delimited text after RFC 4180, header first, in the schema's order."""
    header = [column.name for column in schema.columns]
    header += sorted({name for row in rows for name in row} - set(header), key=natural_key)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=schema.delimiter, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([cell(row.get(name, ""), schema.delimiter) for name in header])
    return text.getvalue()


def cell(value: str, delimiter: str) -> str:
    """A value that no spreadsheet runs; in tab-delimited files tabs and line breaks become spaces."""
    clean = "".join(c for c in value if c >= " " or c in "\n\t")
    if delimiter == "\t":
        clean = re.sub(r"[\t\n]+", " ", clean)
    if FORMULA.match(clean) and not NUMBER.fullmatch(clean):
        return "'" + clean
    return clean
