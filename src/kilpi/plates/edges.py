"""The classical way to sharpen a plate's corners, measured beside the corner network that replaced it.

Nothing that is published runs it; `kilpi eval detector` does. The plate is warped upright at its native
resolution, and the quadrilateral is looked for again: blur, edges and threshold, contours, and lines fitted
to the strongest step along each side, to a part of a pixel. A new quadrilateral is taken only where the steps
along its sides are clearly stronger than along the old one's.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.geometry import (
    apply_homography,
    grow_quad,
    homography,
    is_convex,
    quad_from_array,
    quad_iou,
    quad_size,
    quad_to_array,
)
from kilpi.images import warp
from kilpi.plates.crop import ASPECTS, HEIGHT
from kilpi.types import Photo, Pixels, Quad, Sighting

MARGIN_X, MARGIN_Y = 0.12, 0.4  # of the plate's size, looked at around it
SMALLEST = 40  # pixels of native width below which edges tell less than the network
REACH = 0.22  # of the plate's height: how far a side may move
NEAR = 0.6  # standard deviation of where a side is expected, as a part of what is searched
BETTER = 1.2  # how much stronger the steps along the new sides must be
PROFILES = 48  # places along a side where its step is looked for

Floats = NDArray[np.float64]


class Patch(NamedTuple):
    """A plate upright with its surroundings: grey (h, w) float32, and the map from its pixels to the
    photo's.
    """

    pixels: Pixels
    grey: NDArray[np.float32]
    to_photo: Floats
    start: Floats  # (4, 2) the network's corners in the patch


def rectify(photo: Photo, sighting: Sighting) -> Quad:
    """The sighting's corners, moved onto the plate's edges where those can be seen; else as they were."""
    wide, _ = quad_size(sighting.quad)
    if wide < SMALLEST or not is_convex(sighting.quad):
        return sighting.quad
    patch = cut_patch(photo, sighting.quad)
    smooth = np.asarray(cv2.bilateralFilter(patch.grey, 5, 30.0, 3.0), np.float32)
    grey = smooth.astype(np.uint8)
    edges = np.asarray(cv2.Canny(grey, 40, 120), np.uint8)
    mean = cv2.ADAPTIVE_THRESH_MEAN_C
    bright = np.asarray(cv2.adaptiveThreshold(grey, 255, mean, cv2.THRESH_BINARY, 41, 0), np.uint8)
    starts = [patch.start, *outlines(edges, patch.start), *outlines(bright, patch.start)]
    slopes = gradients(smooth)
    fits = [fit for fit in (fit_sides(slopes, s, patch.start) for s in starts) if fit is not None]
    best = max(fits, key=lambda corners: strength(slopes, corners), default=patch.start)
    if strength(slopes, best) <= BETTER * strength(slopes, patch.start):
        return sighting.quad
    return quad_from_array(apply_homography(patch.to_photo, best))


def cut_patch(photo: Photo, quad: Quad) -> Patch:
    """The plate upright, 64 pixels high, with margins."""
    wide, tall = quad_size(quad)
    aspect = float(np.clip(wide / max(tall, 1e-6), *ASPECTS))
    inner_w, inner_h = round(HEIGHT * aspect), HEIGHT
    edge_x, edge_y = round(inner_w * MARGIN_X), round(inner_h * MARGIN_Y)
    outer = grow_quad(quad, edge_x / inner_w, edge_y / inner_h)
    size = inner_w + 2 * edge_x, inner_h + 2 * edge_y
    pixels = warp(photo, outer, *size)
    frame = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], dtype=np.float64)
    left, top, right, bottom = edge_x, edge_y, edge_x + inner_w, edge_y + inner_h
    start = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float64)
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.float32)
    return Patch(pixels, grey, homography(frame, quad_to_array(outer)), start)


def outlines(mask: NDArray[np.uint8], start: Floats) -> list[Floats]:
    """Contours of a mask that are quadrilaterals about where the plate is: (4, 2) each, clockwise from tl."""
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    area = float(np.prod(start[2] - start[0]))
    found = []
    for contour in contours:
        hull = cv2.convexHull(contour)
        if cv2.contourArea(hull) < 0.5 * area:
            continue
        shape = cv2.approxPolyDP(hull, 0.04 * cv2.arcLength(hull, True), True).reshape(-1, 2)
        corners = shape if len(shape) == 4 else cv2.boxPoints(cv2.minAreaRect(hull))
        ordered = in_order(np.asarray(corners, np.float64) + 0.5)
        quad = quad_from_array(ordered)
        if is_convex(quad) and quad_iou(quad, quad_from_array(start)) > 0.6:
            found.append(ordered)
    return found


def in_order(corners: Floats) -> Floats:
    """Four corners of an upright-ish quadrilateral as tl, tr, br, bl."""
    middle = corners.mean(axis=0)
    angles = np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0])
    round_ = corners[np.argsort(angles)]  # clockwise on the screen, from the left
    first = int(np.argmin(round_.sum(axis=1)))
    return np.asarray(np.roll(round_, -first, axis=0), np.float64)


def gradients(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """(h, w, 2): how grey changes with x and y, over about three pixels, in grey levels a pixel."""
    soft = cv2.GaussianBlur(grey, (0, 0), 1.0)
    slope_x = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=1 / 8)
    slope_y = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=1 / 8)
    return np.dstack([slope_x, slope_y])


def side_slopes(slopes: NDArray[np.float32], a: Floats, b: Floats, shifts: Floats) -> Floats:
    """Slope along the outward normal of side a-b: (PROFILES, len(shifts)), `shifts` pixels outwards."""
    along = (b - a) / max(float(np.linalg.norm(b - a)), 1e-6)
    normal = np.array([along[1], -along[0]])  # outwards, for corners clockwise on the screen
    at = np.linspace(0.04, 0.96, PROFILES)[:, None]
    places = (a + at * (b - a))[:, None, :] + shifts[None, :, None] * normal
    xy = (places - 0.5).astype(np.float32)
    seen = cv2.remap(slopes, xy[..., 0], xy[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen @ normal, np.float64)


def strength(slopes: NDArray[np.float32], corners: Floats) -> float:
    """How strong and how even the steps along the four sides are: the geometric mean of the sides' means."""
    sides = zip(corners, np.roll(corners, -1, axis=0), strict=True)
    means = [abs(float(side_slopes(slopes, a, b, np.zeros(1)).mean())) for a, b in sides]
    return float(np.exp(np.mean(np.log(np.array(means) + 0.05))))


def fit_sides(slopes: NDArray[np.float32], corners: Floats, start: Floats) -> Floats | None:
    """The quadrilateral of the lines that follow the strongest steps near the sides of `corners`.

    None where a side shows no line, or the result lies further from `start` than `REACH`.
    """
    reach = REACH * HEIGHT
    lines = []
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        line = fit_side(slopes, a, b, reach / 2)
        if line is None:
            return None
        lines.append(line)
    found = [cross(lines[i - 1], lines[i]) for i in range(4)]
    if any(corner is None for corner in found):
        return None
    result = np.array(found, dtype=np.float64)
    near = bool(np.abs(result - start).max() <= reach)
    return result if near and is_convex(quad_from_array(result)) else None


def fit_side(slopes: NDArray[np.float32], a: Floats, b: Floats, reach: float) -> tuple[Floats, Floats] | None:
    """A line (two points) through the strongest steps within `reach` pixels of side a-b, outliers left
    out.
    """
    shifts = np.arange(-reach, reach + 0.01, 0.5)
    seen = side_slopes(slopes, a, b, shifts)
    seen = seen * np.sign(seen.mean(axis=0)[np.argmax(np.abs(seen.mean(axis=0)))])  # one kind of step a side
    likely = np.exp(-0.5 * (shifts / (NEAR * reach)) ** 2)
    place = np.argmax(seen * likely, axis=1)
    rows = np.arange(PROFILES)
    inner = np.clip(place, 1, len(shifts) - 2)
    left, middle, right = (seen[rows, inner + d] for d in (-1, 0, 1))
    bend = left - 2 * middle + right
    part = np.where(np.abs(bend) > 1e-6, 0.5 * (left - right) / np.where(np.abs(bend) > 1e-6, bend, 1), 0)
    offset = shifts[inner] + np.clip(part, -1, 1) * 0.5  # the parabola's peak: a part of a pixel
    at = np.linspace(0.04, 0.96, PROFILES)
    weight = np.clip(seen[rows, inner], 0, None)
    if weight.max() < 1.0:
        return None
    for _ in range(5):  # iteratively reweighted least squares, Cauchy weights
        slope, base = np.polyfit(at, offset, 1, w=np.sqrt(weight + 1e-9))
        gap = offset - (base + slope * at)
        weight = np.clip(seen[rows, inner], 0, None) / (1 + (gap / 0.75) ** 2)
    if float(np.mean(np.abs(gap) < 1.5)) < 0.5:
        return None
    along = (b - a) / np.linalg.norm(b - a)
    normal = np.array([along[1], -along[0]])
    return a + base * normal, b + (base + slope) * normal


def cross(one: tuple[Floats, Floats], two: tuple[Floats, Floats]) -> Floats | None:
    """Where two lines through two points each meet; None where they are parallel."""
    (a, b), (c, d) = one, two
    matrix = np.array([b - a, c - d]).T
    if abs(float(np.linalg.det(matrix))) < 1e-6:
        return None
    t, _ = np.linalg.solve(matrix, c - a)
    return np.asarray(a + t * (b - a), np.float64)
