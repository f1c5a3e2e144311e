"""Drawn things kept at hand, so that a training does not wait for each to be drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

T = TypeVar("T")


class Stock(Generic[T]):
    """Gives things that `draw` drew: new ones until `kept` are there, then one of those, seldom a new one."""

    def __init__(self, draw: Callable[[np.random.Generator], T], kept: int, renewed: float) -> None:
        """`renewed` is the chance that a use draws anew what it takes."""
        self.draw, self.kept, self.renewed = draw, kept, renewed
        self.things: list[T] = []

    def __call__(self, rng: np.random.Generator) -> T:
        """One of the things; they are shared, so change a copy."""
        if len(self.things) < self.kept:
            self.things.append(self.draw(rng))
            return self.things[-1]
        place = int(rng.integers(self.kept))
        if rng.random() < self.renewed:
            self.things[place] = self.draw(rng)
        return self.things[place]
