"""From a trained detector, or a net that sharpens corners, to the files that ship."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from kilpi.errors import WeightsError
from kilpi.learn.detector.net import MULTIPLE, DetectorConfig, DetectorNet, ExportedDetector
from kilpi.learn.eight_bits import make_small, one_by_one, spread
from kilpi.learn.onnx_export import (
    answers_of,
    check_answers,
    export,
    new_card,
    random_pixels,
    restore,
)
from kilpi.plates.corners import VIEW
from kilpi.plates.detector import FIRST_SIDE, GLANCE_SIDE, LINE_SIDE, fit_side, pad
from kilpi.types import Pixels
from kilpi.weights import Card, check_weights, find_weights

AGREEMENT = 1e-3  # largest difference torch - ONNX Runtime: of scores as such, of corners in pixels
SIDES = (GLANCE_SIDE, FIRST_SIDE, 640, LINE_SIDE)  # pixels of a photo's longer side
MEASURED = 100  # photos; many more would take minutes
TIED = 0.2  # part of the cells that may be a peak in one and not in the other: many, before it has learnt


def export_detector(
    net: DetectorNet,
    folder: Path,
    name: str = "detector",
    photos: Sequence[Pixels] = (),
    start: Path | None = None,
) -> Path:
    """Writes NAME.onnx, one file, any batch and any sides that are multiples of 32, and checks it.

    `photos`, (h, w, 3) uint8 RGB, and `start`, the file that it was trained further from, say how it may be
    computed in 8 bits (`learn/eight_bits`). Raises WeightsError where ONNX Runtime does not answer as torch
    does.
    """
    shipped = ExportedDetector(net).eval()

    def check(part: Path) -> None:
        check_export(shipped, part)
        if photos:
            make_small(part, looks_at(photos), start)

    height = torch.export.Dim("rows", min=1, max=256) * MULTIPLE
    width = torch.export.Dim("columns", min=1, max=256) * MULTIPLE
    return export(
        shipped,
        random_pixels(2, 3 * MULTIPLE, 4 * MULTIPLE, 3),
        folder / f"{name}.onnx",
        ["scores", "corners"],
        check,
        {0: torch.export.Dim("n"), 1: height, 2: width},
    )


def looks_at(photos: Sequence[Pixels]) -> list[Pixels]:
    """At most `MEASURED` of the photos as the detector is given them, (1, h, w, 3) each, at all its sizes."""
    return [
        pad(fit_side(pixels, SIDES[i % len(SIDES)], pixels.shape[1], pixels.shape[0]).pixels)
        for i, pixels in enumerate(spread(photos, MEASURED))
    ]


def export_corners(
    net: nn.Module,
    folder: Path,
    name: str = "corners",
    crops: Sequence[Pixels] = (),
    start: Path | None = None,
) -> Path:
    """Writes NAME.onnx of the net that sharpens corners, any batch, and checks its answers.

    `crops`, (96, 192, 3) uint8 RGB, and `start` as `photos` and `start` of `export_detector`. Raises
    WeightsError where ONNX Runtime does not answer as torch does.
    """
    net, sides = net.eval(), (VIEW[1], VIEW[0], 3)

    def check(part: Path) -> None:
        check_answers(net, part, [random_pixels(3, *sides)], 10 * AGREEMENT)
        if crops:
            make_small(part, one_by_one(crops, MEASURED), start)

    return export(
        net,
        random_pixels(2, *sides),
        folder / f"{name}.onnx",
        ["corners"],
        check,
    )


def check_export(shipped: ExportedDetector, path: Path) -> None:
    """Raises WeightsError where the file's answers differ from torch's by more than `AGREEMENT`."""
    inputs = [
        random_pixels(1, 5 * MULTIPLE, 2 * MULTIPLE, 3),
        random_pixels(2, 3 * MULTIPLE, 4 * MULTIPLE, 3),
    ]
    for wanted, got in answers_of(shipped, path, inputs):
        # Neighbours that tie but for rounding may be a peak here and none there.
        peaks = (wanted[0] > 0) & (got[0] > 0)
        tied = float(np.mean((wanted[0] > 0) != (got[0] > 0)))
        gap = max(float(np.abs((wanted[0] - got[0]) * peaks).max()), float(np.abs(wanted[1] - got[1]).max()))
        if not (gap <= AGREEMENT and tied <= TIED):
            raise WeightsError(f"{path}: the exported network answers otherwise than torch (by {gap:.2g})")


def make_card(path: Path, net: DetectorNet, thresholds: dict[str, float], labels: Sequence[Path]) -> Card:
    """A detector's card, without metrics. Not yet written; see `ship`."""
    fed = {
        "pixels": "(n, h, w, 3) uint8 RGB, h and w multiples of 32",
        "scores": "(n, h/8, w/8)",
        "corners": "(n, h/8, w/8, 8): tl, tr, br, bl as x, y in input pixels",
        "net": config_to_state(net.config),
    }
    return new_card(path, net, labels, fed, thresholds)


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
    try:
        net = DetectorNet(config_from_state(card.input["net"]))
    except (KeyError, ValueError) as error:
        raise WeightsError(f"{path}: was not exported by this version; train from scratch") from error
    restore(net, path)
    return net
