"""LSTMs of several shapes and trainings against logistic regression, on folders with a mishap.

    python recipes/verifier_study.py runs/verifier runs/mishaps --out runs/study

runs/verifier holds composed cars as reads (`kilpi train verifier`), runs/mishaps folders with mishaps as
reads (`recipes/mishaps.py --seed 0`, without `--apart`: what is kept apart is never learnt from). Of the
folders the even numbers are learnt from, the odd ones judged; nothing of this ships. Writes table and curves.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.rules import Rules
from kilpi.evaluation.car_marks import make_tokeniser, pairs_of
from kilpi.evaluation.car_reads import CarReads, load_reads
from kilpi.evaluation.metrics import auroc, coverage_at, risk_areas
from kilpi.grammar import load_grammars
from kilpi.learn.verifier.net import DROPPED, LinearNet, VerifierConfig, VerifierNet, held_loss, scores_of

HELD = 10  # of so many training cars one gives no gradient


@dataclass(frozen=True, slots=True)
class Way:
    """One shape and training. `layers` 0: logistic regression."""

    name: str
    layers: int = 1
    units: int = 64
    dropout: float = 0.0
    rate: float = 1e-3
    batch: int = 256


BASE = Way("LSTM 64, rate 0.001, batch 256 (as it ships)")
WAYS = (
    Way("logistic regression", layers=0, rate=1e-2),
    BASE,
    replace(BASE, name="16 units", units=16),
    replace(BASE, name="128 units", units=128),
    replace(BASE, name="2 layers", layers=2),
    replace(BASE, name="dropout 0.3", dropout=0.3),
    replace(BASE, name="rate 0.003", rate=3e-3),
    replace(BASE, name="rate 0.0003", rate=3e-4),
    replace(BASE, name="batch 64", batch=64),
)


class Deep(VerifierNet):
    """The verifier's network with several layers and dropout before and after them."""

    def __init__(self, config: VerifierConfig, layers: int, dropout: float) -> None:
        super().__init__(config)
        self.lstm = nn.LSTM(config.embedding, config.hidden, layers, batch_first=True)
        self.drop = nn.Dropout(dropout)

    def forward(self, tokens: Tensor) -> Tensor:
        """(n, LENGTH, WIDTH) -> (n,) logits."""
        _, (state, _) = self.lstm(self.drop(self.embedding(tokens).sum(dim=2)))
        logits: Tensor = self.dense(self.drop(state[-1])).squeeze(1)
        return logits


def train(
    net: nn.Module, way: Way, tokens: Tensor, right: Tensor, held: NDArray[np.bool_], epochs: int
) -> list[float]:
    """The loss on the held pairs by epoch; the net ends as it was at its best."""
    kept, apart = (torch.from_numpy(np.flatnonzero(mask)) for mask in (~held, held))
    optimiser = torch.optim.RMSprop(net.parameters(), lr=way.rate, weight_decay=1e-6)
    losses: list[float] = []
    best = {name: value.clone() for name, value in net.state_dict().items()}
    for _ in range(epochs):
        net.train()
        for batch in torch.split(kept[torch.randperm(len(kept))], way.batch):
            seen = tokens[batch] * (torch.rand(tokens[batch].shape) >= DROPPED)
            optimiser.zero_grad(set_to_none=True)
            nn.functional.binary_cross_entropy_with_logits(net(seen), right[batch]).backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
        losses.append(held_loss(net, tokens[apart], right[apart]))
        if losses[-1] == min(losses):
            best = {name: value.clone() for name, value in net.state_dict().items()}
    net.load_state_dict(best)
    return losses


def split(cars: list[CarReads]) -> tuple[list[CarReads], list[CarReads]]:
    """Folders with even numbers, and with odd ones."""
    odd = [int(car.name.rsplit("-", 1)[1]) % 2 for car in cars]
    return [c for c, o in zip(cars, odd, strict=True) if not o], [
        c for c, o in zip(cars, odd, strict=True) if o
    ]


def main() -> None:
    """Train each way, print a row, draw the curves."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cars", type=Path)
    parser.add_argument("mishaps", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=12)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    grammars, rng = load_grammars(), np.random.default_rng(0)
    rules = Rules(grammars, DecisionPolicy(p=0.0))
    plain = load_reads(sorted(args.cars.glob("training.reads*.jsonl")), grammars)
    learnt, judged = split(load_reads(sorted(args.mishaps.glob("*-0.jsonl")), grammars))
    print(f"learnt from: {len(plain)} cars, {len(learnt)} folders; judged on {len(judged)} folders")
    pairs, held = [], []
    for i, car in enumerate([*plain, *learnt]):
        found = pairs_of([car], rules, rng)
        pairs += found
        held += [i % HELD == 0] * len(found)
    tokeniser = make_tokeniser(pairs, grammars.countries)
    tokens = torch.from_numpy(tokeniser.encode([pair.evidence for pair in pairs]))
    right = torch.tensor([float(pair.right) for pair in pairs])
    tests = pairs_of(judged, rules, rng, subsets=1)
    seen, truth = tokeniser.encode([p.evidence for p in tests]), np.array([p.right for p in tests])
    wrong = int((right == 0).sum()), int((~truth).sum())
    print(f"{len(pairs)} pairs ({wrong[0]} wrong); judged {len(tests)} ({wrong[1]} wrong)")
    print("| | best held loss | AUROC | AUGRC | coverage at 99 % |\n|---|---|---|---|---|")
    curves = {}
    for way in WAYS:
        torch.manual_seed(1)
        config = VerifierConfig(tokeniser.size, tuple(tokeniser.ladders()), hidden=way.units)
        net = Deep(config, way.layers, way.dropout) if way.layers else LinearNet(tokeniser.size)
        curves[way.name] = train(net, way, tokens, right, np.array(held), args.epochs)
        scores = scores_of(net, seen)
        values = auroc(scores, truth), risk_areas(scores, truth)[1], coverage_at(scores, truth, 0.99)
        told = f"{values[0]:.4f} | {values[1]:.5f} | {values[2]:.1%}"
        print(f"| {way.name} | {min(curves[way.name]):.4f} | {told} |", flush=True)
    draw(curves, args.out / "curves.png")


def draw(curves: dict[str, list[float]], path: Path) -> None:
    """The held loss by epoch, a line a way."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), dpi=100)
    axes = figure.subplots()
    for name, losses in curves.items():
        axes.plot(range(1, len(losses) + 1), losses, label=name, linestyle="--" if name[0] == "l" else "-")
    axes.set_xlabel("epoch")
    axes.set_ylabel("cross-entropy on held pairs")
    axes.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path)


if __name__ == "__main__":
    main()
