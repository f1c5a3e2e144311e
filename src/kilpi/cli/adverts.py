"""kilpi advert: from photos to adverts, a folder a car."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

import kilpi
from kilpi.adverts.dealer_stock import StockList, load_offer, read_stock_list
from kilpi.adverts.folders import current, folder_name, inputs_digest, write_car, write_index
from kilpi.adverts.records import DECISION
from kilpi.adverts.wording import Wording, load_wording
from kilpi.cli import output
from kilpi.cli.options import Home, Json, Ocr, Paths, Register, countries
from kilpi.cli.photos import make_kilpi
from kilpi.config import load_settings
from kilpi.errors import KilpiError, PhotoError
from kilpi.images import native, open_photo
from kilpi.photos.intake import CarPhotos, find_cars
from kilpi.pipeline import Kilpi
from kilpi.publishing.entries import read_dealer
from kilpi.registers import open_register
from kilpi.schemas import read_record, record_to_json
from kilpi.types import Mark, Offer, Problem, Record
from kilpi.weights import weights_folder

COLOURS = {"ready": "green", "draft": "cyan", "review": "yellow", "no_plate": "red"}


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    app.command()(advert)


def advert(
    photos: Paths,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the adverts.")] = Path("out"),
    register: Register = "",
    offers: Annotated[Path | None, typer.Option(help="The dealer's stock list (CSV).")] = None,
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
    networks = inputs_digest(sorted(weights_folder().glob("*.onnx")))
    files = [digest_of(known), digest_of(offers), digest_of(image)]
    run.depends = [kilpi.__version__, language, profile, str(ocr), str(homes), networks, *files]
    cars = find_cars(map(Path, output.named_paths(photos)), per_car)
    rows = []
    with output.progress_bar() as bar:
        tick = partial(bar.advance, bar.add_task("adverts", total=len(cars)))
        for done in run.adverts(cars, tick):
            for problem in done.problems:
                output.warn(problem.message)
            if output.wants_json(json):
                output.print_json(record_to_json(done, str(out / folder_name(done.reference))))
            rows.append(done)
    index = write_index(out, language)
    if not output.wants_json(json):
        output.console.print(cars_table(rows, load_wording(language)))
        output.console.print(output.escape(str(index)))
    if any(row.problems for row in rows):
        raise typer.Exit(PhotoError.exit_code)


@dataclass
class Run:
    """What all cars of one run share. `depends` is all, beside its files, that an advert is made from."""

    line: Kilpi
    out: Path
    stock: StockList
    again: bool
    depends: Sequence[str] = ()

    def adverts(self, cars: Sequence[CarPhotos], tick: Callable[[], object]) -> Iterator[Record]:
        """Car by car, photos in, folder out; of an unchanged car the folder stays as it is."""
        for car in cars:
            files = [*car.photos, *([car.car_file] if car.car_file else [])]
            inputs = inputs_digest(files, *self.depends)
            done = None if self.again else current(self.out, car.reference, inputs)
            yield done or self.make(car, inputs)
            tick()

    def make(self, photos: CarPhotos, inputs: str) -> Record:
        """One car, whatever was there before."""
        problems: list[Problem] = []
        offer = partial(offer_of, photos, self.stock, problems)
        car = self.line.advert(*photos.photos, reference=photos.reference, offer=offer)
        car = replace(car, problems=(*car.problems, *problems))
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
    """What the dealer says of a car. A car.toml that cannot be understood is noted; the advert is a draft."""
    try:
        if car.car_file:
            return load_offer(car.car_file.parent, stock, mark)
    except KilpiError as error:
        problems.append(Problem(str(car.car_file), error))
    return stock.find(car.reference, mark) or Offer(reference=car.reference)


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
