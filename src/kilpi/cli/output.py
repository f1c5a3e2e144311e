"""How the verbs speak: words and colours on a terminal, JSON lines when piped, progress on stderr."""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import typer
from rich import markup
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from kilpi.adverts.wording import Wording
from kilpi.cases.telling.numbers_text import Tables
from kilpi.files import write_whole
from kilpi.types import LeftOut

console = Console(highlight=False)
stderr = Console(stderr=True, highlight=False)


def wants_json(flag: bool) -> bool:
    """JSON where asked for, and wherever the output is no terminal."""
    return flag or not sys.stdout.isatty()


def print_json(value: dict[str, Any]) -> None:
    """One object on one line, at once, so that the next program in the pipe can begin.

    Raises typer.Exit, with code 0, where that one has seen enough (`| head`); what is printed later is lost.
    """
    try:
        try:
            print(json.dumps(value, ensure_ascii=False), flush=True)
        except UnicodeEncodeError:  # the terminal's encoding has not all letters
            print(json.dumps(value), flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains at its end
        raise typer.Exit from None


def tell(value: Mapping[str, Any], text: str, json_asked: bool) -> None:
    """A verb's result: one JSON object where asked for or piped, else plain text, whatever it holds."""
    if wants_json(json_asked):
        print_json(dict(value))
    else:
        console.print(text, markup=False, soft_wrap=True)


def complain(message: str) -> None:
    """One line on stderr."""
    stderr.print(f"[red]error:[/] {escape(message)}", soft_wrap=True)


def warn(message: str) -> None:
    """One line on stderr about something that did not stop the work."""
    stderr.print(f"[yellow]problem:[/] {escape(message)}", soft_wrap=True)


def tell_left_out(left_out: Iterable[LeftOut], clutter: int, words: Wording) -> None:
    """What was found beside the photos and not used, a line each; system files as a number."""
    for one in left_out:
        stderr.print(
            f"[dim]not used:[/] {escape(one.path)}: {escape(words.left_out(one.reason))}", soft_wrap=True
        )
    if clutter:
        stderr.print(f"[dim]{clutter} file(s) or folder(s) of systems and programs were left alone[/]")


def escape(text: str) -> str:
    """File names, and all else that is data, may hold what rich takes for markup."""
    return markup.escape(text)


@lru_cache(maxsize=8)
def page_words(language: str) -> Tables:
    """The pages' words of a language, read beside them: kilpi.web itself needs an extra."""
    text = (files("kilpi") / "web" / "words" / f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def progress_bar() -> Progress:
    """A bar on stderr with count, time gone and time left; silent where stderr is no terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=stderr,
        transient=True,
        disable=not stderr.is_terminal,  # else it ends with an empty line
    )


def named_paths(arguments: list[str]) -> Iterator[str]:
    """The arguments; `-` stands for paths on standard input, one a line."""
    for argument in arguments:
        if argument == "-":
            yield from (line for raw in sys.stdin if (line := raw.rstrip("\n")))
        else:
            yield argument


def write_picture(path: Path, png: bytes, json_asked: bool | None = None) -> None:
    """Write a drawn picture and say where it is: as the verb's result, or aside where it has another."""
    write_whole(path, png)
    if json_asked is not None and wants_json(json_asked):
        print_json({"wrote": str(path)})
    else:
        stderr.print(f"wrote {escape(str(path))}")
