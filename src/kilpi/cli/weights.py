"""kilpi weights list, use, add, refit: which networks the cars of a data folder are read with."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from kilpi.cli import output
from kilpi.cli.advert_run import audit_plan
from kilpi.cli.cases import opened
from kilpi.cli.options import DataFolder, Json
from kilpi.errors import UsageError
from kilpi.weights.versions import current_name, overruled, use, versions


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    weights = typer.Typer(help="The networks in use for a data folder, and those before.")
    weights.command("list")(list_versions)
    weights.command("use")(use_version)
    weights.command("add")(add)
    weights.command("refit")(refit)
    app.add_typer(weights, name="weights", no_args_is_help=True)


def list_versions(data: DataFolder = Path("out"), json: Json = False) -> None:
    """All versions, the oldest first; * is in use."""
    found = versions(data)
    tell_overruled()
    if output.wants_json(json):
        for one in found:
            output.print_json(
                {"name": one.name, "in_use": one.in_use, "networks": one.networks, **dict(one.note)}
            )
        return
    table = Table("", "version", "networks", "shipped", "why")
    for one in found:
        note = one.note
        shipped, why = str(note.get("at", "")), str(note.get("why", ""))
        words = (one.name, ", ".join(one.networks) or "as in the package", shipped, why)
        table.add_row("*" if one.in_use else "", *map(output.escape, words))
    output.console.print(table)


def use_version(
    name: Annotated[str, typer.Argument(metavar="VERSION", help="As `kilpi weights list` names it.")],
    data: DataFolder = Path("out"),
    json: Json = False,
) -> None:
    """From now on this version; "shipped" is the package's. The next `kilpi advert` makes its cars again."""
    before = current_name(data)
    use(data, name)
    tell_overruled()
    output.tell({"before": before, "now": name}, f"{before} -> {name}; in use from the next command on", json)


def add(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A run folder of `kilpi train`.")],
    data: DataFolder = Path("out"),
    json: Json = False,
) -> None:
    """Make your own training's networks a version, beside those in use. No gate has seen it.

    `kilpi weights use` then puts it in use.
    """
    from kilpi.cases.learning.gathering import add_run

    name, networks = add_run(data, folder)
    told = f"{name}: {', '.join(networks)}\nkilpi weights use {name} --data {shlex.quote(str(data))}"
    output.tell({"name": name, "networks": networks}, told, json)


def refit(
    data: DataFolder = Path("out"),
    mishaps: Annotated[
        int, typer.Option(min=0, help="Folders of each kind of mishap that the gate decides by both.")
    ] = 2,
    json: Json = False,
) -> None:
    """Set threshold and p by what people answered and audited.

    A new version, if the gate agrees.
    """
    need_no_others()
    from kilpi.cases.learning.refitting import refit_policy

    with opened(data) as store:
        done = refit_policy(store, audit_plan(), mishaps)
    output.tell(done.as_dict(), done.text, json)


def tell_overruled() -> None:
    """Say where KILPI_WEIGHTS keeps the version in use from being used."""
    if named := overruled():
        output.warn(f"KILPI_WEIGHTS names {named} and comes first; unset it to use the version in use")


def need_no_others() -> None:
    """Raises UsageError where KILPI_WEIGHTS names other networks than the data folder's: what is made of its
    answers would not start from those in use, nor be used.
    """
    if named := overruled():
        raise UsageError(
            f"KILPI_WEIGHTS names {named} and comes first: a new version would not be used; unset it"
        )
