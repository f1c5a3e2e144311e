"""Where a drawn car stands: a sky, a dealer's yard, a building. Linear light, float32 RGB, 1.0 about white.

The surroundings are one picture around the viewer (equirectangular): it is both the background and what
paint and glass mirror, which is what makes a drawn car look as if it stood there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from kilpi.draw.cars.shape import Body, Floats
from kilpi.draw.cars.trace import distance
from kilpi.draw.noise import normal_noise, smooth_field
from kilpi.draw.plate_parts import word

WIDE, TALL = 4096, 2048  # the panorama's pixels; the horizon is at TALL / 2
GROUND_PER_METRE = 36
GROUND_M = 28.0


def linear(colour: tuple[float, ...]) -> Floats:
    """sRGB 0..255 -> linear light."""
    return np.asarray((np.array(colour, np.float32) / 255) ** np.float32(2.2), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Scene:
    """One place and its light. `sun` is the direction towards the sun; `bright` its strength."""

    panorama: Floats = field(compare=False, repr=False)
    mirrored: Floats = field(compare=False, repr=False)  # softened, for reflections
    ground: Floats = field(compare=False, repr=False)
    sun: Floats = field(compare=False, repr=False)
    bright: float
    ambient_up: Floats = field(compare=False, repr=False)
    ambient_down: Floats = field(compare=False, repr=False)


def make_scene(rng: np.random.Generator, weather: str, facing_deg: float) -> Scene:
    """Draw a place. `weather`: sunny, overcast or dusk; `facing_deg`: where the hall stands."""
    sky = _sky(rng, weather)
    _trees(sky, rng, weather)
    _hall(sky, rng, facing_deg)
    _lawn_and_yard(sky)
    azimuth = np.radians(facing_deg + 180 + rng.uniform(-50, 50))
    height = np.radians(rng.uniform(28, 48))
    sun = np.array(
        [np.cos(azimuth) * np.cos(height), np.sin(azimuth) * np.cos(height), np.sin(height)], np.float32
    )
    up = sky[: TALL // 2 - 80].reshape(-1, 3).mean(axis=0)
    down = sky[TALL // 2 + 80 :].reshape(-1, 3).mean(axis=0)
    seen, soft = (np.asarray(cv2.GaussianBlur(sky, (0, 0), s), np.float32) for s in (2.0, 4.0))
    bright = {"sunny": 1.35, "overcast": 0.12, "dusk": 0.25}[weather]
    return Scene(
        seen, soft, _ground(rng), sun, bright,
        up.astype(np.float32), (down * 0.7).astype(np.float32),
    )  # fmt: skip


def _sky(rng: np.random.Generator, weather: str) -> Floats:
    zenith, horizon = {
        "sunny": ((66, 118, 190), (196, 216, 234)),
        "overcast": ((168, 176, 186), (226, 229, 232)),
        "dusk": ((58, 76, 118), (232, 190, 160)),
    }[weather]
    rise = np.linspace(1, 0, TALL // 2, dtype=np.float32)[:, None, None] ** np.float32(0.6)
    top = linear(horizon) * (1 - rise) + linear(zenith) * rise
    sky = np.empty((TALL, WIDE, 3), np.float32)
    sky[: TALL // 2] = top
    sky[TALL // 2 :] = linear((112, 112, 110))
    cloud = sum(smooth_field(TALL // 2, WIDE, rng, 2.0 ** (3 + i)) * 0.55**i for i in range(5))
    share = np.clip((np.asarray(cloud, np.float32) - 1.1) * 2.2, 0, 1)[:, :, None]
    white = linear((250, 250, 250) if weather != "dusk" else (244, 190, 170)) * 1.25
    sky[: TALL // 2] += (white - sky[: TALL // 2]) * share * np.float32(0.75 if weather == "sunny" else 0.5)
    return np.concatenate([sky[:, WIDE // 2 :], sky[:, : WIDE // 2]], axis=1)


def _trees(sky: Floats, rng: np.random.Generator, weather: str) -> None:
    """A line of woods around the horizon."""
    reach = sum(smooth_field(1, WIDE, rng, 2.0 ** (4 + i))[0] * 0.6**i for i in range(4))
    rows = np.arange(TALL // 2, dtype=np.float32)[::-1, None]
    inside = np.clip((np.asarray(reach) * 26 + 8)[None, :] - rows, 0, 1)[:, :, None]
    mottle = smooth_field(TALL // 2, WIDE, rng, 120)[:, :, None] * np.float32(0.5) + np.float32(0.5)
    green = linear((62, 78, 52)) if weather != "dusk" else linear((40, 44, 46))
    half = sky[: TALL // 2]
    half += (green * mottle - half) * inside


def _hall(sky: Floats, rng: np.random.Generator, facing_deg: float) -> None:
    """A showroom with a glass front, panelled walls and a sign."""
    middle = int((-facing_deg % 360) / 360 * WIDE)  # to the right is clockwise
    width, height = int(WIDE * rng.uniform(0.13, 0.19)), int(TALL * rng.uniform(0.040, 0.052))
    tile = np.empty((height + 12, width, 3), np.float32)
    tile[:] = linear((206, 208, 210))
    for x in range(0, width, 22):
        tile[:, x : x + 1] *= 0.8
    glass_top = int(height * 0.42)
    tile[glass_top:] = linear((78, 92, 100))
    tile[glass_top:] *= np.linspace(1.6, 0.6, height + 12 - glass_top, dtype=np.float32)[:, None, None]
    for x in range(0, width, 40):
        tile[glass_top:, x : x + 3] = linear((60, 62, 66))
    for _ in range(7):  # lamps and cars inside
        x = int(rng.integers(10, width - 30))
        tile[int(height * 0.5) : int(height * 0.53), x : x + 18] = linear((255, 240, 210))
        tint = linear(tuple(rng.uniform(90, 200) + rng.normal(0, 25, 3).clip(-60, 55)))
        tile[int(height * 0.82) : int(height * 1.0), x : x + int(rng.integers(14, 30))] = tint * 0.5
    band = linear(((170, 30, 36), (26, 66, 130), (30, 110, 90))[int(rng.integers(3))])
    tile[int(height * 0.16) : int(height * 0.34)] = band
    sign = word("AUTOTALO", max(4, int(height * 0.12)), (245.0, 245.0, 245.0))
    y, x = int(height * 0.18), width // 2 - sign.alpha.shape[1] // 2
    place = tile[y : y + sign.alpha.shape[0], x : x + sign.alpha.shape[1]]
    cover = sign.alpha[: place.shape[0], : place.shape[1], None] / np.float32(255)
    place += (linear((245, 245, 245)) - place) * cover
    columns = (np.arange(width) + middle - width // 2) % WIDE
    rows = np.arange(TALL // 2 - height, TALL // 2 + 12)
    sky[rows[:, None], columns[None, :]] = tile


def _lawn_and_yard(sky: Floats) -> None:
    low = sky[TALL // 2 :]
    depth = np.linspace(0, 1, len(low), dtype=np.float32)[:, None, None]
    yard = linear((126, 126, 124)) * (1 - depth) + linear((92, 92, 91)) * depth
    low[6:] = np.broadcast_to(yard, low.shape)[6:]


def _ground(rng: np.random.Generator) -> Floats:
    """Asphalt with wear, damp patches and white parking lines, (n, n, 3), GROUND_M wide."""
    n = int(GROUND_M * GROUND_PER_METRE)
    wear = sum(smooth_field(n, n, rng, 2.0 ** (2 + i)) * 0.6**i for i in range(5))
    base = 0.135 + 0.035 * (np.asarray(wear, np.float32) - 1.1)
    base = base[:, :, None] * np.array((1.0, 1.0, 0.985), np.float32)
    grit = normal_noise((n, n, 1), rng) * np.float32(0.016)
    paint = np.zeros((n, n), np.uint8)
    for k in range(-4, 5):  # bays 2.7 m wide, the car in the middle of one, lengthwise along x
        y = int((GROUND_M / 2 + 1.35 + 2.7 * k) * GROUND_PER_METRE)
        cv2.line(
            paint,
            (int(n * 0.5 - 2.9 * GROUND_PER_METRE), y),
            (int(n * 0.5 + 2.6 * GROUND_PER_METRE), y),
            255,
            4,
        )
    worn = np.clip(np.asarray(wear) * 0.9 - 0.35, 0.1, 0.9)[:, :, None] * (
        paint[:, :, None] / np.float32(255)
    )
    out = base + grit
    out += (0.55 - out) * worn.astype(np.float32)
    return np.asarray(np.clip(out, 0.02, 1), dtype=np.float32)


def look_around(panorama: Floats, rays: Floats) -> Floats:
    """Colours (n, 3) of the panorama along directions (n, 3)."""
    n, width = len(rays), 4096
    rows = -(-n // width)
    u, v = np.zeros(rows * width, np.float32), np.zeros(rows * width, np.float32)
    u[:n] = (np.arctan2(-rays[:, 1], rays[:, 0]) / np.float32(2 * np.pi) % 1) * WIDE - 0.5
    v[:n] = (0.5 - np.arcsin(np.clip(rays[:, 2], -1, 1)) / np.float32(np.pi)) * TALL - 0.5
    got = cv2.remap(
        panorama, u.reshape(rows, width), v.reshape(rows, width), cv2.INTER_LINEAR, None, cv2.BORDER_WRAP
    )
    return np.asarray(got.reshape(-1, 3)[:n], dtype=np.float32)


def ground_colour(scene: Scene, points: Floats) -> Floats:
    """Ground's own brightness (n, 3) at (n, 2) metres, between its cells."""
    n, width = len(points), 4096
    rows = -(-n // width)
    u, v = np.zeros(rows * width, np.float32), np.zeros(rows * width, np.float32)
    u[:n], v[:n] = ((points[:, i] + GROUND_M / 2) * GROUND_PER_METRE for i in (0, 1))
    fine = cv2.remap(
        scene.ground,
        u.reshape(rows, width),
        v.reshape(rows, width),
        cv2.INTER_LINEAR,
        None,
        cv2.BORDER_REFLECT,
    )
    return np.asarray(fine.reshape(-1, 3)[:n], dtype=np.float32)


def shadow_map(body: Body, scene: Scene) -> tuple[Floats, Floats]:
    """(share of sun, share of sky) on the ground around the car: 20 cells a metre, 10 m wide."""
    cells = (np.arange(200, dtype=np.float32) + 0.5) / 20 - 5
    x, y = np.meshgrid(cells, cells)
    p = np.stack([x.ravel(), y.ravel(), np.full(x.size, 0.004, np.float32)], axis=1)
    t = np.full(len(p), 0.02, np.float32)
    lit = np.ones(len(p), np.float32)
    for _ in range(40):
        d = distance(body, p + scene.sun * t[:, None])
        lit = np.minimum(lit, np.clip(0.5 + d * 12 / (0.25 + t), 0, 1))
        t += np.clip(d, 0.03, 0.4)
    sky = np.ones(len(p), np.float32)
    for direction in ((0, 0, 1), (0.6, 0, 0.8), (-0.6, 0, 0.8), (0, 0.6, 0.8), (0, -0.6, 0.8)):
        for reach in (0.1, 0.25, 0.5, 1.0):
            d = distance(body, p + np.array(direction, np.float32) * np.float32(reach))
            sky -= np.clip(1 - d / np.float32(reach), 0, 1.2) * np.float32(0.06)
    shape = x.shape
    return (
        np.asarray(cv2.GaussianBlur(lit.reshape(shape), (0, 0), 0.8), dtype=np.float32),
        np.asarray(cv2.GaussianBlur(np.clip(sky, 0.08, 1).reshape(shape), (0, 0), 2), dtype=np.float32),
    )


def read_map(table: Floats, points: Floats) -> Floats:
    """Values of a shadow map at (n, 2) metres, 1 outside it."""
    n, width = len(points), 4096
    rows = -(-n // width)
    u, v = np.full(rows * width, -9, np.float32), np.full(rows * width, -9, np.float32)
    u[:n], v[:n] = ((points[:, i] + 5) * 20 - 0.5 for i in (0, 1))
    got = cv2.remap(
        table,
        u.reshape(rows, width),
        v.reshape(rows, width),
        cv2.INTER_LINEAR,
        None,
        cv2.BORDER_CONSTANT,
        1.0,
    )
    return np.asarray(got.reshape(-1)[:n], dtype=np.float32)
