"""Parts of a picture straightened, and pictures made smaller."""

from __future__ import annotations

import cv2
import numpy as np

from kilpi.geometry import homography, quad_size, quad_to_array, scale_quad
from kilpi.images.decode import native
from kilpi.types import Photo, Pixels, Quad


def warp(photo: Photo, quad: Quad, width: int, height: int) -> Pixels:
    """The quad's inside as an upright (height, width, 3) picture; from native pixels where they show more."""
    wide, tall = quad_size(quad)
    if photo.reduction > 1 and (wide / photo.reduction < width or tall / photo.reduction < height):
        photo = native(photo)
    seen_h, seen_w = photo.pixels.shape[:2]
    corners = scale_quad(quad, seen_w / photo.width, seen_h / photo.height)
    return warp_pixels(photo.pixels, corners, width, height)


def warp_pixels(pixels: Pixels, quad: Quad, width: int, height: int) -> Pixels:
    """`warp` on a bare array; the quad is in the array's own pixels. Outside the array edges are repeated."""
    box = quad.box
    pad = 4 + max(box.x2 - box.x1, box.y2 - box.y1) * 0.05
    h, w = pixels.shape[:2]
    x1, y1 = max(0, int(box.x1 - pad)), max(0, int(box.y1 - pad))
    x2, y2 = min(w, int(box.x2 + pad) + 1), min(h, int(box.y2 + pad) + 1)
    if x2 - x1 < 2 or y2 - y1 < 2:
        return np.zeros((height, width, 3), dtype=np.uint8)
    piece = pixels[y1:y2, x1:x2]
    corners = quad_to_array(quad) - (x1, y1)
    wide, tall = quad_size(quad)
    shrink = min(wide / width, tall / height)
    if shrink > 1.5:  # warping alone would skip pixels and alias
        size = max(2, round(piece.shape[1] / shrink)), max(2, round(piece.shape[0] / shrink))
        corners = corners * (size[0] / piece.shape[1], size[1] / piece.shape[0])
        piece = np.asarray(cv2.resize(piece, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    # Pixel centres are at integers for OpenCV and at halves for us.
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64) - 0.5
    matrix = homography(corners - 0.5, target)
    warped = cv2.warpPerspective(
        piece, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, dtype=np.uint8)


WAYS = {1: cv2.ROTATE_90_COUNTERCLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_CLOCKWISE}


def turned_left(pixels: Pixels, turns: int) -> Pixels:
    """The picture turned to the left by quarter turns, as `np.rot90` turns it, in a third of its time."""
    way = WAYS.get(turns % 4)
    return pixels if way is None else np.asarray(cv2.rotate(pixels, way), np.uint8)


def shrink_to(pixels: Pixels, longest: int) -> Pixels:
    """The picture with its longer side at most `longest` pixels (area averaging); never enlarged."""
    size = size_within(pixels, longest)
    if size is None:
        return pixels
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def shrink_fast_to(pixels: Pixels, longest: int) -> Pixels:
    """As `shrink_to`, in a fifth of its time, by `shrink_faster`."""
    size = size_within(pixels, longest)
    return pixels if size is None else shrink_faster(pixels, *size)


def size_within(pixels: Pixels, longest: int) -> tuple[int, int] | None:
    """Width and height at which the longer side is `longest` pixels; None where it is no longer than that."""
    h, w = pixels.shape[:2]  # grey pictures, (h, w), are shrunk as well
    scale = longest / max(h, w)
    return None if scale >= 1 else (max(1, round(w * scale)), max(1, round(h * scale)))


def shrink_fast(pixels: Pixels, width: int, height: int) -> Pixels:
    """The picture at a smaller size, halved as often as can be before areas are averaged.

    For a network's look: averaging a photo's areas in one go takes longer than the look itself.
    """
    pixels = halved(pixels, width, height)
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def shrink_faster(pixels: Pixels, width: int, height: int) -> Pixels:
    """The picture at a smaller size, in a third of the time of `shrink_fast` or less: sampled between two
    pixels at twice the size, then halved.

    Within 0.2 to 0.7 grey values of areas averaged, in the mean, which is not enough for finding a photo's
    plates: at the limits of what counts the detector then tells otherwise (recipes/LOG.md).
    """
    twice = 2 * width, 2 * height
    pixels = halved(pixels, *twice)
    for size in (twice, (width, height)):
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    return pixels


def halved(pixels: Pixels, width: int, height: int) -> Pixels:
    """The picture halved as often as it stays as large as that."""
    while pixels.shape[1] >= 2 * width and pixels.shape[0] >= 2 * height:
        half = pixels.shape[1] // 2, pixels.shape[0] // 2
        # By a factor of two, linear is the mean of four pixels (and of nearly four where a side is odd).
        pixels = np.asarray(cv2.resize(pixels, half, interpolation=cv2.INTER_LINEAR), np.uint8)
    return pixels
