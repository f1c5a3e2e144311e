"""From labels to corners.onnx, and on from there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
import torch
from tests.learn.detector.test_train import write_set

from kilpi.errors import UsageError, WeightsError
from kilpi.learn.detector.train_corners import starting_net, train_corners
from kilpi.learn.session import Asked
from kilpi.learn.train import asked_of


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corners")
    labels = write_set(folder / "drawn", 12, 0)
    return train_corners(Asked(0.03, [labels], out=folder / "run", quiet=True)).folder


def test_a_training_goes_on_from_what_an_earlier_one_shipped(run: Path, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 96, 192, 3), dtype=np.uint8)
    wanted = ort.InferenceSession(run / "corners.onnx").run(None, {"pixels": pixels})[0]
    with torch.no_grad():
        got = starting_net(run).eval()(torch.from_numpy(pixels)).numpy()
    assert np.allclose(got, wanted, atol=1e-2)
    labels = write_set(tmp_path / "drawn", 12, 1)
    val = write_set(tmp_path / "val", 4, 2)
    asked = Asked(0.02, [labels], start_from=run, out=tmp_path / "run", quiet=True, val=[val])
    further = train_corners(asked)
    assert further.weights.is_file() and asked_of(further.folder)["start_from"] == str(run)
    assert set(further.validation) == {"corner_error", "corner_error_before"}


def test_a_folder_without_corners_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"corners\.onnx"):
        starting_net(tmp_path)
    with pytest.raises(UsageError, match="minutes"):
        train_corners(Asked(0, []))
