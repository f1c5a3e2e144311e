"""`kilpi labels stats`: what a label file holds, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from kilpi.geometry import quad_size
from kilpi.labels.record import LabelledPhoto, LabelledPlate


def label_stats(records: Sequence[LabelledPhoto]) -> str:
    """Counts, countries, origins, licences and plate sizes, as lines for a person."""
    plates = [plate for record in records for plate in record.plates]
    cars = {record.car for record in records if record.car is not None}
    unnamed = sum(record.car is None for record in records)
    empty = sum(not record.plates for record in records)
    several = sum(len(record.plates) > 1 for record in records)
    lines = [
        f"photos {len(records)}: {empty} without a plate, {several} with more than one",
        f"cars {len(cars)} named; {unnamed} photos name none",
        f"plates {len(plates)}: {count(p.quad is not None for p in plates)} with corners,"
        f" {count(p.mark is not None for p in plates)} with a mark,"
        f" {count(p.legible is False for p in plates)} not legible,"
        f" {count(p.rows > 1 for p in plates)} in two rows",
        "countries of plates " + tally(p.country or r.country for r in records for p in r.plates),
        "origins of photos " + tally(record.origin for record in records),
        "licences of photos " + tally(record.licence for record in records),
    ]
    widths = [width_of(plate) for plate in plates if plate.place is not None]
    if widths:
        lines.append("plate width, pixels: " + spread(widths, ".0f"))
    pairs = [(p, r.width) for r in records for p in r.plates if r.width and p.place is not None]
    shares = [100 * width_of(plate) / width for plate, width in pairs]
    if shares:
        lines.append("plate width, % of the photo: " + spread(shares, ".1f"))
    return "\n".join(lines)


def width_of(plate: LabelledPlate) -> float:
    """Mean of the two long sides where corners are known, else of the box; 0 without a place."""
    if plate.quad is not None:
        return quad_size(plate.quad)[0]
    return plate.box.x2 - plate.box.x1 if plate.box is not None else 0.0


def count(values: Iterable[bool]) -> int:
    """How many are true."""
    return sum(values)


def tally(values: Iterable[str | None]) -> str:
    """ "FI 12, SE 3, not said 1", most frequent first."""
    counts = Counter(value or "not said" for value in values)
    return ", ".join(f"{value} {number}" for value, number in counts.most_common()) or "none"


def spread(values: Sequence[float], form: str) -> str:
    """Smallest, 5 %, median, 95 %, largest."""
    points = np.quantile(values, [0, 0.05, 0.5, 0.95, 1])
    names = ("smallest", "5 %", "median", "95 %", "largest")
    return ", ".join(f"{name} {value:{form}}" for name, value in zip(names, points, strict=True))
