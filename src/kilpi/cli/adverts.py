"""kilpi advert: from photos to adverts, a folder a car."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated

import typer
from rich.table import Table

import kilpi
from kilpi.adverts.dealer_stock import StockList, load_offer, notes_in, read_stock_list
from kilpi.adverts.folders import current, folder_name, inputs_digest, write_car, write_index
from kilpi.adverts.public_advert import public_id
from kilpi.adverts.records import DECISION, record
from kilpi.adverts.wording import Wording, load_wording
from kilpi.cli import output
from kilpi.cli.options import Home, Json, Ocr, Paths, Register, countries
from kilpi.cli.photos import make_kilpi
from kilpi.config import load_settings
from kilpi.errors import KilpiError, NotUsed, OutputError, PhotoError, Unexpected, UsageError, as_kilpi_error
from kilpi.files import photos_in
from kilpi.images import native, open_photo
from kilpi.photos.intake import BESIDE, CarPhotos, survey
from kilpi.pipeline import Kilpi
from kilpi.publishing.entries import read_dealer
from kilpi.registers import open_register
from kilpi.schemas import read_record, record_to_json
from kilpi.text import shown
from kilpi.types import Car, Decision, Mark, Offer, Problem, Reason, Record, Verdict
from kilpi.weights import network_files

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
    dealer: Annotated[Path | None, typer.Option(help="dealer.toml; of it, `cover` is used here.")] = None,
    cover: Annotated[Path | None, typer.Option(help="Image to lay over plates instead of grey.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Also cars of which nothing changed.")] = False,
    ocr: Ocr = False,
    json: Json = False,
) -> None:
    """Photos of cars, a folder each -> adverts with pictures, and an index over all cars."""
    settings = load_settings()
    language = language or settings.language
    load_wording(language)  # an unknown language is said before the work, not after it
    homes = countries(home or settings.home)
    known = register or settings.default_register
    asked = open_register(known, settings, warn=output.warn) if known else None
    image = cover or cover_of(dealer)
    pixels = native(open_photo(image)).pixels if image else None
    line = make_kilpi(ocr, asked, language, profile, homes, pixels)
    run = Run(line, out, stock_list(offers), again)
    networks = inputs_digest(network_files())
    files = [digest_of(known), digest_of(offers), digest_of(image)]
    run.depends = [kilpi.__version__, language, profile, str(ocr), str(homes), networks, *files]
    found = survey(map(Path, output.named_paths(photos)), per_car, skip=[out])
    prepare(out)
    output.tell_left_out(found.left_out, found.clutter, load_wording(language))
    rows: list[Record] = []
    try:
        with output.progress_bar() as bar:
            tick = partial(bar.advance, bar.add_task("adverts", total=len(found.cars)))
            for done in run.adverts(found.cars, tick):
                tell(done, out, load_wording(language), output.wants_json(json), run.stock_words)
                rows.append(done)
    finally:
        index = index_or_error(out, language)
    if not output.wants_json(json):
        output.console.print(cars_table(rows, load_wording(language)))
        output.console.print(output.escape(str(index)))
    code = exit_code(rows, index)
    if code:
        raise typer.Exit(code)


def prepare(out: Path) -> None:
    """See before the work that adverts can be written. Raises UsageError, or OutputError."""
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


def tell(done: Record, out: Path, words: Wording, as_json: bool, said: Collection[str]) -> None:
    """What became of one car, as soon as it is done, but for messages that were `said` before."""
    for problem in done.problems:
        if problem.message not in said:
            output.warn(problem.message)
    output.tell_left_out([one for one in done.left_out if one.reason.code in BESIDE], 0, words)
    if as_json:
        output.print_json(record_to_json(done, str(out / folder_name(done.reference))))


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


@dataclass
class Run:
    """What all cars of one run share. `depends` is all, beside its files, that an advert is made from."""

    line: Kilpi
    out: Path
    stock: StockList
    again: bool
    depends: Sequence[str] = ()

    @property
    def stock_words(self) -> set[str]:
        """What was said of the stock list when it was read, and need not be said again for a car."""
        return {str(problem.error) for problem in self.stock.problems}

    def adverts(self, cars: Sequence[CarPhotos], tick: Callable[[], object]) -> Iterator[Record]:
        """Car by car, photos in, folder out; of an unchanged car the folder stays as it is."""
        for car in cars:
            yield self.one(car)
            tick()

    def one(self, car: CarPhotos) -> Record:
        """One car. Whatever goes wrong is its own: the others go on."""
        try:
            files = [*car.photos, *([car.car_file] if car.car_file else []), *notes_of(car)]
            beside = [f"{one.path} {one.reason.code}" for one in car.left_out]
            inputs = inputs_digest(files, *self.depends, *beside)
            done = None if self.again else current(self.out, car.reference, inputs)
            return done or self.make(car, inputs)
        except Exception as error:
            return self.failed(car, as_kilpi_error(error, car.reference))

    def failed(self, photos: CarPhotos, error: KilpiError) -> Record:
        """The record of a car that could not be made; it is asked for again by every later run.

        Where the disk is at fault nothing is written, so that the last whole advert stays.
        """
        decision = Decision(Verdict.REVIEW, None, None, (Reason("failed"),))
        names = tuple(shown(str(path)) for path in photos.photos)
        problem = Problem(photos.reference, error)
        car = Car(photos.reference, names, decision, problems=(problem,), left_out=photos.left_out)
        try:
            if not isinstance(error, OutputError | UsageError):
                write_car(car, self.out, self.line.language)
        except Exception as second:
            car = replace(
                car, problems=(problem, Problem(photos.reference, as_kilpi_error(second, "its record")))
            )
        return record(car, public_id(car), None, {})

    def make(self, photos: CarPhotos, inputs: str) -> Record:
        """One car, whatever was there before."""
        problems: list[Problem] = []
        offer = partial(offer_of, photos, self.stock, problems)
        car = self.line.advert(*photos.photos, reference=photos.reference, offer=offer)
        car = replace(
            car,
            problems=(*car.problems, *problems),
            left_out=(*car.left_out, *photos.left_out),
            notes=(*car.notes, *photos.notes),
        )
        folder = write_car(car, self.out, self.line.language, inputs)
        written = read_record(folder / DECISION)
        if written is None:
            raise KilpiError(f"{folder}: was not written whole; run the command again")
        return written


def cover_of(dealer: Path | None) -> Path | None:
    """The cover image that a dealer's file names, where there is one."""
    named = read_dealer(dealer).cover if dealer else None
    return dealer.parent / named if dealer and named else None


def digest_of(name: str | Path | None) -> str:
    """What a file, a register's name or nothing adds to an advert's inputs."""
    path = Path(name) if name else None
    return inputs_digest([path] if path and path.is_file() else [], str(name or ""))


def stock_list(path: Path | None) -> StockList:
    """The dealer's stock list, bad rows said; empty without a file."""
    stock = read_stock_list(path) if path else StockList()
    for problem in stock.problems:
        output.warn(str(problem.error))
    return stock


def offer_of(car: CarPhotos, stock: StockList, problems: list[Problem], mark: Mark | None) -> Offer:
    """What the dealer says of a car; what of it could not be used is noted for the car's record."""
    offer, said = load_offer(car.reference, car.car_file, stock, notes_of(car), mark)
    problems += said
    return offer


def notes_of(car: CarPhotos) -> list[Path]:
    """The text files beside a car's photos, where the folder holds this one car and nothing else."""
    folders = {photo.parent for photo in car.photos}
    folder = folders.pop() if len(folders) == 1 else None
    return notes_in(folder) if folder and set(photos_in(folder)) <= set(car.photos) else []


def cars_table(rows: Sequence[Record], words: Wording) -> Table:
    """All cars of a run."""
    table = Table("car", "plate", "verdict", "why", "vehicle", "pictures")
    for row in rows:
        why = " ".join([*map(words.reason, (*row.reasons, *row.notes)), *row.missing])
        vehicle = row.title if row.register else "–"
        cells = [output.escape(text) for text in (row.reference, row.mark or "–", why, vehicle)]
        state = f"[{COLOURS.get(row.state, 'white')}]{row.state.replace('_', ' ')}[/]"
        table.add_row(cells[0], cells[1], state, cells[2], cells[3], str(row.pictures))
    return table
