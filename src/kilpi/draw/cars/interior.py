"""A drawn dashboard: the picture of an advert that shows no plate."""

from __future__ import annotations

import cv2
import numpy as np

from kilpi.draw.cars.canvas import Canvas, Ink, stroke
from kilpi.draw.cars.shape import curve
from kilpi.draw.cars.steering_wheel import draw_wheel
from kilpi.draw.noise import normal_noise, smooth_field
from kilpi.types import Pixels

OVER = 2


def draw_interior(width: int, height: int, accent: Ink, odometer_km: int, rng: np.random.Generator) -> Pixels:
    """A dashboard seen from between the seats: (height, width, 3) uint8 RGB. `accent` colours seams."""
    c = Canvas(width * OVER, height * OVER)
    _outside(c, rng)
    _dashboard(c, accent)
    _instruments(c, accent, odometer_km)
    _screen(c, accent)
    _console(c, accent)
    draw_wheel(c, accent)
    grain = normal_noise((c.h, c.w, 1), rng) * np.float32(5)
    c.image += grain * np.clip(1.2 - c.image.mean(axis=2, keepdims=True) / 160, 0.1, 1)
    glow = cv2.GaussianBlur(np.maximum(c.image - 190, 0), (0, 0), c.w / 90)
    c.image += np.asarray(glow, np.float32) * np.float32(0.6)
    small = np.asarray(cv2.resize(c.image, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    ys, xs = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    small *= (1.04 - 0.2 * (xs**2 + ys**2)).astype(np.float32)[:, :, None]
    fine = cv2.GaussianBlur(normal_noise((height, width, 3), rng), (0, 0), 0.6)
    small += np.asarray(fine, np.float32) * np.float32(4)
    return np.clip(small, 0, 255).astype(np.uint8)


def _outside(c: Canvas, rng: np.random.Generator) -> None:
    rows = np.linspace(0, 1, c.h, dtype=np.float32)[:, None, None]
    c.image[:] = np.array((214, 224, 234), np.float32) - rows * np.array((40, 30, 20), np.float32)
    woods = (0.20 + 0.05 * smooth_field(1, c.w, rng, 30)[0]) * c.h
    below = (np.arange(c.h)[:, None] > woods[None, :]).astype(np.float32)[:, :, None]
    c.image += (np.array((96, 112, 84), np.float32) - c.image) * below
    c.image[int(0.30 * c.h) :] = (150, 150, 147)
    for x in rng.uniform(0.05, 0.95, 5):
        tint = np.array((120, 125, 130)) + rng.normal(0, 40, 3)
        x0, x1 = int((x - 0.06) * c.w), int((x + 0.06) * c.w)
        c.image[int(0.26 * c.h) : int(0.32 * c.h), max(0, x0) : x1] = tint.clip(20, 235)
    c.image = np.asarray(cv2.GaussianBlur(c.image, (0, 0), c.w / 110), dtype=np.float32)
    frame = c.mask(((-0.1, -0.1), (0.06, -0.1), (-0.02, 0.5), (-0.1, 0.5)), rounded=False)
    c.lay(frame, (40, 40, 42), (58, 58, 60))
    mirror = c.mask(
        ((0.53, 0.03), (0.70, 0.025), (0.715, 0.07), (0.70, 0.115), (0.54, 0.12), (0.52, 0.075)), rounded=True
    )
    c.lay(mirror, (26, 26, 28), (40, 40, 43))
    glass = c.mask(
        ((0.535, 0.042), (0.697, 0.037), (0.705, 0.07), (0.695, 0.102), (0.545, 0.107), (0.528, 0.075)),
        rounded=True,
    )
    c.lay(glass, (128, 138, 146), (86, 92, 96), 0.002, 0)


def _dashboard(c: Canvas, accent: Ink) -> None:
    top = (
        (-0.05, 0.40),
        (0.10, 0.355),
        (0.35, 0.335),
        (0.6, 0.35),
        (0.85, 0.345),
        (1.05, 0.36),
        (1.05, 1.1),
        (-0.05, 1.1),
    )
    c.lay(c.mask(top, rounded=False), (66, 67, 70), (34, 34, 36), 0.02, 40)
    face = (
        (-0.05, 0.56),
        (0.2, 0.53),
        (0.5, 0.525),
        (0.8, 0.52),
        (1.05, 0.515),
        (1.05, 0.70),
        (0.8, 0.715),
        (-0.05, 0.74),
    )
    c.lay(c.mask(face, rounded=False), (58, 58, 60), (44, 44, 46), 0.012, 30)
    trim = ((0.30, 0.585), (0.6, 0.575), (1.05, 0.565), (1.05, 0.605), (0.6, 0.615), (0.30, 0.625))
    c.lay(c.mask(trim, rounded=False), (176, 178, 180), (104, 106, 110), 0.004, 30)
    for x in np.linspace(0.02, 1.0, 110):  # a seam
        y = 0.50 - 0.02 * x
        stroke(c, (x, y), 0.0, 0.0, 0.0045, 0.0016, tuple(0.8 * v for v in accent))
    _vents(c)


def _vents(c: Canvas) -> None:
    """Four vents with their slats."""
    for x in (0.055, 0.395, 0.60, 0.90):
        w = 0.07
        vent = ((x, 0.545), (x + w, 0.54), (x + w * 1.05, 0.64), (x + 0.004, 0.645))
        c.lay(c.mask(vent, rounded=False), (18, 18, 19), (26, 26, 27), 0.003, 50)
        for i in range(5):
            y = 0.556 + 0.018 * i
            slat = (
                (x + 0.006, y),
                (x + w - 0.004, y - 0.003),
                (x + w - 0.004, y + 0.004),
                (x + 0.006, y + 0.007),
            )
            c.lay(c.mask(slat, rounded=False), (72, 73, 76), (40, 40, 42), 0.002, 20)


def _instruments(c: Canvas, accent: Ink, odometer_km: int) -> None:
    hood = ((0.085, 0.50), (0.11, 0.40), (0.20, 0.365), (0.31, 0.37), (0.38, 0.41), (0.40, 0.50))
    c.lay(c.mask(hood, rounded=True), (52, 52, 55), (24, 24, 25), 0.02, 50)
    glass = ((0.105, 0.505), (0.125, 0.425), (0.20, 0.395), (0.30, 0.397), (0.362, 0.43), (0.378, 0.505))
    c.lay(c.mask(glass, rounded=True), (9, 11, 14), (13, 15, 19), 0.003, 8)
    for x, turn in ((0.175, 2.9), (0.31, 4.0)):
        c.image += (np.array((70, 78, 90), np.float32) - c.image) * c.ring(x, 0.462, 0.042, 0.002)[:, :, None]
        for i in range(17):
            a = np.pi * 0.8 + i * np.pi * 1.4 / 16
            r0, r1 = (0.034, 0.040) if i % 2 else (0.031, 0.040)
            stroke(c, (x, 0.462), a, r0, r1, 0.0012, (225, 230, 236))
        stroke(c, (x, 0.462), turn, 0.0, 0.036, 0.002, (255, 70, 60))
        c.lay(c.ring(x, 0.462, 0.004, -1), (60, 62, 66), (20, 20, 22), 0.002, 10)
    c.text(f"{odometer_km} KM".replace("  ", " "), 0.222, 0.492, 0.011, (235, 238, 242))
    c.text("14 C", 0.236, 0.452, 0.012, accent)


def _screen(c: Canvas, accent: Ink) -> None:
    c.lay(
        c.mask(((0.475, 0.375), (0.755, 0.368), (0.76, 0.535), (0.478, 0.54)), rounded=False),
        (34, 34, 36),
        (14, 14, 15),
        0.014,
        50,
    )
    c.lay(
        c.mask(((0.485, 0.386), (0.746, 0.380), (0.75, 0.523), (0.488, 0.528)), rounded=False),
        (28, 36, 46),
        (16, 20, 27),
        0.002,
        5,
    )
    c.lay(
        c.mask(((0.60, 0.395), (0.738, 0.391), (0.742, 0.505), (0.602, 0.508)), rounded=False),
        (70, 84, 78),
        (58, 72, 68),
        0.001,
        4,
    )
    for road in (
        ((0.60, 0.48), (0.66, 0.45), (0.742, 0.44)),
        ((0.65, 0.394), (0.67, 0.45), (0.69, 0.507)),
        ((0.61, 0.41), (0.66, 0.45)),
    ):
        fixed = np.round(curve(road) * (c.w, c.h)).astype(np.int32)
        cv2.polylines(c.image, [fixed], False, (214, 214, 206), max(2, c.w // 420), cv2.LINE_AA)
    cv2.circle(c.image, (int(0.664 * c.w), int(0.452 * c.h)), c.w // 220, accent, -1, cv2.LINE_AA)
    c.text("12 45", 0.50, 0.417, 0.016, (236, 240, 244))
    _menu(c)


def _menu(c: Canvas) -> None:
    """The buttons on the screen."""
    for i, words in enumerate(("RADIO", "PUHELIN", "NAVI")):
        y = 0.435 + 0.026 * i
        c.lay(
            c.mask(((0.497, y), (0.585, y - 0.001), (0.585, y + 0.018), (0.497, y + 0.019)), rounded=False),
            (52, 62, 76),
            (40, 48, 60),
            0.001,
            5,
        )
        c.text(words, 0.505, y + 0.0145, 0.010, (222, 228, 234))


def _console(c: Canvas, accent: Ink) -> None:
    c.lay(
        c.mask(((0.47, 0.66), (0.76, 0.655), (0.80, 1.1), (0.44, 1.1)), rounded=False),
        (50, 50, 52),
        (30, 30, 32),
        0.02,
        40,
    )
    c.lay(
        c.mask(((0.495, 0.675), (0.735, 0.672), (0.742, 0.735), (0.49, 0.738)), rounded=False),
        (24, 24, 26),
        (20, 20, 21),
        0.004,
        40,
    )
    for x in (0.525, 0.70):
        c.lay(c.ring(x, 0.706, 0.020, -1), (128, 130, 134), (48, 49, 52), 0.006, 40)
        c.lay(c.ring(x, 0.706, 0.014, -1), (30, 30, 32), (44, 44, 46), 0.001, 10)
    for i in range(4):
        x = 0.562 + 0.029 * i
        c.lay(
            c.mask(((x, 0.695), (x + 0.022, 0.695), (x + 0.022, 0.717), (x, 0.717)), rounded=False),
            (62, 63, 66),
            (42, 42, 44),
            0.002,
            20,
        )
    _selector(c, accent)


def _selector(c: Canvas, accent: Ink) -> None:
    """The gear selector and its gate."""
    c.lay(
        c.mask(((0.54, 0.86), (0.69, 0.86), (0.72, 1.1), (0.52, 1.1)), rounded=True),
        (22, 22, 23),
        (28, 28, 30),
        0.006,
        30,
    )
    c.lay(
        c.mask(((0.595, 0.80), (0.635, 0.80), (0.628, 0.95), (0.604, 0.95)), rounded=True),
        (120, 122, 126),
        (60, 61, 64),
        0.006,
        30,
    )
    c.lay(
        c.mask(
            ((0.575, 0.745), (0.655, 0.742), (0.668, 0.79), (0.655, 0.835), (0.577, 0.838), (0.563, 0.79)),
            rounded=True,
        ),
        (62, 62, 64),
        (22, 22, 23),
        0.014,
        60,
    )
    c.text("P R N D", 0.585, 0.775, 0.011, (222, 224, 228))
    _seats(c, accent)


def _seats(c: Canvas, accent: Ink) -> None:
    """The front seats, with a seam in the accent."""
    for side, x in ((1, 0.97), (-1, 0.20)):
        seat = (
            (x - side * 0.20, 1.1),
            (x - side * 0.19, 0.95),
            (x - side * 0.10, 0.905),
            (x + side * 0.1, 0.90),
            (x + side * 0.25, 1.1),
        )
        c.lay(c.mask(seat, rounded=True), (58, 57, 56), (34, 33, 33), 0.02, 40)
        for t in np.linspace(0, 1, 26):
            a, b = np.array(seat[1]), np.array(seat[2])
            stroke(
                c,
                tuple(a + (b - a) * t + (0.012 * side, 0.012)),
                0.9,
                0,
                0.003,
                0.0012,
                tuple(0.8 * v for v in accent),
            )
