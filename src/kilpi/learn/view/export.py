"""From a trained view network to the two files that ship."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from kilpi.learn.detector.trunks import Lite0Block
from kilpi.learn.eight_bits import make_small, spread
from kilpi.learn.onnx_export import (
    check_answers,
    export,
    new_card,
    random_pixels,
    ship,
)
from kilpi.learn.view.net import ViewNet
from kilpi.photos.view import SIDE, squash
from kilpi.types import VIEWS, Pixels
from kilpi.weights import PACKAGED, Card, find_weights, read_card

# Largest difference of a share or of the map, torch - ONNX Runtime with weights of 16 bits, on noise, which
# stretches the map most: the shipped network has 0.002 and 0.016, one that learnt from 180 further photos
# 0.022 (recipes/LOG.md, views further); a wrong export differs by tenths.
AGREEMENT = 0.05
MEASURED = 64
DataIds = tuple[dict[str, Any], ...]
OUTPUTS = ["shares", "end_map", "places", "widths", "orientation"]


class Folded(torch.nn.Module):
    """The network with every batch norm worked into the convolution before it: a third fewer operations."""

    def __init__(self, net: ViewNet) -> None:
        super().__init__()
        self.net = net.eval()
        trunk = net.trunk
        fold(trunk._conv_stem, trunk._bn0)
        for block in trunk._blocks:
            assert isinstance(block, Lite0Block)
            if block.expands:
                fold(block._expand_conv, block._bn0)
            fold(block._depthwise_conv, block._bn1)
            fold(block._project_conv, block._bn2)
        fold(trunk._conv_head, trunk._bn1)
        del trunk._fc

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """As `ViewNet.look`."""
        return self.net.look(pixels)


@torch.no_grad()
def fold(conv: torch.nn.Conv2d, norm: torch.nn.BatchNorm2d) -> None:
    """Moves a batch norm's scale into the convolution; the norm keeps only the shift."""
    assert norm.running_var is not None and norm.running_mean is not None
    factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    conv.weight.mul_(factor[:, None, None, None])
    norm.bias.sub_(norm.running_mean * factor)
    norm.running_mean.zero_()
    norm.running_var.fill_(1.0)
    norm.weight.fill_(1.0)
    norm.eps = 0.0


def export_view(
    net: ViewNet, folder: Path, photos: Sequence[Pixels] = (), start: Path = PACKAGED, name: str = "view"
) -> Path:
    """Writes NAME.onnx, one file, any batch, weights in 16 bits; `net` is folded by it and then done with.

    At most `MEASURED` of the `photos`, (h, w, 3) uint8 RGB, and the network of the folder `start`, whose
    trunk is the same, say how it may be computed in 8 bits (`learn/eight_bits`). Raises WeightsError where
    ONNX Runtime does not answer as torch does.
    """
    folded = Folded(net).eval()

    def check(part: Path) -> None:
        check_answers(folded, part, [random_pixels(3, SIDE, SIDE, 3)], AGREEMENT)
        some = [squash(pixels)[None] for pixels in spread(photos, MEASURED)]
        make_small(part, some, find_weights(name, start))

    return export(folded, random_pixels(2, SIDE, SIDE, 3), folder / f"{name}.onnx", OUTPUTS, check)


def joined_data(before: DataIds, more: DataIds) -> DataIds:
    """The label files of two trainings, each once."""
    known = {one["sha256"] for one in before}
    return (*before, *(one for one in more if one["sha256"] not in known))


def ship_part(
    net: ViewNet,
    part: str,
    told: Mapping[str, float],
    training: Mapping[str, Any],
    labels: Sequence[Path],
    pictures: Sequence[Pixels],
    start: Path,
    out: Path,
    started: float,
) -> Path:
    """view.onnx and its card in `out`, where one part of the network of the folder `start` was learnt anew:
    the card's other metrics and trainings stay. `started`: of `time.monotonic`, when the training was begun.
    """
    path = export_view(net, out, pictures, start)
    before = read_card(find_weights("view", start))
    training = {"minutes": round((time.monotonic() - started) / 60, 1), **training}
    card = make_card(path, net, before.thresholds["p"], labels)
    card = replace(card, data=joined_data(before.data, card.data))
    ship(card, path, {**before.metrics, part: told}, {**before.training, part: training})
    return path


def make_card(path: Path, net: ViewNet, least: float, labels: Sequence[Path]) -> Card:
    """The view network's card, without metrics. Not yet written."""
    fed = {
        "pixels": f"(n, {SIDE}, {SIDE}, 3) uint8 RGB, the photo squashed to a square",
        "shares": f"(n, {len(VIEWS)}), calibrated by one temperature",
        "end_map": "(n, 7, 7), how much a cell looks like a front or rear, 0 to 1 in each photo",
        "places": "(n, 14, 14), how much says that a car wears its plate there, 0 to 1",
        "widths": "(n, 14, 14), how wide that plate is, parts of the picture's width",
        "orientation": "(n, 12), how much says that it lies turned to the right by 0, 30, ... 330 degrees",
        "views": [str(view) for view in VIEWS],
        "temperature": round(float(net.temperature), 4),
    }
    return new_card(path, net, labels, fed, {"p": least})
