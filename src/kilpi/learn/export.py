"""From a trained detector to the two files that ship: detector.onnx and its card."""

from __future__ import annotations

import logging
import subprocess
import warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnxscript import optimizer
from torch import nn

from kilpi.errors import WeightsError
from kilpi.learn.nets import MULTIPLE, DetectorConfig, DetectorNet, ExportedDetector, parameters
from kilpi.weights import Card, check_weights, file_sha256, find_weights, write_card

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


def write_onnx(net: nn.Module, sample: torch.Tensor, path: Path, outputs: list[str], shape: Any) -> None:
    """One .onnx file with the weights in it; `shape` names the dynamic sides of the input `pixels`."""
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net,
            (sample,),
            path,
            dynamo=True,
            external_data=False,  # else the weights lie in a second file
            opset_version=OPSET,
            input_names=["pixels"],
            output_names=outputs,
            dynamic_shapes=({**shape},),
            optimize=False,  # keeps every weight under its own name, for training on from what ships
            verbose=False,
        )
    fold_constants(path)


def fold_constants(path: Path) -> None:
    """Works out in an .onnx file what never changes; every weight keeps its name.

    The exporter gives a convolution without a bias one that is computed anew at each run, and likewise the
    limits of a ReLU6. ONNX Runtime then joins neither with its convolution: the detector took 2.5 times as
    long.
    """
    model = onnx.load(path)
    # A linear layer's weight is transposed in the file; folded, it would be lost under its name.
    optimizer.fold_constants(model, should_fold=lambda node: False if node.op_type == "Transpose" else None)
    optimizer.remove_unused_nodes(model)
    onnx.save(model, path)


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


def data_id(labels: Path) -> dict[str, Any]:
    """A label file by name, hash and number of lines."""
    lines = sum(1 for line in labels.read_text(encoding="utf-8").splitlines() if line.strip())
    name = labels.name if labels.name != "labels.jsonl" else f"{labels.parent.name}/{labels.name}"
    return {"labels": name, "sha256": file_sha256(labels), "photos": lines}


def commit() -> str | None:
    """The checkout's commit, where there is one."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def ship(card: Card, path: Path, metrics: dict[str, Any], training: dict[str, Any]) -> Card:
    """Writes the card with what was measured, beside its network."""
    full = replace(card, metrics=metrics, training=training)
    write_card(full, path)
    return full


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
