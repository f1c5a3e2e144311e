"""Photographs a drawn cabin: traces its solids, gives them their stuff and light, and what is outside.

Sphere tracing (Hart 1996) of the solids in `cabin`; shading by one soft light, the sky through the
windows and how open the surroundings are.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.draw.cars.trace import Camera
from kilpi.draw.insides.cabin import GROUND, HALF_WIDTH, ROOF, Cabin, Stuff, make_cabin
from kilpi.draw.insides.close_ups import paint
from kilpi.draw.insides.clusters import draw_cluster
from kilpi.draw.insides.panels import dash_face
from kilpi.draw.insides.solids import materials, nearest
from kilpi.draw.insides.stuffs import Ink, hide
from kilpi.draw.noise import Floats, normal_noise, smooth_field

Rng = np.random.Generator
STEPS, FINE_STEPS = 48, 28  # steps a ray: of every fourth pixel, then of every one from near its surface
HIT, FAR = 0.004, 9.0  # metres that count as touching, and as gone


@dataclass(frozen=True, slots=True)
class Looks:
    """The colours and figures of one cabin."""

    seat: Ink
    middle: Ink  # of the seats' middle panels
    trim: Ink
    low: Ink  # of dashboard and doors below
    roof: Ink
    body: Ink
    pleats: float  # a metre; 0 for none
    cloth: float  # how coarse the seats' cloth is, 0 for leather
    quilted: bool
    inlay: Ink


def make_looks(rng: Rng) -> Looks:
    """Draw what a cabin is covered with."""
    seat = hide(rng)
    dark: Ink = (rng.uniform(22, 50),) * 3
    return Looks(
        seat=seat,
        middle=seat if rng.random() < 0.6 else hide(rng),
        trim=dark if rng.random() < 0.75 else hide(rng),
        low=dark if rng.random() < 0.6 else seat,
        roof=(rng.uniform(150, 215),) * 3 if rng.random() < 0.6 else (rng.uniform(24, 50),) * 3,
        body=paint(rng),
        pleats=0.0 if rng.random() < 0.5 else float(rng.uniform(10, 24)),
        cloth=0.0 if rng.random() < 0.55 else float(rng.uniform(0.08, 0.25)),
        quilted=bool(rng.random() < 0.12),
        inlay=((120, 70, 40), (160, 162, 165), (14, 14, 15), (60, 60, 62))[int(rng.integers(4))],
    )


def draw_cabin(
    camera: Camera, opening: str | None, outside: Floats, rng: Rng, driver: float = 0.37
) -> Floats:
    """(h, w, 3) float32 RGB, 0..255. `outside` is any picture, (h, w, 3); it is seen through the windows."""
    cabin, looks = make_cabin(rng, opening, driver), make_looks(rng)
    rays = camera.rays(1)
    height, width = rays.shape[:2]
    flat = rays.reshape(-1, 3)
    eye = np.array(camera.place, np.float32)
    reach = _march(cabin, eye, flat, _rough(cabin, eye, camera))
    image = _seen_outside(outside, flat)
    hit = np.flatnonzero(reach < FAR)
    below = np.flatnonzero((flat[:, 2] < -0.02) & (reach >= FAR))
    _ground(image, below, eye, flat, rng)
    if len(hit):
        image[hit] = _lit(cabin, looks, eye + flat[hit] * reach[hit, None], flat[hit], image[hit], rng)
    return np.asarray(image.reshape(height, width, 3), np.float32)


def _rough(cabin: Cabin, eye: Floats, camera: Camera) -> Floats:
    """(n,) metres that every pixel's ray may run freely, from a search at every fourth pixel."""
    coarse = camera.rays(4)
    found = _march(cabin, eye, coarse.reshape(-1, 3), None).reshape(coarse.shape[:2])
    nearest_around = cv2.erode(np.minimum(found, FAR), np.ones((3, 3)))
    spread = cv2.resize(nearest_around, (camera.width, camera.height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(np.maximum(spread.reshape(-1) * np.float32(0.97) - np.float32(0.06), 0.02), np.float32)


def _march(cabin: Cabin, eye: Floats, rays: Floats, start: Floats | None) -> Floats:
    """(n,) metres along each ray to what it meets, `FAR` or more where it meets nothing."""
    t = np.full(len(rays), 0.02, np.float32) if start is None else start
    active = np.arange(len(rays))
    for _ in range(STEPS if start is None else FINE_STEPS):
        p = eye + rays[active] * t[active, None]
        d = nearest(cabin.groups, p[:, 0].copy(), p[:, 1].copy(), p[:, 2].copy())
        t[active] += np.maximum(d, HIT * 0.5)
        active = active[(d > HIT) & (t[active] < FAR)]
        if len(active) == 0:
            break
    return t


def _distance(cabin: Cabin, p: Floats) -> Floats:
    return nearest(cabin.groups, p[:, 0].copy(), p[:, 1].copy(), p[:, 2].copy())


def _normals(cabin: Cabin, p: Floats, kinds: NDArray[np.int16]) -> Floats:
    """Unit normals (n, 3), each from the group that its point belongs to alone."""
    out = np.zeros_like(p)
    for kind in np.unique(kinds):
        mine = np.flatnonzero(kinds == kind)
        for corner in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)):
            e = np.array(corner, np.float32)
            x, y, z = (p[mine] + e * np.float32(0.004)).T.copy()
            out[mine] += e * cabin.groups[kind].solid(x, y, z)[:, None]
    return np.asarray(out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-6), np.float32)


def _seen_outside(picture: Floats, rays: Floats) -> Floats:
    """Colours (n, 3) of the surroundings along rays: a picture bent around the car, bright."""
    h, w = picture.shape[:2]
    u = (np.arctan2(rays[:, 1], rays[:, 0]) / np.float32(np.pi) * 1.5 % 1) * (w - 1)
    v = np.clip(0.55 - rays[:, 2] * 0.9, 0, 1) * (h - 1)
    got = picture[v.astype(int), u.astype(int)].astype(np.float32)
    return np.asarray(np.clip(got * 1.15 + 35, 0, 255), np.float32)


def _ground(image: Floats, below: NDArray[np.int64], eye: Floats, rays: Floats, rng: Rng) -> None:
    """Asphalt or stones where rays reach the ground outside."""
    reach = (GROUND - eye[2]) / rays[below, 2]
    near = below[(reach > 0) & (reach < 4)]
    grey = np.float32(rng.uniform(70, 150))
    grit = np.float32(rng.uniform(0.08, 0.3))
    noise = np.float32(1) + normal_noise((len(near), 1), rng) * grit
    image[near] = np.array((1.0, 0.99, 0.97), np.float32) * grey * noise


def _lit(cabin: Cabin, looks: Looks, p: Floats, rays: Floats, outside: Floats, rng: Rng) -> Floats:
    """Colours (n, 3) of hit points."""
    kinds = materials(cabin.groups, p[:, 0].copy(), p[:, 1].copy(), p[:, 2].copy())
    normals = _normals(cabin, p, kinds)
    stuff = np.array([group.material for group in cabin.groups], np.int16)[kinds]
    colour, gloss = _surface(cabin, looks, p, normals, stuff, rng)
    window = _windows(cabin, p) & (stuff == Stuff.SHELL)
    open_air = np.ones(len(p), np.float32)
    for reach in (0.06, 0.2):
        d = _distance(cabin, p + normals * np.float32(reach))
        open_air -= np.clip(1 - d / np.float32(reach), 0, 1) * np.float32(0.45)
    light = np.array(
        (rng.normal(0, 0.5), 1.0 if cabin.opening else rng.normal(0, 0.6), rng.uniform(0.4, 1.2))
    )
    light /= np.linalg.norm(light)
    diffuse = np.clip(normals @ light.astype(np.float32), 0, 1)
    up = normals[:, 2] * np.float32(0.5) + np.float32(0.5)
    amount = (
        np.float32(rng.uniform(0.45, 0.75))
        + np.float32(0.35) * up
        + np.float32(rng.uniform(0.2, 0.9)) * diffuse
    )
    half = light.astype(np.float32) - rays
    half /= np.maximum(np.linalg.norm(half, axis=1, keepdims=True), 1e-6)
    shine = np.clip(np.sum(normals * half, axis=1), 0, 1) ** 18 * gloss
    rim = (1 - np.clip(-np.sum(normals * rays, axis=1), 0, 1)) ** 4 * gloss
    seen = colour * (amount * np.clip(open_air, 0.12, 1))[:, None] + (shine * 150 + rim * 60)[:, None]
    inside = cabin.body(p[:, 0], p[:, 1], p[:, 2]) < 0
    seen[window & inside] = outside[window & inside]
    glass = window & ~inside
    seen[glass] = outside[glass] * 0.3 + 20
    return np.asarray(seen, np.float32)


def _windows(cabin: Cabin, p: Floats) -> NDArray[np.bool_]:
    """Which points of the shell are glass: side windows between pillars, windscreen and rear window."""
    x, y, z = p.T
    rear, front = cabin.length
    side = (np.abs(y) > HALF_WIDTH - 0.16) & (z > cabin.belt) & (z < ROOF - 0.14)
    doors = ((x > -0.22) & (x < 0.8)) | ((x > -1.1) & (x < -0.34)) | ((x > rear + 0.3) & (x < -1.25))
    ahead = (x > front - 0.32) & (z > 0.6) & (np.abs(y) < HALF_WIDTH - 0.08)
    behind = (x < rear + 0.2) & (z > cabin.belt) & (z < ROOF - 0.12) & (np.abs(y) < HALF_WIDTH - 0.12)
    return np.asarray((side & doors) | ahead | behind)


def _surface(
    cabin: Cabin, looks: Looks, p: Floats, n: Floats, stuff: NDArray[np.int16], rng: Rng
) -> tuple[Floats, Floats]:
    """Own colour (n, 3), 0..255, and gloss (n,) of every point."""
    x, y, z = p.T
    colour = np.empty_like(p)
    gloss = np.full(len(p), 0.25, np.float32)
    plain = {
        Stuff.TRIM: looks.trim, Stuff.DASH: looks.trim, Stuff.GRIP: (30, 30, 32),
        Stuff.METAL: (150, 150, 152), Stuff.CARPET: (34, 34, 36), Stuff.SEAT: looks.seat,
        Stuff.SHELL: looks.trim,
        Stuff.BODY: looks.body,
    }  # fmt: skip
    for kind, ink in plain.items():
        colour[stuff == kind] = np.array(ink, np.float32)
    _upholster(cabin, looks, p, colour, gloss, stuff == Stuff.SEAT)
    shell = stuff == Stuff.SHELL
    inside = cabin.body(x, y, z)
    colour[shell & (z > ROOF - 0.13)] = looks.roof
    colour[shell & (z < 0.08)] = (30, 30, 32)
    colour[shell & (np.abs(inside) < WALL_EDGE)] = (20, 20, 22)
    outer = shell & (inside > 0)
    colour[outer] = looks.body
    gloss[outer | (stuff == Stuff.METAL) | (stuff == Stuff.BODY)] = 0.9
    if cabin.opening == "boot":
        lamps = outer & (np.abs(y) > 0.5) & (z > 0.55) & (z < 0.85)
        colour[lamps] = (170, 20, 24)
    _faces(cabin, looks, p, n, colour, stuff, rng)
    low = (stuff == Stuff.TRIM) & (z < 0.45) & (np.abs(y) > 0.5)
    colour[low] = looks.low
    grain = np.float32(1) + normal_noise((len(p),), rng) * np.where(stuff == Stuff.CARPET, 0.25, 0.05)
    colour *= grain[:, None].astype(np.float32)
    return colour, gloss


WALL_EDGE = 0.026  # nearer than this to the shell's middle is the edge of an opening


def _upholster(
    cabin: Cabin, looks: Looks, p: Floats, colour: Floats, gloss: Floats, seat: NDArray[np.bool_]
) -> None:
    """Middle panels, pleats, seams, quilting and cloth of the seats, in place."""
    q = p[seat]
    if not len(q):
        return
    aside = np.min([np.abs(q[:, 1] - s[1]) for s in cabin.seats[:2]], axis=0)
    out = colour[seat]
    middle = aside < 0.15
    out[middle] = looks.middle
    along = np.where(q[:, 2] > 0.4, q[:, 2], q[:, 0])
    if looks.pleats:
        dark = np.abs(np.sin(along * looks.pleats * np.float32(np.pi))) < 0.14
        out[middle & dark] *= 0.55
    if looks.quilted:
        a, b = (along + q[:, 1]) * 14, (along - q[:, 1]) * 14
        out[(np.abs(np.sin(a)) < 0.12) | (np.abs(np.sin(b)) < 0.12)] *= 0.6
    out[np.abs(aside - 0.15) < 0.006] *= 0.5
    if looks.cloth:
        out *= 1 + looks.cloth * (np.sin(q[:, 1:2] * 420) * np.sin(along[:, None] * 420)).astype(np.float32)
    folds = np.sin(q[:, 0] * 31 + np.sin(q[:, 1] * 23) * 2) * np.sin(q[:, 2] * 27 + q[:, 1] * 19)
    out *= (1 + 0.06 * folds)[:, None].astype(np.float32)
    colour[seat] = out
    gloss[seat] = 0.1 if looks.cloth else 0.5


def _faces(
    cabin: Cabin, looks: Looks, p: Floats, n: Floats, colour: Floats, stuff: NDArray[np.int16], rng: Rng
) -> None:
    """What is drawn on the dashboard's face: instruments, controls, vents, an inlay; in place."""
    dash = (stuff == Stuff.DASH) & (n[:, 0] < -0.3)
    spots = (
        (dash_face(256, 200, rng), 0.0, 0.16, 0.22, 0.7),
        (draw_cluster(120, 220, rng), cabin.driver, 0.17, 0.56, 0.72),
    )
    inlay = dash & (np.abs(p[:, 2] - 0.5) < 0.03)
    colour[inlay] = looks.inlay
    for picture, middle, half, low, high in spots:
        at = dash & (np.abs(p[:, 1] - middle) < half) & (p[:, 2] > low) & (p[:, 2] < high)
        h, w = picture.shape[:2]
        u = np.clip((middle + half - p[at, 1]) / (2 * half) * w, 0, w - 1).astype(int)
        v = np.clip((high - p[at, 2]) / (high - low) * h, 0, h - 1).astype(int)
        colour[at] = picture[v, u] * 1.1
    for y in (-0.62, 0.62, -0.24):
        at = dash & (np.abs(p[:, 1] - y) < 0.06) & (np.abs(p[:, 2] - 0.6) < 0.045)
        slat = (p[at, 2] * 90 % 1 < 0.3)[:, None]
        colour[at] = np.where(slat, np.array((90, 90, 92)), np.array((12, 12, 13)))


def even_outside(rng: Rng, height: int = 96, width: int = 256) -> Floats:
    """A drawn yard for the windows where no photo is given: sky, woods, and other cars as soft blots."""
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    sky, yard = np.array((214, 224, 234), np.float32), np.array((150, 150, 147), np.float32)
    out = np.asarray(np.where(rows < 0.6, sky, yard) + np.zeros((height, width, 3)), np.float32)
    edge = (0.35 + 0.25 * smooth_field(1, width, rng, 12)[0]) * height
    woods = (np.arange(height)[:, None] > edge[None, :]) & (rows[:, :, 0] < 0.6)
    out[woods] = np.array((90, 108, 80), np.float32) * np.float32(rng.uniform(0.6, 1.3))
    for _ in range(12):
        x, y = int(rng.integers(width)), int(height * rng.uniform(0.5, 0.7))
        cv2.ellipse(out, (x, y), (int(rng.integers(6, 20)), 6), 0, 0, 360, paint(rng), -1)
    return np.asarray(cv2.GaussianBlur(out, (0, 0), 1.5), np.float32)
