"""The solid of a drawn car: blueprints from three sides, cut with each other and rounded, as distances.

Metres; x forward, y to the car's left, z up; the origin is on the ground between the axles. A solid is the
smooth intersection of three extruded outlines, each kept as a table of signed distances (negative inside).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Points = tuple[tuple[float, float], ...]

PER_METRE = 160  # table cells
LOW = -3.2  # the tables' first cell, metres, on both axes
SIZE = int((3.2 - LOW) * PER_METRE)


@dataclass(frozen=True, slots=True)
class Solid:
    """Three outlines: side (x, z), plan (x, half width), section (half width, z); edges' rounding."""

    side: Points
    plan: Points
    section: Points
    round_m: float


@dataclass(frozen=True, slots=True)
class Body:
    """One body style. `glass` are side windows (x, z); lines are shut lines; `axle_x` is front, rear."""

    name: str
    lower: Solid
    cabin: Solid
    axle_x: tuple[float, float]
    wheel_r: float
    glass: tuple[Points, ...]
    shuts: tuple[Points, ...]
    belt_z: float
    roof_z: float
    front_plate_z: float
    rear_plate_z: float


def curve(points: Points, steps: int = 8) -> NDArray[np.float64]:
    """A Catmull-Rom curve through points, ends kept -> (n, 2)."""
    p = np.array([points[0], *points, points[-1]], dtype=np.float64)
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
        parts.append(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))
    return np.vstack([*parts, p[-1:]])


def loop(points: Points, steps: int = 6) -> NDArray[np.float64]:
    """A closed Catmull-Rom curve through points, smooth at its seam -> (n, 2)."""
    around = curve((points[-1], *points, points[0], points[1]), steps)
    return around[steps : -steps - 1]


def _table(outline: NDArray[np.float64]) -> Floats:
    """Signed distances (m) to a closed outline in the plane, [second axis, first axis]."""
    fine = 3  # drawn finer than kept: the steps of a coarse outline would show as ripples in the paint
    mask = np.zeros((SIZE * fine, SIZE * fine), np.uint8)
    cells = (outline - LOW) * PER_METRE * fine
    cv2.fillPoly(mask, [np.round(cells * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    inside = (mask > 127).astype(np.uint8)
    outside, within = (
        np.asarray(cv2.distanceTransform(part, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)
        for part in (1 - inside, inside)
    )
    small = cv2.resize(outside - within, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 4.0), dtype=np.float32) / np.float32(PER_METRE * fine)


def _mirrored(points: Points) -> NDArray[np.float64]:
    half = curve(points)
    return np.vstack([half, half[::-1] * (1, -1)])


@cache
def tables(solid: Solid) -> tuple[Floats, Floats, Floats]:
    """The solid's side, plan and section tables."""
    section = curve(solid.section)
    closed = np.vstack([section, section[::-1] * (-1, 1)])
    return _table(curve(solid.side)), _table(_mirrored(solid.plan)), _table(closed)


def look_up(table: Floats, a: Floats, b: Floats) -> Floats:
    """Bilinear values of a table at (a, b) metres."""
    n = len(a)
    width = 4096  # remap takes images, not lists: fold the list
    rows = -(-n // width)
    u, v = np.zeros(rows * width, np.float32), np.zeros(rows * width, np.float32)
    u[:n], v[:n] = (a - LOW) * PER_METRE, (b - LOW) * PER_METRE
    got = cv2.remap(
        table, u.reshape(rows, width), v.reshape(rows, width), cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE
    )
    return np.asarray(got, dtype=np.float32).reshape(-1)[:n]


def smooth_max(a: Floats, b: Floats, k: float) -> Floats:
    """The larger of two distances with the corner between them rounded over `k` metres."""
    h = np.maximum(k - np.abs(a - b), 0) / np.float32(k)
    return np.asarray(np.maximum(a, b) + h * h * np.float32(k * 0.25), dtype=np.float32)


def solid_distance(solid: Solid, p: Floats) -> Floats:
    """Signed distance (m, near the surface) of points (n, 3) to a solid."""
    side, plan, section = tables(solid)
    d = smooth_max(look_up(side, p[:, 0], p[:, 2]), look_up(plan, p[:, 0], p[:, 1]), solid.round_m)
    return smooth_max(d, look_up(section, p[:, 1], p[:, 2]), solid.round_m)


def body_distance(body: Body, p: Floats) -> Floats:
    """Distance to body shell, arches cut out, with mirrors."""
    shell = -smooth_max(-solid_distance(body.lower, p), -solid_distance(body.cabin, p), 0.03)
    wide = np.abs(p[:, 1])
    for axle in body.axle_x:
        r = np.hypot(p[:, 0] - axle, p[:, 2] - body.wheel_r)
        arch = np.maximum(r - (body.wheel_r + 0.055), 0.52 - wide).astype(np.float32)
        shell = smooth_max(shell, -arch, 0.02)
    q = (p * (1, 0, 1) + wide[:, None] * np.array((0, 1, 0), np.float32)) - mirror_at(body)
    reach = np.linalg.norm(q / np.array((0.07, 0.125, 0.072), np.float32), axis=1)
    mirror = (reach - 1) * np.float32(0.07)
    return np.asarray(-smooth_max(-shell, -mirror.astype(np.float32), 0.03), dtype=np.float32)


def mirror_at(body: Body) -> Floats:
    """The left door mirror's middle."""
    return np.array((body.cabin.side[2][0] - 0.06, 0.885, body.belt_z + 0.06), np.float32)


def wheel_distance(body: Body, p: Floats) -> Floats:
    """Distance to the four wheels: round-edged cylinders."""
    wide = np.abs(p[:, 1])
    best = np.full(len(p), 9.0, np.float32)
    outer = body.lower.plan[len(body.lower.plan) // 2][1] - 0.02
    for axle in body.axle_x:
        r = np.hypot(p[:, 0] - axle, p[:, 2] - body.wheel_r) - np.float32(body.wheel_r)
        across = np.abs(wide - (outer - 0.11)) - 0.11
        best = np.minimum(best, smooth_max(r.astype(np.float32), across.astype(np.float32), 0.04))
    return best


HATCH = Body(
    name="hatch",
    lower=Solid(
        side=(
            (2.00, 0.19), (2.13, 0.24), (2.19, 0.40), (2.19, 0.58), (2.13, 0.72), (1.98, 0.81),
            (1.60, 0.91), (1.10, 0.985),
            (0.40, 0.995), (-0.80, 1.01), (-1.70, 1.04), (-2.02, 1.00), (-2.10, 0.86), (-2.13, 0.62),
            (-2.12, 0.42),
            (-2.04, 0.28), (-1.70, 0.20), (0.0, 0.17), (2.00, 0.19),
        ),
        plan=(
            (2.20, 0.0), (2.18, 0.40), (2.06, 0.68), (1.80, 0.83), (1.33, 0.885), (0.60, 0.885),
            (-0.60, 0.89), (-1.33, 0.89),
            (-1.80, 0.85), (-2.04, 0.74), (-2.13, 0.45), (-2.15, 0.0),
        ),
        section=(
            (0.0, 0.17), (0.74, 0.18), (0.83, 0.24), (0.865, 0.40), (0.885, 0.62), (0.895, 0.78),
            (0.875, 0.90), (0.82, 0.99),
            (0.70, 1.035), (0.0, 1.08),
        ),
        round_m=0.11,
    ),
    cabin=Solid(
        side=(
            (1.22, 0.80), (1.16, 0.96), (0.86, 1.16), (0.42, 1.40), (0.10, 1.475), (-0.40, 1.505),
            (-1.00, 1.49), (-1.55, 1.43),
            (-1.80, 1.36), (-2.02, 1.12), (-2.12, 0.95), (-2.12, 0.80), (1.22, 0.80),
        ),
        plan=(
            (1.24, 0.0), (1.18, 0.44), (1.00, 0.72), (0.50, 0.86), (-0.40, 0.885), (-1.30, 0.86),
            (-1.80, 0.78), (-2.06, 0.56),
            (-2.12, 0.0),
        ),
        section=(
            (0.0, 0.80), (0.87, 0.84), (0.855, 0.98), (0.775, 1.22), (0.70, 1.38), (0.58, 1.46),
            (0.36, 1.50), (0.0, 1.515),
        ),
        round_m=0.10,
    ),
    axle_x=(1.35, -1.30),
    wheel_r=0.315,
    glass=(
        ((0.80, 1.045), (0.72, 1.12), (0.34, 1.335), (0.05, 1.39), (-0.32, 1.405), (-0.32, 1.045)),
        ((-0.41, 1.045), (-0.41, 1.405), (-0.90, 1.395), (-1.28, 1.355), (-1.42, 1.19), (-1.44, 1.06)),
    ),
    shuts=(
        ((0.93, 0.98), (0.90, 0.60), (0.84, 0.26), (-0.30, 0.25)),
        ((-0.365, 1.02), (-0.36, 0.60), (-0.36, 0.26)),
        ((-1.50, 1.02), (-1.44, 0.86), (-1.20, 0.70), (-0.98, 0.52), (-0.92, 0.26)),
    ),
    belt_z=1.0,
    roof_z=1.5,
    front_plate_z=0.43,
    rear_plate_z=0.80,
)  # fmt: skip


def stretched(
    base: Body, name: str, up: float, wide: float, long: float, clearance: float, wheel_r: float
) -> Body:
    """A body grown from another: heights above the sill times `up`, all lifted by `clearance`."""

    def xz(points: Points) -> Points:
        return tuple((x * long, 0.2 + (z - 0.2) * up + clearance) for x, z in points)

    def solid(s: Solid) -> Solid:
        plan = tuple((x * long, y * wide) for x, y in s.plan)
        section = tuple((y * wide, z) for (y, _), (_, z) in zip(s.section, xz(s.section), strict=True))
        return Solid(xz(s.side), plan, section, s.round_m)

    lift = [xz(((0.0, z),))[0][1] for z in (base.belt_z, base.roof_z, base.front_plate_z, base.rear_plate_z)]
    return Body(
        name, solid(base.lower), solid(base.cabin), (base.axle_x[0] * long, base.axle_x[1] * long), wheel_r,
        tuple(xz(g) for g in base.glass), tuple(xz(s) for s in base.shuts), *lift,
    )  # fmt: skip


SUV = stretched(HATCH, "suv", up=1.08, wide=1.03, long=1.03, clearance=0.06, wheel_r=0.355)
CITY = stretched(HATCH, "city", up=1.0, wide=0.95, long=0.9, clearance=0.0, wheel_r=0.295)
ESTATE = stretched(HATCH, "estate", up=0.98, wide=1.02, long=1.06, clearance=-0.005, wheel_r=0.32)
BODIES = {body.name: body for body in (HATCH, SUV, CITY, ESTATE)}
