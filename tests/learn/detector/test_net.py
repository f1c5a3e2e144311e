import numpy as np
import pytest
import torch

from kilpi.errors import UsageError
from kilpi.learn.detector.net import DetectorConfig, DetectorNet, ExportedDetector, cell_centres
from kilpi.learn.detector.trunks import Lite0Trunk, PlainTrunk
from kilpi.learn.onnx_export import parameters

TINY = DetectorConfig("plain", widths=(4, 8, 8, 8, 8), neck=8)


def pixels(n: int = 1, height: int = 64, width: int = 96) -> torch.Tensor:
    return torch.randint(0, 256, (n, height, width, 3), dtype=torch.uint8)


@pytest.mark.parametrize("config", [TINY, DetectorConfig("lite0", neck=16, pretrained=False)])
def test_one_answer_a_cell(config: DetectorConfig) -> None:
    net = DetectorNet(config).eval()
    assert net(pixels(2)).shape == (2, 9, 8, 12)
    scores, corners = ExportedDetector(net)(pixels(2, 32, 64))
    assert scores.shape == (2, 4, 8) and corners.shape == (2, 4, 8, 8)


def test_the_shipped_shape_is_small() -> None:
    assert 0.5e6 < parameters(DetectorNet(DetectorConfig(pretrained=False))) < 2e6


def test_a_new_net_sees_nothing() -> None:
    scores, _ = ExportedDetector(DetectorNet(TINY).eval())(pixels())
    assert float(scores.detach().max()) < 0.1


def test_only_peaks_remain() -> None:
    scores, _ = ExportedDetector(DetectorNet(TINY).eval())(pixels(1, 96, 96))
    seen = scores[0].detach().numpy()
    rows, columns = np.nonzero(seen)
    for row, column in zip(rows, columns, strict=True):
        around = seen[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
        assert seen[row, column] == around.max()


def test_cells_know_where_they_are() -> None:
    centres = cell_centres(torch.zeros(1, 9, 2, 3))
    assert centres.shape == (1, 8, 2, 3)
    assert centres[0, 0].tolist() == [[4, 12, 20], [4, 12, 20]]
    assert centres[0, 7].tolist() == [[4, 4, 4], [12, 12, 12]]


def test_frozen_blocks_stay_as_they_were() -> None:
    trunk = Lite0Trunk(frozen=5, pretrained=False).train()
    still = {name for name, p in trunk.named_parameters() if not p.requires_grad}
    assert "_conv_stem.weight" in still and any(name.startswith("_blocks.4.") for name in still)
    assert not any(name.startswith("_blocks.5.") for name in still)
    assert not trunk._bn0.training and trunk.to32.training


def test_features_at_three_strides() -> None:
    features = PlainTrunk((4, 8, 8, 16, 24))(torch.zeros(1, 3, 64, 64))
    assert [f.shape[1:] for f in features] == [(8, 8, 8), (16, 4, 4), (24, 2, 2)]


def test_unknown_trunk() -> None:
    with pytest.raises(UsageError, match="plain and lite0"):
        DetectorNet(DetectorConfig("resnet"))
