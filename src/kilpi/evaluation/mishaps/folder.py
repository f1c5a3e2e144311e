"""One composed folder: the photos of a car, what is true of it, and which photos are of another car."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from kilpi.draw.composite import swap_plate
from kilpi.draw.degrade import degrade
from kilpi.draw.plates import RenderedPlate
from kilpi.geometry import homography, is_convex, quad_from_array, quad_size, quad_to_array, scale_quad
from kilpi.labels.dataset import Scene
from kilpi.labels.warps import View, mirror
from kilpi.types import Mark, Pixels, Quad

Rng = np.random.Generator
WIDTHS = (100.0, 300.0)  # pixels of the plate, as far as the photo allows
SHARES = (0.1, 0.36)  # of the photo's width
ENLARGED = 1.6  # a photo is blown up no further
LEAST = 48.0  # pixels of a real plate that is replaced
SPOILT = 0.45  # the hardest `degrade`
LONGEST = 800


@dataclass(frozen=True, slots=True)
class Shot:
    """One photo: (h, w, 3) uint8 RGB, and the corners of the plate that it was taken for, if any."""

    pixels: Pixels = field(repr=False, compare=False)
    plate: Quad | None = None
    stranger: bool = False  # of another car


@dataclass(frozen=True, slots=True)
class Folder:
    """A car's photos. `truth` is its own mark as it wears it (None: no photo shows it, or it has none)."""

    kind: str
    number: int
    truth: Mark | None
    shots: tuple[Shot, ...]
    home: tuple[str, ...] | None = None  # None: Finland for every second folder, nothing for the others
    note: str = ""  # what happened, for the sheet

    @property
    def homes(self) -> tuple[str, ...]:
        """The countries that the dealer names as home."""
        return self.home if self.home is not None else ("FI",) * (self.number % 2)


class Stage:
    """Where plates are laid into photos. One a folder: its photos are taken on one day."""

    def __init__(self, scenes: list[Scene], rng: Rng) -> None:
        self.rng = rng
        usable = [s for s in scenes if widest(s.view) >= LEAST]
        chances = np.array([s.share**2 for s in usable])
        order = rng.choice(len(usable), min(len(usable), 8), replace=False, p=chances / chances.sum())
        self.scenes = [usable[int(i)] for i in order]
        self.weather = float(rng.beta(1.1, 1.6)) * SPOILT
        self.taken = 0

    def next_view(self) -> View:
        """Another photo every time, now and then mirrored."""
        view = self.scenes[self.taken % len(self.scenes)].view
        self.taken += 1
        return mirror(view) if self.rng.random() < 0.5 else view

    def with_plate(self, plate: RenderedPlate) -> Shot:
        """A photo whose largest plate is `plate`; all others are painted over."""
        view = self.next_view()
        piece, quads, main = window(view, plate, self.rng)
        for i, quad in enumerate(quads):
            if i != main and quad is not None:
                piece = erase(piece, quad)
        target = quads[main]
        assert target is not None
        done = swap_plate(piece, target, plate, self.rng)
        return Shot(done.pixels, done.quad)

    def without_plate(self, plate: RenderedPlate) -> Shot:
        """The same, with the place of the largest plate painted over, too."""
        shot = self.with_plate(plate)
        assert shot.plate is not None
        return Shot(erase(shot.pixels, shot.plate), shot.plate)

    def finish(self, shot: Shot) -> Shot:
        """Weather, lens and file."""
        strength = float(np.clip(self.weather * self.rng.uniform(0.4, 1.3), 0, SPOILT))
        return replace(shot, pixels=degrade(shot.pixels, self.rng, strength))


def widest(view: View) -> float:
    """Width of a photo's largest plate with known corners, pixels; 0 where it is at the photo's edge."""
    if not len(view.quads):
        return 0.0
    sizes = [quad_size(quad_from_array(q))[0] for q in view.quads]
    largest = int(np.argmax(sizes))
    box = quad_from_array(view.quads[largest]).box
    height, width = view.pixels.shape[:2]
    inside = box.x1 > 3 and box.y1 > 3 and box.x2 < width - 3 and box.y2 < height - 3
    return sizes[largest] if inside and view.exact[largest] else 0.0


def window(view: View, plate: RenderedPlate, rng: Rng) -> tuple[Pixels, list[Quad | None], int]:
    """A piece of the photo around its largest plate, scaled: pixels, its quads (None: not inside), the main
    one's number.
    """
    sizes = [quad_size(quad_from_array(q))[0] for q in view.quads]
    main = int(np.argmax(sizes))
    size, height, full = sizes[main], view.pixels.shape[0], view.pixels.shape[1]
    wanted = float(np.exp(rng.uniform(*np.log(WIDTHS)))) * (0.62 if plate.rows == 2 else 1.0)
    scale = min(wanted / size, ENLARGED)
    share = max(float(np.exp(rng.uniform(*np.log(SHARES)))), size * scale / LONGEST)
    wide = min(full, round(size / share))
    tall = min(height, round(wide * rng.uniform(0.62, 0.78)))
    middle = view.quads[main].mean(axis=0)
    x = int(np.clip(middle[0] - wide * rng.uniform(0.3, 0.7), 0, full - wide))
    y = int(np.clip(middle[1] - tall * rng.uniform(0.4, 0.75), 0, height - tall))
    piece = view.pixels[y : y + tall, x : x + wide]
    shape = max(64, round(wide * scale)), max(48, round(tall * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    pixels = np.asarray(cv2.resize(piece, shape, interpolation=method), np.uint8)
    factor = np.array([shape[0] / piece.shape[1], shape[1] / piece.shape[0]])
    quads: list[Quad | None] = []
    for i, corners in enumerate(view.quads):
        quad = scale_quad(quad_from_array(corners - np.array([x, y])), *factor)
        near = quad.box.x2 > 0 and quad.box.y2 > 0 and quad.box.x1 < shape[0] and quad.box.y1 < shape[1]
        quads.append(quad if i == main or (is_convex(quad) and near) else None)
    return pixels, quads, main


def erase(pixels: Pixels, quad: Quad) -> Pixels:
    """The picture with a quad painted over from around it."""
    mask = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.round(quad_to_array(quad)).astype(np.int32), 255)
    wider = np.asarray(cv2.dilate(mask, np.ones((9, 9), np.uint8)), np.uint8)
    return np.asarray(cv2.inpaint(pixels, wider, 3, cv2.INPAINT_TELEA), np.uint8)


def on_photo(plate: RenderedPlate, quad: Quad, points: np.ndarray) -> np.ndarray:
    """(n, 2) pixels of the drawn plate -> (n, 2) pixels of the photo that it lies in at `quad`."""
    h, w = plate.alpha.shape
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], float)
    matrix = homography(corners, quad_to_array(quad))
    seen = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ matrix.T
    return np.asarray(seen[:, :2] / seen[:, 2:])
