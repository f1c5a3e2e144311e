"""The inside of a car as solids: seats, dashboard, steering wheel, console, doors, boot, and the shell.

Metres; the origin is on the floor between the front seats, x forward, y left, z up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from kilpi.draw.insides.solids import Floats, Group, Place, Solid, block, melt, ring, rod

HALF_WIDTH, ROOF, GROUND = 0.74, 1.2, -0.3
WALL = 0.03  # half the thickness of the shell


class Stuff(IntEnum):
    """What a part is made of."""

    SEAT = 0
    TRIM = 1
    DASH = 2
    GRIP = 3
    METAL = 4
    SHELL = 5
    CARPET = 6
    BODY = 7


@dataclass(frozen=True, slots=True)
class Cabin:
    """One car's inside. `opening` is the hole that the camera looks through, or None."""

    groups: tuple[Group, ...]
    body: Solid = field(compare=False)  # below zero inside the shell's middle
    length: tuple[float, float]  # the shell's rear and front ends, x
    belt: float  # height of the windows' lower edge
    seats: tuple[Place, ...]  # the middles of the seats' cushions
    opening: str | None = None  # "front door", "rear door", "boot" or None; doors are opened on the left
    driver: float = 0.37  # where the driver sits, y


def make_cabin(rng: np.random.Generator, opening: str | None, driver: float = 0.37) -> Cabin:
    """Draw the sizes of one cabin and put its parts together. The driver sits at y = `driver`."""
    front, rear = float(rng.uniform(1.25, 1.45)), float(rng.uniform(-2.35, -1.75))
    dash_x, seat_x = float(rng.uniform(0.72, 0.85)), float(rng.uniform(-0.15, 0.05))
    bench_x, floor = float(rng.uniform(-1.05, -0.9)), float(rng.uniform(0.22, 0.42))
    body = block(
        ((front + rear) / 2, 0, ROOF / 2), ((front - rear) / 2, HALF_WIDTH, ROOF / 2), rng.uniform(0.14, 0.3)
    )
    groups = [
        _shell(body, (front, rear), opening),
        *(_front_seat(rng, seat_x, side * 0.37) for side in (-1, 1)),
        _bench(rng, bench_x),
        _dashboard(rng, dash_x, driver),
        *_steering(rng, dash_x - rng.uniform(0.2, 0.3), driver),
        *_console(rng, dash_x),
        *_doors(rng, opening),
        *_boot(rng, rear, bench_x - 0.3, floor),
        *_roof(dash_x),
        *(_tail(rng, rear) if opening == "boot" else ()),
    ]
    seats = ((seat_x, 0.37, 0.3), (seat_x, -0.37, 0.3), (bench_x, 0.0, 0.32))
    return Cabin(tuple(groups), body, (rear, front), rng.uniform(0.66, 0.76), seats, opening, driver)


def _shell(body: Solid, ends: tuple[float, float], opening: str | None) -> Group:
    front, rear = ends
    holes = {
        "front door": block((0.2, HALF_WIDTH, 0.62), (0.55, 0.3, 0.52), 0.1),
        "rear door": block((-0.8, HALF_WIDTH, 0.62), (0.45, 0.3, 0.52), 0.1),
        "boot": block((rear, 0, 0.72), (0.3, 0.58, 0.42), 0.1),
    }
    hole = holes.get(opening or "")

    def solid(x: Floats, y: Floats, z: Floats) -> Floats:
        wall = np.abs(body(x, y, z)) - np.float32(WALL)
        return wall if hole is None else np.asarray(np.maximum(wall, -hole(x, y, z)), np.float32)

    return Group(Stuff.SHELL, solid, ((front + rear) / 2, 0, 0.6), 9.0)


def _front_seat(rng: np.random.Generator, x: float, y: float) -> Group:
    lean, wide = rng.uniform(0.22, 0.45), rng.uniform(0.22, 0.26)
    bolster = rng.uniform(0.035, 0.06)
    parts = [
        block((x, y, 0.26), (0.26, wide, 0.07), 0.06, -0.12),
        block((x - 0.3, y, 0.6), (0.07, wide - 0.02, 0.31), 0.06, lean),
    ]
    for side in (-1, 1):
        edge = y + side * (wide - 0.02)
        parts.append(rod((x - 0.18, edge, 0.32), (x + 0.22, edge, 0.34), bolster))
        parts.append(rod((x - 0.2, edge, 0.42), (x - 0.3, edge * 0.98 + y * 0.02, 0.78), bolster))
    head_x = x - 0.32 - 0.36 * float(np.sin(lean))
    parts.append(block((head_x, y, 1.0), (0.05, 0.13, 0.09), 0.045, lean * 0.5))
    base = block((x - 0.02, y, 0.12), (0.22, wide - 0.03, 0.08), 0.03)
    posts = [rod((head_x, y + s, 0.86), (head_x, y + s, 0.96), 0.01) for s in (-0.06, 0.06)]
    whole = melt([*parts, *posts, base], rng.uniform(0.03, 0.06))
    return Group(Stuff.SEAT, whole, (x - 0.1, y, 0.55), 0.72)


def _bench(rng: np.random.Generator, x: float) -> Group:
    lean = rng.uniform(0.3, 0.5)
    parts = [
        block((x, 0, 0.27), (0.27, 0.64, 0.1), 0.07, -0.1),
        block((x - 0.34, 0, 0.6), (0.08, 0.64, 0.31), 0.07, lean),
    ]
    places = (-0.37, 0.37) if rng.random() < 0.4 else (-0.37, 0.0, 0.37)
    for y in places:
        parts.append(block((x - 0.49, y, 0.95), (0.05, 0.12, rng.uniform(0.06, 0.1)), 0.045, lean * 0.6))
    if rng.random() < 0.5:  # thicker at the outer places than in the middle
        parts += [rod((x - 0.15, y, 0.36), (x + 0.2, y, 0.36), 0.05) for y in (-0.6, -0.14, 0.14, 0.6)]
    return Group(Stuff.SEAT, melt(parts, 0.05), (x - 0.15, 0, 0.55), 0.95)


def _dashboard(rng: np.random.Generator, x: float, driver: float) -> Group:
    top = rng.uniform(0.68, 0.76)
    parts = [
        block((x + 0.32, 0, top - 0.14), (0.32, HALF_WIDTH, 0.14), 0.07),
        block((x + 0.32, 0, top - 0.34), (0.24, HALF_WIDTH, 0.14), 0.06),
        block((x + 0.2, driver, top - 0.02), (0.16, 0.2, 0.06), 0.05),  # hood over the instruments
        block((x + 0.2, 0, top - 0.3), (0.2, rng.uniform(0.13, 0.19), 0.3), 0.04, rng.uniform(-0.25, 0)),
    ]
    if rng.random() < 0.5:  # a screen that stands up
        parts.append(block((x + 0.06, 0, top + 0.05), (0.02, rng.uniform(0.11, 0.18), 0.075), 0.012))
    return Group(Stuff.DASH, melt(parts, rng.uniform(0.015, 0.05)), (x + 0.3, 0, 0.5), 1.0)


def _steering(rng: np.random.Generator, x: float, y: float) -> list[Group]:
    pitch, radius, z = rng.uniform(0.35, 0.5), rng.uniform(0.175, 0.19), rng.uniform(0.6, 0.66)
    middle = (x, y, z)
    rim = ring(middle, radius, rng.uniform(0.014, 0.019), pitch)
    hub = block((x + 0.01, y, z), (0.035, rng.uniform(0.06, 0.09), rng.uniform(0.05, 0.08)), 0.03, -pitch)
    arms = [rod(middle, (x, y + side * radius, z + 0.005), 0.016) for side in (-1, 1)]
    low = (x - radius * np.sin(pitch), y, z - radius * np.cos(pitch))
    arms.append(rod(middle, low, 0.018))
    column = rod(middle, (x + 0.3, y, z - 0.08), 0.05)
    return [Group(Stuff.GRIP, melt([rim, hub, *arms, column], 0.02), (x + 0.08, y, z), 0.34)]


def _console(rng: np.random.Generator, dash_x: float) -> list[Group]:
    high = rng.uniform(0.24, 0.36)
    tunnel = block((dash_x - 0.45, 0, high / 2), (0.65, rng.uniform(0.1, 0.13), high / 2), 0.03)
    rest = block((-0.2, 0, high + 0.05), (0.17, 0.085, 0.05), 0.035)
    x = dash_x - rng.uniform(0.25, 0.35)
    lever = rod((x, 0, high), (x - 0.03, 0, high + rng.uniform(0.06, 0.14)), 0.014)
    knob = block((x - 0.03, 0, high + 0.12), (0.028, 0.025, 0.03), 0.024)
    return [
        Group(Stuff.TRIM, melt([tunnel, rest], 0.02), (dash_x - 0.45, 0, 0.2), 0.75),
        Group(Stuff.GRIP, melt([lever, knob], 0.01), (x, 0, high + 0.08), 0.16),
    ]


def _doors(rng: np.random.Generator, opening: str | None) -> list[Group]:
    groups = []
    for side in (-1, 1):
        for x, name in ((0.25, "front door"), (-0.75, "rear door")):
            if side == 1 and opening == name:
                continue
            y = side * (HALF_WIDTH - 0.05)
            rest = block((x - 0.05, y - side * 0.03, 0.5), (0.3, 0.06, rng.uniform(0.03, 0.05)), 0.03)
            panel = block((x, y + side * 0.01, 0.38), (0.42, 0.04, 0.26), 0.03)
            pull = rod((x + 0.15, y - side * 0.05, 0.6), (x + 0.3, y - side * 0.05, 0.6), 0.014)
            groups.append(Group(Stuff.TRIM, melt([rest, panel], 0.03), (x, y, 0.42), 0.6))
            groups.append(Group(Stuff.METAL, pull, (x + 0.22, y, 0.6), 0.15))
    return groups


def _boot(rng: np.random.Generator, rear: float, front: float, floor: float) -> list[Group]:
    middle = (rear + front) / 2
    base = block((middle, 0, floor - 0.2), ((front - rear) / 2, HALF_WIDTH, 0.2), 0.01)
    arches = [block((front - 0.15, s * 0.66, floor + 0.1), (0.3, 0.14, 0.2), 0.08) for s in (-1, 1)]
    groups = [Group(Stuff.CARPET, melt([base, *arches], 0.04), (middle, 0, floor), 1.1)]
    if rng.random() < 0.6:
        shelf = block((middle, 0, 0.72), ((front - rear) / 2 - 0.1, 0.6, 0.012), 0.01)
        groups.append(Group(Stuff.TRIM, shelf, (middle, 0, 0.72), 0.95))
    return groups


def _tail(rng: np.random.Generator, rear: float) -> list[Group]:
    """What is around an open boot: the bumper below and the lid above, raised."""
    bumper = block((rear - 0.05, 0, 0.05), (0.12, HALF_WIDTH + 0.02, rng.uniform(0.14, 0.2)), 0.07)
    lid = block((rear - 0.35, 0, ROOF + 0.3), (0.04, 0.6, 0.45), 0.04, rng.uniform(0.9, 1.3))
    return [
        Group(Stuff.BODY, bumper, (rear - 0.05, 0, 0.05), 0.85),
        Group(Stuff.BODY, lid, (rear - 0.35, 0, ROOF + 0.3), 0.85),
    ]


def _roof(dash_x: float) -> list[Group]:
    mirror = block((dash_x + 0.05, 0, 1.02), (0.02, 0.12, 0.03), 0.02)
    groups = [Group(Stuff.GRIP, mirror, (dash_x + 0.05, 0, 1.02), 0.2)]
    for side in (-1, 1):
        visor = block((dash_x - 0.05, side * 0.36, 1.14), (0.08, 0.2, 0.012), 0.01)
        groups.append(Group(Stuff.TRIM, visor, (dash_x - 0.05, side * 0.36, 1.14), 0.3))
    return groups
