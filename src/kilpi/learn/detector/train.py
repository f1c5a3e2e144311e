"""`kilpi train detector`: label files in, a run folder with detector.onnx, card and curves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from kilpi.geometry import box_iou, quad_from_array, quad_size, quad_to_array
from kilpi.labels.dataset import Scene
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
from kilpi.learn.session import Asked, Session, load_all
from kilpi.learn.train import asked_of, train
from kilpi.plates.detector import FIRST_SIDE, decode, fit_side, pad
from kilpi.types import Quad
from kilpi.weights import folder_to_start_from, read_card

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
    kept_back: frozenset[Path | None] = frozenset()  # the photos that it was measured on


def train_detector(asked: Asked, net: DetectorConfig | None = None, side: int = 320) -> DetectorRun:
    """Trains the detector on label files and exports it into the run folder.

    `net` is the shape of a new one, `side` the pixels of a picture's side. Raises UsageError, LabelError,
    WeightsError.
    """
    session = Session("detector", asked)
    training, validation = load_all(asked.labels, asked.images, asked.val)
    made = starting_net(session.start_from, asked.resume, net)
    photos = {"training": len(training), "validation": len(validation)}
    about = {"net": config_to_state(made.config), "side": side, "photos": photos}
    plan = session.plan(about, (RATE, FURTHER))
    pictures = Pictures(training, BATCH, Mix(side=side), session.seed, PlateSwapper())
    checked = validation[:: max(1, len(validation) // MEASURED)]
    batches = stream(pictures, asked.workers)
    trained = train(made, batches, step_loss, plan, lambda n: validate(as_detector(n), checked))
    return finish(as_detector(trained), session, training, validation)


def as_detector(net: nn.Module) -> DetectorNet:
    """The net, typed."""
    assert isinstance(net, DetectorNet)
    return net


def step_loss(net: nn.Module, batch: Batch) -> Tensor:
    """The loss of one batch of `Pictures`."""
    pixels, *targets = batch
    heat, corners, weight, care = targets
    return detector_loss(net(pixels), heat, corners, weight, care).total


def starting_net(
    start_from: str | Path | None, resume: Path | None, config: DetectorConfig | None
) -> DetectorNet:
    """A net by chance, as shipped, or shaped as in the run that goes on."""
    if resume is not None:
        return DetectorNet(config_from_state(asked_of(resume)["net"]))
    if start_from is not None:
        return load_shipped(folder_to_start_from(start_from))
    return DetectorNet(config)


def finish(
    net: DetectorNet, session: Session, training: Sequence[Scene], validation: Sequence[Scene]
) -> DetectorRun:
    """Exports the net with its card and measures it once more, on all of the validation photos."""
    photos = [scene.view.pixels for scene in training]
    path = export_detector(net, session.folder, photos=photos, start=session.started_from)
    measured = validate(net, validation)
    card = make_card(path, net, thresholds(session.started_from), session.asked.labels)
    metrics = {"validation": {"n": len(validation), **measured}}
    ship(card, path, metrics, {"minutes": session.asked.minutes, "training_photos": len(training)})
    kept_back = frozenset(scene.file for scene in validation)
    return DetectorRun(session.folder, path, len(training), len(validation), measured, kept_back)


def thresholds(file: Path | None) -> dict[str, float]:
    """Those of the network that a training starts from: a net that goes on learning scores alike."""
    return {"score": THRESHOLD} if file is None else read_card(file).thresholds


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
