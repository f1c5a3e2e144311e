"""A retraining's plan: what learns, what is resumed, what the verifier's card says, what is newest."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from tests.test_weight_versions import network
from typer.testing import CliRunner

from kilpi.cases.learning.gathering import gather
from kilpi.cases.learning.refitting import cut_of, write_refitted
from kilpi.cases.learning.view_labels import views_file
from kilpi.cli import app
from kilpi.errors import UsageError
from kilpi.evaluation.contest import Weights
from kilpi.evaluation.gate import Paired
from kilpi.evaluation.policy_refit import Cut, Refit
from kilpi.labels.record import LabelledPhoto, LabelledPlate, read_labels, write_labels
from kilpi.learn import retrain as module
from kilpi.learn.label_sides import parted, placed_file, write_placed
from kilpi.learn.retrain import LEAST, Retrain, begin, train
from kilpi.learn.retrain_runs import broken_off, note, noted, only_one
from kilpi.learn.session import Asked
from kilpi.types import Point, Quad
from kilpi.weights import PACKAGED, named_by, read_card
from kilpi.weights.versions import add_version, use

QUAD = Quad(Point(0, 0), Point(9, 0), Point(9, 3), Point(0, 3))


def labelled(folder: Path, marks: int, name: str = "train", at: str = "2026-03-02T08:00:00+00:00") -> Path:
    plates = [LabelledPlate(quad=QUAD, mark=f"ABC-{i + 1}", country="FI") for i in range(marks)]
    records = [LabelledPhoto(f"{i:064x}", f"{i}.png", plates=(p,), at=at) for i, p in enumerate(plates)]
    write_labels(folder / f"{name}.jsonl", records)
    return folder / f"{name}.jsonl"


@pytest.mark.parametrize(
    ("marks", "judged", "learns"),
    [(LEAST, 0, ("reader",)), (0, LEAST, ("detector",)), (LEAST, LEAST, ("reader", "detector"))],
)
def test_the_labels_say_what_learns(tmp_path: Path, marks: int, judged: int, learns: tuple[str, ...]) -> None:
    file = labelled(tmp_path, marks)
    with_others = [LabelledPhoto(path=f"without-{i}.png") for i in range(2)]
    write_labels(file, [*read_labels(file), *with_others])
    folder, found = begin(tmp_path, file, judged, Retrain(1))
    assert found == learns and noted(folder)["learns"] == list(learns)


def placed_at(labels: Path, side: str, count: int) -> dict[str, Quad]:
    return {str(record.photo): QUAD for record in read_labels(labels / f"{side}.jsonl")[:count]}


def test_a_persons_corners_teach_the_corner_network_and_nothing_else_does(tmp_path: Path) -> None:
    labelled(tmp_path, LEAST + 5)
    other = Quad(Point(1, 1), Point(8, 1), Point(8, 3), Point(1, 3))
    write_placed(tmp_path, dict.fromkeys(placed_at(tmp_path, "train", LEAST), other))
    folder, learns = begin(tmp_path, tmp_path / "train.jsonl", 0, Retrain(1))
    assert learns == ("reader", "corners") and noted(folder)["learns"] == ["reader", "corners"]
    taught = read_labels(placed_file(tmp_path / "train.jsonl"))
    assert len(taught) == LEAST and all(one.plates == (LabelledPlate(quad=other),) for one in taught)
    assert not placed_file(tmp_path / "test.jsonl").exists()
    write_placed(tmp_path, {})
    assert not placed_file(tmp_path / "train.jsonl").exists()


def test_the_corner_network_is_trained_on_its_own_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Asked] = []
    monkeypatch.setattr(module, "train_corners", asked.append)
    labelled(tmp_path, 9)
    write_placed(tmp_path, placed_at(tmp_path, "train", 6))
    train(tmp_path, tmp_path / "train.jsonl", ("corners",), Weights(), Retrain(10))
    (one,) = asked
    sides = [read_labels(path) for path in (*one.labels, *one.val)]
    assert one.out == tmp_path / "corners" and all(sides) and sum(map(len, sides)) == 6


def views_said(labels: Path, count: int, side: str = "train") -> None:
    file = views_file(labels / f"{side}.jsonl")
    file.parent.mkdir(exist_ok=True)
    write_labels(
        file, [LabelledPhoto(f"{i:064x}", f"{i}.png", car=f"{i}", view="boot") for i in range(count)]
    )


def test_views_that_were_said_teach_the_view_network_beside_the_others_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labelled(tmp_path, LEAST)
    views_said(tmp_path, LEAST)
    _, learns = begin(tmp_path, tmp_path / "train.jsonl", 0, Retrain(1))
    assert learns == ("reader", "view")
    asked: list[Asked] = []
    further: list[tuple[Path, ...]] = []
    monkeypatch.setattr(module, "train_reader", lambda wanted, recipe: asked.append(wanted))
    monkeypatch.setattr(module, "train_further", lambda *given: further.append(given[:4]))
    train(tmp_path, tmp_path / "train.jsonl", learns, Weights(), Retrain(10))
    assert [one.minutes for one in asked] == [10]  # the view network takes none of it
    ((learnt, kept_back, start, out),) = further
    both = [read_labels(path) for path in (learnt, kept_back)]
    assert all(both) and sum(map(len, both)) == LEAST and {r.view for some in both for r in some} == {"boot"}
    assert (start, out) == (PACKAGED, tmp_path / "view")


def test_new_views_are_held_against_answers_and_drawings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[tuple[str, Path, Path]] = []

    def contest(name: str, file: Path, before: Path, after: Path) -> Paired:
        held.append((name, before, after))
        return Paired(f"{name}, views", 9, 5, 5, 0, 0)

    monkeypatch.setattr(module, "view_contest", contest)
    monkeypatch.setattr(module, "write_drawn_views", lambda folder, count: labelled(tmp_path, 1, "drawn"))
    views_said(tmp_path, 3, "test")
    old, new = (network(tmp_path / name, name.encode(), "view") for name in ("old", "new"))
    pairs = module.view_pairs(tmp_path, tmp_path, Weights(old), Weights(new), Retrain(1))
    assert [one.name for one in pairs] == ["test, views", "drawn, views", "drawn, since the shipped, views"]
    assert held == [("test", old, new), ("drawn", old, new), ("drawn, since the shipped", PACKAGED, new)]


def test_too_few_are_refused_by_number(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"{LEAST - 1} marks, 3 photos"):
        begin(tmp_path, labelled(tmp_path, LEAST - 1), 3, Retrain(1))


def test_a_broken_off_run_goes_on_and_a_finished_one_does_not(tmp_path: Path) -> None:
    file = labelled(tmp_path, LEAST)
    folder, learns = begin(tmp_path, file, 0, Retrain(1))
    assert begin(tmp_path, file, 99, Retrain(1, resume=True)) == (folder, learns)
    note(folder, {"finished": True})
    with pytest.raises(UsageError, match="no run was broken off"):
        begin(tmp_path, file, 0, Retrain(1, resume=True))


def test_only_the_last_run_goes_on(tmp_path: Path) -> None:
    """One that was broken off weeks ago began with other weights and other answers."""
    for name, finished in (("20260101-000000", False), ("20260201-000000", True)):
        (tmp_path / "retrain" / name).mkdir(parents=True)
        note(tmp_path / "retrain" / name, {"learns": ["reader"], "finished": finished})
    with pytest.raises(UsageError, match="no run was broken off"):
        broken_off(tmp_path)


def test_a_note_that_a_full_disk_left_empty_keeps_nobody_from_training(tmp_path: Path) -> None:
    (tmp_path / "retrain" / "20260101-000000").mkdir(parents=True)
    (tmp_path / "retrain" / "20260101-000000" / "run.json").touch()
    file = labelled(tmp_path, LEAST)
    with pytest.raises(UsageError, match="no run was broken off"):
        begin(tmp_path, file, 0, Retrain(1, resume=True))
    assert begin(tmp_path, file, 0, Retrain(1))[1] == ("reader",)


def test_one_retraining_at_a_time(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(UsageError, match="another one is at work"), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        assert stat.S_IMODE((tmp_path / "retrain").stat().st_mode) == 0o700


def test_finished_networks_are_left_and_killed_ones_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Asked] = []
    monkeypatch.setattr(module, "train_reader", lambda wanted, recipe: asked.append(wanted))
    monkeypatch.setattr(module, "train_detector", asked.append)
    (tmp_path / "reader").mkdir()
    (tmp_path / "reader" / "last.pt").touch()
    (tmp_path / "detector").mkdir()
    (tmp_path / "detector" / "detector.json").touch()
    labelled(tmp_path, 3)
    train(tmp_path, tmp_path / "train.jsonl", ("reader", "detector"), Weights(), Retrain(10))
    (one,) = asked
    assert one.resume == one.out == tmp_path / "reader" and one.minutes == 5
    assert one.start_from == PACKAGED
    sides = [read_labels(path) for path in (*one.labels, *one.val)]
    assert all(sides) and sum(map(len, sides)) == 3  # some are always kept back, and none is on both


def test_one_car_alone_cannot_be_learnt_from_and_watched(tmp_path: Path) -> None:
    """However many of its photos there are, and under how many names."""
    plate = LabelledPlate(quad=QUAD, mark="ABC-123")
    records = [LabelledPhoto(f"{i:064x}", f"{i}.png", car=f"{i % 2}", plates=(plate,)) for i in range(30)]
    file = tmp_path / "train.jsonl"
    write_labels(file, records)
    with pytest.raises(UsageError, match=r"30 marks.*of two cars or more"):
        begin(tmp_path, file, 30, Retrain(1))
    write_labels(file, [*records, LabelledPhoto("f" * 64, "x.png", car="other")])
    assert begin(tmp_path, file, 30, Retrain(1))[1] == ("reader", "detector")
    learnt, kept_back = (read_labels(path) for path in parted(file))
    assert sorted(map(len, (learnt, kept_back))) == [1, 30]


def test_the_verifiers_card_names_the_new_reader(tmp_path: Path) -> None:
    network(tmp_path / "reader", b"a new reader")
    made = tmp_path / "weights"
    gather({"reader": tmp_path / "reader"}, Weights(), made)
    card = read_card(made / "verifier.onnx")
    assert card.input["reader"] == named_by(read_card(made / "reader.onnx"))
    assert card.training["carried_over_from"] == read_card(PACKAGED / "verifier.onnx").input["reader"]
    assert {path.name for path in made.glob("*.onnx")} == {"reader.onnx", "verifier.onnx"}


def test_answers_from_before_the_weights_in_use_are_frozen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "write_drawn_test", lambda folder, count: folder / "labels.jsonl")
    labels = tmp_path / "labels"
    labels.mkdir()
    labelled(labels, 3, "test", "2026-03-02T08:00:00+00:00")
    assert set(module.test_sets(tmp_path, tmp_path, labels, Retrain(1))) == {"newest", "drawn"}
    add_version(tmp_path, "v1", network(tmp_path / "run"), {"at": "2026-04-01T00:00:00+00:00"})
    use(tmp_path, "v1")
    later = [
        *read_labels(labels / "test.jsonl"),
        LabelledPhoto("f" * 64, "x.png", at="2026-05-01T00:00:00+00:00"),
    ]
    write_labels(labels / "test.jsonl", later)
    sets = module.test_sets(tmp_path, tmp_path, labels, Retrain(1))
    assert [len(read_labels(sets[name])) for name in ("frozen", "newest")] == [3, 1]


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["retrain", "--minutes", "1", "--data", str(tmp_path)])
    assert done.exit_code != 0 and "holds no cases" in str(done.exception)


def test_a_lowered_threshold_does_not_go_over_to_a_new_reader(tmp_path: Path) -> None:
    """What let it down was said of marks that the old reader read."""
    old = tmp_path / "old"
    network(tmp_path / "reader", b"a new reader")
    card = read_card(PACKAGED / "verifier.onnx")
    cut = cut_of(card)
    lowered = Refit(cut, Cut(cut.curve, cut.score - 0.1), 1, 0, 0, False, (0, 0))
    old.mkdir()
    write_refitted(old, Weights(), card, lowered)
    assert cut_of(read_card(old / "verifier.onnx")).score < cut.score - 0.05
    gather({"reader": tmp_path / "reader"}, Weights(old), tmp_path / "weights")
    assert cut_of(read_card(tmp_path / "weights" / "verifier.onnx")).score == pytest.approx(cut.score)


def test_a_version_keeps_the_networks_of_the_one_before(tmp_path: Path) -> None:
    network(tmp_path / "reader", b"a new reader")
    old = network(tmp_path / "old", b"view", "view")
    gather({"reader": tmp_path / "reader"}, Weights(old), tmp_path / "weights")
    assert (tmp_path / "weights" / "view.onnx").read_bytes() == b"view"
