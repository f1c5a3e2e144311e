"""--help of every command: no sentence is cut, and nothing stands there without a word about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from kilpi.cli import app

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
