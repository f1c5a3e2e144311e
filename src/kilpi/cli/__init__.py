"""The command line: each verb gathers its arguments and calls one function."""

from __future__ import annotations

import sys

import typer

from kilpi.cli import adverts, labels, look, machine, networks, photos, publishing, registers, training
from kilpi.cli.output import complain
from kilpi.errors import KilpiError

app = typer.Typer(
    name="kilpi",
    help="Dealer photos in, used-car adverts out. Text on a terminal, JSON lines when piped.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
for room in (photos, adverts, publishing, registers, networks, training, look, machine):
    room.add_verbs(app)
app.add_typer(labels.app, name="labels")


def main() -> None:
    """Entry point: an error of Kilpi's own becomes one line on stderr and its class's exit code."""
    try:
        app()
    except KilpiError as error:
        complain(str(error))
        sys.exit(error.exit_code)
    except BrokenPipeError:  # `kilpi read … | head` has seen enough
        sys.stderr.close()
        sys.exit(0)
