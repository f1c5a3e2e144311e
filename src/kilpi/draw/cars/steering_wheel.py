"""A drawn car's steering wheel."""

from __future__ import annotations

import numpy as np

from kilpi.draw.cars.canvas import Canvas, Ink, stroke


def draw_wheel(c: Canvas, accent: Ink) -> None:
    """In front of the driver's instruments, with spokes, buttons, hub and a seam in the accent."""
    x, y, r, tall = 0.245, 0.665, 0.185, 0.98
    c.lay(c.ring(x, y, r, 0.034, tall), (64, 64, 67), (24, 24, 25), 0.02, 90)
    inner = c.ring(x, y, r - 0.004, 0.003, tall)
    c.image += (np.array((96, 97, 100), np.float32) - c.image) * (inner * 0.35)[:, :, None]
    for side in (-1, 1):
        arm = (
            (x + side * 0.05, y - 0.05),
            (x + side * 0.175, y - 0.055),
            (x + side * 0.178, y + 0.02),
            (x + side * 0.05, y + 0.055),
        )
        c.lay(c.mask(arm, rounded=False), (54, 54, 57), (30, 30, 32), 0.01, 50)
        for i in range(3):
            bx, by = x + side * (0.098 + 0.022 * i), y - 0.016
            c.lay(c.ring(bx, by, 0.0085, -1), (92, 93, 96), (52, 52, 55), 0.003, 20)
    c.lay(
        c.mask(
            ((x - 0.022, y + 0.05), (x + 0.022, y + 0.05), (x + 0.03, y + 0.235), (x - 0.03, y + 0.235)),
            rounded=False,
        ),
        (150, 152, 156),
        (84, 86, 90),
        0.01,
        40,
    )
    hub = (
        (x - 0.085, y - 0.075),
        (x, y - 0.095),
        (x + 0.085, y - 0.075),
        (x + 0.078, y + 0.045),
        (x, y + 0.105),
        (x - 0.078, y + 0.045),
    )
    c.lay(c.mask(hub, rounded=True), (60, 60, 63), (32, 32, 34), 0.016, 60)
    c.lay(c.ring(x, y, 0.026, 0.005), (214, 216, 220), (120, 122, 126), 0.003, 20)
    for a in (-2.2, -0.94):
        stroke(c, (x, y - 0.02), -a, 0, 0.026, 0.0055, (196, 198, 202))
    _stitches(c, accent, x, y, tall)


def _stitches(c: Canvas, accent: Ink, x: float, y: float, tall: float) -> None:
    """A seam around the wheel."""
    for angle in np.linspace(0.15, 2 * np.pi, 90):
        if abs(np.sin(angle)) < 0.55:
            continue
        spot = (x + 0.169 * np.cos(angle), y + 0.169 * np.sin(angle) * tall * c.w / c.h)
        stroke(c, spot, angle + np.pi / 2, -0.0018, 0.0018, 0.0011, tuple(0.75 * v for v in accent))
