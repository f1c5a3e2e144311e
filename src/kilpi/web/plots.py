"""Bars as numbers for a template: an SVG without a script, a size or a colour of its own.

What a plot shows stands in the table under it, so for screen readers the plot itself is nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kilpi.cases.telling.numbers import Cell

STEP, BAR, HIGH = 10.0, 7.0, 100.0  # of the viewBox: a bar with its gap, a bar, the highest


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle: in units of the plot's viewBox, origin top left. `series`: 0 is the lowest."""

    x: float
    y: float
    height: float
    series: int
    width: float = BAR


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars side by side, and the highest sum among them."""

    width: float
    most: float
    bars: tuple[Bar, ...]


def stacked(*series: Sequence[Cell]) -> Plot:
    """Each series' value on top of those before it, one bar a place; what is not known is nothing."""
    columns = [[float(cell) if isinstance(cell, int | float) else 0.0 for cell in one] for one in series]
    sums = [sum(values) for values in zip(*columns, strict=True)]
    most = max(sums, default=0.0)
    bars: list[Bar] = []
    for place in range(len(sums)):
        base = HIGH
        for number, column in enumerate(columns):
            height = HIGH * column[place] / most if most else 0.0
            base -= height
            if height:
                bars.append(Bar(place * STEP + (STEP - BAR) / 2, round(base, 2), round(height, 2), number))
    return Plot(max(len(sums), 1) * STEP, most, tuple(bars))


def widths(values: Sequence[Cell]) -> list[float]:
    """Part of the largest, in percent, for a bar beside each row."""
    known = [float(cell) if isinstance(cell, int | float) else 0.0 for cell in values]
    most = max(known, default=0.0)
    return [round(100 * value / most, 1) if most else 0.0 for value in known]
