"""The reader's net: a straightened crop in, one distribution over characters per slot out.

Plain convolutions turn the crop into two lines of 24 columns: one for a plate's upper (or only) row, one for
its lower. Each column says which character it shows, and whether one begins there; the running sum of the
beginnings tells every column which character of the mark it is part of. Each slot then looks for "its"
columns, and what it sees there is classified. So characters are read by their pixels alone, and only the
counting sees the whole plate: a format that training never showed is read like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kilpi.learn.blocks import Residual
from kilpi.plates.alphabet import ALPHABET, SLOTS
from kilpi.plates.reader import WIDTH

COLUMNS = 24  # of the net's map: one is 8 pixels of the crop
LINES = 2
TOKENS = LINES * COLUMNS


@dataclass(frozen=True, slots=True)
class ReaderConfig:
    """All that decides the reader's shape."""

    countries: tuple[str, ...]  # ISO alpha-2; the last, XX, stands for any other
    widths: tuple[int, int, int, int] = (32, 48, 96, 128)
    tokens: int = 128  # numbers a column
    fine: int = 24  # channels of a convolution at half the crop's size, before all others; 0: none
    residuals: int = 2  # at the size of the columns
    along: int = 2  # convolutions along each line
    layers: int = 1  # of attention between all columns
    heads: int = 4
    strip: tuple[int, int, int] = (24, 40, 56)  # widths of what looks at the plate's left end alone


class ReaderOutput(NamedTuple):
    """Raw scores (logits) for n crops."""

    slots: Tensor  # (n, SLOTS, len(ALPHABET) + 1)
    country: Tensor  # (n, countries)
    strip: Tensor  # (n, countries), by the plate's left end alone
    rows: Tensor  # (n, 2): one row, two rows
    columns: Tensor  # (n, TOKENS, len(ALPHABET) + 1): what each column shows
    beginnings: Tensor  # (n, TOKENS): a character begins here
    places: Tensor  # (n, SLOTS, TOKENS + 1): where each slot looks; the last is "nowhere"


def unit(inputs: int, outputs: int, stride: int | tuple[int, int] = 1) -> nn.Sequential:
    """A 3x3 convolution, batch norm, ReLU. A stride of (2, 1) halves the height only."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Along(nn.Module):
    """A convolution over five neighbouring columns of a line, beside a shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, (1, 5), padding=(0, 2), bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        """(n, width, LINES, COLUMNS) -> the same."""
        return x + F.relu(self.norm(self.conv(x)))


class Mixing(nn.Module):
    """One layer of attention between all columns, and a small net on each (Vaswani et al. 2017)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(n, t, width) -> the same."""
        n, t, width = x.shape
        parts = self.qkv(self.norm1(x)).reshape(n, t, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        # By hand: for so few columns torch's fused attention is the slower one, on a CPU, backwards.
        likeness = query @ key.transpose(2, 3) * (key.shape[3] ** -0.5)
        mixed = torch.softmax(likeness, dim=3) @ value
        x = x + self.out(mixed.transpose(1, 2).reshape(n, t, width))
        return x + self.down(F.gelu(self.up(self.norm2(x))))  # type: ignore[no-any-return]


class Strip(nn.Module):
    """Sees what stands on the strip at a plate's left end, which is shown to it in its own proportions."""

    def __init__(self, widths: tuple[int, int, int]) -> None:
        super().__init__()
        a, b, c = widths
        self.net = nn.Sequential(unit(12, a), unit(a, b, 2), unit(b, c, 2), Residual(c))

    def forward(self, folded: Tensor) -> Tensor:
        """(n, 12, 32, 32) as from `fold` -> (n, 2 * the last width)."""
        seen = self.net(folded)
        return torch.cat([seen.mean(dim=(2, 3)), seen.amax(dim=(2, 3))], dim=1)


class ReaderNet(nn.Module):
    """(n, 64, 192 + 64, 3) uint8 RGB, a plate stretched and its left end -> `ReaderOutput`."""

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__()
        self.config = config
        a, b, c, d = config.widths
        width, classes = config.tokens, len(ALPHABET) + 1
        fine = [unit(12, config.fine)] if config.fine else []  # 32 x 96
        self.trunk = nn.Sequential(
            *fine,
            unit(config.fine or 12, a, 2),  # 16 x 48
            unit(a, b),
            unit(b, c, 2),  # 8 x 24
            *(Residual(c) for _ in range(config.residuals)),
            unit(c, d, (2, 1)),  # 4 x 24
            unit(d, d),
        )
        self.to_lines = nn.Conv2d(d, LINES * width, (4, 1))
        self.along = nn.Sequential(*(Along(width) for _ in range(config.along)))
        self.line_norm = nn.LayerNorm(width)
        self.classify = nn.Linear(width, classes)
        self.begins = nn.Linear(width, 1)
        self.counted = nn.Linear(SLOTS + 1, width)
        self.where = nn.Parameter(torch.randn(TOKENS, width) * 0.02)
        self.mixing = nn.ModuleList(Mixing(width, config.heads) for _ in range(config.layers))
        self.mixed_norm = nn.LayerNorm(width)
        self.keys = nn.Linear(width, width)
        self.queries = nn.Parameter(torch.randn(SLOTS, width) * 0.1)
        self.nowhere_key = nn.Parameter(torch.randn(width) * 0.1)
        self.nowhere = nn.Parameter(torch.randn(width) * 0.1)
        self.strip = Strip(config.strip)
        self.country = nn.Linear(2 * width, len(config.countries))
        self.strip_country = nn.Linear(2 * config.strip[-1], len(config.countries))
        self.rows = nn.Linear(2 * width, 2)

    def lines(self, folded: Tensor) -> Tensor:
        """(n, 12, 32, 96) as from `fold` -> (n, TOKENS, width): what the columns of both lines show."""
        return self.line_norm(along_lines(self.to_lines(self.trunk(folded)), self.along))  # type: ignore[no-any-return]

    def see_strip(self, pixels: Tensor) -> Tensor:
        """As `forward` -> (n, countries): logits by the plate's left end alone."""
        scores: Tensor = self.strip_country(self.strip(fold(pixels[:, :, WIDTH:])))
        return scores

    def forward(self, pixels: Tensor) -> ReaderOutput:
        """See the class."""
        return self.read(self.lines(fold(pixels[:, :, :WIDTH])), self.see_strip(pixels))

    def read(self, seen: Tensor, strip: Tensor) -> ReaderOutput:
        """From what `lines` and `see_strip` gave."""
        n = seen.shape[0]
        columns = self.classify(seen)
        beginnings = self.begins(seen)[..., 0]
        x = seen + self.where + self.counted(count(beginnings).to(seen.dtype))
        for layer in self.mixing:
            x = layer(x)
        x = self.mixed_norm(x)
        keys = torch.cat([self.keys(x), self.nowhere_key.to(x.dtype).expand(n, 1, -1)], dim=1)
        places = self.queries.to(x.dtype) @ keys.transpose(1, 2) * (keys.shape[2] ** -0.5 * 4)
        values = torch.cat([seen, self.nowhere.to(seen.dtype).expand(n, 1, -1)], dim=1)
        looked = torch.softmax(places.float(), dim=2).to(values.dtype) @ values
        whole = torch.cat([x.mean(dim=1), x.amax(dim=1)], dim=1)
        country = self.country(whole) + strip
        return ReaderOutput(
            self.classify(looked), country, strip, self.rows(whole), columns, beginnings, places
        )


def along_lines(seen: Tensor, along: nn.Module) -> Tensor:
    """(n, LINES * width, 1, COLUMNS) -> (n, TOKENS, width), once `along` has been along each line."""
    n, both = seen.shape[:2]
    width = both // LINES
    lines = along(seen.reshape(n, LINES, width, COLUMNS).transpose(1, 2))  # (n, width, LINES, COLUMNS)
    return lines.permute(0, 2, 3, 1).reshape(n, TOKENS, width)  # type: ignore[no-any-return]


def fold(pixels: Tensor) -> Tensor:
    """(n, h, w, 3) uint8 -> (n, 12, h / 2, w / 2) around 0: four neighbours as one, which CPUs convolve
    faster.
    """
    n, h, w, c = pixels.shape
    quads = (
        pixels.reshape(n, h // 2, 2, w // 2, 2, c).permute(0, 1, 3, 2, 4, 5).reshape(n, h // 2, w // 2, 4 * c)
    )
    return ((quads.to(torch.float32) - 127.0) / 64.0).permute(0, 3, 1, 2)


def count(beginnings: Tensor) -> Tensor:
    """(n, TOKENS) logits -> (n, TOKENS, SLOTS + 1): how near the count of characters so far is to 0, 1, ...
    SLOTS.
    """
    so_far = torch.cumsum(torch.sigmoid(beginnings.float()), dim=1)
    steps = torch.arange(SLOTS + 1, device=beginnings.device, dtype=torch.float32)
    return torch.exp(-4.0 * (so_far[..., None] - steps) ** 2)


class ExportedReader(nn.Module):
    """The net as it ships: probabilities only."""

    def __init__(self, net: ReaderNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """As `ReaderNet` -> slots (n, SLOTS, chars + blank), country (n, c), two rows (n,), places (n, SLOTS,
        TOKENS + 1).
        """
        out = self.net(pixels)
        slots, country = torch.softmax(out.slots.float(), dim=2), torch.softmax(out.country.float(), dim=1)
        rows = torch.softmax(out.rows.float(), dim=1)[:, 1]
        return slots, country, rows, torch.softmax(out.places.float(), dim=2)
