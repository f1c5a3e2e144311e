"""Folders with a mishap: composed alike for one seed, and none of them accepted wrongly, on drawn scenes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from kilpi.decision.verifier import LstmVerifier
from kilpi.evaluation.mishaps.kinds import KINDS, Kind, compose
from kilpi.evaluation.mishaps.reads import cached, read_kind
from kilpi.evaluation.mishaps.report import judge, kinds_named, rates, row_of, table
from kilpi.labels.dataset import Scene
from kilpi.labels.warps import View, no_quads
from kilpi.pipeline import Kilpi

SMALL = 2  # folders a kind


@lru_cache(maxsize=1)
def scenes() -> tuple[Scene, ...]:
    """A bright car's end with a plate in the middle, three times in other colours."""
    found = []
    for i, paint in enumerate(((150, 40, 40), (60, 70, 90), (190, 190, 186))):
        pixels = np.full((320, 480, 3), (120, 130, 140), np.uint8)
        pixels[90:270, 60:420] = paint
        pixels[225:270, 60:420] = (30, 30, 32)
        quad = np.array([[[165, 170], [315, 170], [315, 210], [165, 210]]], np.float32)
        pixels[170:210, 165:315] = 225
        pixels[178:202, 180:300:12] = 25
        noise = np.random.default_rng(i).normal(0, 3, pixels.shape)
        shown = np.clip(pixels + noise, 0, 255).astype(np.uint8)
        found.append(Scene(f"drawn-{i}", f"drawn-{i}", View(shown, quad, np.ones(1, bool), no_quads())))
    return tuple(found)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_composes_the_same_folder_again(kind: Kind) -> None:
    first, again = (compose(kind, 0, 5, list(scenes()), False) for _ in range(2))
    assert len(first.shots) >= 3
    assert first.truth == again.truth
    for one, other in zip(first.shots, again.shots, strict=True):
        assert np.array_equal(one.pixels, other.pixels)


@pytest.mark.parametrize("name", ["patch", "cut", "patch-two", "dots", "mix-even"])
def test_no_mishap_is_accepted_wrongly(name: str, tmp_path: Path) -> None:
    kind, kilpi = kinds_named([name])[0], Kilpi()
    lines = cached(tmp_path / "a.jsonl", SMALL, lambda first: read_kind(
        kind, SMALL - first, 3, list(scenes()), False, kilpi, first=first))  # fmt: skip
    assert cached(tmp_path / "a.jsonl", SMALL, lambda first: iter(())) == lines
    outcomes = judge(lines, lambda home: LstmVerifier.load(home=home))
    row = row_of(kind, outcomes)
    assert (row.n, row.wrong) == (SMALL, 0)
    assert name in table([row])


def test_a_whole_plate_is_accepted() -> None:
    kind = kinds_named(["clean"])[0]
    lines = list(read_kind(kind, SMALL, 3, list(scenes()), False, Kilpi()))
    rows = [row_of(kind, judge(lines, lambda home: LstmVerifier.load(home=home)))]
    assert rows[0].right == SMALL
    assert rates(rows)
