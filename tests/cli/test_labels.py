"""`kilpi labels`: folders of label files, and exit codes a script can rely on."""

from __future__ import annotations

import json
from pathlib import Path

from tests.fakes import write_car_photo
from typer.testing import CliRunner

from kilpi.cli import app

runner = CliRunner()
QUAD = [[300, 450], [900, 450], [900, 675], [300, 675]]


def write_labels(folder: Path, quad: list[list[int]]) -> None:
    write_car_photo(folder / "a.jpg", seed=1)
    plate = {"quad": quad, "mark": "ABC-123", "country": "FI"}
    (folder / "labels.jsonl").write_text(json.dumps({"path": "a.jpg", "plates": [plate]}) + "\n")


def test_a_folder_stands_for_its_label_files(tmp_path: Path) -> None:
    write_labels(tmp_path, QUAD)
    result = runner.invoke(app, ["labels", "check", str(tmp_path)])
    assert result.exit_code == 0 and "1 photos (1 pictures seen), 1 plates: 0 errors" in result.output


def test_a_crossed_quad_fails_the_check(tmp_path: Path) -> None:
    write_labels(tmp_path, [QUAD[0], QUAD[2], QUAD[1], QUAD[3]])
    result = runner.invoke(app, ["labels", "check", str(tmp_path)])
    assert result.exit_code == 4 and "a.jpg" in result.output


def test_what_is_imported_comes_out_again(tmp_path: Path) -> None:
    write_labels(tmp_path, QUAD)
    out = tmp_path / "out" / "coco.json"
    labels = str(tmp_path / "labels.jsonl")
    assert runner.invoke(app, ["labels", "export", labels, "--to", "coco", "-o", str(out)]).exit_code == 0
    back = str(tmp_path / "back.jsonl")
    assert runner.invoke(app, ["labels", "import", str(out), "-o", back]).exit_code == 0
    assert "1 with corners" in runner.invoke(app, ["labels", "stats", back]).output


def test_every_report_can_be_had_as_json(tmp_path: Path) -> None:
    labels = tmp_path / "labels.jsonl"
    labels.write_text('{"path": "a.jpg", "width": 400, "height": 300, "plates": []}\n')
    done = CliRunner().invoke(app, ["labels", "stats", str(labels), "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["report"]
