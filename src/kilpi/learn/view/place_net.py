"""Where a car wears its plate, from what the trunk sees: a small convolutional head, and its loss."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kilpi.learn.view.trunk import BLOCK, BLOCK_SCALE, FINE, WHOLE

WIDTH = 96  # channels
DROPPED = 0.1  # of the channels, in training
SCALES = 0.45, 0.3  # bring the coarse and the fine features to lengths that one rate suits
RARE = -3.0  # log odds of a place that the head begins with: nearly all cells are none


class PlaceHead(nn.Module):
    """(n, 112, g, g), (n, 320, g/2, g/2), (n, 1280, g/2, g/2) of `Lite0.maps` -> (n, g, g) log odds that a
    plate's middle belongs there, and (n, g, g) logarithms of its width as a part of the picture's.
    """

    def __init__(self) -> None:
        super().__init__()
        self.coarse = nn.Conv2d(WHOLE + BLOCK, WIDTH, 1)
        self.about = nn.Linear(WHOLE + BLOCK, WIDTH)  # of the whole picture
        self.fine = nn.Conv2d(FINE, WIDTH // 2, 1)
        self.join = nn.Conv2d(WIDTH + WIDTH // 2, WIDTH, 3, padding=1)
        self.around = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        self.answer = nn.Conv2d(WIDTH, 2, 1)
        self.drop = nn.Dropout2d(DROPPED)
        nn.init.constant_(self.answer.bias, RARE)  # type: ignore[arg-type]

    def forward(self, fine: Tensor, block: Tensor, whole: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        cells = torch.cat([whole, block * BLOCK_SCALE], dim=1) * SCALES[0]
        about = self.about(cells.mean(dim=(2, 3)))
        coarse = F.relu(self.coarse(self.drop(cells)) + about[:, :, None, None])
        larger = F.interpolate(coarse, scale_factor=2, mode="bilinear", align_corners=False)
        near = F.relu(self.fine(self.drop(fine) * SCALES[1]))
        seen = F.relu(self.join(torch.cat([larger, near], dim=1)))
        answer = self.answer(F.relu(self.around(self.drop(seen))))
        return answer[:, 0], answer[:, 1]


@dataclass(frozen=True, slots=True)
class PlaceTargets:
    """What a head is to answer for n pictures, each (n, g, g) float32: `heat`, 1 at a plate's middle and
    falling off around it; `care`, 0 where nothing is asked; `width`, the logarithm of the nearest plate's.
    """

    heat: Tensor
    care: Tensor
    width: Tensor


MIDDLE = 0.97  # of the heat, from which a cell is the plate's own
NEAR = 0.5  # from which it tells the width
WIDTHS = 0.3  # how much the widths count


def place_loss(odds: Tensor, width: Tensor, wanted: PlaceTargets) -> Tensor:
    """The focal loss of heatmaps (Zhou et al. 2019, "Objects as points"), and a smooth distance of widths."""
    score = torch.sigmoid(odds)
    middle = (wanted.heat >= MIDDLE).float()
    rest = (1 - wanted.heat) ** 4 * (1 - middle) * wanted.care
    found = -F.logsigmoid(odds) * (1 - score) ** 2 * middle * wanted.care
    false = -F.logsigmoid(-odds) * score**2 * rest
    near = (wanted.heat > NEAR).float() * wanted.care
    apart = F.smooth_l1_loss(width, wanted.width, reduction="none") * near
    places: Tensor = (found.sum() + false.sum()) / middle.sum().clamp(min=1)
    return places + WIDTHS * apart.sum() / near.sum().clamp(min=1)
