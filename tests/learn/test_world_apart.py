"""The world set stays apart from training: no face, layout or mark of its own is within training's reach."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORLD = ROOT / "recipes" / "world"


def imported(path: Path) -> set[str]:
    """The first words of what a module imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def test_nothing_that_trains_imports_the_world_set() -> None:
    modules = [*(ROOT / "src").rglob("*.py")]
    assert len(modules) > 100
    assert not [path.name for path in modules if {"world", "world_set", "recipes"} & imported(path)]


def test_the_world_sets_typefaces_are_not_those_that_training_has() -> None:
    ours = {path.stem for path in (ROOT / "src/kilpi/draw/fonts/licences").glob("*.txt")}
    theirs = {path.stem for path in (WORLD / "fonts/licences").glob("*.txt")}
    assert len(theirs) == 8 and not ours & theirs


def test_the_world_sets_plates_are_not_drawn_by_trainings_layouts() -> None:
    known = {name for path in WORLD.glob("*.py") for name in from_draw(path)}
    assert known == {"kilpi.draw.plates", "kilpi.draw.stroke_fonts"}, (
        "a plate's nouns and a stroke's ink alone"
    )


def from_draw(path: Path) -> set[str]:
    """What of `kilpi.draw` a module imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        n.module
        for n in ast.walk(tree)
        if isinstance(n, ast.ImportFrom) and n.module and "kilpi.draw" in n.module
    }
