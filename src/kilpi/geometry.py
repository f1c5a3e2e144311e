"""Quads, homographies, overlap and suppression. numpy only; pixels, origin top left, x right, y down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import dist

import numpy as np
from numpy.typing import NDArray

from kilpi.types import Box, Point, Quad

Floats = NDArray[np.float64]

UNIT = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=np.float64)
"""The corners of a square of side 1, in the order of a Quad's."""


def quad_from_array(corners: NDArray[np.floating]) -> Quad:
    """(4, 2) corners, clockwise from the top left as the text reads -> Quad."""
    return Quad(*map(Point._make, np.asarray(corners, dtype=np.float64).reshape(4, 2).tolist()))


def quad_to_array(quad: Quad) -> Floats:
    """Quad -> (4, 2) float64."""
    return np.array(quad, dtype=np.float64)


def quad_from_box(box: Box) -> Quad:
    """The upright quad on a box's corners."""
    return Quad(Point(box.x1, box.y1), Point(box.x2, box.y1), Point(box.x2, box.y2), Point(box.x1, box.y2))


def scale_quad(quad: Quad, sx: float, sy: float | None = None) -> Quad:
    """Every corner times (sx, sy); sy = sx where it is not given."""
    return quad_from_array(quad_to_array(quad) * (sx, sx if sy is None else sy))


def move_quad(quad: Quad, dx: float, dy: float) -> Quad:
    """The quad with every corner moved by (dx, dy)."""
    return quad_from_array(quad_to_array(quad) + (dx, dy))


def quarter_turned(quad: Quad, width: float, height: float, turns: int) -> Quad:
    """Where a quad comes to lie when its picture of `width` x `height` is turned to the left by quarters."""
    places: tuple[Callable[[Point], Point], ...] = (
        lambda p: p,
        lambda p: Point(p.y, width - p.x),
        lambda p: Point(width - p.x, height - p.y),
        lambda p: Point(height - p.y, p.x),
    )
    return Quad(*map(places[turns % 4], quad))


def grow_quad(quad: Quad, x: float, y: float | None = None) -> Quad:
    """The quad with margins of `x` of its width left and right, `y` of its height above and below.

    The margin follows the perspective: the corners are moved in the plate's own plane.
    """
    y = x if y is None else y
    grown = np.array([[-x, -y], [1 + x, -y], [1 + x, 1 + y], [-x, 1 + y]], dtype=np.float64)
    return quad_from_array(apply_homography(homography(UNIT, quad_to_array(quad)), grown))


def quad_size(quad: Quad) -> tuple[float, float]:
    """(width, height) in pixels: mean length of the two horizontal, and of the two vertical sides."""
    tl, tr, br, bl = quad
    return (dist(tl, tr) + dist(bl, br)) / 2, (dist(tl, bl) + dist(tr, br)) / 2


def polygon_area(points: NDArray[np.floating]) -> float:
    """Signed area of a polygon (n, 2) by the shoelace formula; positive when clockwise on the screen."""
    x, y = np.asarray(points, dtype=np.float64).T
    if len(x) == 0:
        return 0.0
    last = x[-1] * y[0] - x[0] * y[-1]
    return float(x[:-1] @ y[1:] - x[1:] @ y[:-1] + last) / 2


def is_convex(quad: Quad) -> bool:
    """True for a proper quad: clockwise, not self-crossing, no three corners on a line."""
    turns = zip(quad, quad[1:] + quad[:1], quad[2:] + quad[:2], strict=True)
    return all((b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x) > 0 for a, b, c in turns)


def homography(source: NDArray[np.floating], target: NDArray[np.floating]) -> Floats:
    """The 3x3 projective map that takes four points (4, 2) to four others.

    Direct linear transform, Hartley and Zisserman, Multiple View Geometry, 2nd ed., section 4.1.
    Raises numpy.linalg.LinAlgError where three source points lie on a line.
    """
    src, dst = np.asarray(source, dtype=np.float64), np.asarray(target, dtype=np.float64)
    system = np.zeros((4, 2, 8))
    system[:, 0, :2] = system[:, 1, 3:5] = src
    system[:, 0, 2] = system[:, 1, 5] = 1.0
    system[:, :, 6:] = -dst[:, :, None] * src[:, None]
    solution = np.linalg.solve(system.reshape(8, 8), dst.reshape(-1))
    return np.append(solution, 1.0).reshape(3, 3)


def apply_homography(matrix: Floats, points: NDArray[np.floating]) -> Floats:
    """(n, 2) points through a 3x3 projective map -> (n, 2)."""
    pts = np.asarray(points, dtype=np.float64)
    mapped = np.concatenate([pts, np.ones((len(pts), 1))], axis=1) @ matrix.T
    return np.asarray(mapped[:, :2] / mapped[:, 2:], dtype=np.float64)


def box_iou(a: Box, b: Box) -> float:
    """Intersection over union of two upright boxes, 0..1."""
    width = min(a.x2, b.x2) - max(a.x1, b.x1)
    height = min(a.y2, b.y2) - max(a.y1, b.y1)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    union = (a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - shared
    return shared / union


def clip_polygon(subject: NDArray[np.floating], clip: NDArray[np.floating]) -> Floats:
    """The part of a convex polygon inside a convex clockwise one (Sutherland and Hodgman, 1974) -> (m, 2)."""
    points = np.asarray(subject, dtype=np.float64)
    edges = np.asarray(clip, dtype=np.float64)
    for a, b in zip(edges, [*edges[1:], *edges[:1]], strict=True):
        if len(points) == 0:
            break
        side = (b[0] - a[0]) * (points[:, 1] - a[1]) - (b[1] - a[1]) * (points[:, 0] - a[0])
        kept: list[Floats] = []
        for i, point in enumerate(points):
            j = (i + 1) % len(points)
            if side[i] >= 0:
                kept.append(point)
            if (side[i] >= 0) != (side[j] >= 0):
                kept.append(point + (points[j] - point) * side[i] / (side[i] - side[j]))
        points = np.array(kept).reshape(-1, 2)
    return points


def quad_iou(a: Quad, b: Quad) -> float:
    """Intersection over union of two convex quads, 0..1."""
    first, second = quad_to_array(a), quad_to_array(b)
    shared = clip_polygon(first, second)
    if len(shared) < 3:
        return 0.0
    overlap = abs(polygon_area(shared))
    union = abs(polygon_area(first)) + abs(polygon_area(second)) - overlap
    return overlap / union if union > 0 else 0.0


def suppress(quads: Sequence[Quad], scores: Sequence[float], iou: float = 0.3) -> list[int]:
    """Greedy non-maximum suppression: indices of the kept quads, best score first."""
    if not quads:
        return []
    corners = np.array(quads, dtype=np.float64)
    low, high = corners.min(axis=1), corners.max(axis=1)
    # Hundreds of finds lie apart; only of those whose boxes meet anything more is asked.
    meet = np.all(np.minimum(high[:, None], high) > np.maximum(low[:, None], low), axis=2)
    kept: list[int] = []
    for i in sorted(range(len(quads)), key=lambda i: -scores[i]):
        if all(not meet[i, j] or quad_iou(quads[i], quads[j]) <= iou for j in kept):
            kept.append(i)
    return kept
