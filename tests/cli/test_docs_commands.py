"""Every `kilpi` command in the README and in docs/ exists as it is typed there: its verb and its options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from kilpi.cli import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/*.md")])
TYPED = re.compile(r"^(?:    |\$ |)(?:\$ )?(?:[A-Z_]+=\S+ )*kilpi ([a-z].*)$")
REMARK = re.compile(r"\s{2,}.*$|\s+(?:#|&&|\||>|<|&).*$")


def commands(page: Path) -> list[str]:
    """Of code blocks, fenced or indented: what stands after `kilpi`, without remarks beside it."""
    found, fenced = [], False
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif (fenced or line.startswith("    ")) and (typed := TYPED.match(line)):
            found.append(REMARK.sub("", typed[1].replace("\\", " ")))
    return found


def verb_of(words: list[str]) -> Any:
    """The command that the first words name; raises KeyError where there is none."""
    command: Any = get_command(app)
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    return command


CASES = [(page.name, line) for page in PAGES for line in commands(page)]


def test_there_are_commands_to_hold() -> None:
    walk = [line for name, line in CASES if name == "train-on-your-photos.md"]
    assert len(CASES) >= 40 and len(walk) >= 13


@pytest.mark.parametrize(("page", "line"), CASES, ids=lambda text: str(text)[:60])
def test_a_command_exists_as_typed(page: str, line: str) -> None:
    words = shlex.split(line)
    command = verb_of(words)
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
    asked = {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    assert asked <= known, f"{page}: kilpi {line}"
