"""kilpi audit: how often accepted cars are wrong, from a random few that a person is asked for blindly."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from kilpi import cases
from kilpi.cases import Figures, SaidMark, SaidNoPlate
from kilpi.cases.learning.drifting import traits_of_cars
from kilpi.cli import output
from kilpi.cli.advert_run import audit_plan
from kilpi.cli.cases import opened
from kilpi.cli.options import DataFolder, Json, country_code, who
from kilpi.config import load_settings
from kilpi.errors import UsageError
from kilpi.evaluation.drift import FEWEST, RATE, drifts
from kilpi.grammar import load_grammars
from kilpi.text import counted


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    audit = typer.Typer(help="How often accepted cars are wrong, by a blind sample.")
    audit.command("figures")(figures)
    audit.command("next")(next_one)
    audit.command("answer")(answer)
    audit.command("resume")(resume)
    app.add_typer(audit, name="audit", no_args_is_help=True)
    app.command()(drift)


def figures(
    data: DataFolder = Path("out"),
    dealer: Annotated[str | None, typer.Option(help="Only this dealer's cars.")] = None,
    json: Json = False,
) -> None:
    """The bound on wrong ones among the accepted.

    And what is missing for the promise.
    """
    with opened(data) as store:
        found = cases.figures(store, audit_plan(), dealer)
    output.tell({**asdict(found), **times(found)}, told(found), json)


def times(found: Figures) -> dict[str, str | None]:
    """The moments as JSON has them."""
    values = {"stopped": found.stopped, "resumed": found.resumed}
    return {name: at.isoformat() if at else None for name, at in values.items()}


def told(found: Figures) -> str:
    """For a person."""
    promise = f"1 in {round(1 / found.promise):,}"
    lines = [
        f"{counted(found.accepted, 'car')} accepted without a person, {found.sampled:,} asked for blindly,"
        f" {found.answered:,} answered: {found.wrong} wrong, {found.disputed} to be looked at again"
        + (f", {found.unclear} cannot be told" if found.unclear else ""),
        f"wrong at most {found.upper:.3%} (one-sided 95 %), promised {promise}"
        if found.answered
        else f"nothing answered yet, so nothing is known; promised {promise}",
    ]
    if found.missing:
        lines.append(f"{found.missing:,} more without an error would show the promise")
    if found.lower:
        lines.append(f"wrong at least {found.lower:.3%} (holds however often it is looked at)")
    if found.powered:
        lines.append(f"with the help of p: at most {found.powered.upper:.3%}")
    if found.stopped:
        lines.append(
            f"STOPPED since {found.stopped:%Y-%m-%d}: the promise is broken, every car goes to a person."
            " When the cause is mended: kilpi audit resume --why TEXT"
        )
    return "\n".join(lines)


def next_one(data: DataFolder = Path("out"), json: Json = False) -> None:
    """The next car to say the mark of, by its photos alone.

    The advert goes on meanwhile.
    """
    with opened(data) as store:
        found = cases.next_audit(store, who())
        places = [str(p.path or (store.originals.path(p.sha256) if store.originals else p.name))
                  for p in (found.photos if found else ())]  # fmt: skip
    if found is None:
        output.tell({"car": None}, "nothing to ask", json)
        return
    text = "\n".join([*places, f"next: kilpi audit answer {found.case_id} MARK"])
    output.tell({"car": found.case_id, "photos": places}, text, json)


def answer(
    car: Annotated[str, typer.Argument(metavar="CAR", help="As `kilpi audit next` names it.")],
    mark: Annotated[str, typer.Argument(metavar="MARK", help="As the photos show it.")] = "",
    country: Annotated[str, typer.Option(metavar="FI", help="Of the mark; default: KILPI_COUNTRY.")] = "",
    no_plate: Annotated[bool, typer.Option("--no-plate", help="There is no plate of this car.")] = False,
    unclear: Annotated[bool, typer.Option("--unclear", help="The photos do not tell.")] = False,
    data: DataFolder = Path("out"),
    json: Json = False,
) -> None:
    """Say which mark the photos show."""
    if [bool(mark), no_plate, unclear].count(True) != 1:
        raise UsageError("audit: give a MARK, or --no-plate, or --unclear")
    code = country_code(country) or load_settings().country
    said = SaidMark(load_grammars().mark(mark, code).text, code) if mark else None
    with opened(data) as store:
        given = SaidNoPlate() if no_plate else said
        cases.answer_audit(store, car, given, by=who(), plan=audit_plan())
    output.tell({"car": car}, "noted", json)  # not what it was: the next answer stays blind, too


def resume(
    why: Annotated[str, typer.Option(help="What was mended.")],
    data: DataFolder = Path("out"),
    json: Json = False,
) -> None:
    """Accept cars without a person again; the audit counts from now on."""
    with opened(data) as store:
        was = cases.resume(store, by=who(), why=why)
    words = "cars are accepted again" if was else "it was not stopped"
    output.tell({"was_stopped": was}, f"{words}; the audit counts from now on", json)


def drift(
    data: DataFolder = Path("out"),
    reference: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Compare with cars before this day; default: half."),
    ] = None,
    rate: Annotated[float, typer.Option(help="Of weeks that are as before, at most so many alarm.")] = RATE,
    json: Json = False,
) -> None:
    """Whether each dealer's weeks are like those before.

    In how sure Kilpi is, how sharp and large the photos are, whence they come, and why cars are asked about.
    """
    with opened(data) as store:
        cars = traits_of_cars(store)
    at = reference.astimezone() if reference else cars[len(cars) // 2].at if cars else None
    before = [car for car in cars if at and car.at < at]
    if len(before) < FEWEST:
        raise UsageError(
            f"drift: {counted(len(before), 'car')} to compare with; it takes {FEWEST}, see --reference"
        )
    for one in drifts([car for car in cars if at and car.at >= at], before, rate):
        value = {"dealer": one.dealer, "week": one.week.isoformat(), "cars": one.cars, "p": dict(one.p),
                 "means": dict(one.means), "alarms": one.alarms}  # fmt: skip
        words = f"ALARM: {', '.join(one.alarms)}" if one.alarms else "as before" if one.p else "too few cars"
        output.tell(value, f"{one.week} {one.dealer or 'all'}: {counted(one.cars, 'car')}, {words}", json)
