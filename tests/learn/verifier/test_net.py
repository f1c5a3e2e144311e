"""The network learns a rule, its export answers alike, and it is small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch

from kilpi.decision.features import LENGTH, WIDTH
from kilpi.evaluation.metrics import auroc
from kilpi.learn.verifier.net import (
    LinearNet,
    VerifierConfig,
    VerifierNet,
    WideAndDeep,
    export_verifier,
    fit,
    scores_of,
)


def puzzle(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Right exactly where the last two places hold the same token: a sum of weights cannot tell."""
    rng = np.random.default_rng(seed)
    tokens = np.zeros((n, LENGTH, WIDTH), np.int64)
    tokens[:, -2:, 0] = rng.integers(1, 3, (n, 2))
    return tokens, tokens[:, -1, 0] == tokens[:, -2, 0]


def test_it_learns_what_a_sum_cannot() -> None:
    tokens, right = puzzle(800)
    held = np.arange(800) % 10 == 0
    torch.manual_seed(0)
    net, linear = VerifierNet(VerifierConfig(4, (), 8, 16)), LinearNet(4)
    done = fit(net, tokens, right, held, 1.0, learning_rate=5e-3, patience=25)
    fit(linear, tokens, right, held, 0.05, learning_rate=1e-2)
    fresh, truth = puzzle(400, 1)
    assert auroc(scores_of(net, fresh), truth) > 0.95 > 0.7 > auroc(scores_of(linear, fresh), truth)
    assert done.losses[done.best] == min(done.losses)


def test_ladders_begin_in_order() -> None:
    net = VerifierNet(VerifierConfig(30, ((5, 15),)))
    rows = net.embedding.weight[5:15].detach()
    steps = rows[1:] - rows[:-1]
    assert torch.allclose(steps, steps[:1].expand_as(steps), atol=1e-5)


def test_the_export_answers_like_torch_and_is_small(tmp_path: Path) -> None:
    joined = WideAndDeep([VerifierNet(VerifierConfig(900)) for _ in range(2)], LinearNet(900))
    path = export_verifier(joined, 900, tmp_path)
    assert path.stat().st_size < 1_000_000 and [f.name for f in tmp_path.iterdir()] == ["verifier.onnx"]
    tokens = np.random.default_rng(0).integers(0, 900, (7, LENGTH, WIDTH))
    (scores,) = ort.InferenceSession(path).run(None, {"tokens": tokens})
    assert np.allclose(scores, scores_of(joined, tokens), atol=1e-4)


def test_the_linear_net_has_half_the_say() -> None:
    deep = [VerifierNet(VerifierConfig(50)).eval() for _ in range(3)]
    wide = LinearNet(50)
    torch.nn.init.normal_(wide.weights.weight)
    tokens = torch.randint(0, 50, (4, LENGTH, WIDTH))
    with torch.no_grad():
        wanted = sum(net(tokens) for net in deep) / 6 + wide(tokens) / 2
        assert torch.allclose(WideAndDeep(deep, wide).eval()(tokens), wanted, atol=1e-5)
