"""One drawn photo of any view that a dealer takes inside or close to a car, by the view's word.

The outside as a whole is drawn by `cars`; here are cockpit, seats, boot, instruments, engine, wheel, details
and documents. What a camera does to them (exposure, white balance, blur, noise, JPEG) is done to all alike.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from kilpi.draw.cabin_photo import draw_cabin, even_outside
from kilpi.draw.car_trace import Camera
from kilpi.draw.close_ups import draw_controls, draw_engine, draw_tyre, draw_underside, draw_wheel
from kilpi.draw.clusters import draw_cluster
from kilpi.draw.degrade import glare, jpeg, motion_blur, sensor_noise, sharpen, tone
from kilpi.draw.fields import Floats
from kilpi.draw.papers import draw_papers
from kilpi.geometry import homography
from kilpi.types import Pixels

Rng = np.random.Generator
Place = tuple[float, float, float]
LONG = 320  # pixels, longer side of what is drawn


def _near(rng: Rng, middle: Place, spread: Place) -> Place:
    x, y, z = (float(m + rng.normal(0, s)) for m, s in zip(middle, spread, strict=True))
    return (x, y, z)


def _cabin(
    rng: Rng, size: tuple[int, int], place: Place, target: Place, wide: float, opening: str | None, outside: Floats
) -> Floats:
    camera = Camera(place, target, wide, *size, roll_deg=float(rng.normal(0, 3)))
    return draw_cabin(camera, opening, outside, rng)


def _cockpit(rng: Rng, size: tuple[int, int], outside: Floats) -> Floats:
    kind = rng.random()
    wide = float(rng.uniform(60, 95))
    if kind < 0.55:  # from between the seats or from the rear bench
        place = _near(rng, (-0.6, 0.0, 0.95), (0.12, 0.15, 0.06))
        return _cabin(rng, size, place, _near(rng, (0.8, 0.1, 0.5), (0.05, 0.12, 0.06)), wide, None, outside)
    if kind < 0.75:  # from the driver's seat
        place = _near(rng, (-0.15, 0.34, 0.9), (0.08, 0.08, 0.05))
        return _cabin(rng, size, place, _near(rng, (0.8, 0.25, 0.55), (0.05, 0.12, 0.06)), wide, None, outside)
    place = _near(rng, (-0.1, 1.0, 0.95), (0.15, 0.15, 0.1))  # through the driver's door
    return _cabin(rng, size, place, _near(rng, (0.65, 0.2, 0.52), (0.06, 0.1, 0.06)), wide, "front door", outside)


def _seats(rng: Rng, size: tuple[int, int], outside: Floats) -> Floats:
    kind = rng.random()
    wide = float(rng.uniform(50, 85))
    if kind < 0.4:
        place = _near(rng, (0.45, 1.3, 0.95), (0.25, 0.2, 0.15))
        return _cabin(rng, size, place, _near(rng, (-0.15, 0.3, 0.5), (0.1, 0.1, 0.08)), wide, "front door", outside)
    if kind < 0.75:
        place = _near(rng, (-0.45, 1.25, 0.95), (0.2, 0.2, 0.15))
        return _cabin(rng, size, place, _near(rng, (-1.0, 0.15, 0.5), (0.1, 0.1, 0.08)), wide, "rear door", outside)
    if kind < 0.9:  # from the front onto the rear bench, or along the seats
        place = _near(rng, (0.2, 0.0, 0.95), (0.15, 0.15, 0.06))
        return _cabin(rng, size, place, _near(rng, (-1.0, 0.0, 0.55), (0.1, 0.2, 0.1)), wide, None, outside)
    place = _near(rng, (0.2, 0.5, 0.85), (0.1, 0.1, 0.08))  # close to one seat
    return _cabin(rng, size, place, _near(rng, (-0.3, 0.36, 0.55), (0.08, 0.08, 0.12)), wide, None, outside)


def _boot(rng: Rng, size: tuple[int, int], outside: Floats) -> Floats:
    wide = float(rng.uniform(45, 80))
    place = _near(rng, (-2.9, 0.0, 1.15), (0.25, 0.25, 0.15))
    return _cabin(rng, size, place, _near(rng, (-1.6, 0.0, 0.5), (0.1, 0.08, 0.08)), wide, "boot", outside)


def _cabin_detail(rng: Rng, size: tuple[int, int], outside: Floats) -> Floats:
    """A close look at the console, the dashboard's middle, its far end, a door, the rear console, the roof."""
    looks: tuple[tuple[Place, Place, str | None], ...] = (
        ((-0.05, 0.1, 0.75), (0.5, 0.0, 0.35), None),
        ((0.25, 0.05, 0.75), (0.8, 0.0, 0.5), None),
        ((0.3, -0.1, 0.8), (0.9, -0.5, 0.6), None),
        ((0.0, 0.0, 0.75), (0.2, -0.7, 0.5), None),
        ((-0.7, 0.0, 0.7), (-0.2, 0.0, 0.3), None),
        ((-0.2, 0.2, 0.7), (0.75, 0.3, 1.15), None),
        ((0.1, 1.05, 0.6), (0.75, 0.45, 0.4), "front door"),
        ((0.3, 0.37, 0.8), (1.2, 0.2, 0.72), None),
    )
    place, target, opening = looks[int(rng.integers(len(looks)))]
    spread = (0.06, 0.06, 0.05)
    wide = float(rng.uniform(30, 60))
    return _cabin(rng, size, _near(rng, place, spread), _near(rng, target, spread), wide, opening, outside)


def _interior_detail(rng: Rng, size: tuple[int, int], outside: Floats) -> Floats:
    if rng.random() < 0.4:
        return _cabin_detail(rng, size, outside)
    return tilted(draw_controls(size[1], size[0], rng), rng, 0.16)


def _instruments(rng: Rng, size: tuple[int, int], outside: Floats) -> Floats:
    return tilted(draw_cluster(size[1], size[0], rng), rng, 0.08)


def _wheel(rng: Rng, size: tuple[int, int], outside: Floats) -> Floats:
    draw = draw_wheel if rng.random() < 0.75 else draw_tyre
    return tilted(draw(size[1], size[0], rng), rng, 0.08)


def _exterior_detail(rng: Rng, size: tuple[int, int], outside: Floats) -> Floats:
    return draw_underside(size[1], size[0], rng)


def _engine(rng: Rng, size: tuple[int, int], outside: Floats) -> Floats:
    return tilted(draw_engine(size[1], size[0], rng), rng, 0.12)


def _document(rng: Rng, size: tuple[int, int], outside: Floats) -> Floats:
    return draw_papers(size[1], size[0], rng)


PAINTERS: dict[str, Callable[[Rng, tuple[int, int], Floats], Floats]] = {
    "cockpit": _cockpit,
    "seats": _seats,
    "boot": _boot,
    "instruments": _instruments,
    "engine": _engine,
    "wheel": _wheel,
    "interior detail": _interior_detail,
    "exterior detail": _exterior_detail,
    "document": _document,
}
"""Word of a view -> its painter."""


def tilted(canvas: Floats, rng: Rng, most: float) -> Floats:
    """The same face from aside: its corners moved by up to `most` of the size, cut so that nothing is empty."""
    h, w = canvas.shape[:2]
    inner = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float64)
    moved = inner + (0.5 - inner / (w, h)) * 2 * rng.uniform(0, most, (4, 1)) * (w, h)
    matrix = homography(moved, inner)
    return np.asarray(cv2.warpPerspective(canvas, matrix, (w, h), flags=cv2.INTER_LINEAR), np.float32)


def draw_view(word: str, rng: Rng, outside: Pixels | None = None) -> Pixels:
    """A drawn photo, (h, w, 3) uint8 RGB with `LONG` as its longer side, upright or across.

    `outside`, (h, w, 3) uint8 RGB, is what is seen through the windows; a drawn yard by default. Raises
    KeyError where `word` is none of PAINTERS.
    """
    upright = rng.random() < (0.45 if word in {"seats", "interior detail", "document"} else 0.15)
    short = round(LONG * float(rng.choice((0.75, 0.75, 0.66, 0.5625))))
    size = (short, LONG) if upright else (LONG, short)
    around = even_outside(rng) if outside is None else outside.astype(np.float32)
    drawn = PAINTERS[word](rng, size, around)
    if rng.random() < 0.5 and word != "document":
        drawn = drawn[:, ::-1]
    return photographed(np.clip(drawn, 0, 255).astype(np.uint8), rng)


def photographed(pixels: Pixels, rng: Rng) -> Pixels:
    """What a telephone makes of it."""
    steps = ((tone, 0.9), (glare, 0.12), (motion_blur, 0.15), (sharpen, 0.3), (sensor_noise, 0.6), (jpeg, 0.5))
    out = np.ascontiguousarray(pixels)
    if rng.random() < 0.5:
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), rng.uniform(0.4, 1.4)), np.uint8)
    for step, often in steps:
        if rng.random() < often:
            out = step(out, rng, float(rng.uniform(0.1, 0.8)))
    return out
