"""Finds plates however they lie: turned, upside down. For pictures that are to be published.

A network that was taught plates at any angle (the scout) suspects; what is there is turned so that its edges
lie level and its longer side lies across, and the detector looks closely: so, and upside down. What it then
sees comes as a sighting whose corners go round the plate from what may be its top left or its bottom right:
it is read both ways.

A picture in which nothing was seen that lies upright may be turned as a whole. The scout sees a plate worst
60 degrees from level, so it looks at such a picture turned by a quarter, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from kilpi.geometry import Floats, grow_quad, quad_from_array, quad_iou, quad_size, quarter_turned
from kilpi.images import shrink_faster, turned_left
from kilpi.plates.detector import EMPTY, FIRST_SIDE, Look, PlateDetector, best_of
from kilpi.types import Photo, Pixels, Point, Quad, Sighting
from kilpi.weights import find_any, open_network

# A plate's characters are read by nobody in a plate under about 37 pixels of a picture's width, and the scout
# sees plates from 14 pixels on: it looks at a picture at that share of its size. FIRST_SIDE at least.
SHARE = 0.378
MOST_SIDE = 832
MOST = 6  # suspects of a picture, likeliest first
MOST_MORE = 3  # suspects more, of a picture that was looked at a quarter turned, too
LARGER = 1.4  # times the size at which it is looked at else: turned plates are seen when they are larger
ALIKE = 0.5  # IoU from which such a suspect is one of the others
WINDOW = 128  # pixels, side of a close look
AROUND = 2.6  # times the suspect's longer side are seen in it
LEAST_PX = 24.0  # of a picture; a smaller suspect is looked at as if it were as large
PATCH = 64  # pixels, side of what is looked at for the direction of its edges
AROUND_PATCH = 1.4  # as AROUND, for the patch
ENOUGH = 0.5  # the detector's score at one angle from which the others are not tried
SHARED = 0.2  # IoU with the suspect below which what is seen at one angle may be something beside it
# A suspect's longer side tells which way it lies from so many times the other, and where it is nearer to one
# level angle than to the other by so many degrees.
WIDER, APART = 1.4, 15.0
LIKELY = 0.35  # the scout's score from which a suspect of which nothing is seen is looked at other ways, too
ASKEW = 20.0  # degrees that the edges of such a suspect may tell wrongly
BETTER = 0.15  # by so much a less likely way must score more: a sign on its head may read as a mark
# By so much wider, of its width, and taller is what is looked at where a suspect may be a part of its plate.
PART_OF = (0.4, 0.1)
MIDDLE = WINDOW / 4  # pixels; what lies further from the window's middle is another plate


class AnyAngleFinder:
    """Implements `Detector`: suspects of a whole picture, not looked at closely yet, best score first."""

    def __init__(self, scout: PlateDetector, near: PlateDetector) -> None:
        """`scout` has the network for any angle and its least score; `near` looks closely, places corners."""
        self.scout, self.near = scout, near

    @classmethod
    def load(cls, near: PlateDetector, folder: Path | None = None, threads: int = 0) -> AnyAngleFinder | None:
        """With scout.onnx of the weights in use; None where there is none. Raises WeightsError."""
        found = find_any("scout", folder)
        if found is None:
            return None
        scout = PlateDetector(open_network("scout", found.parent, threads), looks=1)
        scout.shrink = shrink_faster  # it suspects far more than it must
        return cls(scout, near)

    def find(self, photos: Sequence[Photo]) -> list[list[Sighting]]:
        """Per picture where a plate may be, whatever its angle; the corners are rough."""
        return [self.scout.whole(photo, side_of(photo), self.scout.threshold)[:MOST] for photo in photos]

    def find_turned(self, photo: Photo) -> list[Sighting]:
        """As `find`, for one picture that may be turned: what is suspected however it is held."""
        left = replace(photo, width=photo.height, height=photo.width, pixels=turned_left(photo.pixels, 1))
        back = [
            Sighting(quarter_turned(one.quad, photo.height, photo.width, 3), one.score)
            for one in self.scout.whole(left, round(LARGER * side_of(left)), self.scout.threshold)[:MOST]
        ]
        seen = self.find([photo])[0]
        fresh = [one for one in back if all(quad_iou(one.quad, other.quad) < ALIKE for other in seen)]
        return [*seen, *fresh[:MOST_MORE]]

    def look(self, photo: Photo, suspects: Sequence[Sighting]) -> list[Sighting]:
        """What the detector sees where something was suspected, corners placed; the rest is gone."""
        seen = best_of([found for one in suspects for found in self.look_closely(photo, one)])
        return self.near.place_corners(photo, seen)

    def as_suspected(self, photo: Photo, suspects: Sequence[Sighting]) -> list[Sighting]:
        """The suspects themselves, corners placed: what something parts, as an extra lamp does, the detector
        sees no plate in, and the reader may read all the same. Each also as if it were a part of a plate.
        """
        whole = [replace(one, quad=lengthwise(one.quad)) for one in suspects]
        parts = [replace(one, quad=grow_quad(one.quad, *PART_OF)) for one in whole]
        placed = self.near.place_corners(photo, [*whole, *parts])
        return [*placed[: len(whole)], *self.near.place_corners(photo, placed[len(whole) :])]

    def look_closely(self, photo: Photo, suspect: Sighting) -> list[Sighting]:
        """The best sighting of a suspect, and of something beside it, in the middle of a window around it
        that is turned level. Where nothing is seen of a likely one, its edges may have told wrongly (a plate
        seen from far to the side has no right angles), or its longer side.
        """
        level = level_angle(self.window(photo, suspect.quad, 0.0, PATCH, AROUND_PATCH)[0])
        ways = ways_round(suspect.quad, level)
        best = self.best_way(photo, suspect.quad, ways)
        if not best and len(ways) == 2 and suspect.score >= LIKELY:
            others = [angle + more for more in (ASKEW, -ASKEW, 90.0) for angle in ways]
            best = self.best_way(photo, suspect.quad, others)
        return list(best.values())

    def best_way(self, photo: Photo, quad: Quad, ways: Sequence[float]) -> dict[bool, Sighting]:
        """The best sighting, by whether it is the suspect itself, of the angles that are tried in turn."""
        best: dict[bool, Sighting] = {}
        for angle in ways:
            seen = self.look_at_angle(photo, quad, angle)
            if seen is None:
                continue
            own = quad_iou(seen.quad, quad) >= SHARED
            if own not in best or seen.score > best[own].score + BETTER:
                best[own] = seen
            if own and best[own].score >= ENOUGH:
                break
        return best

    def look_at_angle(self, photo: Photo, quad: Quad, angle: float) -> Sighting | None:
        """One window, turned by `angle` degrees around the suspect's middle."""
        pixels, back, start = self.window(photo, quad, angle, WINDOW, AROUND)
        found = self.near.see(Look(pixels, (1.0, 1.0), Point(0.0, 0.0)), self.near.threshold)
        central = (s for s in found if np.abs(np.mean(s.quad, axis=0) - WINDOW / 2).max() <= MIDDLE)
        best = next(central, None)
        if best is None:
            return None
        return Sighting(quad_from_array(np.array(best.quad) @ back.T + start), best.score)

    @staticmethod
    def window(
        photo: Photo, quad: Quad, angle: float, size: int, around: float
    ) -> tuple[Pixels, Floats, Floats]:
        """A square of `size` pixels around a quad's middle, turned by `angle` degrees.

        And how it lies in the photo: its pixel (u, v), counted from its corner, is `back @ (u, v) + start`.
        """
        scale = photo.pixels.shape[1] / photo.width
        box = quad.box
        side = around * max(box.x2 - box.x1, box.y2 - box.y1, LEAST_PX / scale)
        turn = np.radians(angle)
        back = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * side / size
        start = np.mean(quad, axis=0) - back @ (size / 2, size / 2)
        shown = np.column_stack([back, start + back @ (0.5, 0.5)]) * scale
        shown[:, 2] -= 0.5  # OpenCV's pixel centres are at integers
        pixels = photo.pixels
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cut = cv2.warpAffine(pixels, shown, (size, size), flags=flags, borderValue=(EMPTY,) * 3)
        return np.asarray(cut, np.uint8), back, start


def level_angle(pixels: Pixels) -> float:
    """By how many degrees, -45 to 45, (h, w, 3) RGB is turned: the direction that its edges share, mod 90."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    x, y = (cv2.Sobel(grey, cv2.CV_32F, *order, ksize=3) for order in ((1, 0), (0, 1)))
    edges = (x + 1j * y).ravel()
    strength = np.abs(edges) + 1e-6
    return float(np.degrees(np.angle(np.sum(edges**4 / strength**3))) / 4)


def ways_round(quad: Quad, level: float) -> list[float]:
    """The angles at which a suspect may be read, degrees, likeliest first: `level` is so mod 90.

    A plate is wider than tall, and its rough corners tell that much: of 149 suspected plates at any angle the
    longer side was right of 148. So two ways are left, or all four where it is as tall as wide.
    """
    points = np.array(quad)
    across, down = (
        points[1] - points[0] + points[2] - points[3],
        points[3] - points[0] + points[2] - points[1],
    )
    wide, tall = sorted((across, down), key=lambda side: -float(np.hypot(*side)))
    lies = float(np.degrees(np.arctan2(wide[1], wide[0])))
    off = [abs((lies - angle + 90.0) % 180.0 - 90.0) for angle in (level, level + 90.0)]
    nearer = level if off[0] <= off[1] else level - 90.0 if level > 0 else level + 90.0
    ways = [nearer, nearer + 180.0]
    if np.hypot(*wide) >= WIDER * np.hypot(*tall) and abs(off[0] - off[1]) >= APART:
        return ways
    return [*ways, nearer + 90.0, nearer + 270.0]


def side_of(photo: Photo) -> int:
    """The longer side at which the scout looks at a picture, pixels."""
    return round(min(max(SHARE * max(photo.width, photo.height), FIRST_SIDE), MOST_SIDE))


def lengthwise(quad: Quad) -> Quad:
    """The same corners, begun so that it is wider than tall."""
    width, height = quad_size(quad)
    tl, tr, br, bl = quad
    return quad if width >= height else Quad(tr, br, bl, tl)


def upside_down(quad: Quad) -> Quad:
    """The same plate, read the other way round."""
    tl, tr, br, bl = quad
    return Quad(br, bl, tl, tr)
