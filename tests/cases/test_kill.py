"""kill -9 at ten moments. recipes/kill_nine.py does the same at hundreds."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

RECIPE = Path(__file__).parents[2] / "recipes" / "kill_nine.py"


@pytest.fixture
def kill_nine() -> ModuleType:
    spec = importlib.util.spec_from_file_location("kill_nine", RECIPE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["kill_nine"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.timeout(110)
def test_nothing_is_lost_doubled_or_stuck(place: str, tmp_path: Path, kill_nine: ModuleType) -> None:
    counted = kill_nine.run(place, tmp_path / "out", moments=10, workers=3, cars=20, seed=1)
    wrong = ("lost", "doubled", "half_written", "wrongly_shown", "wrongly_gone", "stuck", "asked_for_kills")
    assert {name: counted[name] for name in wrong} == dict.fromkeys(wrong, 0), counted
    assert counted["drained"]
    assert sum(counted["states"].values()) == counted["cars"] == 20
    assert counted["pages"] > 5
