"""Solids to put drawn rooms together from: signed distances of boxes, rods, rings and their soft unions.

A solid is a function from places to metres: below zero inside, above zero outside, never more than the true
distance. Places are three (n,) float32 arrays x, y, z in metres: x forward, y to the left, z up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Solid = Callable[[Floats, Floats, Floats], Floats]
Place = tuple[float, float, float]

REACH = 0.12  # metres around a group within which its parts are looked at one by one


def block(middle: Place, half: Place, rounded: float, pitch: float = 0.0) -> Solid:
    """A box with rounded edges; `pitch` (radians) leans its top backwards."""
    c, s = np.float32(np.cos(pitch)), np.float32(np.sin(pitch))
    mx, my, mz = (np.float32(v) for v in middle)
    hx, hy, hz = (np.float32(max(v - rounded, 1e-3)) for v in half)

    def solid(x: Floats, y: Floats, z: Floats) -> Floats:
        dx, dz = x - mx, z - mz
        if pitch:
            dx, dz = c * dx + s * dz, c * dz - s * dx
        qx, qy, qz = np.abs(dx) - hx, np.abs(y - my) - hy, np.abs(dz) - hz
        outside = np.sqrt(np.maximum(qx, 0) ** 2 + np.maximum(qy, 0) ** 2 + np.maximum(qz, 0) ** 2)
        inside = np.minimum(np.maximum(qx, np.maximum(qy, qz)), 0)
        return np.asarray(outside + inside - np.float32(rounded), np.float32)

    return solid


def rod(start: Place, end: Place, radius: float) -> Solid:
    """A rod with round ends."""
    a, along = np.array(start, np.float32), np.array(end, np.float32) - np.array(start, np.float32)
    length = np.float32(max(float(along @ along), 1e-6))

    def solid(x: Floats, y: Floats, z: Floats) -> Floats:
        dx, dy, dz = x - a[0], y - a[1], z - a[2]
        t = np.clip((dx * along[0] + dy * along[1] + dz * along[2]) / length, 0, 1)
        gap = (dx - t * along[0]) ** 2 + (dy - t * along[1]) ** 2 + (dz - t * along[2]) ** 2
        return np.asarray(np.sqrt(gap) - np.float32(radius), np.float32)

    return solid


def ring(middle: Place, radius: float, thick: float, pitch: float) -> Solid:
    """A ring that faces backwards, its top leaning `pitch` radians forwards, as a steering wheel does."""
    mx, my, mz = (np.float32(v) for v in middle)
    c, s = np.float32(np.cos(pitch)), np.float32(np.sin(pitch))

    def solid(x: Floats, y: Floats, z: Floats) -> Floats:
        dx, dy, dz = x - mx, y - my, z - mz
        axis, up = c * dx - s * dz, s * dx + c * dz
        around = np.sqrt(dy * dy + up * up) - np.float32(radius)
        return np.asarray(np.sqrt(around * around + axis * axis) - np.float32(thick), np.float32)

    return solid


def melt(parts: Sequence[Solid], soft: float) -> Solid:
    """Several solids as one whose joints are `soft` metres wide (polynomial minimum, Quilez 2008)."""
    k = np.float32(soft)

    def solid(x: Floats, y: Floats, z: Floats) -> Floats:
        near = parts[0](x, y, z)
        for part in parts[1:]:
            other = part(x, y, z)
            h = np.maximum(k - np.abs(near - other), 0) / k
            near = np.minimum(near, other) - h * h * k * np.float32(0.25)
        return np.asarray(near, np.float32)

    return solid


@dataclass(frozen=True, slots=True)
class Group:
    """A solid of one material, inside a ball that spares looking at it from afar."""

    material: int
    solid: Solid
    middle: Place
    radius: float

    def distance(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """(n,) metres."""
        mx, my, mz = (np.float32(v) for v in self.middle)
        far = np.sqrt((x - mx) ** 2 + (y - my) ** 2 + (z - mz) ** 2) - np.float32(self.radius)
        near = np.flatnonzero(far < REACH)
        if len(near):
            far[near] = self.solid(x[near], y[near], z[near])
        return np.asarray(far, np.float32)


def nearest(groups: Sequence[Group], x: Floats, y: Floats, z: Floats) -> Floats:
    """(n,) metres to whichever group is nearest."""
    least = groups[0].distance(x, y, z)
    for group in groups[1:]:
        np.minimum(least, group.distance(x, y, z), out=least)
    return least


def materials(groups: Sequence[Group], x: Floats, y: Floats, z: Floats) -> NDArray[np.int16]:
    """(n,) the place in `groups` of the nearest one."""
    table = np.stack([group.distance(x, y, z) for group in groups])
    return np.asarray(table.argmin(axis=0), np.int16)
