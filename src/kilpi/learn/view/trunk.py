"""The whole EfficientNet-Lite0 with its ImageNet weights: 1,600 features of a small photo."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kilpi.learn.detector.trunks import LITE0_BLOCKS, Lite0Block, SameConv, lite0_weights

# Blocks 11-15, after those of `LITE0_BLOCKS` (Tan and Le 2019, "lite" release of March 2020).
LAST_BLOCKS = (
    (112, 192, 5, 2, 6),
    (192, 192, 5, 1, 6),
    (192, 192, 5, 1, 6),
    (192, 192, 5, 1, 6),
    (192, 320, 3, 1, 6),
)
WHOLE, BLOCK, FINE, CLASSES = 1280, 320, 112, 1000
FEATURES = WHOLE + BLOCK
BLOCK_SCALE = 0.5  # brings the last block's means to the size of the others'


class Lite0(nn.Module):
    """The published net, layer for layer and name for name; nothing of it is trained here."""

    def __init__(self, pretrained: bool = True) -> None:
        super().__init__()
        self._conv_stem = SameConv(3, 32, 3, 2)
        self._bn0 = nn.BatchNorm2d(32, eps=1e-3)
        self._blocks = nn.ModuleList(Lite0Block(*block) for block in (*LITE0_BLOCKS, *LAST_BLOCKS))
        self._conv_head = SameConv(BLOCK, WHOLE, 1)
        self._bn1 = nn.BatchNorm2d(WHOLE, eps=1e-3)
        self._fc = nn.Linear(WHOLE, CLASSES)
        if pretrained:
            self.load_state_dict(lite0_weights())
        self.eval().requires_grad_(False)

    def maps(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(n, 3, h, w) float32, normalised -> (n, 112, h/16, w/16), fine; (n, 320, h/32, w/32), last block;
        (n, 1280, h/32, w/32), whole.
        """
        x = fine = F.relu6(self._bn0(self._conv_stem(x)))
        for i, block in enumerate(self._blocks):
            x = block(x)
            if i == len(LITE0_BLOCKS) - 1:
                fine = x
        return fine, x, F.relu6(self._bn1(self._conv_head(x)))

    def forward(self, x: Tensor) -> Tensor:
        """(n, 3, h, w) float32, normalised -> (n, 1600): the means of the last two of `maps`."""
        _, block, whole = self.maps(x)
        return torch.cat([whole.mean(dim=(2, 3)), block.mean(dim=(2, 3)) * BLOCK_SCALE], dim=1)


def normalise(pixels: Tensor) -> Tensor:
    """(n, h, w, 3) uint8 RGB -> (n, 3, h, w) float32 as the published weights expect it."""
    return (pixels.permute(0, 3, 1, 2).float() - 127.0) / 128.0
