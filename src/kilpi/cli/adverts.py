"""kilpi advert: from photos to adverts, a folder a car."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated

import typer
from rich.table import Table

from kilpi.adverts.folders import write_index
from kilpi.adverts.public_advert import LISTING
from kilpi.adverts.records import DECISION
from kilpi.adverts.wording import Wording, load_wording
from kilpi.cases import Maker, mark_missing, take_in
from kilpi.cases.case import AT_WORK
from kilpi.cli import output
from kilpi.cli.advert_run import Asked, cover_of, rerun_outdated, work_through
from kilpi.cli.heaps import as_sorted, sorter
from kilpi.cli.meter import Meter
from kilpi.cli.options import Home, Jobs, Json, Ocr, Paths, Register, default_jobs
from kilpi.cli.telling import Telling, why_so
from kilpi.config import Settings, load_settings
from kilpi.errors import (
    KilpiError,
    NotUsed,
    OutputError,
    PhotoError,
    Stopped,
    Unexpected,
    UsageError,
    as_kilpi_error,
)
from kilpi.photos.intake import Survey
from kilpi.publishing.dealer_file import read_dealer
from kilpi.signals import broken_off_by_sigterm
from kilpi.store import Store, open_store
from kilpi.store.store import FILE, ORIGINALS
from kilpi.types import Record

COLOURS = {"ready": "green", "draft": "cyan", "review": "yellow", "no_plate": "red"}


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    app.command()(advert)


def advert(
    photos: Paths,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the adverts.")] = Path("out"),
    register: Register = "",
    offers: Annotated[Path | None, typer.Option(help="The dealer's stock list: CSV or workbook.")] = None,
    language: Annotated[str, typer.Option(help="fi, sv or en.")] = "",
    per_car: Annotated[str | None, typer.Option(metavar="REGEX", help="Group a flat folder by name.")] = None,
    profile: Annotated[str, typer.Option(help="Pictures for: site, nettiauto, meta, google.")] = "site",
    home: Home = "",
    dealer: Annotated[
        Path | None, typer.Option(help="dealer.toml; of it, `cover` and `show` are used here.")
    ] = None,
    cover: Annotated[Path | None, typer.Option(help="Image to lay over plates instead of grey.")] = None,
    lookups: Annotated[
        int, typer.Option(min=0, help="Marks that a register is asked for, at most, of each car.")
    ] = 1,
    sort: Annotated[
        bool, typer.Option("--sort", help="A folder may hold several cars: sort its photos and show how.")
    ] = False,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="With --sort: make the cars though some photos fit none.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Also cars of which nothing changed.")] = False,
    jobs: Jobs = 0,
    ocr: Ocr = False,
    json: Json = False,
) -> None:
    """Photos of cars, a folder each -> adverts and an index."""
    settings = load_settings()
    asked = Asked(
        photos=tuple(output.named_paths(photos)),
        register=register or settings.default_register,
        offers=text_of(offers),
        language=language or settings.language,
        per_car=per_car,
        profile=profile,
        home=home or settings.home,
        cover=text_of(cover or cover_of(dealer)),
        ocr=ocr,
        lookups=lookups,
        show=read_dealer(dealer).show if dealer else (),
    )
    ways = Ways(again, sort or confirm, confirm, output.wants_json(json), jobs or default_jobs())
    with broken_off_by_sigterm():
        run(asked, out, settings, ways)


@dataclass(frozen=True, slots=True)
class Ways:
    """How one run goes about it; no advert depends on these."""

    again: bool = False
    sort: bool = False
    confirmed: bool = False
    as_json: bool = False
    jobs: int = 1  # photos at a time


def run(asked: Asked, out: Path, settings: Settings, ways: Ways) -> None:
    """What was asked for, car by car; the index is written whatever becomes of them."""
    meter = Meter()
    maker = asked.maker(out, settings, meter, ways.jobs)
    found = asked.look(out)
    prepare(out)
    output.tell_left_out(found.left_out, found.clutter, load_wording(asked.language))
    asked.keep(out)
    store, telling = open_store(out, settings), Telling(maker, ways.as_json, meter)
    try:
        found = of_heaps(store, maker, found, ways, asked)
        make_all(store, maker, found, telling, settings, ways.again, asked.per_car is not None)
    except KeyboardInterrupt:
        raise Stopped("stopped: the cars that are done stay, and the same command makes the others") from None
    finally:
        store.close()
        index = index_or_error(out, asked.language)
    sum_up(telling, index, asked.language, ways.sort)


def of_heaps(store: Store, maker: Maker, found: Survey, ways: Ways, asked: Asked) -> Survey:
    """Folders with several cars' photos as those cars, where that is asked for, or was before."""
    if asked.per_car is not None:
        return found
    if not ways.sort:
        return as_sorted(store, found, asked.language)
    return sorter(store, maker.line, maker.out, ways.confirmed, ways.as_json).sort(found)


def text_of(path: Path | None) -> str | None:
    """A path as the options of a run are kept."""
    return str(path) if path else None


def sum_up(telling: Telling, index: Path | KilpiError, language: str, sorting: bool = False) -> None:
    """The table of all cars where a person reads it, and the exit code.

    Heaps of which no car was made have photos that were not used: what to do was said heap by heap.
    """
    if sorting and not telling.rows:
        raise typer.Exit(index.exit_code if isinstance(index, KilpiError) else PhotoError.exit_code)
    if not telling.as_json:
        words, total = load_wording(language), telling.meter.total
        output.console.print(cars_table(telling.rows, words))
        if total.asked:
            output.console.print(words.text("run", "lookups", **asdict(total)))
        output.console.print(output.escape(str(index)))
    code = exit_code(telling.rows, index)
    if code:
        raise typer.Exit(code)


def make_all(
    store: Store, maker: Maker, found: Survey, telling: Telling, settings: Settings, again: bool, apart: bool
) -> None:
    """Photos in, folders out, car by car; of an unchanged car the folder stays as it is."""
    maker.originals = store.originals
    taken = take_in(store, found.cars, settings.country, apart)
    for one in taken:
        maker.know(one.car)
    cars = {one.case.id: one.car for one in (*reversed(taken), *(one for one in taken if one.own))}
    cases = [rerun_outdated(store, maker, case, cars[case.id], again) for case in telling.expect(taken)]
    gone = mark_missing(store)
    telling.expect_more(gone)
    with output.progress_bar() as bar:
        telling.tick = partial(bar.advance, bar.add_task("adverts", total=len(telling.waiting)))
        telling.done |= {case.id for case in (*cases, *gone) if case.state not in AT_WORK}
        telling.go_on(store)
        work_through(store, maker, [case.id for case in cases], partial(telling.watch, store))
        telling.done |= {*telling.waiting}
        telling.go_on(store)
        telling.tell_contested(store)


def prepare(out: Path) -> None:
    """See before the work that adverts can be written, and to no site. Raises UsageError, OutputError."""
    if is_site(out):
        raise UsageError(f"{out}: adverts are published there, and anybody reads it; choose another folder")
    try:
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=out):
            pass
    except (FileExistsError, NotADirectoryError):
        raise UsageError(f"{out}: is a file, or below one; choose another output folder") from None
    except OSError as error:
        raise OutputError(
            f"{out}: cannot be written to ({error.strerror}); choose another output folder"
        ) from None


def is_site(folder: Path) -> bool:
    """Whether a folder is one that adverts were published to: of its cars nothing but that is there.

    One car of which more is there tells that it is none, whatever a process that was killed left of others.
    """
    if not folder.is_dir() or any((folder / name).exists() for name in (FILE, ORIGINALS)):
        return False
    published = False
    for path in folder.iterdir():
        if (path / DECISION).exists():
            return False
        published = published or (path / LISTING).is_file()
    return published


def index_or_error(out: Path, language: str) -> Path | KilpiError:
    """The index over all cars, or why it could not be written: the cars' own records stand."""
    try:
        return write_index(out, language)
    except Exception as error:
        told = as_kilpi_error(error, str(out))
        output.complain(str(told))
        return told


def exit_code(rows: Sequence[Record], index: Path | KilpiError) -> int:
    """0, or that of the index's error, of a car that could not be made, or of a photo: the gravest one."""
    if isinstance(index, KilpiError):
        return index.exit_code
    kinds = {problem.kind for row in rows for problem in row.problems} - {NotUsed.__name__}
    if OutputError.__name__ in kinds:
        return OutputError.exit_code
    if Unexpected.__name__ in kinds:
        return Unexpected.exit_code
    return PhotoError.exit_code if kinds else 0


def cars_table(rows: Sequence[Record], words: Wording) -> Table:
    """All cars of a run."""
    table = Table("car", "plate", "state", "why", "vehicle", "pictures")
    for row in rows:
        why = why_so(words, (*row.reasons, *row.notes), row.missing)
        vehicle = row.title if row.register else "–"
        cells = [output.escape(text) for text in (row.reference, row.likely_mark or "–", why, vehicle)]
        state = f"[{COLOURS.get(row.state, 'white')}]{words.state(row.state)}[/]"
        table.add_row(cells[0], cells[1], state, cells[2], cells[3], str(row.pictures))
    return table
