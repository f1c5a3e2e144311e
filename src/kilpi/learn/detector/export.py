"""From a trained detector to the two files that ship: detector.onnx and its card."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import nn

from kilpi.errors import WeightsError
from kilpi.learn.detector.net import MULTIPLE, DetectorConfig, DetectorNet, ExportedDetector
from kilpi.learn.shipping import commit, data_id, parameters, write_onnx
from kilpi.weights import Card, check_weights, file_sha256, find_weights

AGREEMENT = 1e-3  # largest difference torch - ONNX Runtime: of scores as such, of corners in pixels
TIED = 0.2  # part of the cells that may be a peak in one and not in the other: many, before it has learnt
OPSET = 20


def export_detector(net: DetectorNet, folder: Path, name: str = "detector") -> Path:
    """Writes NAME.onnx, one file, any batch and any sides that are multiples of 32, and checks it.

    Raises WeightsError where ONNX Runtime does not answer as torch does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    part = path.with_suffix(".part.onnx")
    shipped = ExportedDetector(net).eval()
    sample = torch.randint(0, 256, (2, 3 * MULTIPLE, 4 * MULTIPLE, 3), dtype=torch.uint8)
    height = torch.export.Dim("rows", min=1, max=256) * MULTIPLE
    width = torch.export.Dim("columns", min=1, max=256) * MULTIPLE
    write_onnx(shipped, sample, part, ["scores", "corners"], {0: torch.export.Dim("n"), 1: height, 2: width})
    check_export(shipped, part)
    part.replace(path)
    return path


def export_net(net: nn.Module, sample: torch.Tensor, path: Path) -> Path:
    """Writes a net of one input `pixels` and one output `corners`, any batch, and checks its answers.

    Raises WeightsError where ONNX Runtime does not answer as torch does.
    """
    part = path.with_suffix(".part.onnx")
    net = net.eval()
    write_onnx(net, sample, part, ["corners"], {0: torch.export.Dim("n")})
    pixels = np.random.default_rng(0).integers(0, 256, (3, *sample.shape[1:]), dtype=np.uint8)
    with torch.no_grad():
        wanted = net(torch.from_numpy(pixels)).numpy()
    got = ort.InferenceSession(part, providers=["CPUExecutionProvider"]).run(None, {"pixels": pixels})[0]
    gap = float(np.abs(wanted - got).max())
    if not gap <= 10 * AGREEMENT:
        raise WeightsError(f"{part}: the exported network answers otherwise than torch (by {gap:.2g})")
    part.replace(path)
    return path


def check_export(shipped: ExportedDetector, path: Path) -> None:
    """Raises WeightsError where the file's answers differ from torch's by more than `AGREEMENT`."""
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    for shape in ((1, 5 * MULTIPLE, 2 * MULTIPLE, 3), (2, 3 * MULTIPLE, 4 * MULTIPLE, 3)):
        pixels = rng.integers(0, 256, shape, dtype=np.uint8)
        with torch.no_grad():
            wanted = [part.numpy() for part in shipped(torch.from_numpy(pixels))]
        got = session.run(None, {"pixels": pixels})
        # Neighbours that tie but for rounding may be a peak here and none there.
        peaks = (wanted[0] > 0) & (got[0] > 0)
        tied = float(np.mean((wanted[0] > 0) != (got[0] > 0)))
        gap = max(float(np.abs((wanted[0] - got[0]) * peaks).max()), float(np.abs(wanted[1] - got[1]).max()))
        if not (gap <= AGREEMENT and tied <= TIED):
            raise WeightsError(f"{path}: the exported network answers otherwise than torch (by {gap:.2g})")


def make_card(path: Path, net: DetectorNet, thresholds: dict[str, float], labels: Sequence[Path]) -> Card:
    """A detector's card, without metrics. Not yet written; see `ship`."""
    return Card(
        name=path.stem,
        sha256=file_sha256(path),
        params=parameters(net),
        input={
            "pixels": "(n, h, w, 3) uint8 RGB, h and w multiples of 32",
            "scores": "(n, h/8, w/8)",
            "corners": "(n, h/8, w/8, 8): tl, tr, br, bl as x, y in input pixels",
            "net": config_to_state(net.config),
        },
        thresholds=thresholds,
        data=tuple(data_id(file) for file in labels),
        date=datetime.now(UTC).date().isoformat(),
        commit=commit(),
    )


def config_to_state(config: DetectorConfig) -> dict[str, Any]:
    """A config as plain values, for a checkpoint."""
    return {
        "trunk": config.trunk,
        "widths": list(config.widths),
        "neck": config.neck,
        "frozen": config.frozen,
    }


def config_from_state(state: dict[str, Any]) -> DetectorConfig:
    """The inverse of `config_to_state`; the weights come from the checkpoint, not from ImageNet."""
    w2, w4, w8, w16, w32 = state["widths"]
    return DetectorConfig(state["trunk"], (w2, w4, w8, w16, w32), state["neck"], state["frozen"], False)


def load_shipped(folder: Path | None = None, name: str = "detector") -> DetectorNet:
    """A shipped network as a torch net that can go on learning. Raises WeightsError where it is not ours."""
    path = find_weights(name, folder)
    card = check_weights(path)
    stored = {t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}
    try:
        net = DetectorNet(config_from_state(card.input["net"]))
        weights = net.state_dict()
        for key, value in weights.items():
            if not key.endswith("num_batches_tracked"):
                weights[key] = torch.from_numpy(stored[f"net.{key}"].copy()).reshape(value.shape)
        net.load_state_dict(weights)
    except (KeyError, ValueError, RuntimeError) as error:
        raise WeightsError(f"{path}: was not exported by this version; train from scratch") from error
    return net
