"""kilpi bulk: many photos to rows of Parquet."""

from __future__ import annotations

import os
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kilpi.cli import output
from kilpi.cli.options import Home, Json, countries
from kilpi.config import load_settings
from kilpi.errors import PhotoError, PhotoMissing, UsageError
from kilpi.weights import check_networks


class EngineName(StrEnum):
    """Who runs the batches."""

    LOCAL = "local"
    RAY = "ray"


def add_verbs(app: typer.Typer) -> None:
    """Register this file's verbs."""
    app.command()(bulk)


def bulk(
    photos: Annotated[
        list[str],
        typer.Argument(
            metavar="IN... OUT", help="Folders, archives, patterns, lists (.txt), -, s3:// ...; then OUT."
        ),
    ],
    engine: Annotated[
        EngineName, typer.Option(help="Processes of this machine, or Ray Data.")
    ] = EngineName.LOCAL,
    workers: Annotated[int, typer.Option(min=0, help="Default: one a core.")] = 0,
    threads: Annotated[int, typer.Option(min=1, help="Of the networks, in each worker.")] = 1,
    batch: Annotated[int, typer.Option(min=1, help="Photos a worker takes at a time.")] = 16,
    home: Home = "",
    json: Json = False,
) -> None:
    """Plates and decision of each photo as rows of Parquet.

    Run again to go on where it was.
    """
    if len(photos) < 2:
        raise typer.BadParameter("give what to read, and last the folder to write to")
    from kilpi.bulk import batch as one
    from kilpi.bulk import engines, run

    check_networks()
    homes = countries(home or load_settings().home)
    count = workers or os.cpu_count() or 1
    chosen: engines.Engine = (
        engines.Ray(count, batch) if engine is EngineName.RAY else engines.Local(count, batch)
    )
    *names, out = photos
    with output.progress_bar() as bar:
        task = bar.add_task("photos", total=None)
        done = run.bulk(
            output.named_paths(names),
            out,
            chosen,
            one.LoadKilpi(threads, homes),
            run.networks_digest(homes),
            lambda rows: bar.advance(task, rows),
        )
    rate = done.read / done.seconds if done.seconds else 0.0
    text = (
        f"{done.photos} photos: {done.read} read ({done.errors} with an error), {done.known} were there"
        f" before; {done.seconds:.1f} s, {rate:.1f} photos a second\n{out}"
    )
    output.tell({**asdict(done), "out": str(Path(out)) if "://" not in out else out}, text, json)
    if done.errors:
        for failure in done.failures:
            output.warn(failure.message)
        output.complain(f"{done.errors} photo(s) could not be read; their rows say why")
        mistyped = any(f.error == PhotoMissing.__name__ and f.photo in names for f in done.failures)
        raise typer.Exit(UsageError.exit_code if mistyped else PhotoError.exit_code)
