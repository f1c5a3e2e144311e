from __future__ import annotations

import re

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from kilpi.cli import app


def verbs() -> list[tuple[str, ...]]:
    names: list[tuple[str, ...]] = []
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        names += [(name, inner) for inner in getattr(command, "commands", {})] or [(name,)]
    return names


@pytest.mark.parametrize("verb", verbs(), ids=" ".join)
def test_a_usage_line_is_written_as_people_write_it(verb: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*verb, "--help"])
    assert shown.exit_code == 0
    usage = shown.output.split("\n\n")[0]
    assert not re.search(r"[{}]|\.{4,}|<bool>", usage), usage
    assert "<bool>" not in shown.output
    assert not re.search(r" [a-z_]+\.\.\.", usage), "an argument has a name in capitals, or an example"
