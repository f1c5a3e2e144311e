"""kilpi cars, undo, history, sold, withdraw, erase, db: what is remembered of each car."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from kilpi import cases
from kilpi.adverts.pages import SUPPORT
from kilpi.adverts.wording import load_wording
from kilpi.cases import Case, Desk, State, Wanted
from kilpi.cases.case import AT_WORK
from kilpi.cases.telling.history_text import details_of, said_of, who_of
from kilpi.cli import output
from kilpi.cli.advert_run import Asked, last_run, work_through
from kilpi.cli.adverts import index_or_error
from kilpi.cli.options import DataFolder, Json, who
from kilpi.cli.telling import tell_files, why_so
from kilpi.config import load_settings
from kilpi.errors import CaseError, CaseMissing, KilpiError, StoreError, UsageError
from kilpi.schemas import read_record
from kilpi.store import Store, open_store
from kilpi.store.store import FILE

CarName = Annotated[str, typer.Argument(metavar="CAR", help="A car as `kilpi cars` names it, or its folder.")]


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    for verb in (cars, undo, history, sold, withdraw, erase, db):
        app.command()(verb)


@contextmanager
def opened(out: Path) -> Iterator[Store]:
    """The cases of a folder. Raises StoreError where none were ever kept there."""
    settings = load_settings()
    if not settings.database_url.get_secret_value() and not (out / FILE).is_file():
        raise StoreError(
            f"{out}: holds no cases; name the output folder of `kilpi advert`, or that of `kilpi serve`"
            " once it was started there, with -o (or --data)"
        )
    store = open_store(out, settings)
    try:
        yield store
    finally:
        store.close()


def cars(
    out: DataFolder = Path("out"),
    state: Annotated[str, typer.Option(help="Only these: review, draft, ready ...; commas between.")] = "",
    search: Annotated[str, typer.Option(help="Beginnings of words: mark, car, make.")] = "",
    json: Json = False,
) -> None:
    """All cars, the newest first: where each stands, and why."""
    wanted = Wanted(states=states_of(state), search=search)
    with opened(out) as store:
        found = list(cases.every(store, wanted))
    if output.wants_json(json):
        for case in found:
            output.print_json(case_to_json(case))
        return
    words = load_wording(Asked.language_of(out))
    table = Table("car", "plate", "state", "why", "vehicle")
    for case in found:
        against = [why for why in case.reasons if why.code not in SUPPORT]
        why = why_so(words, against, case.missing)
        mark = case.likely_mark.text if case.likely_mark else "–"
        state = words.state(case.state)
        table.add_row(*map(output.escape, (case.address, mark, state, why, case.title or "–")))
    output.console.print(table)


def states_of(names: str) -> tuple[State, ...]:
    """The states in "review,draft". Raises UsageError."""
    try:
        return tuple(State(name.strip().lower()) for name in names.split(",") if name.strip())
    except ValueError:
        raise UsageError(f"--state: is one of {', '.join(State)}") from None


def undo(car: CarName, out: DataFolder = Path("out"), json: Json = False) -> None:
    """Take back the last answer, sale or withdrawal.

    The question comes back.
    """
    change(car, out, json, lambda store, case: Desk(store, out).undo(case.id, by=who()))


def sold(car: CarName, out: DataFolder = Path("out"), json: Json = False) -> None:
    """The car is sold, and its advert goes.

    `kilpi publish` takes it down.
    """
    change(car, out, json, lambda store, case: Desk(store, out).sold(case.id, by=who()))


def withdraw(car: CarName, out: DataFolder = Path("out"), json: Json = False) -> None:
    """The car is not for sale, and its advert goes.

    `kilpi publish` takes it down.
    """
    change(car, out, json, lambda store, case: Desk(store, out).withdraw(case.id, by=who()))


def erase(
    car: CarName,
    out: DataFolder = Path("out"),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Remove all that is known of a car but that there was one.

    Photos in your own folders stay. It cannot be undone: a terminal asks first.
    """

    def erased(store: Store, case: Case) -> Case:
        if not (yes or json) and sys.stdin.isatty() and sys.stdout.isatty():
            told = f" ({case.title})" if case.title else ""
            typer.confirm(f"Erase {case.address}{told} for good?", abort=True)
        return Desk(store, out).erase(case.id, by=who())

    change(car, out, json, erased)


def change(car: str, out: Path, json: bool, verb: Callable[[Store, Case], Case]) -> None:
    """A verb on one car, and its folder made to fit."""
    settings = load_settings()
    with opened(out) as store:
        case = find_car(store, car, out)
        address = case.address
        try:
            case = verb(store, case)
        except CaseError as error:  # the person knows the car by its folder, not by its id
            raise type(error)(str(error).replace(f"case {case.id}", f"car {address}")) from None
        words = load_wording(Asked.language_of(out))
        if case.state in AT_WORK:
            maker = last_run(out, settings, store)
            if maker is None:
                output.warn(f"{out}: {who_makes(store, case)}")
            else:
                work_through(store, maker, [case.id], maker.settle)
                case = cases.read_case(store, case.id)
                record = maker.settle(case)
                if record is not None:
                    tell_files(record, words)
        index = index_or_error(out, words.language)
    show_case(case, address, out, words.language, json)
    if isinstance(index, KilpiError):
        raise typer.Exit(index.exit_code)


def who_makes(store: Store, case: Case) -> str:
    """What makes a car's advert where no `kilpi advert` ran: photos that were sent are the server's work."""
    if any(photo.path is None for photo in cases.photos(store, case.id)):
        return "`kilpi serve` makes the advert now; start it where none runs"
    return "run `kilpi advert` to make the advert"


def find_car(store: Store, name: str, out: Path) -> Case:
    """A case by its id, address or reference, or by its folder's path. Raises CaseMissing."""
    try:
        return cases.find_one(store, name.rstrip("/").rpartition("/")[2] if "/" in name else name)
    except CaseMissing:  # the name itself may be a mark
        told = f"{out}: has no car of that name; `kilpi cars -o {out}` lists them, -o names another folder"
        raise CaseMissing(told) from None


def show_case(case: Case, address: str, out: Path, language: str, json: bool) -> None:
    """How a car stands after a verb."""
    words = load_wording(language)
    why = why_so(words, case.reasons, case.missing)
    where = out / address
    price = "" if case.price is None else words.money(case.price, case.currency)
    text = "  ".join(part for part in (f"{address}: {words.state(case.state)}", price, why) if part)
    folder = str(where) if read_record(where / "decision.json") else None
    value = {**case_to_json(case), "car": address, "folder": folder}
    output.tell(value, f"{text}\n{folder}" if folder else text, json)


def history(car: CarName, out: DataFolder = Path("out"), json: Json = False) -> None:
    """All that happened to a car: when, what, by whom."""
    with opened(out) as store:
        events = cases.history(store, find_car(store, car, out).id)
    if output.wants_json(json):
        for event in events:
            output.print_json({"seq": event.seq, "at": event.at.isoformat(), "by": event.by,
                               "kind": event.kind, "data": dict(event.data)})  # fmt: skip
        return
    language = Asked.language_of(out)
    words, tables = load_wording(language), output.page_words(language)
    table = Table("", "when", "what", "by", "")
    for event in events:
        at = event.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        told = said_of(tables, event), who_of(event), details_of(tables, words, event)
        table.add_row(*map(output.escape, (str(event.seq), at, *told)))
    output.console.print(table)


def db(out: DataFolder = Path("out"), json: Json = False) -> None:
    """Bring the database of cases up to date.

    Every command that uses it does so too.
    """
    with opened(out) as store:
        store.upgrade()
    output.tell({"database": "up to date"}, "the database is up to date", json)


def case_to_json(case: Case) -> dict[str, object]:
    """One case, as the verbs print it when piped; it holds the mark."""
    return {
        "car": case.address,
        "id": case.id,
        "reference": case.reference,
        "state": case.state,
        "mark": case.mark.text if case.mark else None,
        "country": case.mark.country if case.mark else None,
        "p": case.p,
        "title": case.title,
        "reasons": [{"code": why.code, **why.values} for why in case.reasons],
        "missing": list(case.missing),
        "received": case.received.isoformat(),
        "changed": case.changed.isoformat(),
    }
