"""From reads to a verifier that decides: the whole chain on drawn cars, without detector and reader."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.drawn_cars import READER, drawn_cars
from typer.testing import CliRunner

from kilpi.cli import app
from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.verifier import LstmVerifier
from kilpi.errors import LabelError, UsageError
from kilpi.evaluation.car_reads import load_reads, write_reads
from kilpi.evaluation.decision import compare, decide_cars, load_cars
from kilpi.evaluation.decision_report import write_html
from kilpi.grammar import load_grammars
from kilpi.learn.verifier.pairs import reader_of
from kilpi.learn.verifier.train import (
    check_origin,
    learn_and_calibrate,
    linear_scores,
    side_by_side,
)
from kilpi.types import Verdict


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    made = {}
    for seed, (name, n) in enumerate({"training": 120, "calibration": 400, "test": 150}.items()):
        made[name] = [out / f"{name}.reads0.jsonl"]
        write_reads(made[name][0], drawn_cars(n, seed, clear=(0.6, 1.0)))
    learn_and_calibrate(0.15, made, out, [], precision=0.95)
    return out


def test_the_card_says_what_was_measured(trained: Path) -> None:
    card = json.loads((trained / "verifier.json").read_text())
    assert card["input"]["reader"] == READER and 0 < card["thresholds"]["p"] < 1
    measured = card["metrics"]["threshold"]
    assert measured["bound"] <= 0.05 and measured["n"] < card["metrics"]["calibration_cars"] == 400
    assert measured["accepted"] <= measured["n"] and card["training"]["wrong"] > 0
    assert (trained / "verifier.json").stat().st_size < 20_000


def test_it_decides_drawn_cars_as_well_as_it_promised(trained: Path) -> None:
    verifier = LstmVerifier.load(trained)
    cars = load_reads([trained / "test.reads0.jsonl"], load_grammars())
    report = decide_cars(cars, verifier, "drawn")
    assert report.cars == report.possible == 150 and report.accepted > 60
    assert report.wrong <= 0.1 * report.accepted and report.bound < 0.2
    assert sum(n for _, n in report.reasons) == 150 - report.accepted
    assert all(d.decision.p is not None for d in report.decided)
    assert report.as_dict()["coverage"] == report.coverage


def test_the_table_holds_all_scores_and_the_report_is_written(trained: Path, tmp_path: Path) -> None:
    verifier = LstmVerifier.load(trained)
    cars = load_reads([trained / "test.reads0.jsonl"], load_grammars())
    linear = linear_scores(trained, verifier.tokeniser)
    assert linear is not None
    assert linear_scores(trained, replace(verifier.tokeniser, countries=())) is None  # another's tokens
    table = compare(cars, verifier, {"logistic regression": linear})
    names = [row.name for row in table.rows]
    assert names[:2] == ["LSTM", "logistic regression"] and len(names) == 8
    assert all(low <= high for row in table.rows for low, high in row.intervals)
    assert table.rows[0].ece is not None and table.rows[-1].ece is None
    write_html(decide_cars(cars, verifier, "drawn"), table, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert page.count("<img") == 2 and "Coverage at 99.9 %" in page
    text = re.sub(r"base64,[^\"]*", "", page)
    assert [car.truth for car in cars if car.truth and car.truth in text] == []


def test_a_wrong_accept_is_counted(trained: Path) -> None:
    verifier = LstmVerifier.load(trained, policy=DecisionPolicy(p=0.0))
    cars = [replace(car, truth="ZZZ999") for car in drawn_cars(5, 9, clear=(1.0, 1.0))]
    report = decide_cars(cars, verifier)
    assert report.wrong == report.accepted > 0 and report.bound > 0.4
    bare = [replace(car, truth=None) for car in cars]
    trade = [replace(car, truth="KOE65") for car in cars]  # without its country an ordinary mark of Latvia
    assert decide_cars(trade, verifier).possible == 0
    assert decide_cars(bare, verifier).possible == 0 and decide_cars(bare, verifier).wrong > 0
    with pytest.raises(LabelError, match="no car"):
        decide_cars([], verifier)


def test_decisions_can_be_made_from_a_cache(trained: Path) -> None:
    cars = load_cars(trained / "no-labels.jsonl", cache=trained / "test.reads0.jsonl")
    report = decide_cars(cars, LstmVerifier.load(trained), "drawn")
    assert report.cars == 150 and any(d.decision.verdict is Verdict.ACCEPTED for d in report.decided)


def test_a_run_folder_gives_its_test_cars(trained: Path, tmp_path: Path) -> None:
    assert len(load_cars(trained)) == 150
    with pytest.raises(LabelError, match="kilpi train verifier"):
        load_cars(tmp_path)


def test_pairs_that_are_all_right_teach_nothing(tmp_path: Path) -> None:
    write_reads(tmp_path / "t.jsonl", drawn_cars(5, 0, clear=(1.0, 1.0)))
    with pytest.raises(LabelError, match="all right or all wrong"):
        learn_and_calibrate(0.1, {"training": [tmp_path / "t.jsonl"], "calibration": []}, tmp_path, [])


def test_reads_of_two_readers_do_not_mix() -> None:
    cars = drawn_cars(2, 0)
    assert reader_of(cars) == READER
    plate = cars[0].plates[0]
    assert plate.reading is not None
    other = replace(plate, reading=replace(plate.reading, reader="other"))
    with pytest.raises(LabelError, match="one reader"):
        reader_of([replace(cars[0], plates=(other,), own=(True,)), cars[1]])


def test_jobs_in_turn() -> None:
    done: list[int] = []
    side_by_side(done.append, [(1,), (2,)], workers=1)
    assert done == [1, 2] and np.sum(done) == 3


def test_plates_of_another_detector_are_not_mixed_in(tmp_path: Path) -> None:
    check_origin(tmp_path, {"networks": ["a"]})
    check_origin(tmp_path, {"networks": ["a"]})
    with pytest.raises(UsageError, match="another detector"):
        check_origin(tmp_path, {"networks": ["b"]})


def test_the_command_shows_the_verifier_beside_its_rivals(trained: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    asked = ["eval", "decision", "--cars", str(trained), "--weights", str(trained), "--report", str(report)]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["cars"] == 150 and "logistic regression" in [row["name"] for row in told["scores"]]
    assert report.read_text().count("<img") == 2
