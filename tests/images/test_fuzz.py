"""Damaged photos of every format: each gets its answer. recipes/fuzz.py does the same by the ten thousand."""

from __future__ import annotations

import pytest
from recipes.fuzz import answer, batch, damaged, whole_files

from kilpi.images import SUFFIXES

NUMBERS = range(320)  # ten of each kind


def test_sound_files_of_every_kind_are_read() -> None:
    kinds = whole_files()
    assert len(kinds) > 30 and len(SUFFIXES) > 15
    assert {answer(data, kind) for kind, data in kinds.items()} == {"read"}


def test_every_damaged_file_becomes_a_photo_or_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    found = batch(whole_files(), NUMBERS, seed=11)
    assert sum(found.counts.values()) == len(NUMBERS)
    assert [name for name in found.counts if "TRACEBACK" in name] == []
    assert {"read", "PhotoTruncated"} <= {name.rpartition(": ")[2] for name in found.counts}
    assert found.seconds < 10


def test_a_file_is_the_same_whenever_it_is_drawn() -> None:
    assert damaged(whole_files(), 7, seed=3) == damaged(whole_files(), 7, seed=3)
    assert damaged(whole_files(), 7, seed=3) != damaged(whole_files(), 7, seed=4)
