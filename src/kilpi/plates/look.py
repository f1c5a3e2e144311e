"""A picture of how one photo's plates come to be read: where they were seen, and what was cut out."""

from __future__ import annotations

from kilpi.contact_sheet import Tile, contact_sheet, draw_quad
from kilpi.geometry import grow_quad, quad_from_box, quad_size
from kilpi.images import warp
from kilpi.plates.crop import straighten
from kilpi.plates.detector import PlateDetector
from kilpi.plates.reader import MARGIN, fit_crop
from kilpi.types import Box, Photo, Pixels, Sighting

AROUND = (0.3, 0.8)  # of a plate's width and height, shown on every side
TALL = 96  # pixels of such a picture's height


def look_rectify(photo: Photo, detector: PlateDetector) -> Pixels:
    """One row a plate: the detector's corners, the corner network's, the crop, and what the reader sees."""
    rough = detector.find_rough(photo)
    sharp = detector.place_corners(photo, rough)
    tiles = []
    for before, after in zip(rough, sharp, strict=True):
        crop = straighten(photo, after.quad, margin=MARGIN)
        tiles += [
            Tile(outlined(photo, before), f"detector {before.score:.2f}"),
            Tile(outlined(photo, after), "corner network"),
            Tile(crop, "straightened"),
            Tile(fit_crop(crop), "as it is read"),
        ]
    return contact_sheet(tiles, columns=4, tile=(300, 110))


def outlined(photo: Photo, sighting: Sighting) -> Pixels:
    """The plate's surroundings with its corners drawn in, upright as the plate stands."""
    outer = grow_quad(sighting.quad, *AROUND)
    wide, tall = quad_size(outer)
    width = max(1, round(TALL * wide / max(tall, 1.0)))
    pixels = warp(photo, outer, width, TALL)
    inner_w, inner_h = width / (1 + 2 * AROUND[0]), TALL / (1 + 2 * AROUND[1])
    left, top = (width - inner_w) / 2, (TALL - inner_h) / 2
    return draw_quad(pixels, quad_from_box(Box(left, top, left + inner_w, top + inner_h)), thickness=1)
