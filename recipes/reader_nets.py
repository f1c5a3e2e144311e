"""Other nets that could read plates, at the slot reader's cost: a compact transformer, CTC.

What is not the text is the same for all: the plate's left end names the country beside what the whole plate
tells (`kilpi.learn.reader.net`), and the rows are counted. Nothing of this ships.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kilpi.learn.data_parallel import Batch
from kilpi.learn.reader.crop_pool import UNSEEN
from kilpi.learn.reader.loss import masked, of_columns
from kilpi.learn.reader.net import COLUMNS, LINES, TOKENS, Mixing, ReaderConfig, ReaderNet, Strip, fold, unit
from kilpi.learn.reader.train import RATE, step_loss
from kilpi.plates.alphabet import ALPHABET, BLANK, SLOTS
from kilpi.plates.reader import WIDTH

CLASSES = len(ALPHABET) + 1


class Told(NamedTuple):
    """Raw scores (logits) for n crops. `text` is (n, steps, CLASSES): slots, or the frames of CTC."""

    text: Tensor
    country: Tensor
    strip: Tensor
    rows: Tensor


class Read(NamedTuple):
    """A text and the score of its weakest character, 0..1; 0 where nothing was read."""

    text: str
    weakest: float


class Beside(nn.Module):
    """Countries and rows from what the whole plate and its left end show, as in `ReaderNet`."""

    def __init__(self, config: ReaderConfig, width: int) -> None:
        super().__init__()
        self.strip = Strip(config.strip)
        self.country = nn.Linear(2 * width, len(config.countries))
        self.strip_country = nn.Linear(2 * config.strip[-1], len(config.countries))
        self.rows = nn.Linear(2 * width, 2)

    def forward(self, pixels: Tensor, seen: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Crops and their tokens (n, t, width) -> logits of countries, of countries by strip, of rows."""
        strip = self.strip_country(self.strip(fold(pixels[:, :, WIDTH:])))
        whole = torch.cat([seen.mean(dim=1), seen.amax(dim=1)], dim=1)
        return self.country(whole) + strip, strip, self.rows(whole)


class Columns(nn.Module):
    """The slot reader's own way from a crop to two lines of columns, and the attention between them."""

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__()
        shipped = ReaderNet(config)
        self.trunk, self.to_lines, self.along = shipped.trunk, shipped.to_lines, shipped.along
        self.line_norm, self.where = shipped.line_norm, shipped.where
        self.mixing, self.mixed_norm = shipped.mixing, shipped.mixed_norm

    def forward(self, pixels: Tensor) -> Tensor:
        """Crops -> (n, TOKENS, width), the upper line's columns before the lower's."""
        seen = self.to_lines(self.trunk(fold(pixels[:, :, :WIDTH])))
        n = seen.shape[0]
        seen = self.along(seen.reshape(n, LINES, -1, COLUMNS).transpose(1, 2)).permute(0, 2, 3, 1)
        x = self.line_norm(seen.reshape(n, TOKENS, -1)) + self.where
        for layer in self.mixing:
            x = layer(x)
        mixed: Tensor = self.mixed_norm(x)
        return mixed


class CctNet(nn.Module):
    """A compact convolutional transformer (Hassani et al. 2021) shaped as fast-plate-ocr's cct-xs: five
    convolutions, patches of 2 x 2, layers of attention, and ten learnt queries that pool the tokens, a
    position of the mark each. Without its dropout: so short a training does not overfit.
    """

    def __init__(self, config: ReaderConfig, width: int = 96, layers: int = 3, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.tokeniser = nn.Sequential(
            unit(12, 32), unit(32, 48, 2), unit(48, 48), unit(48, 64),
            nn.Conv2d(64, width, 2, 2),  # 8 x 24
        )  # fmt: skip
        self.where = nn.Parameter(torch.randn(8 * 24, width) * 0.02)
        self.layers = nn.Sequential(*(Mixing(width, heads) for _ in range(layers)))
        self.norm = nn.LayerNorm(width)
        self.keys, self.values = nn.Linear(width, width), nn.Linear(width, width)
        self.queries = nn.Parameter(torch.randn(SLOTS, width) * 0.1)
        self.pooled_norm = nn.LayerNorm(width)
        self.classify = nn.Linear(width, CLASSES)
        self.beside = Beside(config, width)

    def forward(self, pixels: Tensor) -> Told:
        """Crops -> `Told`, ten slots."""
        tokens = self.tokeniser(fold(pixels[:, :, :WIDTH])).flatten(2).transpose(1, 2)
        seen = self.norm(self.layers(tokens + self.where))
        return Told(self.classify(self.pooled_norm(self.pooled(seen))), *self.beside(pixels, seen))

    def pooled(self, seen: Tensor) -> Tensor:
        """(n, t, width) -> (n, SLOTS, width): what each position's query finds, by several heads."""
        n, t, width = seen.shape
        shape = (n, t, self.heads, width // self.heads)
        key, value = (part(seen).reshape(shape).transpose(1, 2) for part in (self.keys, self.values))
        query = self.queries.to(key.dtype).reshape(SLOTS, *shape[2:]).transpose(0, 1)
        likeness = query @ key.transpose(2, 3) * (shape[3] ** -0.5)
        found = torch.softmax(likeness.float(), dim=3).to(value.dtype) @ value
        pooled: Tensor = found.transpose(1, 2).reshape(n, SLOTS, width)
        return pooled


class CtcNet(nn.Module):
    """The slot reader's columns, upper line before lower, read by CTC (Graves et al. 2006)."""

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__()
        self.columns = Columns(config)
        self.classify = nn.Linear(config.tokens, CLASSES)
        self.beside = Beside(config, config.tokens)

    def forward(self, pixels: Tensor) -> Told:
        """Crops -> `Told`, a frame a column."""
        seen = self.columns(pixels)
        return Told(self.classify(seen), *self.beside(pixels, seen))


def besides(told: Told, batch: Batch) -> Tensor:
    """The loss of countries and rows, weighted as in `kilpi.learn.reader.loss`."""
    country, rows = batch[3], batch[4]
    return (
        0.3 * masked(told.country, country)
        + 0.3 * masked(told.strip, country)
        + 0.1 * masked(told.rows, rows)
    )


def bare_loss(net: nn.Module, batch: Batch) -> Tensor:
    """The slot reader's loss where nobody says in which columns a character stands: what the others know."""
    pixels, slots, columns, country, rows = batch
    return step_loss(net, (pixels, slots, torch.full_like(columns, UNSEEN), country, rows))


def slot_loss(net: nn.Module, batch: Batch) -> Tensor:
    """Cross entropy of every slot, an empty one's blank too."""
    told = net(batch[0])
    return F.cross_entropy(told.text.float().flatten(0, 1), batch[1].flatten()) + besides(told, batch)


def ctc_loss(net: nn.Module, batch: Batch) -> Tensor:
    """How unlikely the text is over all ways to lay it over the frames, a character."""
    told = net(batch[0])
    return of_frames(told.text, batch[1]) + besides(told, batch)


def shown_ctc_loss(net: nn.Module, batch: Batch) -> Tensor:
    """`ctc_loss`, and what each frame shows as the slot reader is told of its columns, weighted alike."""
    told, slots, columns = net(batch[0]), batch[1], batch[2]
    drawn = columns[:, 0] != UNSEEN
    shown = of_columns(told.text[drawn], columns[drawn], slots[drawn]) if bool(drawn.any()) else 0.0
    return of_frames(told.text, slots) + 0.5 * shown + besides(told, batch)


def of_frames(text: Tensor, slots: Tensor) -> Tensor:
    """The CTC loss of (n, frames, CLASSES) scores, a character."""
    frames = torch.log_softmax(text.float(), dim=2).transpose(0, 1)
    steps, lengths = torch.full((len(slots),), len(frames)), (slots != BLANK).sum(dim=1)
    return F.ctc_loss(frames, slots, steps, lengths, BLANK, zero_infinity=True)


def read_slots(scores: Tensor) -> list[Read]:
    """(n, slots, CLASSES) probabilities -> the best character of every slot that is not best left blank."""
    best, codes = scores.max(dim=2)
    return [
        Read("".join(ALPHABET[c] for c, _ in kept), min((p for _, p in kept), default=0.0))
        for row in zip(codes.tolist(), best.tolist(), strict=True)
        if (kept := [(c, p) for c, p in zip(*row, strict=True) if c != BLANK]) is not None
    ]


def read_frames(scores: Tensor) -> list[Read]:
    """(n, frames, CLASSES) probabilities -> greedy CTC: a run of one character is one, with its best frame's
    score; blanks between are dropped.
    """
    best, codes = scores.max(dim=2)
    reads = []
    for chosen, sure in zip(codes.tolist(), best.tolist(), strict=True):
        kept: list[tuple[int, float]] = []
        last = BLANK
        for code, score in zip(chosen, sure, strict=True):
            if code == last and code != BLANK:
                kept[-1] = code, max(kept[-1][1], score)
            elif code != BLANK:
                kept.append((code, score))
            last = code
        reads.append(Read("".join(ALPHABET[c] for c, _ in kept), min((p for _, p in kept), default=0.0)))
    return reads


@dataclass(frozen=True, slots=True)
class Way:
    """One net of the study: how it is made, taught and read. `rate` is its highest learning rate."""

    name: str
    make: Callable[[ReaderConfig], nn.Module]
    loss: Callable[[nn.Module, Batch], Tensor]
    read: Callable[[Tensor], list[Read]]
    rate: float


WAYS = (
    Way("slots", ReaderNet, step_loss, read_slots, RATE),
    Way("bare", ReaderNet, bare_loss, read_slots, RATE),  # the same net, taught by the texts alone
    Way("cct", CctNet, slot_loss, read_slots, 1e-3),  # as fast-plate-ocr trains its own
    Way("ctc", CtcNet, ctc_loss, read_frames, 2e-3),
    Way("ctc-shown", CtcNet, shown_ctc_loss, read_frames, 2e-3),
)


class Scores(nn.Module):
    """A net as it would ship: probabilities of text, countries and two rows."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Crops -> text (n, steps, CLASSES), countries (n, c), two rows (n,)."""
        told = self.net(pixels)
        text = told.text if isinstance(told, Told) else told.slots
        country, rows = torch.softmax(told.country.float(), dim=1), torch.softmax(told.rows.float(), dim=1)
        return torch.softmax(text.float(), dim=2), country, rows[:, 1]
