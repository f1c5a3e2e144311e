"""Finds, for every pixel, the point of a drawn car that it sees: sphere tracing, coarse first, then fine."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.draw.cars.shape import Body, Floats, body_distance, wheel_distance

BODY, WHEEL = 1, 2
MISS = 1e4
NEAR_M = 0.25  # how far before the coarse surface the fine search begins


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera: where it stands, what it looks at (metres), and its width of view in degrees."""

    place: tuple[float, float, float]
    target: tuple[float, float, float]
    view_deg: float
    width: int
    height: int
    roll_deg: float = 0.0

    def axes(self) -> Floats:
        """Rows: right, down, forward."""
        forward = np.array(self.target) - np.array(self.place)
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, (0, 0, 1))
        right /= np.linalg.norm(right)
        down = np.cross(forward, right)
        turn = np.radians(self.roll_deg)
        right, down = right * np.cos(turn) + down * np.sin(turn), down * np.cos(turn) - right * np.sin(turn)
        return np.array([right, down, forward], np.float32)

    @property
    def focal(self) -> float:
        """Focal length in pixels."""
        return self.width / 2 / float(np.tan(np.radians(self.view_deg) / 2))

    def rays(self, step: int = 1) -> Floats:
        """(h, w, 3) unit directions of every `step`-th pixel's centre."""
        xs = (np.arange(0, self.width, step) + step / 2 - self.width / 2) / self.focal
        ys = (np.arange(0, self.height, step) + step / 2 - self.height / 2) / self.focal
        right, down, forward = self.axes()
        d = forward + xs[None, :, None] * right + ys[:, None, None] * down
        return np.asarray(d / np.linalg.norm(d, axis=2, keepdims=True), dtype=np.float32)

    def project(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """(n, 3) metres -> (n, 2) pixels, origin at the corner of the first pixel."""
        seen = (np.asarray(points, np.float64) - self.place) @ self.axes().T.astype(np.float64)
        return seen[:, :2] / seen[:, 2:] * self.focal + (self.width / 2, self.height / 2)


@dataclass(frozen=True, slots=True)
class Hits:
    """What was hit: `where` (n, 2) row, column; `points`, `normals`, `rays` (n, 3); `kind` BODY or WHEEL."""

    where: NDArray[np.int64]
    points: Floats
    normals: Floats
    rays: Floats
    kind: NDArray[np.int8]


def distance(body: Body, p: Floats) -> Floats:
    """Distance of (n, 3) points to the car."""
    return np.minimum(body_distance(body, p), wheel_distance(body, p))


def _march(body: Body, eye: Floats, rays: Floats, start: Floats, stop: Floats, steps: int) -> Floats:
    """Where (m along each ray) the car is met, MISS where it is not."""
    t = start.copy()
    active = np.flatnonzero(t < stop)
    for _ in range(steps):
        if len(active) == 0:
            break
        d = distance(body, eye + rays[active] * t[active, None])
        t[active] += d * np.float32(0.9)
        keep = (np.abs(d) > 4e-4) & (t[active] < stop[active])
        active = active[keep]
    if len(rays) == 0:
        return t
    near = np.abs(distance(body, eye + rays * np.minimum(t, stop)[:, None])) < 0.01
    return np.where(near & (t < stop), t, MISS).astype(np.float32)


def _box_span(eye: Floats, rays: Floats) -> tuple[Floats, Floats]:
    """Entry and exit of rays through the box that holds any car."""
    low, high = np.array((-2.6, -1.2, -0.02)), np.array((2.6, 1.2, 1.9))
    with np.errstate(divide="ignore"):
        a, b = (low - eye) / rays, (high - eye) / rays
    enter = np.minimum(a, b).max(axis=-1)
    leave = np.maximum(a, b).min(axis=-1)
    missed = (enter > leave) | (leave < 0)
    enter = np.where(missed, MISS, np.maximum(enter, 0.05))
    return enter.astype(np.float32), np.where(missed, 0, leave).astype(np.float32)


def trace(body: Body, camera: Camera) -> Hits:
    """All pixels that see the car."""
    eye = np.array(camera.place, np.float32)
    coarse = camera.rays(4)
    shape = coarse.shape[:2]
    flat = coarse.reshape(-1, 3)
    start, stop = _box_span(eye, flat)
    rough = _march(body, eye, flat, start, stop, 90).reshape(shape)
    nearest = cv2.erode(rough, np.ones((3, 3)))  # the nearest surface around, so that no edge is jumped over
    rays = camera.rays(1)
    begin = cv2.resize(nearest, rays.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    rows, columns = np.nonzero(begin < MISS)
    rays = rays[rows, columns]
    begin = begin[rows, columns] - np.float32(NEAR_M)
    _, stop = _box_span(eye, rays)
    t = _march(body, eye, rays, np.maximum(begin, 0.05), stop, 45)
    hit = np.flatnonzero(t < MISS)
    rays = rays[hit]
    points = eye + rays * t[hit, None]
    if len(hit) == 0:
        nothing = np.zeros((0, 3), np.float32)
        return Hits(np.zeros((0, 2), np.int64), nothing, nothing, nothing, np.zeros(0, np.int8))
    kind = np.where(wheel_distance(body, points) < body_distance(body, points), WHEEL, BODY).astype(np.int8)
    where = np.stack([rows[hit], columns[hit]], axis=1)
    return Hits(where, points, normals(body, points), rays, kind)


def normals(body: Body, p: Floats, reach: float = 0.011) -> Floats:
    """Unit normals by differences over a tetrahedron of `reach` metres."""
    out = np.zeros_like(p)
    for corner in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)):
        e = np.array(corner, np.float32)
        out += e * distance(body, p + e * np.float32(reach))[:, None]
    return np.asarray(out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-6), dtype=np.float32)


def open_sky(body: Body, points: Floats, normals: Floats) -> Floats:
    """How open the surroundings are at surface points (n, 3), 0..1, from distances along normals."""
    out = np.ones(len(points), np.float32)
    for reach in (0.05, 0.12, 0.25, 0.45):
        d = distance(body, points + normals * np.float32(reach))
        out -= np.clip(1 - d / np.float32(reach), 0, 1) * np.float32(0.28)
    return np.clip(out, 0.04, 1)
