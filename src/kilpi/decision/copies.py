"""Which sightings of a plate are of one photo in several files: a copy, smaller or saved anew, is no vote.

The same plate at the same place of two files is one photo: between two photos of a car it moves by more.
"""

from __future__ import annotations

from collections.abc import Sequence

from kilpi.types import Plate

# Plate widths: of 49 pairs of one car's photos in dev-dealer the least move of the corner that moves most is
# 0.48, of pairs of composed photos 0.08; of copies in three sizes one in thirty is above (recipes/LOG.md).
MOVED = 0.05


def distinct(plates: Sequence[Plate]) -> int:
    """How many of these sightings are of different photos; those without a frame all are."""
    kept: list[Plate] = []
    for plate in plates:
        if all(is_moved(plate, one) for one in kept):
            kept.append(plate)
    return len(kept)


def is_moved(one: Plate, other: Plate) -> bool:
    """Whether a plate is elsewhere in two photos that are scaled to one width."""
    if one.frame is None or other.frame is None:
        return True
    (here, wide), (there, _) = scaled(one, one.frame[0]), scaled(other, other.frame[0])
    return max(abs(a - b) for a, b in zip(here, there, strict=True)) > MOVED * wide


def scaled(plate: Plate, width: int) -> tuple[list[float], float]:
    """Its corners' x and y in photo widths, and its own width."""
    quad = plate.sighting.quad
    xs = [point.x / width for point in quad]
    return [*xs, *(point.y / width for point in quad)], max(xs) - min(xs)
