"""One drawn photo of any view that a dealer takes inside or close to a car, by the view's word.

The outside as a whole is drawn by `kilpi.draw.cars`; here are cockpit, seats, boot, instruments, engine,
wheel, details and documents. What a camera does (exposure, white balance, blur, noise, JPEG) is done to all.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from kilpi.draw.cars.trace import Camera
from kilpi.draw.degrade import glare, jpeg, motion_blur, sensor_noise, sharpen, tone
from kilpi.draw.insides.body_details import draw_body_detail
from kilpi.draw.insides.cabin_photo import draw_cabin, even_outside
from kilpi.draw.insides.close_ups import draw_controls, draw_engine, draw_tyre, draw_wheel
from kilpi.draw.insides.clusters import around_instruments, draw_cluster, lit_at_night
from kilpi.draw.insides.papers import draw_papers
from kilpi.draw.noise import Floats
from kilpi.geometry import homography
from kilpi.types import Pixels

Rng = np.random.Generator
Place = tuple[float, float, float]
LONG = 272  # pixels, longer side of what is drawn


def _near(rng: Rng, middle: Place, spread: Place) -> Place:
    x, y, z = (float(m + rng.normal(0, s)) for m, s in zip(middle, spread, strict=True))
    return (x, y, z)


def _cabin(
    rng: Rng,
    size: tuple[int, int],
    place: Place,
    target: Place,
    wide: float,
    opening: str | None,
    outside: Floats,
) -> Floats:
    driver = -0.37 if opening and rng.random() < 0.45 else 0.37
    camera = Camera(place, target, wide, *size, roll_deg=float(rng.normal(0, 3)))
    return draw_cabin(camera, opening, outside, rng, driver)


# From where a view is taken: how often, the camera's place and target with their spreads (m), the width of
# view (degrees, from and to), and what is open.
Stand = tuple[float, Place, Place, Place, Place, tuple[float, float], str | None]
COCKPITS: tuple[Stand, ...] = (
    (0.60, (-0.55, 0.0, 1.0), (0.15, 0.07, 0.05), (0.8, 0.08, 0.5), (0.05, 0.14, 0.07), (60, 98), None),
    (0.25, (-0.15, 0.34, 0.9), (0.1, 0.1, 0.06), (0.8, 0.25, 0.55), (0.05, 0.14, 0.07), (60, 98), None),
    (
        0.15,
        (0.0, 0.85, 0.95),
        (0.15, 0.1, 0.07),
        (0.7, 0.2, 0.55),
        (0.06, 0.12, 0.06),
        (60, 90),
        "front door",
    ),
)
SEATS: tuple[Stand, ...] = (
    (0.30, (0.35, 1.35, 0.95), (0.3, 0.2, 0.15), (-0.15, 0.35, 0.5), (0.1, 0.1, 0.1), (42, 75), "front door"),
    (0.10, (0.05, 1.5, 0.8), (0.2, 0.2, 0.15), (0.0, 0.3, 0.5), (0.1, 0.1, 0.08), (48, 75), "front door"),
    (0.32, (-0.5, 1.3, 0.95), (0.25, 0.2, 0.15), (-1.0, 0.2, 0.5), (0.12, 0.12, 0.08), (42, 78), "rear door"),
    (0.10, (0.2, 0.0, 0.95), (0.15, 0.2, 0.08), (-1.0, 0.0, 0.55), (0.1, 0.2, 0.1), (50, 85), None),
    (0.10, (0.25, 0.5, 0.85), (0.12, 0.1, 0.1), (-0.3, 0.36, 0.55), (0.1, 0.1, 0.15), (50, 85), None),
    (0.08, (-0.65, 0.3, 0.8), (0.1, 0.2, 0.1), (0.1, -0.2, 0.95), (0.15, 0.25, 0.12), (60, 95), None),
)
BOOTS: tuple[Stand, ...] = (
    (0.25, (-3.3, 0.0, 1.2), (0.2, 0.35, 0.15), (-1.7, 0.0, 0.5), (0.1, 0.1, 0.08), (45, 70), "boot"),
    (0.30, (-2.75, 0.0, 1.2), (0.2, 0.25, 0.15), (-1.6, 0.0, 0.45), (0.1, 0.1, 0.08), (45, 80), "boot"),
    (0.30, (-2.35, 0.0, 1.1), (0.15, 0.2, 0.12), (-1.5, 0.0, 0.35), (0.12, 0.1, 0.1), (55, 90), "boot"),
    (0.15, (-1.95, 0.0, 1.0), (0.1, 0.15, 0.05), (-1.1, 0.0, 0.4), (0.1, 0.1, 0.1), (55, 90), "boot"),
)


def _stood(rng: Rng, size: tuple[int, int], outside: Floats, stands: tuple[Stand, ...]) -> Floats:
    odds = np.array([stand[0] for stand in stands])
    _, place, shift, target, turn, wide, opening = stands[int(rng.choice(len(stands), p=odds / odds.sum()))]
    degrees = float(rng.uniform(*wide))
    return _cabin(rng, size, _near(rng, place, shift), _near(rng, target, turn), degrees, opening, outside)


def _cockpit(rng: Rng, size: tuple[int, int], outside: Floats) -> Floats:
    return _stood(rng, size, outside, COCKPITS)


def _seats(rng: Rng, size: tuple[int, int], outside: Floats) -> Floats:
    return _stood(rng, size, outside, SEATS)


def _boot(rng: Rng, size: tuple[int, int], outside: Floats) -> Floats:
    return _stood(rng, size, outside, BOOTS)


def _cabin_detail(rng: Rng, size: tuple[int, int], outside: Floats) -> Floats:
    """A close look at the console, the dashboard's middle, its far end, a door, the roof."""
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
    """Instruments near or far, by day or lit at night."""
    width, height = size
    large = float(np.exp(rng.uniform(np.log(0.45), np.log(2.2))))
    w = int(width * large)
    h = int(min(w * rng.uniform(0.4, 0.75), height * max(1.0, large)))
    drawn = draw_cluster(max(40, h), max(60, w), rng)
    if rng.random() < 0.4:
        drawn = lit_at_night(drawn, rng)
    canvas = around_instruments(height, width, drawn, rng)
    return tilted(canvas, rng, 0.08)


def _wheel(rng: Rng, size: tuple[int, int], outside: Floats) -> Floats:
    draw = draw_wheel if rng.random() < 0.75 else draw_tyre
    return tilted(draw(size[1], size[0], rng), rng, 0.08)


def _exterior_detail(rng: Rng, size: tuple[int, int], outside: Floats) -> Floats:
    return draw_body_detail(size[1], size[0], rng)


def _engine(rng: Rng, size: tuple[int, int], outside: Floats) -> Floats:
    return tilted(draw_engine(size[1], size[0], rng), rng, 0.12)


def _document(rng: Rng, size: tuple[int, int], outside: Floats) -> Floats:
    seat = _stood(rng, size, outside, SEATS[:5]) if rng.random() < 0.25 else None
    return draw_papers(size[1], size[0], rng, seat)


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
    """The same face from aside: corners moved by up to `most` of the size, cut so that nothing is empty."""
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
    upright = rng.random() < (
        0.45 if word in {"seats", "interior detail", "document", "instruments"} else 0.15
    )
    short = round(LONG * float(rng.choice((0.75, 0.75, 0.66, 0.5625))))
    size = (short, LONG) if upright else (LONG, short)
    around = even_outside(rng) if outside is None else outside.astype(np.float32)
    drawn = PAINTERS[word](rng, size, around)
    if rng.random() < 0.5 and word != "document":
        drawn = drawn[:, ::-1]
    return photographed(np.clip(drawn, 0, 255).astype(np.uint8), rng)


def photographed(pixels: Pixels, rng: Rng) -> Pixels:
    """What a telephone makes of it."""
    steps = (
        (tone, 0.8),
        (glare, 0.12),
        (motion_blur, 0.12),
        (sharpen, 0.3),
        (sensor_noise, 0.6),
        (jpeg, 0.5),
    )
    out = np.ascontiguousarray(pixels)
    if rng.random() < 0.4:
        out = evened(out, rng)
    if rng.random() < 0.5:
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), rng.uniform(0.4, 1.4)), np.uint8)
    for step, often in steps:
        if rng.random() < often:
            out = step(out, rng, float(rng.uniform(0.1, 0.6)))
    return out


def evened(pixels: Pixels, rng: Rng) -> Pixels:
    """Shadows lifted and local contrast raised, as telephones do of several exposures."""
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)
    clahe = cv2.createCLAHE(clipLimit=float(rng.uniform(1.2, 4)), tileGridSize=(int(rng.integers(2, 7)),) * 2)
    lab[:, :, 0] = clahe.apply(lab[:, :, 0])
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)
