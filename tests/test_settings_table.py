"""docs/settings.md is what the code has, and every variable that the code names is in it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


OURS = {"KILPI_WEIGHTS_OF_DATA"}  # a process sets it for itself: `kilpi.weights.versions`


def test_the_page_is_made_from_the_code() -> None:
    spec = importlib.util.spec_from_file_location("settings_table", ROOT / "recipes" / "settings_table.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.table() == PAGE, "python recipes/settings_table.py > docs/settings.md"


def test_every_variable_that_the_code_names_is_there() -> None:
    named = set[str]()
    for path in (ROOT / "src").rglob("*.py"):
        named |= set(re.findall(r"KILPI_[A-Z0-9_]*[A-Z0-9]\b", path.read_text(encoding="utf-8")))
    assert {name for name in named if f"`{name}`" not in PAGE} == OURS
