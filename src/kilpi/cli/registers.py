"""kilpi look-up: one mark or VIN, asked of the registers."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from kilpi.cli import output
from kilpi.cli.options import Json, Register, country_code
from kilpi.config import load_settings
from kilpi.errors import NotRegistered, UsageError
from kilpi.files import write_whole
from kilpi.grammar import load_grammars
from kilpi.vehicle.lookup import Explained, explain, explain_vin
from kilpi.vehicle.open_data import count_cars, table_of

registers = typer.Typer(help="What registers' open data say.", no_args_is_help=True)


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    app.command("look-up")(look_up)
    app.add_typer(registers, name="registers")


def look_up(
    mark: Annotated[
        str, typer.Argument(metavar="MARK", help="A registration mark, or - for standard input.")
    ] = "",
    vin: Annotated[
        str, typer.Option(metavar="VIN", help="A chassis number instead, or - for standard input.")
    ] = "",
    country: Annotated[str, typer.Option(metavar="FI", help="Of the mark; default: KILPI_COUNTRY.")] = "",
    register: Register = "",
    tell: Annotated[
        bool, typer.Option("--explain", help="Who was asked, and where each value is from.")
    ] = False,
    json: Json = False,
) -> None:
    """A vehicle's data by its mark or its VIN."""
    settings, code = load_settings(), country_code(country)
    known = register or settings.default_register
    if not known:
        raise UsageError("no register is set; give --register FILE, or set KILPI_REGISTER")
    if bool(mark) == bool(vin):
        raise UsageError("look-up: give a mark, or --vin VIN")
    text = input() if "-" in (mark, vin) else mark or vin
    if vin:
        explained = explain_vin(text, known, settings, output.warn)
    else:
        asked = load_grammars().mark(text, code or settings.country)
        explained = explain(asked, known, settings, output.warn)
    if output.wants_json(json):
        output.print_json(explained_to_json(explained, tell))
    else:
        show_explained(explained, tell)
    if isinstance(explained.error, NotRegistered) and mark and not country:
        output.warn(f"it was asked for as a mark of {settings.country}; --country says another")
    if explained.error:
        raise explained.error


@registers.command("table")
def table(
    csv: Annotated[Path, typer.Argument(metavar="CSV", help="Traficom's open file of vehicles.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The table, for KILPI_SHARES.")] = Path(
        "shares.toml"
    ),
    json: Json = False,
) -> None:
    """How frequent makes, colours and years are.

    Counted from Traficom's open file.
    """
    counts = count_cars(csv)
    write_whole(out, table_of(counts, csv.name).encode())
    told = {"cars": counts.cars, "makes": len(counts.makes), "table": str(out)}
    if output.wants_json(json):
        output.print_json(told)
    else:
        output.console.print(
            f"{counts.cars} cars and vans, {len(counts.makes)} makes -> {output.escape(str(out))}"
        )
        output.console.print("Use it: export KILPI_SHARES=" + output.escape(str(out.resolve())))


def explained_to_json(explained: Explained, tell: bool) -> dict[str, object]:
    """The fields that have a value, and with `tell` the way to them."""
    error = explained.error
    found: dict[str, object] = {
        "mark": explained.mark.text if explained.mark else None,
        "country": explained.mark.country if explained.mark else None,
        "source": explained.vehicle.source if explained.vehicle else None,
        "vehicle": {f.name: plain(f.value) for f in explained.fields if f.value not in (None, ())},
        "error": {"kind": error.kind, "message": str(error)} if error else None,
    }
    if tell:
        found["steps"] = [asdict(step) for step in explained.steps]
        found["from"] = {
            f.name: {"path": f.source_path, "value": plain(f.source_value)} for f in explained.fields
        }
    return found


def words(value: object) -> str:
    """For a table: a list as its items with commas, nothing as nothing."""
    told = plain(value)
    return ", ".join(map(str, told)) if isinstance(told, list) else "" if told is None else str(told)


def plain(value: object) -> object:
    """For JSON: dates and the like as text."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return [plain(part) for part in value] if isinstance(value, (list, tuple)) else str(value)


def show_explained(explained: Explained, tell: bool) -> None:
    """The vehicle as a table; with `tell` also the registers that were asked and each value's origin."""
    if tell:
        for step in explained.steps:
            kept = " (kept answer)" if step.kept else ""
            told = output.escape(f"{step.register}: {step.outcome}{kept}, {step.ms:.0f} ms")
            output.console.print(f"[dim]{told}[/]")
    if not explained.vehicle:
        return
    title = output.escape(f"source: {explained.vehicle.source}")
    table = Table("field", "value", *(["from", "as"] if tell else []), title=title)
    for field in explained.fields:
        origin = [str(field.source_path or ""), words(field.source_value)] if tell else []
        table.add_row(*(output.escape(cell) for cell in (field.name, words(field.value), *origin)))
    output.console.print(table)
