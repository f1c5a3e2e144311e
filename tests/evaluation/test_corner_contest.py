"""Two corner networks on a person's corners: who comes nearer wins, plate by plate, from the same start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from kilpi.evaluation.corner_contest import corner_contest
from kilpi.geometry import quad_from_box
from kilpi.hashing import file_sha256
from kilpi.labels.record import LabelledPhoto, LabelledPlate, write_labels
from kilpi.plates.corners import CornerFinder
from kilpi.types import Box, Photo, Quad, Sighting

TRUTH = quad_from_box(Box(40, 50, 120, 68))


@dataclass
class Finder:
    """Leaves the corners where they are, or knows better."""

    knows: bool

    def sharpen(self, photo: Photo, sightings: Sequence[Sighting]) -> list[Sighting]:
        return [Sighting(TRUTH, one.score) if self.knows else one for one in sightings]


def labelled(folder: Path, quad: Quad | None, count: int = 6) -> Path:
    records = []
    for i in range(count):
        Image.effect_noise((160, 120), 30 + i).save(folder / f"{i}.png")
        plates = (LabelledPlate(quad=quad),) if quad else ()
        sha256 = file_sha256(folder / f"{i}.png")
        records.append(LabelledPhoto(sha256, f"{i}.png", plates=plates))
    write_labels(folder / "labels.jsonl", records)
    return folder / "labels.jsonl"


@pytest.mark.parametrize(("better", "fell"), [("after", False), ("before", True)])
def test_the_nearer_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, better: str, fell: bool) -> None:
    monkeypatch.setattr(CornerFinder, "load", lambda folder, threads: Finder(folder.name == better))
    made = corner_contest("test", labelled(tmp_path, TRUTH), Path("before"), Path("after"))
    assert made is not None and made.n == 6 and made.fell is fell
    assert (made.only_after, made.only_before) == ((6, 0) if better == "after" else (0, 6))


def test_the_same_network_twice_is_no_difference(tmp_path: Path) -> None:
    from kilpi.weights import PACKAGED

    made = corner_contest("test", labelled(tmp_path, TRUTH, 2), PACKAGED, PACKAGED)
    assert made is not None and (made.only_after, made.only_before) == (0, 0) and not made.fell


def test_a_photo_that_cannot_be_opened_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CornerFinder, "load", lambda folder, threads: Finder(True))
    labels = labelled(tmp_path, TRUTH)
    (tmp_path / "3.png").write_bytes(b"damaged")
    made = corner_contest("test", labels, Path("before"), Path("after"))
    assert made is not None and made.n == 5


def test_without_corners_there_is_nothing_to_hold(tmp_path: Path) -> None:
    from kilpi.weights import PACKAGED

    assert corner_contest("test", labelled(tmp_path, None), PACKAGED, PACKAGED) is None
