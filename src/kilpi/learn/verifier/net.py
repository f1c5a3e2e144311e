"""The verifier's network, Embedding -> LSTM -> Dense(1, sigmoid); its training, a linear rival, export."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kilpi.decision.features import LENGTH, WIDTH
from kilpi.learn.onnx_export import check_answers, export

AGREEMENT = 1e-4  # largest difference torch - ONNX Runtime of a score
BATCH = 256
DROPPED = 0.03  # part of the token numbers that a training sequence loses, so that none is leant on alone

Tokens = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class VerifierConfig:
    """All that decides the verifier's shape."""

    tokens: int  # how many token numbers there are
    ladders: tuple[tuple[int, int], ...] = ()  # token numbers in whose rows neighbours begin alike
    embedding: int = 32
    hidden: int = 64


class VerifierNet(nn.Module):
    """(n, LENGTH, WIDTH) int64 token numbers -> (n,) logits that the mark is right."""

    def __init__(self, config: VerifierConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.tokens, config.embedding, padding_idx=0)
        with torch.no_grad():
            for (
                first,
                end,
            ) in config.ladders:  # a rising line: what few examples do not correct stays in order
                low, high = torch.randn(2, config.embedding) * 0.5
                steps = torch.linspace(0, 1, end - first)[:, None]
                self.embedding.weight[first:end] = low + (high - low) * steps
        self.lstm = nn.LSTM(config.embedding, config.hidden, batch_first=True)
        self.dense = nn.Linear(config.hidden, 1)

    def forward(self, tokens: Tensor) -> Tensor:
        """Every place's embeddings are added up; the LSTM's last state is judged."""
        places = self.embedding(tokens).sum(dim=2)
        _, (state, _) = self.lstm(places)
        logits: Tensor = self.dense(state[-1]).squeeze(1)
        return logits


class LinearNet(nn.Module):
    """Logistic regression on the same tokens: one weight a token number, wherever it stands."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self.weights = nn.Embedding(tokens, 1, padding_idx=0)
        nn.init.zeros_(self.weights.weight)
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, tokens: Tensor) -> Tensor:
        """(n, LENGTH, WIDTH) -> (n,) logits."""
        weights: Tensor = self.weights(tokens)
        return weights.sum(dim=(1, 2, 3)) + self.bias


class ExportedVerifier(nn.Module):
    """What ships: scores instead of logits."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, tokens: Tensor) -> Tensor:
        """(n, LENGTH, WIDTH) -> (n,) in 0..1."""
        return torch.sigmoid(self.net(tokens))


@dataclass(frozen=True, slots=True)
class Fit:
    """How a training went: the loss on pairs kept apart, by epoch, and the epoch that was kept."""

    losses: tuple[float, ...]
    best: int


def fit(
    net: nn.Module,
    tokens: Tokens,
    right: NDArray[np.bool_],
    held: NDArray[np.bool_],
    minutes: float,
    seed: int = 0,
    learning_rate: float = 1e-3,
    patience: int = 6,
) -> Fit:
    """Trains with RMSprop and binary cross-entropy until the time is over or the held-out loss stops falling.

    `held` (n,) marks the pairs that are only measured on. The net ends as it was at its best.
    """
    torch.manual_seed(seed)
    inputs, truth = torch.from_numpy(tokens), torch.from_numpy(right.astype(np.float32))
    kept, apart = (torch.from_numpy(np.flatnonzero(mask)) for mask in (~held, held))
    optimiser = torch.optim.RMSprop(net.parameters(), lr=learning_rate, weight_decay=1e-6)
    loss_of = nn.BCEWithLogitsLoss()
    losses: list[float] = []
    best = {name: value.clone() for name, value in net.state_dict().items()}
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end and len(losses) - 1 - (int(np.argmin(losses)) if losses else 0) < patience:
        net.train()
        for batch in torch.split(kept[torch.randperm(len(kept))], BATCH):
            seen = inputs[batch]
            seen = seen * (torch.rand(seen.shape) >= DROPPED)
            optimiser.zero_grad(set_to_none=True)
            loss_of(net(seen), truth[batch]).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
        losses.append(held_loss(net, inputs[apart], truth[apart]))
        if losses[-1] == min(losses):
            best = {name: value.clone() for name, value in net.state_dict().items()}
        if len(losses) % 3 == 0:
            for group in optimiser.param_groups:
                group["lr"] *= 0.7
    net.load_state_dict(best)
    nn.Module.eval(net)
    return Fit(tuple(losses), int(np.argmin(losses)) if losses else 0)


@torch.no_grad()
def held_loss(net: nn.Module, tokens: Tensor, truth: Tensor) -> float:
    """Binary cross-entropy on pairs that give no gradient."""
    nn.Module.eval(net)
    return float(nn.functional.binary_cross_entropy_with_logits(net(tokens), truth))


@torch.no_grad()
def scores_of(net: nn.Module, tokens: Tokens) -> NDArray[np.float64]:
    """(n, LENGTH, WIDTH) -> raw scores (n,)."""
    nn.Module.eval(net)
    parts = [torch.sigmoid(net(part)) for part in torch.split(torch.from_numpy(tokens), 4096)]
    return torch.cat(parts).double().numpy() if parts else np.zeros(0)


def export_verifier(net: nn.Module, tokens: int, folder: Path, name: str = "verifier") -> Path:
    """Writes NAME.onnx and checks it; `tokens` is how many token numbers the net knows.

    Raises WeightsError where ONNX Runtime does not answer as torch does.
    """
    shipped = ExportedVerifier(net).eval()
    lots = [torch.randint(0, tokens, (n, LENGTH, WIDTH)) for n in (2, 1, 5)]
    return export(
        shipped,
        lots[0],
        folder / f"{name}.onnx",
        ["scores"],
        lambda part: check_answers(shipped, part, lots[1:], AGREEMENT),
        name="tokens",
    )


class WideAndDeep(nn.Module):
    """The LSTMs and the linear net as one, half the say each: "wide and deep" (Cheng et al. 2016).

    A weight a token learns from few examples what speaks for or against a mark by itself, the LSTMs what only
    shows in sequence.
    """

    def __init__(self, deep: Sequence[nn.Module], wide: nn.Module) -> None:
        super().__init__()
        self.deep, self.wide = nn.ModuleList(deep), wide

    def forward(self, tokens: Tensor) -> Tensor:
        """(n, LENGTH, WIDTH) -> (n,) logits."""
        deep = torch.stack([net(tokens) for net in self.deep]).mean(dim=0)
        logits: Tensor = (deep + self.wide(tokens)) / 2
        return logits
