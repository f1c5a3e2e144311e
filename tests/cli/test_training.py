"""What `kilpi train` says around a training, without training; and where doctor says networks come from."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from kilpi.cli import app, training_asked, training_told
from kilpi.cli.doctor import check_network
from kilpi.errors import Stopped, UsageError
from kilpi.evaluation import before_after
from kilpi.evaluation.before_after import MarksBeforeAfter
from kilpi.labels.locate import picture_size
from kilpi.labels.record import LabelledPhoto, write_labels
from kilpi.weights import PACKAGED

runner = CliRunner()


def first_sample() -> Path:
    return next((Path(__file__).parents[2] / "samples").rglob("*.jpg"))


def test_an_empty_file_of_val_is_said_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_labels(tmp_path / "empty.jsonl", [])
    write_labels(tmp_path / "val.jsonl", [LabelledPhoto(path="a.jpg")])
    assert training_asked.with_photos([tmp_path / "empty.jsonl", tmp_path / "val.jsonl"]) == [
        tmp_path / "val.jsonl"
    ]
    assert "empty.jsonl: holds no photos" in capsys.readouterr().err


def begun(folder: Path, **said: object) -> Path:
    """A run folder, as a training of the detector leaves it."""
    folder.mkdir(exist_ok=True)
    known = {"name": "detector", "net": {}, "minutes": 7, "labels": [str(folder / "l.jsonl")], "val": []}
    (folder / "run.json").write_text(json.dumps({**known, "start_from": "shipped", **said}))
    write_labels(folder / "l.jsonl", [LabelledPhoto(path="a.jpg")])
    return folder


def resumed(folder: Path | None, **given: Any) -> Any:
    """What a training is asked for with --resume and these options."""
    options: dict[str, Any] = dict.fromkeys(
        ("minutes", "labels", "images", "val", "start_from", "resume", "out")
    )
    return training_asked.what_was_asked(**options | {"seed": 0, "device": "auto", "resume": folder} | given)


def test_a_run_that_goes_on_needs_nothing_but_its_folder(tmp_path: Path) -> None:
    run = begun(tmp_path / "run", images=["photos"])
    asked = resumed(run)
    assert (asked.minutes, asked.labels, asked.images) == (7, [run / "l.jsonl"], [Path("photos")])
    assert asked.start_from == "shipped" and asked.resume == run
    assert resumed(run, minutes=9.0, labels=[run / ".." / "run" / "l.jsonl"]).minutes == 9


@pytest.mark.parametrize(
    "given",
    [{"labels": [Path("other.jsonl")]}, {"val": [Path("other.jsonl")]}, {"start_from": "elsewhere"}],
    ids=["labels", "val", "from"],
)
def test_a_run_that_goes_on_is_not_given_other_photos_or_another_start(
    tmp_path: Path, given: dict[str, Any]
) -> None:
    with pytest.raises(UsageError, match="began with"):
        resumed(begun(tmp_path / "run"), **given)


@pytest.mark.parametrize(("given", "missing"), [({}, "minutes"), ({"minutes": 1.0}, "labels")])
def test_a_new_training_says_what_is_missing(given: dict[str, float], missing: str) -> None:
    with pytest.raises(UsageError, match=f"--{missing} is missing"):
        resumed(None, **given)


@pytest.mark.parametrize(
    ("name", "told"),
    [("corners", "kilpi train corners --resume runs/a"), ("", "the same command and --resume")],
)
def test_a_stopped_training_tells_how_to_go_on(name: str, told: str) -> None:
    with pytest.raises(Stopped) as error, training_asked.told_how_to_go_on(name):
        raise Stopped("stopped after 0.4 of 3 minutes; kept in runs/a")
    assert str(error.value).endswith(f"kept in runs/a; go on with {told}")


def test_the_next_commands_are_whole(tmp_path: Path) -> None:
    told = training_told.next_steps("detector", Path("out/my run"), [Path("my photos")])
    assert told.splitlines() == [
        "next: kilpi eval detector --labels TEST.jsonl --images 'my photos' --weights 'out/my run'",
        "then: KILPI_WEIGHTS='out/my run' kilpi advert PHOTOS -o OUT",
    ]


def test_a_trained_reader_is_told_beside_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the marks of photos that were kept back; the share of drawn plates says how many they are."""
    asked = SimpleNamespace(labels=[], val=[], images=[], start_from="shipped")
    made = tmp_path / "reader.onnx"
    run = SimpleNamespace(folder=tmp_path, weights=made, validation={"exact": 0.9}, drawn=30, kept_back=set())
    training_told.tell_reader(run, asked, False)  # type: ignore[arg-type]
    told = json.loads(capsys.readouterr().out)
    assert told == {"validation": {"exact": 0.9}, "drawn": 30, "weights": str(made)}
    monkeypatch.setattr(before_after, "compare_readers", lambda *_: MarksBeforeAfter(8, 5, 7, 0, 2))
    training_told.tell_reader(run, asked, False)  # type: ignore[arg-type]
    told = json.loads(capsys.readouterr().out)
    assert told["compared"] == {
        "marks": 8, "before": 5, "after": 7, "read_only_before": 0, "read_only_after": 2, "p": 0.5
    }  # fmt: skip
    assert (tmp_path / "kept-back.jsonl").read_text() == ""


def test_doctor_says_which_networks_are_your_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("detector.onnx", "detector.json"):
        shutil.copy(PACKAGED / name, tmp_path / name)
    monkeypatch.setenv("KILPI_WEIGHTS", str(tmp_path))
    assert check_network("detector").detail.startswith(f"from {tmp_path} (KILPI_WEIGHTS)")
    assert check_network("reader").detail.startswith("shipped")


def test_doctor_says_that_a_verifier_of_another_reader_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(PACKAGED / "reader.onnx", tmp_path)
    card = json.loads((PACKAGED / "reader.json").read_text())
    (tmp_path / "reader.json").write_text(json.dumps(card | {"sha256": "0" * 64}))
    assert check_network("verifier").ok is True
    monkeypatch.setenv("KILPI_WEIGHTS", str(tmp_path))
    found = check_network("verifier")
    assert found.ok is None and "not used, for it was calibrated with another reader" in found.detail


@pytest.mark.parametrize(
    "asked",
    [["verifier", "--minutes", "nan"], ["verifier", "--minutes", "1", "--precision", "2"]],
    ids=["minutes", "precision"],
)
def test_a_verifier_that_cannot_be_is_refused_before_cars_are_composed(asked: list[str]) -> None:
    refused = runner.invoke(app, ["train", *asked, "--labels", "l.jsonl"])
    assert isinstance(refused.exception, UsageError) and asked[-2] in str(refused.exception)


@pytest.mark.parametrize("where", ["option", "environment"])
def test_missing_photos_are_counted_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """With --images and KILPI_DATA alike: one photo is there, one is not."""
    (tmp_path / "photos").mkdir()
    shutil.copy(first_sample(), tmp_path / "photos" / "a.jpg")
    write_labels(tmp_path / "l.jsonl", [LabelledPhoto(path="a.jpg"), LabelledPhoto(path="gone.jpg")])
    if where == "environment":
        monkeypatch.setenv("KILPI_DATA", str(tmp_path / "photos"))
    images = ["--images", str(tmp_path / "photos")] if where == "option" else []
    labels, out = str(tmp_path / "l.jsonl"), str(tmp_path / "split")
    result = runner.invoke(app, ["labels", "split", labels, "-o", out, *images])
    assert result.exit_code == 0
    assert "1 of 2 photos were not found (gone.jpg)" in result.stderr


def test_labels_that_contradict_their_picture_are_named_before_they_teach_or_measure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.jpg", "b.jpg"):
        shutil.copy(first_sample(), tmp_path / name)
    width, height = picture_size(tmp_path / "a.jpg")
    right = LabelledPhoto(path="a.jpg", width=width, height=height)
    write_labels(tmp_path / "l.jsonl", [right, replace(right, path="b.jpg", width=height, height=width)])
    asked: dict[str, Any] = {"resume": None, "minutes": 1.0, "labels": [tmp_path / "l.jsonl"]}
    assert resumed(None, **asked).labels == [tmp_path / "l.jsonl"]
    assert "1 of 2 photos fail kilpi labels check (b.jpg)" in " ".join(capsys.readouterr().err.split())
    failed = runner.invoke(app, ["eval", "reader", "--labels", str(tmp_path / "l.jsonl")])
    assert "1 of 2 photos fail kilpi labels check (b.jpg)" in " ".join(failed.stderr.split())


def test_import_asks_which_class_and_is_told(tmp_path: Path) -> None:
    shutil.copy(first_sample(), tmp_path / "a.jpg")
    things = [
        {"id": i, "image_id": 1, "category_id": i, "bbox": [10, 10 * i, 50, 9], "iscrowd": 0} for i in (1, 2)
    ]
    names = [{"id": 1, "name": "license_plate"}, {"id": 2, "name": "zebra crossing"}]
    root = {"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": things, "categories": names}
    (tmp_path / "c.json").write_text(json.dumps(root))
    asked = ["labels", "import", str(tmp_path / "c.json"), "-o", str(tmp_path / "out" / "l.jsonl")]
    refused = runner.invoke(app, asked)
    assert refused.exit_code == 4
    assert "--class NAME (license_plate, zebra crossing)" in refused.output
    assert runner.invoke(app, [*asked, "--class", "license_plate"]).exit_code == 0
    assert isinstance(runner.invoke(app, [*asked, "--class", "bus"]).exception, UsageError)
