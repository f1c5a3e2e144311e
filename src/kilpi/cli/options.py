"""Options and arguments that several verbs share, each with one name, one help and one meaning."""

from __future__ import annotations

import getpass
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from kilpi.adverts.dealer_stock.columns import heading
from kilpi.adverts.dealer_stock.values import read_km, read_money, read_text, read_year
from kilpi.cases import SaidFacts
from kilpi.cli import output
from kilpi.errors import UsageError
from kilpi.labels.check import failing_photos
from kilpi.labels.locate import missing_photos
from kilpi.registers.file_values import parse_country

MOST_JOBS = 4

Jobs = Annotated[int, typer.Option(min=0, help="Photos worked on at a time; 0: one a core, at most 4.")]

Paths = Annotated[list[str], typer.Argument(metavar="PHOTO", help="Photos, folders, or - for a list.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on a terminal too; piped output always is.")]
Home = Annotated[
    str,
    typer.Option(
        metavar="FI,SE",
        help="Countries that the cars are registered in: their plates need not prove their country."
        " Default: KILPI_HOME, else none.",
    ),
]
Ocr = Annotated[bool, typer.Option("--ocr", help="Use PP-OCR instead of Kilpi's own networks.")]
Register = Annotated[
    str, typer.Option(metavar="FILE|NAME", help="A file, a register's name, or several with commas.")
]

DataFolder = Annotated[
    Path,
    typer.Option(
        "--out",
        "-o",
        "--data",
        help="Folder of the cases: that of `kilpi advert -o`, or DATA of `kilpi serve`.",
    ),
]

ServeData = Annotated[Path, typer.Option("--data", help="Folder of `kilpi serve`.")]
SERVE_DATA = Path("kilpi-data")  # the default of `kilpi serve` and of all that works beside it

# Label files and their photos
LabelFile = Annotated[Path, typer.Argument(metavar="LABELS", help="A label file (JSONL).")]
LabelFiles = Annotated[list[Path], typer.Option("--labels", help="Label file (JSONL); may be repeated.")]
Images = Annotated[
    Path | None,
    typer.Option(envvar="KILPI_DATA", help="Folder of the photos, if not beside the labels."),
]

# Networks, measured and trained
Weights = Annotated[Path | None, typer.Option(help="Folder of the network; default: the shipped one.")]
Report = Annotated[Path | None, typer.Option(help="HTML report to write; needs kilpi[eval].")]
ErrorSheet = Annotated[Path | None, typer.Option(help="Contact sheet (PNG) of what went wrong.")]
Sheet = Annotated[Path, typer.Option("--out", "-o", help="The PNG to write.")]
MINUTES = (
    "Wall time of the training; everything else follows from it. Loading photos, measuring and exporting come"
    " on top."
)
Minutes = Annotated[float, typer.Option(help=MINUTES)]
# Of a training that may go on with --resume, which knows what it began with.
MinutesOrResumed = Annotated[float | None, typer.Option(help=MINUTES)]
LabelFilesOrResumed = Annotated[
    list[Path] | None, typer.Option("--labels", help="Label file (JSONL); may be repeated.")
]
RunFolder = Annotated[Path | None, typer.Option("--out", "-o", help="Default: runs/<date>-<name>.")]
From = Annotated[
    str | None, typer.Option("--from", "--weights", metavar="shipped|DIR", help="Weights to start from.")
]
Validation = Annotated[
    list[Path] | None,
    typer.Option("--val", help="Label file to measure on; default: a part of --labels is kept back."),
]
Resume = Annotated[
    Path | None, typer.Option(help="Run folder of a training that ended early; all else is as it began.")
]
Seed = Annotated[int, typer.Option(help="The same number draws the same.")]
Device = Annotated[str, typer.Option(metavar="auto|cpu|cuda", help="Where to compute.")]


def countries(home: str) -> tuple[str, ...]:
    """The codes in "FI,SE", as --home and KILPI_HOME have them."""
    codes = (code.strip() for code in home.upper().split(","))
    return tuple(code for code in codes if code)


def country_code(text: str) -> str:
    """The code of a country as people write it: "fi", "Suomi"; "" stays. Raises UsageError: of what is none
    no register has a mark, which would be said as "not registered".
    """
    try:
        return parse_country(text.strip()) if text.strip() else ""
    except ValueError as error:
        raise UsageError(f"--country: {text!r} {error}; write FI, SE or another") from None


def who() -> str:
    """Who gives a command, for the history: the name that the system knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def facts_of(pairs: Sequence[str]) -> SaidFacts:
    """price=15900 km=84200 make=Skoda model=Octavia year=2018, in the words and figures that car.toml knows.

    Raises UsageError.
    """
    given: dict[str, Any] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        found = heading(name)
        try:
            if found and found.field == "price":
                given["price"], given["currency"] = read_money(value, found.unit)
            elif found and found.field == "odometer_km":
                given["odometer_km"] = read_km(value, found.unit)
            elif found and found.field == "year":
                given["year"] = read_year(value)
            elif found and found.field in ("make", "model"):
                given[found.field] = " ".join(read_text(value).split())
            else:
                raise UsageError(f"set: {name!r} cannot be set; price, km, make, model and year can")
        except ValueError as error:
            raise UsageError(f"set: {name}: {value!r} {error}") from None
    return SaidFacts(**given)


def sound_minutes(minutes: float) -> None:
    """Raises UsageError for minutes that make no training, before anything is done for one."""
    if not 0 < minutes < math.inf:
        raise UsageError("--minutes must be a number above 0")


def name_missing(labels: Sequence[Path], images: Path | None) -> None:
    """Say which labelled photos are not found; what is done is done with the others."""
    for path in labels:
        told = missing_photos(path, folders(images))
        if told:
            output.warn(told)


def name_doubtful(labels: Sequence[Path], images: Sequence[Path]) -> None:
    """Say which labelled photos are not found, and which fail their check, before what takes them as true."""
    for path in labels:
        for told in (missing_photos(path, images), failing_photos(path, images)):
            if told:
                output.warn(told)


def folders(images: Path | None) -> list[Path]:
    """The folders of --images, for what takes several."""
    return [images] if images else []


def default_jobs() -> int:
    """Photos worked on at a time: one a core that this process may use, MOST_JOBS for their memory."""
    known = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if known else os.cpu_count() or 1
    return min(cores, MOST_JOBS)
