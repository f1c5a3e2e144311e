"""`kilpi eval all`: what is counted, and the contact sheet of what went wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.fakes import FakeDetector, FakeReader
from typer.testing import CliRunner

from kilpi.cli import app, evaluating
from kilpi.errors import LabelError
from kilpi.pipeline import Kilpi
from kilpi.plates import looking
from kilpi.plates.no_plate import Parted

runner = CliRunner()
BOX = [100.0, 150.0, 300.0, 225.0]


@pytest.fixture(autouse=True)
def fake_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        evaluating, "make_kilpi", lambda ocr: Kilpi(detector=FakeDetector(), reader=FakeReader())
    )


def write_set(folder: Path, plates: list[dict[str, object]]) -> Path:
    """A label file of as many photos as plates; every photo shows a black plate at BOX."""
    pixels = np.full((300, 400, 3), 180, np.uint8)
    pixels[150:225, 100:300] = 0
    lines = []
    for i, plate in enumerate(plates):
        Image.fromarray(pixels).save(folder / f"{i}.jpg", quality=95)
        lines.append(json.dumps({"image": f"{i}.jpg", "width": 400, "height": 300, "plates": [plate]}))
    path = folder / "labels.jsonl"
    path.write_text("\n".join(lines))
    return path


def test_the_figures(tmp_path: Path) -> None:
    labels = write_set(
        tmp_path,
        [
            {"box": BOX, "text": "ABC123"},
            {"box": BOX, "text": "ABCI23"},  # right only with I = 1
            {"box": [0.0, 0.0, 90.0, 40.0], "text": "ABC123"},  # elsewhere: missed, and a false plate
            {"box": BOX},
        ],
    )
    result = runner.invoke(app, ["eval", "all", "--labels", str(labels), "--errors", str(tmp_path / "e.png")])
    assert result.exit_code == 0, result.output
    scores = json.loads(result.stdout.splitlines()[0])
    assert scores["photos"] == 4 and scores["plates"] == 4 and scores["recall"] == 0.75
    assert scores["texts"] == 3 and scores["exact"] == pytest.approx(1 / 3)
    assert scores["exact_folded"] == pytest.approx(2 / 3)
    assert scores["character_error_rate"] == pytest.approx((0 + 1 + 6) / 18)
    assert scores["false_plates_per_photo"] == 0.25
    assert scores["median_ms"] > 0 and scores["peak_memory_mb"] > 10
    assert Image.open(tmp_path / "e.png").size[0] > 300


def test_what_is_no_plate_counts_beside_what_the_detector_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A photo whose label has no plate counts as well: all that is found in it is false."""
    none = write_set(tmp_path, [{"box": BOX}])
    record = {**json.loads(none.read_text()), "plates": []}
    none.write_text(json.dumps(record))
    scores = json.loads(runner.invoke(app, ["eval", "all", "--labels", str(none)]).stdout)
    assert scores["false_plates_per_photo"] == scores["raw_false_per_photo"] == 1.0

    monkeypatch.setattr(looking, "part", lambda plates, view, grammars: Parted([], list(plates)))
    scores = json.loads(runner.invoke(app, ["eval", "all", "--labels", str(none)]).stdout)
    assert (scores["false_plates_per_photo"], scores["raw_false_per_photo"]) == (0.0, 1.0)

    labels = write_set(tmp_path, [{"box": BOX}])
    scores = json.loads(runner.invoke(app, ["eval", "all", "--labels", str(labels)]).stdout)
    assert (scores["recall"], scores["raw_recall"]) == (0.0, 1.0)


def test_crops_are_read_whole(tmp_path: Path) -> None:
    labels = write_set(tmp_path, [{"text": "ABC123"}])
    result = runner.invoke(app, ["eval", "all", "--labels", str(labels)])
    scores = json.loads(result.stdout)
    assert scores["plates"] == 0 and scores["recall"] is None and scores["exact"] == 1.0


def test_a_missing_photo_is_counted_and_does_not_stop_the_rest(tmp_path: Path) -> None:
    labels = write_set(tmp_path, [{"box": BOX, "text": "ABC123"}, {"box": BOX, "text": "ABC123"}])
    (tmp_path / "0.jpg").unlink()
    scores = json.loads(runner.invoke(app, ["eval", "all", "--labels", str(labels)]).stdout)
    assert scores["unreadable_files"] == 1 and scores["recall"] == 0.5


def test_where_no_photo_is_there_no_figure_is_given(tmp_path: Path) -> None:
    labels = write_set(tmp_path, [{"box": BOX, "text": "ABC123"}])
    (tmp_path / "0.jpg").unlink()
    result = runner.invoke(app, ["eval", "all", "--labels", str(labels)])
    assert isinstance(result.exception, LabelError) and "--images" in str(result.exception)
    assert result.stdout == ""
    labels.write_text("")
    assert isinstance(runner.invoke(app, ["eval", "all", "--labels", str(labels)]).exception, LabelError)
