"""`kilpi train detector`: label files in, a run folder with detector.onnx, card and curves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from kilpi.errors import LabelError, UsageError
from kilpi.geometry import box_iou, quad_from_array, quad_size, quad_to_array
from kilpi.labels.dataset import Scene, cluster, load_kept_back, load_scenes, split
from kilpi.labels.warps import View
from kilpi.learn.data_parallel import Batch
from kilpi.learn.detector.export import (
    config_from_state,
    config_to_state,
    export_detector,
    load_shipped,
    make_card,
)
from kilpi.learn.detector.heatmaps import detector_loss
from kilpi.learn.detector.net import DetectorConfig, DetectorNet, ExportedDetector
from kilpi.learn.detector.photometric import PlateSwapper
from kilpi.learn.detector.pictures import Mix, Pictures, stream
from kilpi.learn.onnx_export import ship
from kilpi.learn.train import Plan, asked_of, begin_run, load_checkpoint, seed_all, train
from kilpi.plates.detector import FIRST_SIDE, decode, fit_side, pad
from kilpi.types import Quad
from kilpi.weights import PACKAGED, Card, find_weights, read_card

THRESHOLD = 0.5  # score, until a measuring set says better
BATCH = 8
RATE = 2e-3
FURTHER = 5e-4  # learning rate of a training that starts from a trained net
MEASURED = 32  # validation photos a measurement while training


@dataclass(frozen=True, slots=True)
class DetectorRun:
    """What a training left behind."""

    folder: Path
    weights: Path
    training_photos: int
    validation_photos: int
    validation: dict[str, float]
    kept_back: frozenset[str] = frozenset()  # the names of the photos that it was measured on


def train_detector(
    minutes: float,
    labels: Sequence[Path],
    images: Sequence[Path] = (),
    *,
    validation: Sequence[Path] = (),
    start_from: str | Path | None = None,
    resume: Path | None = None,
    seed: int = 0,
    device: str = "auto",
    out: Path | None = None,
    net: DetectorConfig | None = None,
    side: int = 320,
    workers: int = 1,
    quiet: bool = False,
) -> DetectorRun:
    """Trains the detector for `minutes` on label files and exports it into the run folder.

    `images` are folders to look for pictures in, beside the label files' own. `validation` are label files
    to measure on; without them a part of `labels` is kept back. `start_from` is "shipped" or a folder with
    detector.onnx: its weights are the start instead of chance. `resume` is the folder of a killed run,
    which goes on with the net it was started with; `net` is the shape of a new one. Raises UsageError,
    LabelError, WeightsError.
    """
    if minutes <= 0:
        raise UsageError("--minutes must be above 0")
    folder = resume or out or Path("runs") / f"{datetime.now():%Y%m%d-%H%M}-detector"
    seed_all(seed)
    training, kept_back = load_all(labels, images, validation)
    if resume is not None:
        start_from = asked_of(resume).get("start_from")  # decides the learning rate
    made = starting_net(start_from, resume, net)
    asked = {
        "net": config_to_state(made.config), "minutes": minutes, "labels": list(map(str, labels)),
        "seed": seed, "side": side, "start_from": start_from, "val": list(map(str, validation)),
        "photos": {"training": len(training), "validation": len(kept_back)},
    }  # fmt: skip
    begin_run(folder, asked)
    rate = RATE if start_from is None else FURTHER
    plan = Plan(minutes, folder, seed, device, rate, resume=resume, quiet=quiet)
    done = load_checkpoint(resume)["step"] if resume else 0
    # A resumed run draws other pictures than it has already seen.
    pictures = Pictures(training, BATCH, Mix(side=side), seed + 7919 * done, PlateSwapper())
    checked = kept_back[:: max(1, len(kept_back) // MEASURED)]
    trained = train(
        made, stream(pictures, workers), step_loss, plan, lambda n: validate(as_detector(n), checked)
    )
    thresholds = {"score": THRESHOLD} if start_from is None else shipped_card(start_from).thresholds
    return finish(as_detector(trained), folder, labels, training, kept_back, minutes, thresholds)


def as_detector(net: nn.Module) -> DetectorNet:
    """The net, typed."""
    assert isinstance(net, DetectorNet)
    return net


def step_loss(net: nn.Module, batch: Batch) -> Tensor:
    """The loss of one batch of `Pictures`."""
    pixels, *targets = batch
    heat, corners, weight, care = targets
    return detector_loss(net(pixels), heat, corners, weight, care).total


def load_all(
    labels: Sequence[Path], images: Sequence[Path], validation: Sequence[Path] = ()
) -> tuple[list[Scene], list[Scene]]:
    """Training and validation scenes: of two lists of label files, or of one that is parted here.

    Look-alike frames of one file stay on one side. Raises UsageError, LabelError.
    """
    if not labels:
        raise UsageError("no labels: give at least one --labels FILE")
    loaded = [load_scenes(path, images) for path in labels]
    if validation:
        training = [scene for scenes in loaded for scene in cluster(scenes)]
        kept_back = load_kept_back(validation, images, {s.group for scenes in loaded for s in scenes})
    else:
        training, kept_back = split(scene for scenes in loaded for scene in cluster(scenes))
    if not any(len(scene.view.quads) for scene in training):
        raise LabelError("no plate with corners or a box among the training photos; nothing to learn")
    return training, kept_back


def shipped_card(start_from: str | Path) -> Card:
    """The card of the network that a training starts from."""
    folder = PACKAGED if start_from == "shipped" else Path(start_from)
    return read_card(find_weights("detector", folder))


def starting_net(
    start_from: str | Path | None, resume: Path | None, config: DetectorConfig | None
) -> DetectorNet:
    """A net by chance, as shipped, or shaped as in the run that goes on."""
    if resume is not None:
        return DetectorNet(config_from_state(asked_of(resume)["net"]))
    if start_from is not None:
        return load_shipped(PACKAGED if start_from == "shipped" else Path(start_from))
    return DetectorNet(config)


def finish(
    net: DetectorNet,
    folder: Path,
    labels: Sequence[Path],
    training: Sequence[Scene],
    validation: Sequence[Scene],
    minutes: float,
    thresholds: dict[str, float],
) -> DetectorRun:
    """Exports the net with its card and measures it once more, on all of the validation photos."""
    path = export_detector(net, folder)
    measured = validate(net, validation)
    card = make_card(path, net, thresholds, labels)
    metrics = {"validation": {"n": len(validation), **measured}}
    ship(card, path, metrics, {"minutes": minutes, "training_photos": len(training)})
    names = frozenset(scene.name for scene in validation)
    return DetectorRun(folder, path, len(training), len(validation), measured, names)


@torch.no_grad()
def validate(net: DetectorNet, scenes: Sequence[Scene]) -> dict[str, float]:
    """Recall at IoU 0.5 of the boxes, false plates a photo, median corner error (part of plate width, exact).

    Everything at the first look's size and at `THRESHOLD`; plates narrower than 12 pixels there do not count.
    """
    if not scenes:
        return {}
    shipped = ExportedDetector(net).eval()
    device = next(net.parameters()).device
    found = plates = false = 0
    errors: list[float] = []
    for scene in scenes:
        height, width = scene.view.pixels.shape[:2]
        look = fit_side(scene.view.pixels, FIRST_SIDE, width, height)
        scores, corners = shipped(torch.from_numpy(pad(look.pixels)).to(device))
        seen = [q for q, _ in decode(scores[0].cpu().numpy(), corners[0].cpu().numpy(), THRESHOLD)]
        view = scene.view
        scaled = replace(view, quads=view.quads * np.array(look.scale, np.float32))
        hits, misses, extra, gaps = compare(seen, scaled)
        found, plates, false = found + hits, plates + hits + misses, false + extra
        errors += gaps
    result = {"recall": found / max(plates, 1), "false_per_photo": false / len(scenes)}
    return result | ({"corner_error": float(np.median(errors))} if errors else {})


def compare(seen: Sequence[Quad], truth: View) -> tuple[int, int, int, list[float]]:
    """(found, missed, false, corner errors of exact plates as part of their width) in one picture."""
    left = list(seen)
    found = missed = 0
    errors = []
    for corners, exact in zip(truth.quads, truth.exact, strict=True):
        wanted = quad_from_array(corners)
        best = max(left, key=lambda q: box_iou(q.box, wanted.box), default=None)
        if best is not None and box_iou(best.box, wanted.box) >= 0.5:
            left.remove(best)
            found += 1
            if exact:
                gap = np.linalg.norm(quad_to_array(best) - corners, axis=1).mean()
                errors.append(float(gap) / max(quad_size(wanted)[0], 1.0))
        elif np.ptp(corners[:, 0]) >= 12:
            missed += 1
    return found, missed, len(left), errors
