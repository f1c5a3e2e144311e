"""Covers every plate in a picture that is to be published, and proves it on the finished file.

The cover is a solid fill: blur and mosaic of a known typeface can be turned back, a fill cannot. The finished
JPEG is decoded again and searched again; where a mark could still be read, there is no picture (fail closed).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.errors import PublishError
from kilpi.geometry import (
    grow_quad,
    homography,
    is_convex,
    move_quad,
    polygon_area,
    quad_from_array,
    quad_size,
    quad_to_array,
    scale_quad,
)
from kilpi.images import at_least, decode_photo, encode_jpeg, shrink_to, small_jpeg
from kilpi.pictures.clean import check_clean
from kilpi.pictures.lie import lie_of
from kilpi.pictures.search import Search, named, readable
from kilpi.pictures.turn import quarter_turns, turned, turned_back
from kilpi.plates.no_plate import INSIDES
from kilpi.types import Box, Photo, Picture, Pixels, Quad, Sighting, ViewGuess

LONG_SIDE = 1920  # pixels; more than a full-HD screen shows, and above every market place's minimum
QUALITY = 86  # JPEG
MARGIN = (0.06, 0.16)  # of the plate's width left and right, of its height above and below
MIN_MARGIN_PX = 2.0  # around plates so small that the shares above are less than a pixel
MAX_GROWTH = 4.0  # area; beyond this the quad was no plate's, and growing it "in perspective" is nonsense
SEARCHES = 4  # what a search of the finished picture finds is covered too; the last must find none

Polygon = NDArray[np.float64]


def cover(
    pixels: Pixels,
    quads: Sequence[Quad],
    margin: tuple[float, float] = MARGIN,
    plate: Pixels | None = None,
) -> Pixels:
    """A copy of (h, w, 3) uint8 RGB in which nothing of what was inside the quads is left.

    Quads are in the array's own pixels. Each is grown by `margin` (shares of its width and height) and filled
    with a grey as bright as the plate's ground, or with the dealer's own `plate` image ((h, w, 3) RGB).
    """
    out = np.array(pixels, dtype=np.uint8)
    for quad in quads:
        corners = cover_polygon(quad, margin)
        grey = ground_grey(pixels, quad)
        fill(out, corners, grey)
        if plate is None:
            outline(out, corners, grey)
        else:
            paste(out, plate, corners)
    return out


def cover_polygon(quad: Quad, margin: tuple[float, float] = MARGIN) -> Polygon:
    """The convex (n, 2) outline to be filled: the quad with its margin, always around the whole quad."""
    points = quad_to_array(quad)
    width, height = quad_size(quad)
    x = max(margin[0], MIN_MARGIN_PX / max(width, 1.0))
    y = max(margin[1], MIN_MARGIN_PX / max(height, 1.0))
    if is_convex(quad):
        grown = grow_quad(quad, x, y)
        area, before = polygon_area(quad_to_array(grown)), polygon_area(points)
        if is_convex(grown) and before < area <= MAX_GROWTH * before and well_inside(points, grown):
            return quad_to_array(grown)
    box = quad.box  # a crossed or degenerate quad: cover the whole upright rectangle
    dx = max(MIN_MARGIN_PX, x * (box.x2 - box.x1))
    dy = max(MIN_MARGIN_PX, y * (box.y2 - box.y1))
    x1, y1, x2, y2 = box.x1 - dx, box.y1 - dy, box.x2 + dx, box.y2 + dy
    return np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], dtype=np.float64)


def well_inside(points: Polygon, outer: Quad) -> bool:
    """Whether whole pixels keep every point a pixel or more inside: a sliver's margin is lost in rounding."""
    outline = np.round(quad_to_array(outer)).astype(np.float32)
    return all(
        cv2.pointPolygonTest(outline, (float(x), float(y)), measureDist=True) >= 1.0
        for x, y in np.round(points)
    )


def ground_grey(pixels: Pixels, quad: Quad) -> int:
    """A neutral grey about as bright as the plate's ground, so that the cover sits in the photo's light."""
    h, w = pixels.shape[:2]
    box = quad.box
    x1, y1 = max(0, int(box.x1)), max(0, int(box.y1))
    piece = pixels[y1 : min(h, int(box.y2) + 1), x1 : min(w, int(box.x2) + 1)]
    if piece.size == 0:
        return 200
    return int(np.clip(np.percentile(piece.mean(axis=2), 70), 80, 228))


def fill(out: Pixels, corners: Polygon, grey: int) -> None:
    """Fill a convex polygon in place. Whole pixels, no antialiasing: an edge pixel is covered or not."""
    cv2.fillConvexPoly(out, np.round(corners).astype(np.int32), (grey, grey, grey), lineType=cv2.LINE_8)


def outline(out: Pixels, corners: Polygon, grey: int) -> None:
    """A slim darker border just inside the fill, so that the cover looks meant."""
    width, height = quad_size(quad_from_array(corners))
    thickness = max(1, round(height * 0.04))
    x, y = (min(0.4, thickness / 2 / max(side, 1.0)) for side in (width, height))
    inner = quad_to_array(grow_quad(quad_from_array(corners), -x, -y))
    dark = int(grey * 0.72)
    points = np.round(inner * 16).astype(np.int32)
    cv2.polylines(out, [points], True, (dark, dark, dark), thickness, lineType=cv2.LINE_AA, shift=4)


def paste(out: Pixels, plate: Pixels, corners: Polygon) -> None:
    """The dealer's plate image onto four corners, in place."""
    h, w = plate.shape[:2]
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]], dtype=np.float64) - 0.5
    matrix = homography(source, corners - 0.5)
    size = (out.shape[1], out.shape[0])
    warped = cv2.warpPerspective(plate, matrix, size, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full((h, w), 255, np.uint8), matrix, size)
    out[mask == 255] = warped[mask == 255]


def finish(
    photo: Photo,
    sightings: Sequence[Sighting],
    search: Search,
    *,
    plate: Pixels | None = None,
    long_side: int = LONG_SIDE,
    quality: int = QUALITY,
    view: str = "unsure",
    window: Box | None = None,
    guess: ViewGuess | None = None,
    name: str = "01.jpg",
) -> Picture:
    """One photo ready to publish: at most `long_side` pixels, covered and clean, with its small copy.

    `plate` is the dealer's own plate image, `view` what the photo shows (a word of `types.View`; where the
    picture agrees, writing inside a car stays open), `window` the part to show, in whole native pixels,
    `guess` the view network's of the whole photo. Raises PublishError where something readable is left, or
    the file holds more than an image.
    """
    pixels, quads = framed(photo, [s.quad for s in sightings], window, long_side)
    all_of_it = Box(0, 0, photo.width, photo.height)
    shown = window or all_of_it
    held = replace(photo, width=pixels.shape[1], height=pixels.shape[0], pixels=pixels)
    known = guess if shown == all_of_it else None  # a part may show something else
    lie = lie_of(held, quads, search.viewer, known, view in INSIDES)
    if lie.turns:
        pixels, quads = turned(pixels, quads, lie.turns)
    for _ in range(SEARCHES):
        jpeg = encode_jpeg(cover(pixels, quads, plate=plate), quality)
        check_clean(jpeg, name)
        finished = decode_photo(jpeg, name, target_side=long_side)
        outlines = [cover_polygon(quad) for quad in quads]
        left = readable(finished, outlines, search, lie)
        told = named(finished, outlines, search)
        if not left and not told:
            seen = in_photo(quads, pixels.shape[1], pixels.shape[0], shown, lie.turns)
            small = small_jpeg(finished.pixels)
            size = finished.width, finished.height
            return Picture(name, photo.id, *size, len(quads), jpeg, view, lie.turns, small, seen, shown)
        quads += left + told
        if lie.closely and not (lie.stands or sightings or lie.turns) and (turns := quarter_turns(left)):
            pixels, quads = turned(pixels, quads, turns)
            lie = lie.stood(turns)
    raise PublishError(
        "something that may be a registration mark can still be read in the picture after covering;"
        " it is held back, cover it by hand or leave it out"
    )


def framed(
    photo: Photo, quads: Sequence[Quad], window: Box | None, long_side: int
) -> tuple[Pixels, list[Quad]]:
    """The part of a photo to show at the size to show it, and quads of native pixels in its own.

    It is decoded no larger than is needed for that.
    """
    shown = window or Box(0, 0, photo.width, photo.height)
    whole = long_side * max(photo.width, photo.height) / max(shown.x2 - shown.x1, shown.y2 - shown.y1)
    full = at_least(photo, whole).pixels
    across, down = full.shape[1] / photo.width, full.shape[0] / photo.height
    x1, x2 = (round(side * across) for side in (shown.x1, shown.x2))
    y1, y2 = (round(side * down) for side in (shown.y1, shown.y2))
    part = full[y1:y2, x1:x2]
    pixels = shrink_to(part, long_side)
    scale = pixels.shape[1] / part.shape[1], pixels.shape[0] / part.shape[0]
    seen = [move_quad(scale_quad(quad, across, down), -x1, -y1) for quad in quads]
    return pixels, [scale_quad(quad, *scale) for quad in seen]


def in_photo(quads: Sequence[Quad], width: int, height: int, shown: Box, turns: int) -> tuple[Quad, ...]:
    """Quads of a finished picture of `width` x `height` pixels, in native pixels of its photo."""
    if turns:
        quads = turned_back(quads, width, height, turns)
        width, height = (height, width) if turns % 2 else (width, height)
    across, down = (shown.x2 - shown.x1) / width, (shown.y2 - shown.y1) / height
    return tuple(move_quad(scale_quad(quad, across, down), shown.x1, shown.y1) for quad in quads)
