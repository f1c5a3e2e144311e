"""The net that tells what is hidden on a plate: the reader's eyes, and two answers a column instead of
characters.

It begins with the weights of the reader that ships, which know what characters look like.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from kilpi.learn.reader.net import LINES, TOKENS, ReaderConfig, ReaderNet, along_lines, fold

RARE = -2.5  # log odds that a column begins with: in most nothing is hidden
TAKEN = ("trunk", "to_lines", "along", "line_norm", "mixing", "mixed_norm")  # of the reader


class WholeNet(nn.Module):
    """(n, 64, 192, 3) uint8 RGB, a straightened plate -> (n, TOKENS, 2) log odds that in this column of this
    line a part of a character is hidden, and what is above the letter.
    """

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__()
        self.config = config
        reader = ReaderNet(config)
        self.trunk, self.to_lines, self.along = reader.trunk, reader.to_lines, reader.along
        self.line_norm, self.mixing, self.mixed_norm = reader.line_norm, reader.mixing, reader.mixed_norm
        self.where = nn.Parameter(torch.randn(TOKENS, config.tokens) * 0.02)
        self.answer = nn.Linear(config.tokens, 2)
        nn.init.constant_(self.answer.bias, RARE)

    def forward(self, pixels: Tensor) -> Tensor:
        """See the class."""
        seen = self.line_norm(along_lines(self.to_lines(self.trunk(fold(pixels))), self.along))
        x = seen + self.where
        for layer in self.mixing:
            x = layer(x)
        answer: Tensor = self.answer(self.mixed_norm(x))
        return answer


def from_reader(reader: ReaderNet) -> WholeNet:
    """A net with what it shares with a reader taken from there."""
    net = WholeNet(reader.config)
    for name in TAKEN:
        getattr(net, name).load_state_dict(getattr(reader, name).state_dict())
    return net


class ExportedWhole(nn.Module):
    """The net as it ships: scores, 0..1."""

    def __init__(self, net: WholeNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """As `WholeNet` -> (n, LINES, COLUMNS) what hides a character, the same what hides the room above
        one.
        """
        scores = torch.sigmoid(self.net(pixels).float()).reshape(pixels.shape[0], LINES, -1, 2)
        return scores[..., 0], scores[..., 1]
