from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch

from kilpi.learn.view.stored import view_net
from kilpi.weights import PACKAGED


@pytest.mark.parametrize("part", ["places", "orientation"])
def test_a_network_of_an_earlier_version_takes_the_part_that_ships(part: str, tmp_path: Path) -> None:
    import onnx

    model = onnx.load(PACKAGED / "view.onnx")
    kept = [one for one in model.graph.initializer if part not in one.name]
    assert len(kept) < len(model.graph.initializer)
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    onnx.save(model, tmp_path / "view.onnx")
    (tmp_path / "view.json").write_text((PACKAGED / "view.json").read_text())
    ours, theirs = (getattr(view_net(at), part).state_dict() for at in (tmp_path, PACKAGED))
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)
