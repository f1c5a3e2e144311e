"""What the detector's net is to answer (targets), and how wrong it was (loss).

The heat target is a Gaussian on every plate's centre, as wide as the plate allows; the loss is CenterNet's
focal loss on it and an L1 loss on the corners, measured in the plate's own size so that small plates count
as much.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from kilpi.learn.detector.net import STRIDE, cell_centres

CORE = 0.6  # cells with more heat than this learn the corners too
BOX_ONLY_WEIGHT = 0.2  # corner loss of plates of which only an upright box is known
CORNER_WEIGHT = 4.0
FOCUS, EASE = 2.0, 4.0  # alpha and beta of the focal loss: Zhou et al. 2019, equation 1

Floats = NDArray[np.float32]


class Targets(NamedTuple):
    """What the net should say of one picture (or of a batch, with n in front). Float32.

    heat (h, w): 0..1, one at centres. corners (h, w, 8): input pixels. weight (h, w): of the corner loss.
    care (h, w): 0 where nobody knows what is there, else 1.
    """

    heat: Floats
    corners: Floats
    weight: Floats
    care: Floats


def draw_targets(quads: Floats, exact: NDArray[np.bool_], ignore: Floats, height: int, width: int) -> Targets:
    """Targets of one picture of (height, width) pixels.

    `quads` (k, 4, 2) are its plates, `exact` (k,) tells whether the corners are true or those of a box,
    `ignore` (m, 4, 2) are regions that are neither right nor wrong.
    """
    h, w = height // STRIDE, width // STRIDE
    heat, weight = np.zeros((h, w), np.float32), np.zeros((h, w), np.float32)
    corners = np.zeros((h, w, 8), np.float32)
    care = np.ones((h, w), np.float32)
    ys, xs = (np.mgrid[0:h, 0:w].astype(np.float32) + 0.5) * STRIDE
    for quad in ignore:
        x1, y1 = quad.min(axis=0) - STRIDE
        x2, y2 = quad.max(axis=0) + STRIDE
        care[(xs > x1) & (xs < x2) & (ys > y1) & (ys < y2)] = 0
    for quad, true in zip(quads, exact, strict=True):
        middle = quad.mean(axis=0)
        size = quad.max(axis=0) - quad.min(axis=0)
        sx, sy = np.clip(size / 10, STRIDE * 0.5, STRIDE * 3)
        blob = np.exp(-((xs - middle[0]) ** 2) / (2 * sx**2) - ((ys - middle[1]) ** 2) / (2 * sy**2))
        column, row = (int(v // STRIDE) for v in middle)
        if 0 <= row < h and 0 <= column < w:
            blob[row, column] = 1.0
        ours = blob > np.maximum(heat, CORE)
        corners[ours] = quad.reshape(8)
        weight[ours] = blob[ours] * (1.0 if true else BOX_ONLY_WEIGHT)
        heat = np.maximum(heat, blob)
    return Targets(heat, corners, weight, care)


class Loss(NamedTuple):
    """The sum that is trained, and its two parts."""

    total: Tensor
    heat: Tensor
    corners: Tensor


def heat_loss(logits: Tensor, target: Tensor, care: Tensor) -> Tensor:
    """Focal loss per plate; logits, target and care (n, h, w) float32."""
    p = torch.sigmoid(logits)
    centre = (target >= 1.0).float()
    found = F.logsigmoid(logits) * (1 - p) ** FOCUS * centre
    silent = F.logsigmoid(-logits) * p**FOCUS * (1 - target) ** EASE * (1 - centre)
    return -((found + silent) * care).sum() / centre.sum().clamp(min=1.0)


def corner_loss(out: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean corner error as a part of the plate's size; out (n, 8, h, w) offsets, target (n, h, w, 8)
    pixels.
    """
    wanted = target.permute(0, 3, 1, 2)
    xs, ys = wanted[:, 0::2], wanted[:, 1::2]
    extent = (xs.amax(1) - xs.amin(1)).clamp(min=STRIDE) * (ys.amax(1) - ys.amin(1)).clamp(min=STRIDE / 2)
    error = (out + cell_centres(out) - wanted).abs().mean(dim=1) / extent.sqrt()
    return (error * weight).sum() / weight.sum().clamp(min=1.0)


def detector_loss(out: Tensor, heat: Tensor, corners: Tensor, weight: Tensor, care: Tensor) -> Loss:
    """Loss of a net output (n, 9, h, w) against batched targets; see `Targets`."""
    out = out.float()
    heat_part = heat_loss(out[:, 0], heat, care)
    corner_part = corner_loss(out[:, 1:], corners, weight)
    return Loss(heat_part + CORNER_WEIGHT * corner_part, heat_part, corner_part)
