"""kilpi answer, set: what a person says of a car."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from kilpi import cases
from kilpi.cases import Answer, Case, SaidCorners, SaidMark, SaidNoPlate, SaidNotThese, SaidVin
from kilpi.cli.advert_run import Asked
from kilpi.cli.cases import CarName, change
from kilpi.cli.options import DataFolder, Json, countries, country_code, facts_of, who
from kilpi.config import load_settings
from kilpi.errors import UsageError
from kilpi.grammar import load_grammars
from kilpi.store import Store
from kilpi.types import Point, Quad

Corners = Annotated[
    list[str] | None,
    typer.Option("--corners", metavar="PHOTO=x,y,...", help="Where the plate is; may be repeated."),
]


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    app.command()(answer)
    app.command("set")(set_facts)


def answer(
    car: CarName,
    said: Annotated[
        list[str] | None, typer.Argument(metavar="MARK", help="The mark; with --not-these photos' names.")
    ] = None,
    country: Annotated[
        str, typer.Option(metavar="FI", help="Of the mark; default: as read, at home, or KILPI_COUNTRY.")
    ] = "",
    vin: Annotated[str, typer.Option(help="The chassis number, where there is no plate.")] = "",
    no_plate: Annotated[bool, typer.Option("--no-plate", help="There is no plate of this car.")] = False,
    not_these: Annotated[bool, typer.Option("--not-these", help="These photos are of another car.")] = False,
    corners: Corners = None,
    sure: Annotated[bool, typer.Option("--sure", help="Also where something speaks against it.")] = False,
    out: DataFolder = Path("out"),
    json: Json = False,
) -> None:
    """Say which car it is; its advert is made with that at once."""
    words = said or []
    told, code = [bool(words), bool(vin), no_plate].count(True), country_code(country)
    if told > 1 or not (told or corners) or (not_these and not words):
        raise UsageError("answer: give a MARK, or --vin VIN, or --no-plate, or --not-these PHOTO ...")

    def answered(store: Store, case: Case) -> Case:
        given: list[Answer] = [corners_said(store, case, text) for text in corners or ()]
        if not_these:
            given.append(SaidNotThese(photos_named(store, case, words)))
        elif vin:
            given.append(SaidVin(vin))
        elif told:
            text = " ".join(words)
            given.append(SaidNoPlate() if no_plate else mark_said(case, text, code, out))
        return cases.answer(store, case.id, *given, by=who(), staff=True, sure=sure)

    change(car, out, json, answered)


def corners_said(store: Store, case: Case, text: str) -> SaidCorners:
    """ "2.jpg=100,200 300,210 298,260 99,250" -> the corners of its plate. Raises UsageError."""
    name, _, places = text.rpartition("=")
    numbers = [float(part) for part in re.findall(r"-?[0-9]+(?:\.[0-9]+)?", places)]
    if not name or len(numbers) != 8:
        raise UsageError("--corners: PHOTO=x,y x,y x,y x,y, clockwise from the first character")
    points = [Point(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
    found = photos_named(store, case, [name])
    if len(found) > 1:
        raise UsageError(f"--corners: {Path(name).name} is {len(found)} photos; give its sha256")
    return SaidCorners(found[0], Quad(*points))


def mark_said(case: Case, text: str, country: str, out: Path) -> SaidMark:
    """The mark in its country's spelling; without a country that of the same mark as it was read, else where
    the cars of the last run into `out` are at home.
    """
    grammars = load_grammars()
    read = case.mark
    if not country and read is not None and grammars.mark(text).compact == read.compact:
        country = read.country or ""
    country = country or home_of(text, out)
    return SaidMark(grammars.mark(text, country).text, country)


def home_of(text: str, out: Path) -> str:
    """Of the home countries the first that has such marks, else the first; else the settings' country."""
    asked, settings = Asked.load(out), load_settings()
    homes = countries(asked.home if asked else settings.home)
    fitting = (home for home in homes if load_grammars().parse(text, home))
    return next(fitting, homes[0] if homes else settings.country)


def photos_named(store: Store, case: Case, names: Sequence[str]) -> tuple[str, ...]:
    """The sha256 of a case's photos by their names. Raises UsageError."""
    known = cases.photos(store, case.id)
    chosen = []
    for name in names:
        mine = [photo.sha256 for photo in known if Path(name).name == photo.name or name == photo.sha256]
        if not mine:
            raise UsageError(f"answer: {Path(name).name} is no photo of car {case.address}")
        chosen += mine
    return tuple(chosen)


def set_facts(
    car: CarName,
    facts: Annotated[
        list[str],
        typer.Argument(metavar="KEY=VALUE", help="One or several: price, km, make, model, year."),
    ],
    out: DataFolder = Path("out"),
    json: Json = False,
) -> None:
    """Price and mileage, over what the dealer's files say.

    Also make, model and year, where no register knows them.
    """
    said = facts_of(facts)
    change(car, out, json, lambda store, case: cases.answer(store, case.id, said, by=who(), staff=True))
