"""From a trained reader to the two files that ship: reader.onnx and its card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch

from kilpi.errors import WeightsError
from kilpi.learn.reader.net import ALPHABET, SLOTS, ExportedReader, ReaderConfig, ReaderNet
from kilpi.learn.shipping import commit, data_id, parameters, write_onnx
from kilpi.reader import HEIGHT, WIDTH
from kilpi.weights import Card, check_weights, file_sha256, find_weights

AGREEMENT = 1e-4  # largest difference torch - ONNX Runtime of any score


def export_reader(net: ReaderNet, folder: Path, name: str = "reader") -> Path:
    """Writes NAME.onnx, one file for any number of crops, and checks it.

    Raises WeightsError where ONNX Runtime does not answer as torch does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    part = path.with_suffix(".part.onnx")
    shipped = ExportedReader(net).eval()
    sample = torch.randint(0, 256, (2, HEIGHT, WIDTH, 3), dtype=torch.uint8)
    write_onnx(shipped, sample, part, ["slots", "countries", "two_rows"], {0: torch.export.Dim("n")})
    check_export(shipped, part)
    part.replace(path)
    return path


def check_export(shipped: ExportedReader, path: Path) -> None:
    """Raises WeightsError where the file's answers differ from torch's by more than `AGREEMENT`."""
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    for n in (1, 3):
        pixels = rng.integers(0, 256, (n, HEIGHT, WIDTH, 3), dtype=np.uint8)
        with torch.no_grad():
            wanted = shipped(torch.from_numpy(pixels))
        got = session.run(None, {"pixels": pixels})
        for ours, theirs in zip(wanted, got, strict=True):
            gap = float(np.abs(ours.numpy() - theirs).max())
            if not gap <= AGREEMENT:
                raise WeightsError(
                    f"{path}: the exported network answers otherwise than torch (by {gap:.2g})"
                )


def make_reader_card(path: Path, net: ReaderNet, labels: Sequence[Path]) -> Card:
    """A reader's card, without metrics. Not yet written."""
    return Card(
        name=path.stem,
        sha256=file_sha256(path),
        params=parameters(net),
        input={
            "pixels": f"(n, {HEIGHT}, {WIDTH}, 3) uint8 RGB, a plate stretched to fill it",
            "slots": f"(n, {SLOTS}, {len(ALPHABET) + 1}): the alphabet's characters, then blank",
            "countries": f"(n, {len(net.config.countries)})",
            "two_rows": "(n,)",
            "alphabet": ALPHABET,
            **asdict(net.config),
        },
        data=tuple(data_id(file) for file in labels),
        date=datetime.now(UTC).date().isoformat(),
        commit=commit(),
    )


def reader_config(state: dict[str, Any]) -> ReaderConfig:
    """A config from a card's `input` or from run.json. Raises WeightsError where it is none."""
    try:
        a, b, c, d = state["widths"]
        return ReaderConfig(
            tuple(state["countries"]),
            (a, b, c, d),
            **{
                name: int(state[name]) for name in ("tokens", "fine", "residuals", "along", "layers", "heads")
            },
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"no reader's configuration: {error}") from None


def load_reader(folder: Path | None = None, name: str = "reader") -> ReaderNet:
    """A shipped network as a torch net that can go on learning. Raises WeightsError where it is not ours."""
    path = find_weights(name, folder)
    net = ReaderNet(reader_config(check_weights(path).input))
    stored = {t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}
    try:
        state = net.state_dict()
        for key, value in state.items():
            if not key.endswith("num_batches_tracked"):
                state[key] = torch.from_numpy(stored[f"net.{key}"].copy()).reshape(value.shape)
        net.load_state_dict(state)
    except (KeyError, ValueError, RuntimeError) as error:
        raise WeightsError(f"{path}: was not exported by this version; train from scratch") from error
    return net
