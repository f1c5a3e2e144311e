"""docs/architecture.md shows the folders as they are, and the import contract as it is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "src" / "kilpi"


def layers() -> list[set[str]]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return [set(re.findall(r"\w+", row)) for row in contracts[0]["layers"]]


def test_every_room_has_its_phrase_and_every_phrase_its_room() -> None:
    shown = set(re.findall(r"^\| `([a-z_]+)(?:/|\.py)` \| \w", PAGE, re.MULTILINE))
    there = {p.stem for p in PACKAGE.iterdir() if p.suffix == ".py" or (p / "__init__.py").is_file()}
    assert shown == there - {"__init__", "__main__", "py"}


def test_the_floors_are_the_contracts() -> None:
    block = PAGE.split("## Who may know whom")[1].split("\n\n    ")[1].split("\n\n##")[0]
    shown = [set(re.findall(r"\w+", line)) for line in block.splitlines()]
    contract = [floor for floor in layers() if floor != {"__main__"}]
    assert shown[:-1] == contract[:-1] and shown[-1] == {"the", "ground"}


def test_no_file_is_over_three_hundred_lines() -> None:
    long = {p.name: n for p in PACKAGE.rglob("*.py") if (n := len(p.read_text().splitlines())) > 300}
    assert long == {}


def test_pages_link_to_files_that_are_there() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
