"""kilpi advert, kilpi look-up: from photos to adverts, from a mark to a vehicle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from kilpi.adverts.folders import write_car, write_index
from kilpi.adverts.offers import StockList, load_offer, read_stock_list
from kilpi.adverts.wording import load_wording
from kilpi.cli import output
from kilpi.cli.photos import Json, Ocr, make_kilpi
from kilpi.config import load_settings
from kilpi.errors import KilpiError, PhotoError
from kilpi.intake import CarPhotos, find_cars
from kilpi.pipeline import Kilpi
from kilpi.registers import open_register
from kilpi.types import Car, Mark, Offer, Problem, Verdict
from kilpi.wire import car_to_json

COLOURS = {Verdict.ACCEPTED: "green", Verdict.REVIEW: "yellow", Verdict.NO_PLATE: "red"}


@dataclass(frozen=True, slots=True)
class Written:
    """One car and the folder of its advert."""

    car: Car
    folder: Path


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    app.command()(advert)


def advert(
    photos: Annotated[
        list[str], typer.Argument(metavar="PHOTO|DIR|-", help="Photos of one car, or folders.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the adverts.")] = Path("out"),
    register: Annotated[str, typer.Option(help="CSV or JSON file, or a register's name.")] = "",
    offers: Annotated[Path | None, typer.Option(help="The dealer's stock list (CSV).")] = None,
    language: Annotated[str, typer.Option(help="fi, sv or en.")] = "",
    per_car: Annotated[str | None, typer.Option(metavar="REGEX", help="Group a flat folder by name.")] = None,
    ocr: Ocr = False,
    json: Json = False,
) -> None:
    """Photos of cars, a folder each -> adverts with pictures, and an index over all cars."""
    settings = load_settings()
    language = language or settings.language
    load_wording(language)  # an unknown language is said before the work, not after it
    known = register or settings.default_register
    kilpi = make_kilpi(ocr, open_register(known, settings) if known else None, language)
    stock = read_stock_list(offers) if offers else StockList()
    show_problems(stock.problems)
    cars = find_cars(map(Path, output.named_paths(photos)), per_car)
    written = []
    with output.progress_bar() as bar:
        tick = partial(bar.advance, bar.add_task("adverts", total=len(cars)))
        for done in make_adverts(kilpi, cars, stock, out, tick):
            show_problems(done.car.problems)
            if output.wants_json(json):
                output.print_json(car_to_json(done.car, str(done.folder)))
            written.append(summary(done, language))
    index = write_index(out, language)
    if not output.wants_json(json):
        output.console.print(cars_table(written))
        output.console.print(f"{output.escape(str(index))}")
    if any(row.troubled for row in written):
        raise typer.Exit(PhotoError.exit_code)


def make_adverts(
    kilpi: Kilpi, cars: list[CarPhotos], stock: StockList, out: Path, tick: Callable[[], object]
) -> Iterator[Written]:
    """Car by car: photos in, folder out; only one car is in memory at a time."""
    for photos in cars:
        problems: list[Problem] = []
        offer = partial(offer_of, photos, stock, problems)
        car = kilpi.advert(*photos.photos, reference=photos.reference, offer=offer)
        car = replace(car, problems=(*car.problems, *problems))
        yield Written(car, write_car(car, out, kilpi.language))
        tick()


def offer_of(car: CarPhotos, stock: StockList, problems: list[Problem], mark: Mark | None) -> Offer:
    """What the dealer says of a car. A car.toml that cannot be understood is noted; the advert is a draft."""
    try:
        return load_offer(car.photos[0].parent, stock, mark) if car.car_file else no_file(car, stock, mark)
    except KilpiError as error:
        problems.append(Problem(str(car.car_file), error))
        return Offer(reference=car.reference)


def no_file(car: CarPhotos, stock: StockList, mark: Mark | None) -> Offer:
    """The stock list's row by reference or accepted mark, else nothing."""
    return stock.find(car.reference, mark) or Offer(reference=car.reference)


def show_problems(problems: tuple[Problem, ...]) -> None:
    """One line each; the error's own words name the file."""
    for problem in problems:
        output.stderr.print(f"[yellow]problem:[/] {output.escape(str(problem.error))}", soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Summary:
    """One row of the table; the pictures themselves are not kept."""

    reference: str
    plate: str
    verdict: Verdict
    why: str
    vehicle: str
    pictures: int
    troubled: bool


def summary(done: Written, language: str) -> Summary:
    """What a person wants to see of one car."""
    car = done.car
    say = load_wording(language).reason
    draft = "; ".join(car.listing.missing) if car.listing and car.decision.verdict is Verdict.ACCEPTED else ""
    return Summary(
        reference=car.reference,
        plate=car.decision.mark.text if car.decision.mark else "–",
        verdict=car.decision.verdict,
        why=" ".join([*(say(reason) for reason in car.decision.reasons), draft]).strip(),
        vehicle=car.listing.title if car.listing and car.vehicle else "–",
        pictures=len(car.pictures),
        troubled=bool(car.problems),
    )


def cars_table(rows: list[Summary]) -> Table:
    """All cars of a run."""
    table = Table("car", "plate", "verdict", "why", "vehicle", "pictures")
    for row in rows:
        verdict = f"[{COLOURS[row.verdict]}]{row.verdict.value}[/]"
        cells = [output.escape(text) for text in (row.reference, row.plate, row.why, row.vehicle)]
        table.add_row(cells[0], cells[1], verdict, cells[2], cells[3], str(row.pictures))
    return table
