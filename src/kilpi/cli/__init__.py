"""The command line: each verb gathers its arguments and calls one function."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer

from kilpi.cli import (
    adverts,
    answering,
    audit,
    bulk,
    cases,
    doors,
    evaluating,
    hooks,
    labels,
    look,
    machine,
    photos,
    publishing,
    registers,
    retaining,
    retraining,
    serve,
    statistics,
    training,
    weights,
    working,
)
from kilpi.cli.faults import hide_words_of_faults, tell_fault
from kilpi.cli.helping import Verb
from kilpi.cli.output import complain, warn
from kilpi.config import no_setting, unknown_settings
from kilpi.errors import KilpiError, OutputError, Stopped

# What a disk says that is full, read-only or broken, or a file that is not ours: no fault of Kilpi's.
DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO})

app = typer.Typer(
    name="kilpi",
    help="Dealer photos in, used-car adverts out. Text on a terminal, JSON lines when piped.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
    pretty_exceptions_show_locals=False,
)


def show_version(wanted: bool) -> None:
    """`--version`: the version and nothing else."""
    if wanted:
        print(version("kilpi"))
        raise typer.Exit


@app.callback()
def root(
    wanted: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Dealer photos in, used-car adverts out. Text on a terminal, JSON lines when piped."""
    for name, meant in unknown_settings().items():
        warn(no_setting(name, meant, "; see docs/settings.md"))


ROOMS = (
    photos,
    adverts,
    serve,
    doors,
    hooks,
    cases,
    answering,
    audit,
    statistics,
    working,
    retaining,
    publishing,
    registers,
    bulk,
    evaluating,
    training,
    retraining,
    weights,
    look,
    machine,
)
for room in ROOMS:
    room.add_verbs(app)
app.add_typer(labels.app, name="labels")
for verbs in (app, *(group.typer_instance for group in app.registered_groups)):
    for verb in verbs.registered_commands if verbs else ():
        verb.cls = Verb


def main() -> None:
    """Entry point."""
    hide_words_of_faults()
    ended_well(app)


def ended_well(run: Callable[[], object]) -> None:
    """Runs it; an error of Kilpi's own, or a disk's, becomes one line on stderr and its class's exit code.

    Of any other only kind and place are told.
    """
    try:
        run()
    except SystemExit as ended:
        if ended.code == Stopped.exit_code:  # what typer makes of Ctrl-C
            complain("stopped")
        raise
    except KilpiError as error:
        complain(str(error))
        sys.exit(error.exit_code)
    except OSError as error:
        if error.errno not in DISK:
            _fault(error)
        where = f"{error.filename}: " if error.filename else ""
        complain(f"{where}the disk or a file refused ({error.strerror}); see its room and its rights")
        sys.exit(OutputError.exit_code)
    except Exception as error:
        _fault(error)


def _fault(error: Exception) -> NoReturn:
    """Ends with what a person can report."""
    tell_fault(error)
    complain(f"a fault of Kilpi's own ({type(error).__name__}); please report it with the lines above")
    sys.exit(1)
