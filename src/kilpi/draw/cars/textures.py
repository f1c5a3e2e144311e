"""The hatchback's front, rear, flank and wheel as sheets: lamps, grilles, windows, shut lines, badges."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from kilpi.draw.cars.paint import Points, Sheet
from kilpi.draw.cars.shape import HATCH
from kilpi.draw.plate_parts import Colour

GLASS: Colour = (16, 20, 22)
BLACK: Colour = (20, 20, 21)
GAP: Colour = (14, 14, 15)
CHROME: Colour = (205, 208, 212)
RED: Colour = (150, 10, 14)
AMBER: Colour = (230, 120, 20)
WHITE: Colour = (240, 242, 245)


def _mesh(
    sheet: Sheet, box: tuple[float, float, float, float], ink: Colour, pitch: float, style: int
) -> None:
    """A grille's bars or honeycomb within x1, z1, x2, z2."""
    x1, z1, x2, z2 = box
    if style % 3 == 0:
        for z in np.arange(z1 + pitch / 2, z2, pitch):
            sheet.line(((x1, z), (x2, z)), ink, pitch * 0.3, gloss=0.5, bend=False)
    elif style % 3 == 1:
        for i, z in enumerate(np.arange(z1, z2, pitch)):
            for x in np.arange(x1 + (i % 2) * pitch, x2, pitch * 2):
                sheet.line(((x, z), (x + pitch, z + pitch * 0.9)), ink, pitch * 0.16, bend=False)
                sheet.line(((x + pitch, z + pitch * 0.9), (x + 2 * pitch, z)), ink, pitch * 0.16, bend=False)
    else:
        for x in np.arange(x1, x2, pitch * 1.3):
            sheet.line(((x, z1), (x, z2)), ink, pitch * 0.35, gloss=0.6, bend=False)


@cache
def front(style: int) -> Sheet:
    """The front: grille, badge, lamps, intake, bonnet's edge. `style` picks among faces."""
    s = Sheet.blank(-1.1, 2.2)
    s.crease(((-0.62, 0.20), (-0.66, 0.52), (0.66, 0.52), (0.62, 0.20)), 0.02, 0.05, filled=True)
    s.both("crease", ((0.25, 1.0), (0.42, 0.86), (0.60, 0.80)), 0.012, 0.05)
    _grille(s, style)
    intake = ((-0.60, 0.33), (0.60, 0.33), (0.50, 0.235), (-0.50, 0.235))
    s.fill(intake, BLACK, 0.08)
    _mesh(s, (-0.52, 0.25, 0.52, 0.325), (48, 48, 50), 0.022, 1)
    vent = ((0.60, 0.42), (0.74, 0.455), (0.755, 0.43), (0.73, 0.33), (0.62, 0.32))
    s.both("fill", vent, BLACK, 0.2, rounded=False)
    s.both("line", (*vent[:3],), CHROME, 0.008, 0.8, bend=False)
    fog = [(0.675 + 0.034 * np.cos(a), 0.378 + 0.034 * np.sin(a)) for a in np.linspace(0, 6.28, 24)]
    s.both("fill", fog, (150, 155, 160), 0.9, glow=0.05)
    _lamps(s, style)
    _badge(s, 0.64 if style == 1 else 0.675)
    s.line(((-0.80, 0.80), (-0.55, 0.785), (0, 0.775), (0.55, 0.785), (0.80, 0.80)), GAP, 0.006)
    s.fill(((-0.30, 0.50), (0.30, 0.50), (0.30, 0.36), (-0.30, 0.36)), (26, 26, 27), 0.15, rounded=False)
    _screen(s)
    return s


def _grille(s: Sheet, style: int) -> None:
    """A mesh in a chrome frame; an electric car (style 1) has a closed face."""
    electric = style == 1
    top, low, half = (0.735, 0.60, 0.46) if style != 2 else (0.74, 0.56, 0.36)
    grille = (
        (-half, top),
        (half, top),
        (half * 0.92, (top + low) / 2),
        (half * 0.72, low),
        (-half * 0.72, low),
        (-half * 0.92, (top + low) / 2),
    )
    if electric:
        s.line(((-0.60, 0.70), (0, 0.685), (0.60, 0.70)), CHROME, 0.012, 0.8)
        s.crease(grille, 0.012, 0.03, filled=True)
    else:
        s.fill(grille, BLACK, 0.15, rounded=False)
        _mesh(
            s,
            (-half * 0.74, low + 0.01, half * 0.74, top - 0.012),
            (62, 63, 66) if style else CHROME,
            0.026,
            style,
        )
        s.line((*grille, grille[0]), CHROME, 0.013, 0.85, bend=False)


def _badge(s: Sheet, z: float) -> None:
    """A round badge in the middle, `z` metres up."""
    angle = np.linspace(0, 2 * np.pi, 40)
    ring = [(0.062 * np.cos(a), z + 0.062 * np.sin(a)) for a in angle]
    s.fill(ring, (70, 74, 80), 0.7)
    s.line(ring, CHROME, 0.010, 0.9, bend=False)
    s.line(((-0.035, z - 0.025), (0, z + 0.04), (0.035, z - 0.025)), CHROME, 0.012, 0.9, bend=False)


def _lamps(s: Sheet, style: int) -> None:
    """Headlamps that reach around the corners, with lenses and a daytime light."""
    outer = (
        (0.45, 0.715),
        (0.56, 0.765),
        (0.74, 0.79),
        (0.95, 0.80),
        (0.95, 0.70),
        (0.80, 0.655),
        (0.60, 0.64),
        (0.48, 0.665),
    )
    s.both("fill", outer, (52, 55, 60), 0.95)
    for x, z, r in ((0.60, 0.695, 0.026), (0.675, 0.71, 0.026), (0.75, 0.725, 0.026)):
        ring = [(x + r * np.cos(a), z + r * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 24)]
        s.both("fill", ring, (150, 158, 168), 0.9, glow=0.03)
        core = [(x + r * 0.6 * np.cos(a), z + r * 0.6 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 24)]
        s.both("fill", core, (96, 106, 118), 1.0)
    drl = (
        ((0.475, 0.672), (0.60, 0.652), (0.78, 0.668), (0.90, 0.71))
        if style != 2
        else ((0.50, 0.745), (0.62, 0.775), (0.88, 0.785))
    )
    s.both("line", drl, (252, 253, 255), 0.014, 0.9, glow=0.85)
    s.both("line", (*outer, outer[0]), (30, 30, 32), 0.007, 0.3)


def _seen_through(s: Sheet, glass: Points, heads: Sequence[float], low: float, high: float) -> None:
    """A pane with what shows through it: light from the other side, seats, a dashboard's edge."""
    s.fill(glass, GLASS, 1.0, rounded=False)
    wide = max(x for x, _ in glass) * 0.72
    s.fill(
        ((-wide, high - 0.05), (wide, high - 0.05), (wide * 1.05, low + 0.10), (-wide * 1.05, low + 0.10)),
        (44, 52, 56),
        1.0,
    )
    for x in heads:
        seat = ((x - 0.17, low), (x - 0.16, low + 0.17), (x + 0.16, low + 0.17), (x + 0.17, low))
        s.fill(seat, (20, 20, 21), 1.0)
        s.fill(
            [(x + 0.10 * np.cos(a), low + 0.22 + 0.07 * np.sin(a)) for a in np.linspace(0, 6.28, 16)],
            (18, 18, 19),
            1.0,
        )
    s.fill(((-0.66, low), (0.66, low), (0.60, low + 0.055), (-0.60, low + 0.055)), (15, 15, 16), 1.0)


def _screen(s: Sheet) -> None:
    """The windscreen with its black rim, and the wipers."""
    rim = ((-0.80, 1.0), (0.80, 1.0), (0.69, 1.25), (0.60, 1.405), (-0.60, 1.405), (-0.69, 1.25))
    s.fill(rim, (12, 12, 13), 0.8, rounded=False)
    glass = ((-0.76, 1.015), (0.76, 1.015), (0.655, 1.25), (0.565, 1.385), (-0.565, 1.385), (-0.655, 1.25))
    _seen_through(s, glass, (-0.34, 0.34), 1.03, 1.37)
    s.line(((-0.70, 1.012), (-0.25, 1.005), (0.08, 1.04)), (8, 8, 8), 0.014, 0.2)
    s.line(((-0.05, 1.008), (0.35, 1.005), (0.66, 1.035)), (8, 8, 8), 0.014, 0.2)


def _rear_lamp(s: Sheet, side: int) -> None:
    """One rear lamp with its reversing light and indicator; `side` is -1 or 1."""
    outer = [
        (side * x, z)
        for x, z in (
            (0.46, 0.93),
            (0.62, 0.985),
            (0.90, 0.985),
            (0.90, 0.78),
            (0.72, 0.765),
            (0.64, 0.84),
        )
    ]
    s.fill(outer, RED, 0.9, glow=0.10)
    s.fill(
        [(side * x, z) for x, z in ((0.66, 0.865), (0.84, 0.865), (0.84, 0.80), (0.72, 0.80))],
        (150, 120, 122),
        0.9,
        glow=0.02,
    )
    s.fill(
        [(side * x, z) for x, z in ((0.55, 0.925), (0.66, 0.935), (0.66, 0.905), (0.57, 0.90))],
        AMBER,
        0.8,
        glow=0.05,
    )
    s.line(
        [(side * x, z) for x, z in ((0.49, 0.945), (0.64, 0.968), (0.88, 0.965))],
        (255, 60, 50),
        0.014,
        0.8,
        glow=0.75,
    )
    s.line([*outer, outer[0]], (60, 6, 8), 0.006, 0.3)


@cache
def rear(style: int) -> Sheet:
    """The rear: lamps, tailgate, plate recess, bumper, reflectors, badge. As seen from behind."""
    s = Sheet.blank(-1.1, 2.2)
    s.crease(((-0.70, 0.50), (0, 0.49), (0.70, 0.50)), 0.015, 0.03)
    s.line(((-0.60, 0.515), (-0.61, 0.95), (-0.56, 1.0)), GAP, 0.007)
    s.line(((0.60, 0.515), (0.61, 0.95), (0.56, 1.0)), GAP, 0.007)
    s.line(((-0.60, 0.515), (0, 0.505), (0.60, 0.515)), GAP, 0.007)
    s.fill(((-0.72, 0.36), (0.72, 0.36), (0.62, 0.20), (-0.62, 0.20)), (30, 30, 31), 0.2)
    s.both("fill", ((0.48, 0.345), (0.68, 0.35), (0.67, 0.315), (0.49, 0.31)), (150, 12, 16), 0.7, glow=0.1)
    s.fill(((-0.34, 0.90), (0.34, 0.90), (0.31, 0.715), (-0.31, 0.715)), (38, 38, 40), 0.15, rounded=False)
    s.line(((-0.33, 0.905), (0, 0.912), (0.33, 0.905)), CHROME if style != 1 else BLACK, 0.018, 0.8)
    for side in (-1, 1):
        _rear_lamp(s, side)
    rim = ((-0.70, 1.07), (0.70, 1.07), (0.62, 1.30), (0.56, 1.37), (-0.56, 1.37), (-0.62, 1.30))
    s.fill(rim, (14, 14, 15), 0.9)
    glass = ((-0.64, 1.09), (0.64, 1.09), (0.57, 1.29), (0.51, 1.345), (-0.51, 1.345), (-0.57, 1.29))
    _seen_through(s, glass, (-0.36, 0.0, 0.36), 1.07, 1.34)
    s.line(((0.0, 1.10), (0.18, 1.095), (0.38, 1.115)), (8, 8, 8), 0.014, 0.2)
    s.line(((-0.20, 1.40), (0.20, 1.40)), (190, 20, 20), 0.018, 0.5, glow=0.3, bend=False)
    z = 0.985
    ring = [(0.055 * np.cos(a), z + 0.055 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 40)]
    s.fill(ring, (90, 94, 100), 0.9)
    s.line(ring, CHROME, 0.009, 0.9, bend=False)
    s.line(((-0.03, z - 0.022), (0, z + 0.036), (0.03, z - 0.022)), CHROME, 0.011, 0.9, bend=False)
    return s


@cache
def side(style: int) -> Sheet:
    """The flank: windows, door gaps, handles, sill, a character line. The front is at the right."""
    s = Sheet.blank(-2.6, 5.2)
    s.crease(((1.55, 0.80), (0.8, 0.835), (-0.6, 0.85), (-1.9, 0.90)), 0.016, 0.022)
    s.crease(((0.85, 0.36), (0.2, 0.34), (-0.85, 0.40)), 0.02, 0.05)
    s.fill(((0.96, 0.265), (-0.93, 0.265), (-0.93, 0.19), (0.96, 0.19)), (24, 24, 25), 0.2, rounded=False)
    around = (
        (0.99, 1.02),
        (0.80, 1.135),
        (0.36, 1.365),
        (0.05, 1.42),
        (-0.40, 1.437),
        (-0.95, 1.425),
        (-1.34, 1.38),
        (-1.50, 1.20),
        (-1.53, 1.035),
    )
    s.fill(around, (18, 18, 19), 0.75)
    for glass in HATCH.glass:
        s.fill(glass, GLASS, 1.0, rounded=False)
    s.line(((0.99, 1.02), (0.0, 1.028), (-1.53, 1.04)), CHROME if style != 1 else BLACK, 0.014, 0.8)
    for shut in HATCH.shuts:
        s.line(shut, GAP, 0.006)
        s.crease(shut, -0.006, 0.012)
    for x in (-0.24, -1.18):
        s.crease(((x - 0.02, 0.90), (x - 0.10, 0.915), (x - 0.19, 0.905)), -0.02, 0.05)
        s.line(
            ((x, 0.907), (x - 0.10, 0.913), (x - 0.20, 0.910)),
            CHROME if style == 0 else (80, 82, 85),
            0.026,
            0.7,
        )
        s.line(((x, 0.892), (x - 0.10, 0.898), (x - 0.20, 0.895)), GAP, 0.006)
    s.line(((-1.61, 0.86), (-1.77, 0.865), (-1.77, 0.735), (-1.61, 0.73), (-1.61, 0.86)), (40, 40, 42), 0.004)
    return s


@cache
def wheel(style: int) -> Sheet:
    """A wheel of radius 1: tyre, rim, spokes, nuts; centred on the sheet."""
    s = Sheet.blank(-1.1, 2.2, 2.2)

    def disc(r: float, n: int = 60) -> list[tuple[float, float]]:
        return [(r * np.cos(a), 1.1 + r * np.sin(a)) for a in np.linspace(0, 2 * np.pi, n)]

    s.fill(disc(1.08), (22, 22, 23), 0.06, rounded=False)
    s.line(disc(0.88), (34, 34, 35), 0.02, 0.05, bend=False)
    s.fill(disc(0.73), (14, 14, 15), 0.1, rounded=False)
    s.fill(disc(0.42), (62, 60, 58), 0.3, rounded=False)  # the brake disc
    s.line(disc(0.715), (196, 199, 203), 0.045, 0.8, bend=False)
    spokes = (5, 7, 10, 6)[style % 4]
    for i in range(spokes):
        a = 2 * np.pi * i / spokes + 0.3
        wide = 0.9 / spokes
        for lean in (-1, 1) if style % 2 == 0 else (0,):
            root, tip = a + lean * wide * 0.25, a + lean * wide * 0.62
            half = wide * 0.22
            corners = ((0.10, root - 0.5), (0.71, tip - half), (0.71, tip + half), (0.10, root + 0.5))
            arm = [(r * np.cos(t), 1.1 + r * np.sin(t)) for r, t in corners]
            s.fill(arm, (182, 185, 190), 0.7, rounded=False)
            s.crease((*arm, arm[0]), 0.03, 0.05, filled=True)
    s.fill(disc(0.17), (176, 180, 185), 0.7, rounded=False)
    s.fill(disc(0.095), (48, 50, 54), 0.6, rounded=False)
    return s
