"""What every network's export shares: the .onnx file, its check against torch, and the card beside it."""

from __future__ import annotations

import csv
import logging
import subprocess
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxscript import optimizer
from torch import Tensor, nn

from kilpi.errors import WeightsError
from kilpi.files import written_whole
from kilpi.hashing import file_sha256
from kilpi.weights import Card, write_card
from kilpi.weights.session import AS_WRITTEN, answer_of, options_for

OPSET = 20
LEAST_HALVED = 256  # numbers; smaller tensors and vectors gain nothing from 16 bits


def export(
    net: nn.Module,
    sample: Tensor,
    path: Path,
    outputs: list[str],
    check: Callable[[Path], None],
    shape: Any = None,
    name: str = "pixels",
) -> Path:
    """Writes `path` whole or not at all, once `check` has found that it answers as torch does.

    `shape` says which sides of the only input, `name`, may vary; by default only how many there are.
    """
    with written_whole(path) as beside:
        write_onnx(net, sample, beside, outputs, shape or {0: torch.export.Dim("n")}, name)
        check(beside)
    return path


def check_answers(net: nn.Module, path: Path, inputs: Sequence[Tensor], most: float) -> None:
    """Raises WeightsError where ONNX Runtime answers any of `inputs` otherwise than torch by over `most`."""
    for wanted, got in answers_of(net, path, inputs):
        gap = max(float(np.abs(w - g).max()) for w, g in zip(wanted, got, strict=True))
        if not gap <= most:  # also where it is no number
            raise WeightsError(f"{path}: the exported network answers otherwise than torch (by {gap:.2g})")


@torch.no_grad()
def answers_of(
    net: nn.Module, path: Path, inputs: Sequence[Tensor]
) -> list[tuple[list[np.ndarray[Any, Any]], list[np.ndarray[Any, Any]]]]:
    """For every input all outputs as torch gives them, and as the .onnx file does."""
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    both = []
    for given in inputs:
        wanted = net(given)
        parts = wanted if isinstance(wanted, tuple) else (wanted,)
        both.append(([part.numpy() for part in parts], session.run(None, {name: given.numpy()})))
    return both


def random_pixels(*shape: int) -> Tensor:
    """uint8 pixels to try a network with."""
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))


def stored_weights(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """An .onnx file's tensors by the names of the weights; those that it keeps in 16 bits (`halve_weights`)
    are cast back.
    """
    graph = onnx.load(path).graph
    whole = {node.input[0]: node.output[0] for node in graph.node if node.op_type == "Cast"}
    stored: dict[str, np.ndarray[Any, Any]] = {}
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        stored[whole.get(tensor.name, tensor.name)] = (
            values.astype(np.float32) if tensor.name in whole else values
        )
    return stored


def restore(net: nn.Module, path: Path, prefix: str = "net.") -> None:
    """Gives `net` the weights of an .onnx file, where they are named as its own behind `prefix`.

    Raises WeightsError.
    """
    stored = stored_weights(path)
    weights = net.state_dict()
    try:
        for key, value in weights.items():
            if not key.endswith("num_batches_tracked"):
                whole = stored[f"{prefix}{key}"].astype(np.float32)
                weights[key] = torch.from_numpy(whole).reshape(value.shape)
        net.load_state_dict(weights)
    except (KeyError, RuntimeError) as error:
        raise WeightsError(f"{path}: was not exported by this version; train from scratch") from error


def write_onnx(
    net: nn.Module, sample: torch.Tensor, path: Path, outputs: list[str], shape: Any, name: str = "pixels"
) -> None:
    """One .onnx file with the weights in it; `shape` says which sides of the only input, `name`, may vary."""
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
            input_names=[name],
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
    for node in model.graph.node:  # where in whose sources each was made: of no use to anybody else
        del node.metadata_props[:]
    del model.graph.value_info[:]
    onnx.save(model, path)


def halve_weights(path: Path) -> None:
    """Keeps an .onnx file's large float32 tensors in 16 bits, each cast back when the network is opened.

    ONNX Runtime folds the casts then, so that it computes in 32 bits at full speed; only the file is small.
    """
    model = onnx.load(path)
    graph = model.graph
    casts = []
    for tensor in list(graph.initializer):
        numbers = int(np.prod(tensor.dims))
        if tensor.data_type != TensorProto.FLOAT or numbers < LEAST_HALVED or numbers == max(tensor.dims):
            continue
        values = numpy_helper.to_array(tensor).astype(np.float16)
        graph.initializer.remove(tensor)
        graph.initializer.append(numpy_helper.from_array(values, f"{tensor.name}.half"))
        casts.append(helper.make_node("Cast", [f"{tensor.name}.half"], [tensor.name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, path)


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


def new_card(
    path: Path,
    net: nn.Module,
    labels: Sequence[Path],
    fed: dict[str, Any],
    thresholds: dict[str, float] | None = None,
) -> Card:
    """The card of an exported network, without metrics; `fed` is its `input`. Not yet written; see `ship`."""
    return Card(
        name=path.stem,
        sha256=file_sha256(path),
        params=parameters(net),
        input=fed,
        thresholds=thresholds or {},
        data=tuple(data_id(file) for file in labels),
        date=datetime.now(UTC).date().isoformat(),
        commit=commit(),
    )


def told_by(path: Path) -> tuple[float, ...]:
    """What the file answers to the made-up picture that every opening is tried on, roundings as written;
    nothing where it takes no picture.
    """
    session = ort.InferenceSession(path, options_for(AS_WRITTEN), providers=["CPUExecutionProvider"])
    return tuple(answer_of(session)) if session.get_inputs()[0].type == "tensor(uint8)" else ()


def ship(card: Card, path: Path, metrics: dict[str, Any], training: dict[str, Any]) -> Card:
    """Writes the card beside its network: what was measured, how it was trained, and the run's curves."""
    trained = {**training, "curves": read_curves(path.parent)}
    full = replace(card, metrics=metrics, training=trained, answer=told_by(path))
    write_card(full, path)
    return full


def read_curves(run: Path) -> list[dict[str, float]]:
    """The rows of a run folder's curves.csv; none where there is no such file."""
    if not (run / "curves.csv").is_file():
        return []
    with (run / "curves.csv").open(newline="") as file:
        return [{k: round(float(v), 5) for k, v in row.items() if v} for row in csv.DictReader(file)]


def parameters(net: nn.Module) -> int:
    """How many numbers a net holds."""
    return sum(p.numel() for p in net.parameters())
