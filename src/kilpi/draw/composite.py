"""Puts a rendered plate into a photo so that its light, blur, noise and compression are the photo's own.

`swap_plate` replaces a plate whose corners are known; `paste_plate` sets one where none was. Both give the
true corners of what they drew. Photos are (h, w, 3) uint8 RGB; nothing is changed in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.draw.degrade import recoded
from kilpi.draw.light import Light, guess_light, measure_light
from kilpi.draw.noise import normal_noise
from kilpi.draw.plates import RenderedPlate
from kilpi.geometry import (
    UNIT,
    apply_homography,
    box_iou,
    grow_quad,
    homography,
    is_convex,
    quad_from_array,
    quad_size,
    quad_to_array,
)
from kilpi.types import Pixels, Point, Quad

Floats = NDArray[np.float32]

MARGIN = 0.25  # how far around a plate is looked at, in plate widths
FRAMED = 0.3  # how often a dark holder is drawn around the plate
RECOMPRESSED = 0.4  # how often the place is JPEG-coded once more


@dataclass(frozen=True, slots=True)
class Composite:
    """A photo with a drawn plate: (h, w, 3) uint8 RGB, and the plate's corners in it, pixels."""

    pixels: Pixels = field(compare=False, repr=False)
    quad: Quad


def swap_plate(photo: Pixels, quad: Quad, plate: RenderedPlate, rng: np.random.Generator) -> Composite:
    """Replace the plate at `quad` by `plate`, seen from the same side in the same light.

    Where the new plate's proportions differ too much to cover the old one, the old one is first painted over
    with its surroundings, and the returned corners are the new plate's.
    """
    place = _window(photo.shape, quad)
    roi = photo[place]
    offset = np.array([place[1].start, place[0].start], dtype=np.float64)
    local = quad_from_array(quad_to_array(quad) - offset)
    light = measure_light(roi, local)
    target = fit_quad(local, plate.size_mm, rng)
    if not _covers(target, local):
        roi = _paint_over(roi, local, light, rng)
    drawn = _lay(roi, target, plate, light, rng)
    pixels = photo.copy()
    pixels[place] = drawn
    return Composite(pixels, quad_from_array(quad_to_array(target) + offset))


def paste_plate(
    photo: Pixels,
    plate: RenderedPlate,
    rng: np.random.Generator,
    avoid: Sequence[Quad] = (),
    width: tuple[float, float] = (0.04, 0.3),
    max_angle: float = 60.0,
) -> Composite | None:
    """Set `plate` somewhere that overlaps no quad of `avoid`; None where no room was found.

    `width` is the range of the plate's width as a share of the photo's, unturned; `max_angle` in degrees.
    """
    h, w = photo.shape[:2]
    boxes = [grow_quad(q, 0.15, 0.3).box for q in avoid]
    for _ in range(24):
        size = w * float(np.exp(rng.uniform(*np.log(width))))
        centre = Point(float(rng.uniform(0, w)), float(rng.uniform(0, h)))
        quad = random_quad(centre, size, plate.size_mm[0] / plate.size_mm[1], rng, max_angle)
        box = quad.box
        inside = box.x1 >= 1 and box.y1 >= 1 and box.x2 <= w - 2 and box.y2 <= h - 2
        if inside and all(box_iou(box, other) == 0 for other in boxes):
            break
    else:
        return None
    place = _window(photo.shape, quad)
    roi = photo[place]
    offset = np.array([place[1].start, place[0].start], dtype=np.float64)
    local = quad_from_array(quad_to_array(quad) - offset)
    pixels = photo.copy()
    pixels[place] = _lay(roi, local, plate, guess_light(roi, rng), rng)
    return Composite(pixels, quad)


def random_quad(
    centre: Point, width: float, aspect: float, rng: np.random.Generator, max_angle: float = 60.0
) -> Quad:
    """The corners of a plate seen by a pinhole camera from a random side.

    `width` is the plate's width in pixels if it were seen straight on; `max_angle` (degrees) bounds its turn
    to the side, half of it bounds the tilt and a sixth the roll.
    """
    yaw, pitch, roll = (
        np.radians(np.clip(rng.normal(0, 0.5), -1, 1) * limit)
        for limit in (max_angle, max_angle / 2, max_angle / 6)
    )
    corners = (
        np.array([[-1, -1 / aspect, 0], [1, -1 / aspect, 0], [1, 1 / aspect, 0], [-1, 1 / aspect, 0]]) / 2
    )
    cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, pitch, roll) for f in (np.cos, np.sin))
    turn = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]]) @ np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    turn = turn @ np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    seen = corners @ turn.T
    distance = rng.uniform(3, 15)  # in plate widths
    flat = seen[:, :2] * distance / (distance + seen[:, 2:]) * width
    quad = quad_from_array(flat + np.array(centre))
    assert is_convex(quad)
    return quad


def fit_quad(old: Quad, size_mm: tuple[int, int], rng: np.random.Generator) -> Quad:
    """The corners of a plate of `size_mm` in the plane and about the middle of the old one.

    The old plate's own proportions are read from its sides, which is right to within its foreshortening;
    small differences are taken for that and ignored.
    """
    width, height = quad_size(old)
    ratio = (size_mm[0] / size_mm[1]) / (width / max(height, 1e-6))
    if 0.8 < ratio < 1.25:
        return old
    # between keeping the width and keeping the height, nearer to keeping the larger change small
    keep = rng.uniform(0.3, 0.6)
    sx, sy = ratio**keep, ratio ** (keep - 1)
    grown = grow_quad(old, (sx - 1) / 2, (sy - 1) / 2)
    return grown if is_convex(grown) else old


def _window(shape: tuple[int, ...], quad: Quad) -> tuple[slice, slice]:
    """The part of a photo around a quad, as slices."""
    box = quad.box
    margin = MARGIN * max(box.x2 - box.x1, box.y2 - box.y1) + 6
    x0, y0 = max(0, int(box.x1 - margin)), max(0, int(box.y1 - margin))
    x1, y1 = min(shape[1], int(box.x2 + margin) + 1), min(shape[0], int(box.y2 + margin) + 1)
    return slice(y0, max(y1, y0 + 2)), slice(x0, max(x1, x0 + 2))


def _covers(outer: Quad, inner: Quad) -> bool:
    to_unit = homography(quad_to_array(outer), UNIT)
    seen = apply_homography(to_unit, quad_to_array(inner))
    return bool(np.all((seen > -0.04) & (seen < 1.04)))


def _paint_over(roi: Pixels, quad: Quad, light: Light, rng: np.random.Generator) -> Pixels:
    """The old plate under a fill that runs in from around it."""
    h, w = roi.shape[:2]
    shrink = min(1.0, 64 / max(h, w))
    size = (max(8, round(w * shrink)), max(8, round(h * shrink)))
    small = cv2.resize(roi, size, interpolation=cv2.INTER_AREA)
    corners = quad_to_array(grow_quad(quad, 0.06, 0.14))
    mask = np.zeros(size[::-1], np.uint8)
    cv2.fillConvexPoly(mask, np.round(corners * (size[0] / w, size[1] / h)).astype(np.int32), 255)
    mask = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    fill = cv2.resize(cv2.inpaint(small, mask, 3, cv2.INPAINT_TELEA), (w, h), interpolation=cv2.INTER_LINEAR)
    cover = np.zeros((h, w), np.uint8)
    cv2.fillConvexPoly(cover, np.round(corners * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    share = (cv2.GaussianBlur(cover, (0, 0), 1.0 + light.blur) / np.float32(255))[:, :, None]
    noisy = fill + normal_noise((h, w, 3), rng) * np.float32(light.noise)
    return np.asarray(np.clip(roi * (1 - share) + noisy * share, 0, 255), dtype=np.uint8)


def _lay(roi: Pixels, quad: Quad, plate: RenderedPlate, light: Light, rng: np.random.Generator) -> Pixels:
    """Warp, light, blur, noise: the plate on the photo's piece."""
    flat, alpha = _scaled(plate, quad)
    lit = _lit(flat, light, rng)
    h, w = roi.shape[:2]
    over = 2  # warped at twice the size and averaged: clean edges at any angle
    ph, pw = alpha.shape
    matrix = homography(
        np.array([[0, 0], [pw, 0], [pw, ph], [0, ph]]) - 0.5, quad_to_array(quad) * over + (over - 1) / 2
    )
    big = (w * over, h * over)
    seen = cv2.warpPerspective(lit, matrix, big, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpPerspective(alpha, matrix, big, flags=cv2.INTER_LINEAR)
    seen = cv2.resize(seen, (w, h), interpolation=cv2.INTER_AREA)
    cover = cv2.resize(cover, (w, h), interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)
    sigma = light.blur * rng.uniform(0.75, 1.15)
    if sigma > 0.35:
        seen, cover = cv2.GaussianBlur(seen, (0, 0), sigma), cv2.GaussianBlur(cover, (0, 0), sigma * 0.8)
    below = _framed(roi, quad, light, rng) if rng.random() < FRAMED else roi
    grain = normal_noise((h, w, 3), rng) * np.float32(light.noise * rng.uniform(0.7, 1.1))
    share = cover[:, :, None]
    mixed = np.clip(below * (1 - share) + (seen + grain) * share, 0, 255).astype(np.uint8)
    return recoded(mixed, int(rng.integers(45, 93))) if rng.random() < RECOMPRESSED else mixed


def _scaled(plate: RenderedPlate, quad: Quad) -> tuple[Pixels, NDArray[np.uint8]]:
    """The plate shrunk to about twice its size in the photo, so that warping does not alias."""
    width, height = quad_size(quad)
    ph, pw = plate.alpha.shape
    factor = max(width * 2 / pw, height * 2 / ph)
    if factor >= 0.85:
        return plate.pixels, plate.alpha
    size = (max(8, round(pw * factor)), max(4, round(ph * factor)))
    pixels = cv2.resize(plate.pixels, size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(plate.alpha, size, interpolation=cv2.INTER_AREA)
    return np.asarray(pixels, np.uint8), np.asarray(alpha, np.uint8)


def _lit(flat: Pixels, light: Light, rng: np.random.Generator) -> Floats:
    """The plate's own tones between the place's black and white, under its shades."""
    h, w = flat.shape[:2]
    white = light.white * np.float32(rng.uniform(0.9, 1.1))
    black = np.minimum(light.black * np.float32(rng.uniform(0.7, 1.1)), white * np.float32(0.6))
    values = flat.astype(np.float32)
    top, bottom = 238.0, 22.0  # a clean plate's ground and ink as drawn
    values = black + (values - bottom) * ((white - black) / np.float32(top - bottom))
    shade = cv2.resize(light.shade, (w, h), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(values * shade[:, :, None], 0, 255), dtype=np.float32)


def _framed(roi: Pixels, quad: Quad, light: Light, rng: np.random.Generator) -> Pixels:
    """A plate holder: a dark, sometimes grey, slightly larger quad under the plate."""
    out = roi.copy()
    corners = quad_to_array(grow_quad(quad, rng.uniform(0.008, 0.025), rng.uniform(0.04, 0.14)))
    shade = light.black + (light.white - light.black) * np.float32(rng.uniform(-0.1, 0.2))
    ink = np.clip(shade, 0, 255).tolist()
    cv2.fillConvexPoly(out, np.round(corners * 16).astype(np.int32), ink, cv2.LINE_AA, 4)
    return out
