"""A short run of the long one: damaged lists, notes and replies come to an answer or to our own errors."""

from __future__ import annotations

from recipes.fuzz_lists import kinds, run
from tests.workbooks import xlsx


def test_damaged_lists_notes_and_replies() -> None:
    counts, wrong, longest = run(450, 0, list(kinds()))
    assert wrong == []
    assert len(counts) == 15 and set(counts.values()) == {30}
    assert longest < 10


def test_damaged_workbooks() -> None:
    sound = xlsx([["Hinnat"], ["Viite", "Hinta", "Km"], ["golf", 15900, 84200.0]])
    _, wrong, _ = run(8, 0, [kind for kind in kinds(sound) if kind.name == "workbook"])
    assert wrong == []
