"""The detector's net: a trunk, a feature pyramid, one head at stride 8.

Anchor-free (CenterNet, Zhou et al. 2019): where a plate's centre lies the heat map is 1, and eight numbers
beside it lead from there to the four corners. A plate of any size has one centre, so that one head at
stride 8 serves 12 px and half the photo's width; the pyramid lets it see far enough.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kilpi.errors import UsageError
from kilpi.learn.blocks import ConvUnit
from kilpi.learn.detector.trunks import Lite0Trunk, PlainTrunk

STRIDE = 8  # pixels per cell of the net's output
MULTIPLE = 32  # input height and width are multiples of this
OFFSET_UNIT = 32.0  # pixels per unit of the head's corner outputs: keeps them near 1


@dataclass(frozen=True, slots=True)
class DetectorConfig:
    """All that decides the detector's shape."""

    trunk: str = "lite0"  # "lite0" or "plain"
    widths: tuple[int, int, int, int, int] = (16, 32, 64, 96, 128)  # of the plain trunk
    neck: int = 64  # channels of pyramid and head
    frozen: int = 4  # of the lite0 trunk
    pretrained: bool = True  # of the lite0 trunk


class DetectorNet(nn.Module):
    """(n, h, w, 3) uint8 RGB, h and w multiples of 32 -> (n, 9, h / 8, w / 8): heat logit, eight offsets.

    The offsets lead from a cell's centre to tl, tr, br, bl as (x, y) pairs, in pixels.
    """

    def __init__(self, config: DetectorConfig | None = None) -> None:
        super().__init__()
        config = config or DetectorConfig()
        if config.trunk not in {"plain", "lite0"}:
            raise UsageError(f"no trunk {config.trunk!r}; there are plain and lite0")
        self.config = config
        self.trunk: PlainTrunk | Lite0Trunk = (
            Lite0Trunk(config.frozen, config.pretrained)
            if config.trunk == "lite0"
            else PlainTrunk(config.widths)
        )
        c8, c16, c32 = self.trunk.channels
        width = config.neck
        self.side8, self.side16, self.side32 = (nn.Conv2d(c, width, 1) for c in (c8, c16, c32))
        self.smooth16 = ConvUnit(width, width)
        self.smooth8 = ConvUnit(width, width)
        self.head = nn.Sequential(ConvUnit(width, width), nn.Conv2d(width, 9, 1))
        out = self.head[1]
        assert isinstance(out, nn.Conv2d) and out.bias is not None
        nn.init.normal_(out.weight, std=0.01)
        nn.init.zeros_(out.bias)
        out.bias.data[0] = -math.log(99)  # heat 0.01 everywhere at the start (Lin et al. 2017)

    def forward(self, pixels: Tensor) -> Tensor:
        """See the class."""
        x = (pixels.permute(0, 3, 1, 2).to(torch.float32) - 127.0) / 128.0
        s8, s16, s32 = self.trunk(x)
        p16 = self.smooth16(self.side16(s16) + F.interpolate(self.side32(s32), scale_factor=2.0))
        p8 = self.smooth8(self.side8(s8) + F.interpolate(p16, scale_factor=2.0))
        out = self.head(p8)
        return torch.cat([out[:, :1], out[:, 1:] * OFFSET_UNIT], dim=1)


class ExportedDetector(nn.Module):
    """The net as it ships: heat maps with everything but the peaks at zero, and corners in input pixels."""

    def __init__(self, net: DetectorNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """(n, h, w, 3) uint8 -> scores (n, h / 8, w / 8) in 0..1, corners (n, h / 8, w / 8, 8) in pixels."""
        out = self.net(pixels).float()
        heat = torch.sigmoid(out[:, :1])
        peaks = heat * (heat == F.max_pool2d(heat, 3, 1, 1)).float()
        return peaks[:, 0], (out[:, 1:] + cell_centres(out)).permute(0, 2, 3, 1)


def cell_centres(out: Tensor) -> Tensor:
    """(1, 8, h, w) input-pixel coordinates (x, y, x, y, ...) of the cells of a net output (n, 9, h, w)."""
    h, w = out.shape[-2:]
    x = (torch.arange(w, device=out.device, dtype=torch.float32) + 0.5) * STRIDE
    y = (torch.arange(h, device=out.device, dtype=torch.float32) + 0.5) * STRIDE
    pair = torch.stack([x[None, :].expand(h, w), y[:, None].expand(h, w)])
    return pair.repeat(4, 1, 1)[None]
