"""Which photos may show a car's front or rear, and are searched closely for its plate."""

from __future__ import annotations

import pytest

from kilpi.photos.quality import may_show_end
from kilpi.types import VIEWS, View, ViewGuess


def guess(view: View, p: float, **shares: float) -> ViewGuess:
    """What the view network tells; `shares` by the views' names."""
    return ViewGuess(view, p, p, view, tuple(shares.get(one.name.lower(), 0.0) for one in VIEWS))


@pytest.mark.parametrize(
    ("told", "closely"),
    [
        (None, True),  # without the network nothing is known
        (guess(View.FRONT, 0.99, front=0.99), True),
        (guess(View.SIDE, 0.99, side=0.95, front=0.04), False),  # surely something else
        (guess(View.SEATS, 0.6, seats=0.6, cockpit=0.3, rear=0.1), True),  # a little of an end
        (guess(View.SEATS, 0.6, seats=0.6, cockpit=0.395, rear=0.005), False),  # nothing of one
        (guess(View.UNSURE, 0.4, side=0.4, boot=0.35), False),
    ],
)
def test_what_shows_nothing_of_an_end_is_not_searched_closely(told: ViewGuess | None, closely: bool) -> None:
    assert may_show_end(told) is closely
