"""docs/train-on-your-photos.ipynb runs from top to bottom on the drawn samples, and leaves what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import torch

DOCS = Path(__file__).parents[2] / "docs"
NOTEBOOK = DOCS / "train-on-your-photos.ipynb"
pytestmark = pytest.mark.timeout(400)  # seconds of work, on machines that others use


def cells() -> list[str]:
    book = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every name after the last cell."""
    mpl.use("Agg")
    torch.set_num_threads(1)
    names: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(DOCS)
        for number, source in enumerate(cells()):
            exec(compile(source, f"cell {number}", "exec"), names)
    return names


def test_x_and_y_are_the_photos_and_their_corners(left: dict[str, Any]) -> None:
    assert left["X"].shape == (9, 64, 64, 3) and left["X"].dtype == np.uint8
    assert left["y"].shape == (9, 8) and left["y"].dtype == np.float32
    assert len(left["X_train"]) + len(left["X_test"]) == 9 and len(left["X_test"])


def test_the_first_are_shown_and_the_cnn_learns(left: dict[str, Any]) -> None:
    assert len([axis for axis in left["first"].axes if axis.images]) == 9
    losses = left["history"]["train"]
    assert len(losses) == left["EPOCHS"] and losses[-1] < losses[0] / 2
    assert len(left["iou_train"]) == len(left["X_train"]) and left["iou_test"].max() <= 1


def test_it_was_saved_without_what_it_printed() -> None:
    book = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert all(not cell.get("outputs") for cell in book["cells"])
