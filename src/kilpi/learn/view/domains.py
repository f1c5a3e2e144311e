"""Keeps the view network from learning "a photo" where it should learn "the outside".

All photos that may train show cars from outside, all insides are drawn: what tells a photo from a drawing
would be the best sign of an outside. Cars are therefore drawn from outside as well, and these tell which part
of the features is only about being drawn: it is weighed away, projected out, and given to drawn insides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

Floats = NDArray[np.float32]
Rng = np.random.Generator


class Origin(IntEnum):
    """Where an example's features are from."""

    PHOTO = 0
    DRAWN_CAR = 1  # a drawn outside: its views are in photos too
    DRAWN = 2  # a drawn inside, detail or paper
    MOVED = 3  # features of DRAWN, moved as photos lie from drawings


@dataclass(frozen=True, slots=True)
class Features:
    """The trunk's answers: `values` (n, 1600), `targets` (n, 14), `origins` and `groups` (n,)."""

    values: Floats
    targets: Floats
    origins: NDArray[np.int64]
    groups: NDArray[np.str_]

    def only(self, among: NDArray[np.bool_]) -> Features:
        """A part of them."""
        return Features(self.values[among], self.targets[among], self.origins[among], self.groups[among])


def join(*parts: Features) -> Features:
    """Several sets as one."""
    return Features(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.targets for part in parts]),
        np.concatenate([part.origins for part in parts]),
        np.concatenate([part.groups for part in parts]),
    )


def moved(features: Features, rng: Rng, far: tuple[float, float] = (0.6, 1.2)) -> Features:
    """Every drawn inside once more, moved by the difference of a photo and a drawn car of one same view.

    `far` is the range of how much of the difference is taken. Empty where no view has both.
    """
    views = features.targets.argmax(axis=1)
    pools = []
    for view in range(features.targets.shape[1]):
        photo, car = (
            np.flatnonzero((views == view) & (features.origins == origin))
            for origin in (Origin.PHOTO, Origin.DRAWN_CAR)
        )
        if len(photo) and len(car):
            pools.append((photo, car))
    drawn = features.only(features.origins == Origin.DRAWN)
    if not pools:
        return drawn.only(np.zeros(len(drawn.values), bool))
    values = drawn.values.copy()
    for row in values:
        photo, car = pools[int(rng.integers(len(pools)))]
        difference = features.values[rng.choice(photo)] - features.values[rng.choice(car)]
        row += np.float32(rng.uniform(*far)) * difference
    return Features(values, drawn.targets, np.full(len(values), int(Origin.MOVED)), drawn.groups)


def example_weights(features: Features, drawn_car: float = 1.0) -> Floats:
    """(n,) weights that add up to 1: every view counts alike, and within it every origin that shows it.

    `drawn_car`: how much drawn cars count for each part that another origin counts.
    """
    weights = np.zeros(len(features.values))
    for view in range(features.targets.shape[1]):
        sums = []
        for origin in Origin:
            mine = features.targets[:, view] * (features.origins == origin)
            if mine.sum() > 0:
                sums.append((mine / mine.sum(), drawn_car if origin is Origin.DRAWN_CAR else 1.0))
        for share, part in sums:
            weights += share * part / sum(part for _, part in sums)
    return np.asarray(weights / weights.sum(), np.float32)


def without_drawnness(features: Features, directions: int) -> Floats:
    """(d, d) projection that takes out what tells photos from drawn cars, one direction after another.

    Each direction is that of a logistic regression on what the ones before it left (Ravfogel et al. 2020,
    "Null it out").
    """
    keep = np.eye(features.values.shape[1], dtype=np.float32)
    some = features.only(np.isin(features.origins, (Origin.PHOTO, Origin.DRAWN_CAR)))
    photo = some.origins == Origin.PHOTO
    if photo.all() or not photo.any():
        return keep
    for _ in range(directions):
        normal = keep @ _direction(some.values @ keep, photo)
        length = float(np.linalg.norm(normal))
        if length < 1e-6:
            break
        normal /= length
        keep = keep - np.outer(keep @ normal, normal)
    return keep.astype(np.float32)


def _direction(values: Floats, truth: NDArray[np.bool_], decay: float = 0.04) -> Floats:
    """(d,) the normal of a logistic regression, both sides weighing alike."""
    x = torch.from_numpy(np.ascontiguousarray(values - values.mean(axis=0), np.float32))
    t = torch.from_numpy(truth.astype(np.float32))
    each = torch.where(t > 0, 0.5 / t.sum(), 0.5 / (1 - t).sum())
    weight = torch.zeros(x.shape[1], requires_grad=True)
    bias = torch.zeros((), requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=60, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        gap = F.binary_cross_entropy_with_logits(x @ weight + bias, t, weight=each, reduction="sum")
        total: torch.Tensor = gap + decay * (weight**2).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return np.asarray(weight.detach().numpy(), np.float32)
