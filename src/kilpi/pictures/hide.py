"""Covers every plate in a picture that is to be published, and proves it on the finished file.

The cover is a solid fill: blur and mosaic of a known typeface can be turned back, a fill cannot. The finished
JPEG is decoded again and searched again; where a mark could still be read, there is no picture (fail closed).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

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
from kilpi.images import at_least, decode_photo, encode_jpeg, shrink_to, small_jpeg
from kilpi.pictures.clean import check_clean
from kilpi.pictures.turn import may_be_turned, quarter_turns, turned, turned_back
from kilpi.plates.any_angle import AnyAngleFinder, upside_down
from kilpi.plates.crop import straighten
from kilpi.plates.detector import PlateDetector, best_of
from kilpi.plates.no_plate import PLATELESS
from kilpi.plates.readable import clarity, reads_as_mark, worth_reading
from kilpi.plates.reader import MARGIN as READER_MARGIN
from kilpi.plates.reader import PlateReader, fit_crop
from kilpi.ports import Detector, Reader
from kilpi.types import Box, Photo, Picture, Pixels, Quad, Reading, Sighting

LONG_SIDE = 1920  # pixels; more than a full-HD screen shows, and above every market place's minimum
SEARCH_THRESHOLD = 0.2  # of the detector's score, where its own is about twice that
QUALITY = 86  # JPEG
MARGIN = (0.06, 0.16)  # of the plate's width left and right, of its height above and below
MIN_MARGIN_PX = 2.0  # around plates so small that the shares above are less than a pixel
MAX_GROWTH = 4.0  # area; beyond this the quad was no plate's, and growing it "in perspective" is nonsense
INSIDE_COVER = 0.7  # share of a sighting's area; what is found that far inside a cover is the cover itself
# Clarity by which a find reads more clearly one way round than another, which is then none: a menu's word may
# read as a mark on its head. Of 342 plates of dev-market and dev-parking the wrong way leads by 0.06 at most.
WRONG_WAY = 0.1
SEARCHES = 4  # what a search of the finished picture finds is covered too; the last must find none

Polygon = NDArray[np.float64]


@dataclass(frozen=True)
class Search:
    """How a finished picture is searched again.

    `detector` should be set to a lower threshold than the one that found the plates. Without a `reader`
    every find counts as readable; `grammars` know which words are marks. With a `closer` what the detector
    finds is only suspected, at any angle, and looked at again.
    """

    detector: Detector
    reader: Reader | None = None
    grammars: Grammars | None = None
    closer: AnyAngleFinder | None = None


def make_search(detector: Detector, reader: Reader, grammars: Grammars, threads: int = 0) -> Search:
    """The search for a line's parts: at any angle where the scout is there, else only more suspicious."""
    if not isinstance(detector, PlateDetector):
        return Search(detector, reader, grammars)
    near = detector.for_hiding(SEARCH_THRESHOLD)
    finder = AnyAngleFinder.load(near, threads=threads)
    return Search(finder or near, reader, grammars, finder)


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
    name: str = "01.jpg",
) -> Picture:
    """One photo ready to publish: at most `long_side` pixels, covered and clean, with its small copy.

    `plate` is the dealer's own plate image, `view` what the photo shows (a word of `types.View`), `window`
    the part to show, in whole native pixels. Raises PublishError where something readable is left, or the
    file holds more than an image.
    """
    pixels, quads = framed(photo, [s.quad for s in sightings], window, long_side)
    shown, turns = window or Box(0, 0, photo.width, photo.height), 0
    closely = may_be_turned([s.quad for s in sightings])
    for _ in range(SEARCHES):
        jpeg = encode_jpeg(cover(pixels, quads, plate=plate), quality)
        check_clean(jpeg, name)
        finished = decode_photo(jpeg, name, target_side=long_side)
        left = readable(finished, quads, search, closely)
        if not left:
            seen = in_photo(quads, pixels.shape[1], pixels.shape[0], shown, turns)
            small = small_jpeg(finished.pixels)
            size = finished.width, finished.height
            return Picture(name, photo.id, *size, len(quads), jpeg, view, turns, small, seen, shown)
        quads += left
        if not sightings and view not in PLATELESS and not turns and (turns := quarter_turns(left)):
            pixels, quads = turned(pixels, quads, turns)
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


def readable(finished: Photo, covered: Sequence[Quad], search: Search, closely: bool = False) -> list[Quad]:
    """What may still be read in a finished picture, as quads in its own pixels.

    `closely`: the picture may be turned, so it is searched more than one way round.
    """
    outlines = [cover_polygon(quad) for quad in covered]
    if closely and search.closer is not None:
        found = search.closer.find_turned(finished)
    else:
        found = search.detector.find([finished])[0]
    left = [s for s in found if covered_share(s.quad, outlines) < INSIDE_COVER]
    if search.closer is not None and left:
        seen = search.closer.look(finished, left)
        left = [s for s in seen if covered_share(s.quad, outlines) < INSIDE_COVER]
    if search.reader is None or not left:
        return [s.quad for s in left]
    both = search.closer is not None
    ways = [[s, replace(s, quad=upside_down(s.quad))] if both else [s] for s in left]
    read = read_ways(finished, ways, search.reader)
    marks = [(s, clarity(r)) for s, r in read if reads_as_mark(r, s.score, s.quad, search.grammars)]
    return [s.quad for s in best_of([s for s, _ in sorted(marks, key=lambda pair: -pair[1])])]


def read_ways(
    finished: Photo, ways: Sequence[Sequence[Sighting]], reader: Reader
) -> Iterator[tuple[Sighting, Reading]]:
    """What is read in each find, of which `ways` has the ways round that it may lie. Left out is a way that
    reads far less clearly than another, and one where one look tells that nothing is there.
    """
    sights = [s for turns in ways for s in turns]
    crops = [straighten(finished, s.quad, margin=READER_MARGIN) for s in sights]
    if not isinstance(reader, PlateReader):
        seen = reader.read(crops) if crops else []
        clear = clear_ways(ways, seen)
        yield from (pair for pair, kept in zip(zip(sights, seen, strict=True), clear, strict=True) if kept)
        return
    fitted = [fit_crop(crop) for crop in crops]
    once = reader.read_once(fitted)
    kept = [
        (s, crop)
        for s, crop, read, clear in zip(sights, fitted, once, clear_ways(ways, once), strict=True)
        if clear and worth_reading(read, s.score)
    ]
    yield from zip([s for s, _ in kept], reader.read_fitted([crop for _, crop in kept]), strict=True)


def clear_ways(ways: Sequence[Sequence[Sighting]], readings: Sequence[Reading]) -> list[bool]:
    """Of each way round, in turn, whether no other way of the same find reads far more clearly."""
    kept, rest = [], iter(map(clarity, readings))
    for turns in ways:
        own = [next(rest) for _ in turns]
        kept += [value >= max(own) - WRONG_WAY for value in own]
    return kept


def covered_share(quad: Quad, outlines: Sequence[Polygon]) -> float:
    """The share of a quad's area inside the outline that covers most of it, 0..1."""
    area = abs(polygon_area(quad_to_array(quad)))
    if area == 0 or not is_convex(quad):
        return 0.0
    shared = (clip_polygon(quad_to_array(quad), polygon) for polygon in outlines)
    return max((abs(polygon_area(p)) / area for p in shared if len(p) >= 3), default=0.0)
