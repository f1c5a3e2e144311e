"""Where the camera stood: pieces of photos turned, tilted, scaled and mirrored, with their plates'
corners.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.geometry import apply_homography
from kilpi.types import Pixels

Floats = NDArray[np.float32]
EMPTY = 114  # grey of what lies outside a photo; the detector pads with the same
SMALLEST = 15.0  # pixels: a plate narrower than this cannot be told from a vent or a word; a closer look can
OBLIQUE = 0.3  # of the cameras
CUT = 0.85  # of the picture's shorter side: a longer plate is one that the picture cuts


@dataclass(frozen=True, slots=True)
class View:
    """A picture and what is known of it, in its own pixels.

    `quads` (k, 4, 2): its plates. `exact` (k,): True where the corners are true, False where they are those
    of an upright box. `ignore` (m, 4, 2): regions of which nothing is known.
    """

    pixels: Pixels
    quads: Floats
    exact: NDArray[np.bool_]
    ignore: Floats


def no_quads() -> Floats:
    """(0, 4, 2)."""
    return np.zeros((0, 4, 2), np.float32)


def plain_view(pixels: Pixels) -> View:
    """A picture without plates."""
    return View(pixels, no_quads(), np.zeros(0, bool), no_quads())


def mirror(view: View) -> View:
    """Left and right exchanged. The first corner stays the top left one as seen, not as the text reads."""
    width = view.pixels.shape[1]

    def flip(quads: Floats) -> Floats:
        flipped = quads.copy()
        flipped[..., 0] = width - flipped[..., 0]
        return flipped[:, [1, 0, 3, 2]]

    return View(
        np.asarray(cv2.flip(view.pixels, 1), np.uint8), flip(view.quads), view.exact, flip(view.ignore)
    )


def as_seen(quads: Floats) -> Floats:
    """The corners (k, 4, 2) in the order in which a plate at any angle is told: upper edge first, clockwise.

    The upper edge is the one that points to the right, from 75 degrees downwards to 105 upwards; so plates on
    their side all point upwards, and what lies the wrong way up is told as if it did not. The order jumps at
    the bounds, where hardly a photo's plates lie: neither upright nor on their side.
    """
    along = quads[:, 1] - quads[:, 0] + quads[:, 2] - quads[:, 3]
    angle = np.degrees(np.arctan2(along[:, 1], along[:, 0]))
    turned = (angle > 75) | (angle <= -105)
    return np.where(turned[:, None, None], quads[:, [2, 3, 0, 1]], quads).astype(np.float32)


def look_at(
    view: View,
    place: Floats,
    scale: float,
    size: tuple[int, int],
    rng: np.random.Generator,
    turned: float = 0.0,
    oblique: float = OBLIQUE,
    smallest: float = SMALLEST,
) -> View:
    """The view as another camera sees it: `place` (2,) comes to lie somewhere in a picture of `size` (w, h).

    `scale` is the output's pixels per source pixel at that place. Most cameras stand nearly straight; some
    are rolled up to 25 degrees or, with the chance `oblique`, stand up to 60 degrees to the side. With the
    chance `turned` the picture is rolled by any angle. Plates under `smallest` pixels are to be ignored.
    """
    target = aim(place, scale, (view.pixels.shape[1], view.pixels.shape[0]), size, rng)
    matrix = camera(place, target, scale, size, rng, turned, oblique)
    pixels = warp_whole(view.pixels, matrix, scale, size)

    def move(quads: Floats) -> Floats:
        return apply_homography(matrix, quads.reshape(-1, 2)).reshape(-1, 4, 2).astype(np.float32)

    quads, ignore = as_seen(move(view.quads)), move(view.ignore)
    return sort_out(View(pixels, quads, view.exact, ignore), smallest, cut=True)


def aim(
    place: Floats, scale: float, source: tuple[int, int], size: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Where `place` is to lie in the output (x, y): anywhere, but with as little empty ground as can be."""
    target = rng.uniform(0.06, 0.94, 2) * size
    for axis in (0, 1):
        before, after = place[axis] * scale, (source[axis] - place[axis]) * scale
        ends = sorted((before, size[axis] - after))  # the photo's first edge at 0, its last at the far side
        target[axis] = np.clip(target[axis], ends[0], ends[1])
        if before + after >= size[axis]:  # it can fill the output
            target[axis] = np.clip(target[axis], size[axis] - after, before)
    return target


def camera(
    place: Floats,
    target: NDArray[np.float64],
    scale: float,
    size: tuple[int, int],
    rng: np.random.Generator,
    turned: float = 0.0,
    oblique: float = OBLIQUE,
) -> NDArray[np.float64]:
    """A random homography from source to output pixels that takes `place` to `target`; see `look_at`."""
    roll = math.radians(rng.normal(0, 3) if rng.random() < 0.8 else rng.uniform(-25, 25))
    if rng.random() < turned:
        quarters = int(rng.integers(1, 4))
        roll = float(rng.uniform(-np.pi, np.pi)) if rng.random() < 0.5 else roll + quarters * np.pi / 2
    yaw = math.radians(rng.normal(0, 8) if rng.random() < 1 - oblique else rng.uniform(-60, 60))
    pitch = math.radians(rng.normal(0, 6))
    # A plane turned in space, seen from `distance`: the photo's own plane, with `place` as its origin.
    distance = rng.uniform(2.0, 6.0) * max(size) / scale
    cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    tilted = np.array([[cy, 0, 0], [sp * sy, cp, 0], [-cp * sy / distance, sp / distance, 1]])
    cr, sr = np.cos(roll) * scale, np.sin(roll) * scale
    onto = np.array([[cr, -sr, target[0]], [sr, cr, target[1]], [0, 0, 1]])
    away = np.array([[1, 0, -place[0]], [0, 1, -place[1]], [0, 0, 1]])
    matrix: NDArray[np.float64] = onto @ tilted @ away
    return matrix


def warp_whole(pixels: Pixels, matrix: NDArray[np.float64], scale: float, size: tuple[int, int]) -> Pixels:
    """`pixels` through a homography onto a picture of `size` (w, h); shrunk by areas first where it must."""
    if scale < 0.7:
        small = max(2, round(pixels.shape[1] * scale)), max(2, round(pixels.shape[0] * scale))
        fx, fy = small[0] / pixels.shape[1], small[1] / pixels.shape[0]
        pixels = np.asarray(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = matrix @ np.diag([1 / fx, 1 / fy, 1])
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])  # OpenCV's pixel centres are at integers
    matrix = np.linalg.inv(half) @ matrix @ half
    method = cv2.INTER_CUBIC if scale > 1.3 else cv2.INTER_LINEAR
    border, fill = cv2.BORDER_CONSTANT, (EMPTY,) * 3
    warped = cv2.warpPerspective(pixels, matrix, size, flags=method, borderMode=border, borderValue=fill)
    return np.asarray(warped, np.uint8)


def sort_out(view: View, smallest: float = 11.0, seen: float = 0.6, cut: bool = False) -> View:
    """Plates that left the picture are forgotten; those half outside or too small to see are to be
    ignored.

    With `cut`, a plate about as large as the picture is kept however little of it is seen: then a letter of
    it, which is no plate, is not learnt as one.
    """
    height, width = view.pixels.shape[:2]
    keep: list[int] = []
    doubt: list[int] = []
    for i, quad in enumerate(view.quads):
        x1, y1 = quad.min(axis=0)
        x2, y2 = quad.max(axis=0)
        inside = max(0.0, min(x2, width) - max(x1, 0)) * max(0.0, min(y2, height) - max(y1, 0))
        part = inside / max((x2 - x1) * (y2 - y1), 1e-6)
        if part < 0.02:
            continue
        middle = quad.mean(axis=0)
        longer = max(x2 - x1, y2 - y1)
        centred = 0 <= middle[0] < width and 0 <= middle[1] < height
        whole = (part >= seen and centred) or (cut and longer > CUT * min(width, height))
        good = whole and longer >= smallest and np.isfinite(quad).all()
        (keep if good else doubt).append(i)
    ignore = np.concatenate([view.ignore, view.quads[doubt]])
    return View(view.pixels, view.quads[keep], view.exact[keep], ignore)


def tile(views: list[View]) -> View:
    """Four views of one size as a square of two by two (Bochkovskiy et al. 2020, "mosaic")."""
    height, width = views[0].pixels.shape[:2]
    canvas = np.empty((2 * height, 2 * width, 3), np.uint8)
    shifts = [np.array(s, np.float32) * (width, height) for s in ((0, 0), (1, 0), (0, 1), (1, 1))]
    for view, shift in zip(views, shifts, strict=True):
        x, y = shift.astype(int)
        canvas[y : y + height, x : x + width] = view.pixels
    return View(
        canvas,
        np.concatenate([v.quads + s for v, s in zip(views, shifts, strict=True)]).astype(np.float32),
        np.concatenate([v.exact for v in views]),
        np.concatenate([v.ignore + s for v, s in zip(views, shifts, strict=True)]).astype(np.float32),
    )
