"""Convolutions that may be computed in 8 bits: what is written into the file, and what it answers then."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import onnx
import torch
from torch import nn

from kilpi.errors import WeightsError
from kilpi.learn import eight_bits
from kilpi.learn.eight_bits import make_small, opened, spread
from kilpi.learn.onnx_export import export, halve_weights, random_pixels, restore, told_by
from kilpi.weights.session import alike, answer_of, open_session

SIDE = 48


@pytest.mark.parametrize(
    ("examples", "most", "taken"), [(0, 4, 0), (3, 4, 3), (4, 4, 4), (6, 4, 3), (100, 4, 4)]
)
def test_examples_are_taken_from_all_over(examples: int, most: int, taken: int) -> None:
    some = spread(list(range(examples)), most)
    assert len(some) == taken
    assert not examples or (some[0] == 0 and examples - some[-1] <= max(1, -(-examples // most)))


class Small(nn.Module):
    """Five convolutions, two with batch norms, a sum on the way, and shares at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 1), nn.Conv2d(8, 16, 3, padding=1))
        self.first, self.norm = nn.Conv2d(16, 24, 3, padding=1, bias=False), nn.BatchNorm2d(24)
        self.second, self.again = nn.Conv2d(24, 24, 3, padding=1), nn.BatchNorm2d(24)
        self.last = nn.Conv2d(24, 5, 1)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.stem(pixels.permute(0, 3, 1, 2).float() / 255))
        x = nn.functional.relu6(self.norm(self.first(x)))
        x = x + nn.functional.relu(self.again(self.second(x)))
        return torch.softmax(self.last(x).mean(dim=(2, 3)), dim=1)


@pytest.fixture(scope="module")
def net() -> Small:
    torch.manual_seed(0)
    made = Small()
    for _ in range(20):  # norms that have seen something
        made(torch.randint(0, 256, (4, SIDE, SIDE, 3), dtype=torch.uint8))
    with torch.no_grad():
        made.last.weight *= 12
    return made.eval()


@pytest.fixture
def file(net: Small, tmp_path: Path) -> Path:
    class Outer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            return torch.as_tensor(self.net(pixels))

    sample = random_pixels(2, SIDE, SIDE, 3)
    return export(Outer().eval(), sample, tmp_path / "small.onnx", ["shares"], lambda part: None)


def inputs(count: int = 8) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    shape = 1, SIDE, SIDE, 3
    return [(rng.integers(0, 256, shape) * rng.uniform(0.2, 1)).astype(np.uint8) for _ in range(count)]


def answers(path: Path) -> np.ndarray:
    session = opened(path.read_bytes())
    return np.concatenate([session.run(None, {"pixels": one})[0] for one in inputs(12)])


def test_it_answers_alike_with_all_convolutions_but_the_outer_ones_in_8_bits(file: Path, net: Small) -> None:
    before = answers(file)
    make_small(file, inputs())
    assert 0 < np.abs(answers(file) - before).max() < 0.02
    graph = onnx.load(file).graph
    rounded = [n for n in graph.node if n.op_type == "Conv" and n.input[1].endswith(".rounded")]
    assert len(rounded) == 2  # two stay exact; what the last gives goes to no further one
    assert not any(node.op_type == "BatchNormalization" for node in graph.node)


def test_it_can_be_learnt_on_from(file: Path, net: Small) -> None:
    make_small(file, inputs())
    again = Small()
    restore(again, file)
    for key, value in net.state_dict().items():
        if not key.endswith("tracked"):
            assert torch.allclose(again.state_dict()[key], value, atol=2e-3), key


def test_a_file_in_16_bits_can_be_rounded_later(file: Path, net: Small) -> None:
    halve_weights(file)
    before = answers(file)
    make_small(file, inputs())
    assert 0 < np.abs(answers(file) - before).max() < 0.02
    with pytest.raises(WeightsError, match="already"):
        make_small(file, inputs())


def test_without_inputs_only_the_weights_are_small(file: Path) -> None:
    before, size = answers(file), file.stat().st_size
    make_small(file, [])
    assert np.abs(answers(file) - before).max() < 2e-3 and file.stat().st_size < size
    assert not any(node.op_type == "QuantizeLinear" for node in onnx.load(file).graph.node)


def test_what_loses_its_answers_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eight_bits, "joined", lambda one, other: (0.0, 1e-3))  # nothing is within reach
    with pytest.raises(WeightsError, match="answers otherwise in 8 bits"):
        make_small(file, inputs())


def test_a_training_that_saw_little_reaches_as_far_as_the_one_before(
    file: Path, net: Small, tmp_path: Path
) -> None:
    start, little = tmp_path / "start.onnx", [np.full((1, SIDE, SIDE, 3), 40, np.uint8)]
    start.write_bytes(file.read_bytes())
    again = tmp_path / "again.onnx"
    again.write_bytes(file.read_bytes())
    before = answers(file)
    make_small(start, inputs())
    make_small(again, little, start)
    make_small(file, little)
    off = [float(np.abs(answers(path) - before).max()) for path in (start, again, file)]
    assert max(off[:2]) < 0.02 < off[2]


def test_every_way_of_opening_it_gives_what_the_card_would_say(file: Path) -> None:
    make_small(file, inputs())
    told = told_by(file)
    assert alike(answer_of(open_session(file, 1, told)), told)
