"""--help of every command: no sentence is cut, and nothing stands there without a word about it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from kilpi.cli import app
from kilpi.cli.helping import EXAMPLES

WIDTH = 78  # of a terminal of 80 columns, as click writes for it


def commands(command: Any, path: str = "kilpi") -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{path} {name}")


def test_every_command_is_told_in_a_line_that_is_not_cut() -> None:
    cut = []
    for path, group in commands(get_command(app)):
        inner = getattr(group, "commands", {})
        room = WIDTH - 6 - max(map(len, inner), default=0)
        cut += [
            f"{path} {name}" for name, one in inner.items() if one.get_short_help_str(room).endswith("...")
        ]
    assert cut == []


def test_every_option_and_argument_has_words() -> None:
    silent = [
        f"{path} {param.opts[0]}"
        for path, command in commands(get_command(app))
        for param in command.params
        if not getattr(param, "help", None)
    ]
    assert silent == []


def shown(*verb: str) -> str:
    return CliRunner().invoke(app, [*verb, "--help"]).output


def test_values_are_named_as_people_write_them() -> None:
    for path, _ in commands(get_command(app)):
        told = shown(*path.split()[1:])
        assert not re.search(r"<(list\[|str|int|float|bool|path|file|%)", told), f"{path}: {told}"
    assert "--weeks NUMBER" in shown("statistics") and "--offers PATH" in shown("advert")
    assert "--reference YYYY-MM-DD" in shown("drift") and "--engine local|ray" in shown("bulk")
    assert "Usage: kilpi bulk [OPTIONS] IN... OUT\n" in shown("bulk")


@pytest.mark.parametrize("verb", EXAMPLES)
def test_examples_are_commands_that_there_are(verb: str) -> None:
    command = get_command(app).commands[verb]  # type: ignore[attr-defined]
    for line in EXAMPLES[verb]:
        program, named, *words = shlex.split(line.partition(" <")[0])
        assert (program, named) == ("kilpi", verb)
        command.make_parser(command.make_context(verb, [], resilient_parsing=True)).parse_args(words)
        assert f"\n  {line}\n" in shown(verb), "on a line of its own"


def test_examples_are_the_verbs_own() -> None:
    assert "Examples" not in shown("audit", "answer")
