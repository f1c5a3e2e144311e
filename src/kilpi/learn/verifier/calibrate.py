"""From raw scores to probabilities: a rising curve through held-out data, as few points of it as tell it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
MOST = 24  # points of the curve that a card holds


def pool_violators(scores: ArrayLike, right: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Isotonic regression by pool-adjacent-violators (Ayer et al. 1955; Zadrozny and Elkan 2002).

    Gives the blocks from the lowest score up: mean score, share of right ones, how many. Equal scores stay
    in one block.
    """
    values, truth = np.asarray(scores, np.float64), np.asarray(right, np.float64)
    distinct, place = np.unique(values, return_inverse=True)
    counts = np.bincount(place).astype(np.float64)
    sums = np.bincount(place, truth)
    blocks: list[list[float]] = []  # score sum, right, count
    for value, good, n in zip(distinct, sums, counts, strict=True):
        blocks.append([value * n, good, n])
        while len(blocks) > 1 and blocks[-2][1] * blocks[-1][2] >= blocks[-1][1] * blocks[-2][2]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    table = np.array(blocks)
    return table[:, 0] / table[:, 2], table[:, 1] / table[:, 2], table[:, 2]


def calibration_curve(scores: ArrayLike, right: ArrayLike) -> Floats:
    """(k, 2) points (score, p), both strictly rising, k at most `MOST`, for straight lines between them.

    Blocks are made careful by Laplace's rule, so that no score gets p = 0 or 1 from few examples; blocks
    with few examples are joined to their neighbours. Within the topmost block p still rises a little with the
    score, so that a threshold can tell between its members.
    """
    mean, share, count = pool_violators(scores, right)
    least = max(1.0, float(count.sum()) / (4 * MOST))
    joined: list[list[float]] = []
    for s, p, n in zip(mean, share, count, strict=True):
        if joined and (joined[-1][2] < least or (len(joined) >= MOST - 2 and n < least)):
            joined[-1] = [joined[-1][0] + s * n, joined[-1][1] + p * n, joined[-1][2] + n]
        else:
            joined.append([s * n, p * n, n])
    points = [(total / n, (good + 1) / (n + 2)) for total, good, n in joined]
    low, high = min(points)[1], max(p for _, p in points)
    ends = [(0.0, low * 0.5), *points, (1.0, high + (1 - high) * 0.5)]
    return rising(np.array(ends))


def rising(points: Floats) -> Floats:
    """The points with what does not rise in both columns left out, the last one kept."""
    kept = [points[0]]
    for point in points[1:-1]:
        if np.all(point > kept[-1]) and np.all(point < points[-1]):
            kept.append(point)
    return np.array([*kept, points[-1]])


def apply_curve(curve: Floats, scores: ArrayLike) -> Floats:
    """Raw scores -> p."""
    return np.asarray(np.interp(np.asarray(scores, np.float64), curve[:, 0], curve[:, 1]), np.float64)
