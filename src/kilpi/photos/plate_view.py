"""What a photo shows, guessed from its plate's place and from red lamps beside it; "unsure" is an answer."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.geometry import quad_size
from kilpi.types import Pixels, Quad, View

# Shares of the photo's width unless said otherwise. The lamp rule was chosen on 52 training photos with one
# plate each, labelled by eye (27 fronts, 25 rears): it called 14 of the rears rear and none of the fronts. On
# 74 others it called 24 rear, of which 22 were, and 23 front, of which 18 were and 3 were not.
CLOSE_UP = 0.45  # a wider plate is a close-up


BACKGROUND = 0.035  # a narrower plate may be another car's


OFF_CENTRE = 0.14  # a plate further from the middle belongs to a car seen at an angle


LAMP_ZONE = (0.8, 3.0, 1.4, 0.3)  # plate widths: from, to beside the plate's centre; above and below it


PAINT_ZONE = (0.7, 1.2, 0.3)  # plate widths: half as wide; from and to above the plate's centre


LAMPS_SEEN = 0.02  # share of red pixels in the zone, on both sides


NO_LAMPS = 0.002  # on neither side


RED_PAINT = 0.15  # share of red above the plate; then lamps cannot be told from the car


def guess_view(pixels: Pixels, plate: Quad | None) -> View:
    """What (h, w, 3) RGB shows, given its widest plate in the same pixels."""
    if plate is None:
        return View.DOCUMENT if looks_like_document(pixels) else View.UNSURE
    width = pixels.shape[1]
    share = quad_size(plate)[0] / width
    if share > CLOSE_UP:
        return View.EXTERIOR_DETAIL
    if share < BACKGROUND:
        return View.UNSURE
    box = plate.box
    angled = abs((box.x1 + box.x2) / 2 / width - 0.5) > OFF_CENTRE
    end = guess_end(pixels, plate)
    return View(f"{end} three-quarter") if angled else end


def guess_end(pixels: Pixels, plate: Quad) -> View:
    """Front, rear, or just "end", by the red lamps left and right of the plate."""
    hue, saturation, value = cv2.split(cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV))
    red = ((hue < 9) | (hue > 170)) & (saturation > 120) & (value > 70)
    box, (unit, _) = plate.box, quad_size(plate)
    x, y = (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2
    near, far, above, below = LAMP_ZONE
    top, bottom = y - above * unit, y + below * unit
    sides = (
        zone_share(red, x - far * unit, x - near * unit, top, bottom),
        zone_share(red, x + near * unit, x + far * unit, top, bottom),
    )
    half, high, low = PAINT_ZONE
    paint = zone_share(red, x - half * unit, x + half * unit, y - high * unit, y - low * unit)
    if paint < RED_PAINT and min(sides) > LAMPS_SEEN:
        return View.REAR
    if paint < RED_PAINT and max(sides) < NO_LAMPS:
        return View.FRONT
    return View.END


def zone_share(mask: NDArray[np.bool_], x1: float, x2: float, y1: float, y2: float) -> float:
    """The share of true pixels in a rectangle, cut to the picture; 0 where nothing of it is inside."""
    h, w = mask.shape
    part = mask[max(0, int(y1)) : max(0, min(h, int(y2))), max(0, int(x1)) : max(0, min(w, int(x2)))]
    return float(part.mean()) if part.size else 0.0


PAPER = (150, 40)  # a page's median luminance is above the first, its median saturation below the second


# Small dark marks, spread over at least SPREAD of the picture's 8 x 8 fields. A drawn page has 1200 to 2400;
# no pale training photo had more than 360 (8 of 99). Wrongly called a document, a photo would be lost.
LETTERS_OF_PAGE = 700


SPREAD = 0.4


def looks_like_document(pixels: Pixels) -> bool:
    """Whether a photo without a plate is mostly pale paper with print on it."""
    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
    if np.median(hsv[..., 2]) < PAPER[0] or np.median(hsv[..., 1]) > PAPER[1]:
        return False
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 18)
    _, _, stats, centres = cv2.connectedComponentsWithStats(ink)
    h, w = grey.shape
    size = max(h, w)
    tall, wide = stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_WIDTH]
    letters = (tall > 0.005 * size) & (tall < 0.04 * size) & (wide < 0.06 * size)
    fields = {(int(8 * x / w), int(8 * y / h)) for x, y in centres[1:][letters]}
    return int(letters.sum()) >= LETTERS_OF_PAGE and len(fields) >= SPREAD * 64
