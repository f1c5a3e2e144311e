"""Covers every plate in a picture that is to be published, and proves it on the finished file.

The cover is a solid fill: blur and mosaic of a known typeface can be turned back, a fill cannot. The finished
JPEG is decoded again and searched again; where a mark could still be read, there is no picture (fail closed).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.errors import PublishError
from kilpi.geometry import (
    clip_polygon,
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
from kilpi.grammar import Grammars
from kilpi.images import decode_photo, encode_jpeg, native, shrink_to
from kilpi.pictures.readable import reads_as_mark
from kilpi.plates.crop import straighten
from kilpi.plates.reader import MARGIN as READER_MARGIN
from kilpi.ports import Detector, Reader
from kilpi.types import Box, Photo, Picture, Pixels, Quad, Sighting

LONG_SIDE = 1920  # pixels; more than a full-HD screen shows, and above every market place's minimum
QUALITY = 86  # JPEG
MARGIN = (0.06, 0.16)  # of the plate's width left and right, of its height above and below
MIN_MARGIN_PX = 2.0  # around plates so small that the shares above are less than a pixel
MAX_GROWTH = 4.0  # area; beyond this the quad was no plate's, and growing it "in perspective" is nonsense
INSIDE_COVER = 0.7  # share of a sighting's area; what is found that far inside a cover is the cover itself
SEARCHES = 4  # what a search of the finished picture finds is covered too; the last must find none

Polygon = NDArray[np.float64]


@dataclass(frozen=True)
class Search:
    """How a finished picture is searched again.

    `detector` should be set to a lower threshold than the one that found the plates. Without a `reader`
    every find counts as readable; `grammars` know which words are marks.
    """

    detector: Detector
    reader: Reader | None = None
    grammars: Grammars | None = None


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
    number: int,
    search: Search,
    *,
    plate: Pixels | None = None,
    long_side: int = LONG_SIDE,
    quality: int = QUALITY,
    view: str = "unsure",
    window: Box | None = None,
) -> Picture:
    """One photo ready to publish: `01.jpg` for number 1, at most `long_side` pixels, covered and clean.

    `plate` is the dealer's own plate image, `view` what the photo shows (a word of `types.View`), `window`
    the part to show, in whole native pixels. Raises PublishError where something readable is left, or the
    file holds more than an image.
    """
    full = native(photo).pixels
    factor = full.shape[1] / photo.width
    x1, y1, x2, y2 = (round(side * factor) for side in window or Box(0, 0, photo.width, photo.height))
    part = full[y1:y2, x1:x2]
    pixels = shrink_to(part, long_side)
    scale = pixels.shape[1] / part.shape[1], pixels.shape[0] / part.shape[0]
    quads = [scale_quad(move_quad(scale_quad(s.quad, factor), -x1, -y1), *scale) for s in sightings]
    name = f"{number:02d}.jpg"
    for _ in range(SEARCHES):
        jpeg = encode_jpeg(cover(pixels, quads, plate=plate), quality)
        check_clean(jpeg, name)
        left = readable(decode_photo(jpeg, name, target_side=long_side), quads, search)
        if not left:
            height, width = pixels.shape[:2]
            return Picture(name, photo.id, width, height, len(quads), jpeg, view)
        quads += left
    raise PublishError(
        f"photo {number}: something that may be a registration mark can still be read after covering;"
        " the picture is held back, cover it by hand or leave it out"
    )


def readable(finished: Photo, covered: Sequence[Quad], search: Search) -> list[Quad]:
    """What may still be read in a finished picture, as quads in its own pixels."""
    outlines = [cover_polygon(quad) for quad in covered]
    found = search.detector.find([finished])[0]
    left = [s for s in found if covered_share(s.quad, outlines) < INSIDE_COVER]
    if search.reader is None or not left:
        return [s.quad for s in left]
    readings = search.reader.read([straighten(finished, s.quad, margin=READER_MARGIN) for s in left])
    read = zip(left, readings, strict=True)
    return [s.quad for s, reading in read if reads_as_mark(reading, s.score, s.quad, search.grammars)]


def covered_share(quad: Quad, outlines: Sequence[Polygon]) -> float:
    """The share of a quad's area inside the outline that covers most of it, 0..1."""
    area = abs(polygon_area(quad_to_array(quad)))
    if area == 0 or not is_convex(quad):
        return 0.0
    shared = (clip_polygon(quad_to_array(quad), polygon) for polygon in outlines)
    return max((abs(polygon_area(p)) / area for p in shared if len(p) >= 3), default=0.0)


# JPEG marker codes, ITU-T T.81 table B.1. Everything that is not needed to show the picture is refused.
EOI, SOS, APP0, APP14 = 0xD9, 0xDA, 0xE0, 0xEE
NEEDED = frozenset({*range(0xC0, 0xD0), 0xDB, 0xDD, SOS})  # frames, tables, restart interval, scans


def check_clean(jpeg: bytes, name: str) -> None:
    """Raise PublishError unless a JPEG is only an image: no EXIF, XMP, ICC, comment, thumbnail, tail."""
    if jpeg[:2] != b"\xff\xd8":
        raise PublishError(f"{name}: not a JPEG")
    at = 2
    while True:
        marker = jpeg[at + 1] if jpeg[at : at + 1] == b"\xff" and at + 1 < len(jpeg) else None
        if marker is None:
            raise PublishError(f"{name}: a damaged JPEG")
        if marker == EOI:
            break
        length = int.from_bytes(jpeg[at + 2 : at + 4])
        check_segment(marker, jpeg[at + 4 : at + 2 + length], name)
        at += 2 + length
        if marker == SOS:
            at = scan_end(jpeg, at)
    if at + 2 != len(jpeg):
        raise PublishError(f"{name}: holds bytes after the picture's end")


def check_segment(marker: int, body: bytes, name: str) -> None:
    """Raise PublishError for a segment that is not needed to show the picture."""
    bare_jfif = marker == APP0 and body[:5] == b"JFIF\0" and body[12:14] == b"\0\0"
    adobe = marker == APP14 and body[:5] == b"Adobe"
    if marker not in NEEDED and not bare_jfif and not adobe:
        raise PublishError(f"{name}: holds metadata (JPEG segment FF{marker:02X})")


def scan_end(jpeg: bytes, at: int) -> int:
    """The next marker after entropy-coded data: FF followed by neither 00 nor a restart marker."""
    while True:
        at = jpeg.find(b"\xff", at)
        if at < 0 or at + 1 >= len(jpeg):
            return len(jpeg)
        if jpeg[at + 1] == 0 or 0xD0 <= jpeg[at + 1] <= 0xD7:
            at += 2
        else:
            return at
