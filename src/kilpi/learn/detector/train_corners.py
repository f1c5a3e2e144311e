"""`kilpi train corners`: trains the net that sharpens corners, on the same labels as the detector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from kilpi.errors import LabelError
from kilpi.labels.dataset import Scene
from kilpi.learn.detector.corner_net import CornerNet, PlateCrops, corner_net_loss, only_exact
from kilpi.learn.detector.export import export_corners
from kilpi.learn.detector.photometric import PlateSwapper
from kilpi.learn.detector.pictures import Mix, stream
from kilpi.learn.detector.train import FURTHER, RATE
from kilpi.learn.onnx_export import new_card, restore, ship
from kilpi.learn.session import Asked, Session, load_all
from kilpi.learn.train import train
from kilpi.weights import Card, check_weights, find_weights, folder_to_start_from

BATCH = 32
CHECKED = 256  # crops of validation plates a measurement


@dataclass(frozen=True, slots=True)
class CornersRun:
    """What a training left behind: its folder, corners.onnx in it, and the median corner error of kept-back
    plates, as a part of their width, beside that of the network it started from. Empty where none was kept.
    """

    folder: Path
    weights: Path
    validation: dict[str, float]


def train_corners(asked: Asked) -> CornersRun:
    """Trains on plates with true corners and exports corners.onnx into the run folder.

    Raises UsageError, LabelError, WeightsError.
    """
    session = Session("corners", asked)
    training, validation = (with_corners(part) for part in load_all(asked.labels, asked.images, asked.val))
    if not training:
        raise LabelError("no plate has four corners; boxes alone cannot teach corners")
    plan = session.plan({"net": {}}, (RATE, FURTHER))
    crops = PlateCrops(training, BATCH, Mix(), session.seed, PlateSwapper(pasted=0.15))
    fixed, batches = fixed_batch(validation or training), stream(crops, asked.workers)
    net = train(starting_net(session.start_from), batches, corner_net_loss, plan, lambda n: measure(n, fixed))
    path = export_corners(net, session.folder, crops=list(fixed[0].numpy()), start=session.started_from)
    measured = measure(net, fixed) if validation else {}
    ship(
        make_card(path, net, asked.labels), path, {"validation": {"n": CHECKED, **measured}},
        {"minutes": asked.minutes},
    )  # fmt: skip
    if validation and session.start_from is not None:
        measured["corner_error_before"] = measure(starting_net(session.start_from), fixed)["corner_error"]
    return CornersRun(session.folder, path, measured)


def make_card(path: Path, net: nn.Module, labels: Sequence[Path]) -> Card:
    """The corner net's card, before it was measured."""
    fed = {"pixels": "(n, 96, 192, 3) uint8 RGB", "corners": "(n, 8): tl, tr, br, bl as x, y in its pixels"}
    return new_card(path, net, labels, fed)


def starting_net(start_from: str | Path | None) -> CornerNet:
    """A net by chance, as shipped, or as a folder's corners.onnx has it. Raises WeightsError."""
    net = CornerNet()
    if start_from is not None:
        path = find_weights("corners", folder_to_start_from(start_from))
        check_weights(path)
        restore(net, path, prefix="")
    return net


def with_corners(scenes: Sequence[Scene]) -> list[Scene]:
    """The scenes that have plates with true corners."""
    return [replace(s, share=1.0) for s in scenes if len(only_exact(s.view).quads)]


def fixed_batch(scenes: Sequence[Scene]) -> tuple[torch.Tensor, ...]:
    """The crops that every measurement is made on: real plates as they are, roughly seen."""
    crops = PlateCrops(scenes, CHECKED, Mix(retouched=0.0))
    return crops.make_batch(np.random.default_rng(0))


@torch.no_grad()
def measure(net: nn.Module, batch: tuple[torch.Tensor, ...]) -> dict[str, float]:
    """Median over crops of the mean corner distance, as a part of the plate's width in the crop."""
    pixels, corners = batch
    device = next(net.parameters()).device
    seen = net(pixels.to(device)).cpu().reshape(-1, 4, 2)
    truth = corners.reshape(-1, 4, 2)
    width = (truth[:, 1] - truth[:, 0]).norm(dim=1)
    return {"corner_error": float(((seen - truth).norm(dim=2).mean(1) / width).median())}
