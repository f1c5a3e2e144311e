"""The reader's study: its crops, how its nets are taught and read, its tables; trainings of a second."""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from recipes.reader_crops import CropFile, Crops, draw_into, drawn_set
from recipes.reader_nets import CLASSES, WAYS, CtcNet, Read, Scores, Way, read_frames, read_slots
from recipes.reader_study import Learner, exported, p_of, read_set, scores_table, table, times, train_in_turns

from kilpi.learn.reader.crop_pool import Recipe, Sources
from kilpi.learn.reader.net import ReaderConfig
from kilpi.learn.reader.sheets import drawn_ground
from kilpi.learn.train import Plan, State, seed_all
from kilpi.plates.alphabet import ALPHABET, BLANK, SLOTS

CROPS = 12


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> CropFile:
    folder = tmp_path_factory.mktemp("crops")
    draw_into(CropFile(folder, CROPS), ground(), 3)
    return CropFile(folder, CROPS)


def ground() -> Sources:
    return Sources((drawn_ground(np.random.default_rng(0)),))


def small(crops: CropFile) -> ReaderConfig:
    return ReaderConfig(crops.countries, (8, 8, 16, 16), tokens=16, fine=8, residuals=1, along=1, heads=2)


def likely(text: str) -> torch.Tensor:
    """(1, len(text), CLASSES): each sign with 0.9, a dash for a blank."""
    scores = torch.full((1, len(text), CLASSES), 0.1 / (CLASSES - 1))
    for place, sign in enumerate(text):
        scores[0, place, BLANK if sign == "-" else ALPHABET.index(sign)] = 0.9
    return scores


def test_a_drawing_goes_on_where_it_stood(crops: CropFile, tmp_path: Path) -> None:
    file = CropFile(tmp_path, CROPS, Recipe())
    file.size = 5
    draw_into(file, ground(), 3)
    assert int(CropFile(tmp_path, CROPS).made) == 5
    again = draw_into(CropFile(tmp_path, CROPS), ground(), 3)
    assert torch.equal(again.pixels, crops.pixels) and torch.equal(again.slots, crops.slots)


def test_too_small_a_drawing_is_not_taken(crops: CropFile) -> None:
    with pytest.raises(ValueError, match="holds 12 crops"):
        CropFile(crops.folder, CROPS + 1)


def test_every_crop_has_its_turn(crops: CropFile) -> None:
    turns = crops.in_turn(4, 0)
    seen = torch.cat([next(turns)[1] for _ in range(3)])
    assert sorted(map(tuple, seen.tolist())) == sorted(map(tuple, crops.slots.tolist()))
    again = crops.in_turn(4, 0)
    assert torch.equal(next(crops.in_turn(4, 0))[0], next(again)[0]), "varied alike for the same seed"


def test_frames_of_one_character_are_one_and_a_blank_parts_two() -> None:
    assert read_frames(likely("-AA-A77"))[0].text == "AA7"
    assert read_frames(likely("---")) == [Read("", 0.0)]


def test_slots_skip_blanks() -> None:
    assert read_slots(likely("A-7"))[0].text == "A7"
    assert read_slots(likely("A-7"))[0].weakest == pytest.approx(0.9)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_each_net_learns(way: Way, crops: CropFile, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    seed_all(0)
    net = way.make(small(crops))
    batch = next(crops.in_turn(CROPS, 0))
    before = way.loss(net.train(), batch).detach()
    learner = Learner(way.name, net, crops, way.loss, Plan(1 / 60, tmp_path, 0, "cpu", way.rate))
    for step in range(15):
        learner.step(step / 15)
    assert way.loss(net.train(), batch).detach() < 0.9 * before
    learnt = learner.run.average.net.eval()
    scores = Scores(learnt).eval()(crops.pixels)
    assert scores[0].shape == (CROPS, 48 if way.make is CtcNet else SLOTS, CLASSES)
    assert torch.allclose(scores[0].sum(dim=2), torch.ones(()), atol=1e-4)
    assert len(read_set(learnt, drawn_set("held", crops), way.read)) == CROPS


class Costly(Learner):
    """Takes the same time for every step, and learns nothing."""

    def __init__(self, cost: float) -> None:
        self.name, self.cost, self.spent, self.seen = f"{cost}", cost, 0.0, list[float]()
        self.run = cast("Any", SimpleNamespace(state=State()))

    def step(self, seconds: float) -> None:
        self.spent += self.cost
        self.seen.append(seconds)


def test_dear_and_cheap_nets_get_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = count()
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    cheap, dear = Costly(1.0), Costly(3.0)
    train_in_turns([cheap, dear], 2.0)
    assert abs(cheap.spent - dear.spent) <= 3.0 and len(cheap.seen) > 2.5 * len(dear.seen)
    assert max(cheap.seen + dear.seen) < 120.0, "no step after the end"


def test_a_net_is_exported_and_timed(crops: CropFile, tmp_path: Path) -> None:
    path = exported(WAYS[-1].make(small(crops)), tmp_path / "net.onnx")
    assert times({"other": path}).startswith("other: ")


def test_tables_say_who_won() -> None:
    tests = Crops("world", ("us", "us", "east"), ("AB1", "C2", "D3"), torch.zeros(3))
    reads = {
        "slots": {"world": [Read("AB1", 0.99), Read("C2", 0.5), Read("X", 0.95)]},
        "other": {"world": [Read("AB1", 0.99), Read("X", 0.5), Read("D3", 0.95)]},
    }
    told = table([tests], reads, "slots").splitlines()
    assert told[2] == "| world | 3 | 2 | 2 (1, 1; 1) |"
    assert told[3] == "| us | 2 | 2 | 1 (0, 1; 1) |"
    assert told[4] == "| east | 1 | 0 | 1 (1, 0; 1) |"
    assert "| slots | world | 2 | 1 |" in scores_table([tests], reads)


def test_the_sign_test_is_two_sided() -> None:
    assert p_of(0, 0) == 1.0
    assert p_of(9, 1) == pytest.approx(p_of(1, 9)) == pytest.approx(22 / 1024)
