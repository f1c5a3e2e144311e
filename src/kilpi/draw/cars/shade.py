"""Light on a drawn car: paint with clear coat and flakes, glass, lamps, tyres. Linear light, float32 RGB."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilpi.draw.cars import textures
from kilpi.draw.cars.paint import Sheet
from kilpi.draw.cars.scene import Scene, linear, look_around
from kilpi.draw.cars.shape import HATCH, Body, Floats
from kilpi.draw.cars.trace import WHEEL, Hits, open_sky
from kilpi.draw.noise import smooth_field


@dataclass(frozen=True, slots=True)
class Finish:
    """How a car looks: paint colour 0..255 RGB, metallic share 0..1, face and wheel style, dirt 0..1."""

    paint: tuple[float, float, float]
    metallic: float
    style: int
    wheel: int
    dirt: float


def to_hatch(body: Body, p: Floats) -> Floats:
    """Points on any body -> the places on the hatchback that its sheets were drawn for."""
    rise = (HATCH.belt_z - HATCH.front_plate_z) / (body.belt_z - body.front_plate_z)
    z = (p[:, 2] - body.front_plate_z) * rise + HATCH.front_plate_z
    x = p[:, 0] * HATCH.axle_x[0] / body.axle_x[0]
    y = p[:, 1] * max(v for _, v in HATCH.lower.plan) / max(v for _, v in body.lower.plan)
    return np.stack([x, y, z], axis=1).astype(np.float32)


def _ramp(values: Floats, low: float, high: float) -> Floats:
    t = np.clip((values - low) / np.float32(high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


@dataclass(slots=True)
class _Surface:
    """Per hit: own colour (linear), gloss, glow and coverage of what is set into the paint."""

    colour: Floats
    gloss: Floats
    glow: Floats
    cover: Floats
    normal: Floats


def _apply(s: _Surface, sheet: Sheet, a: Floats, z: Floats, axis: Floats, weight: Floats) -> None:
    """Lays a sheet over the surface where `weight` says; `axis` (3,) is the sheet's first axis in space."""
    colour, cover, gloss, glow, da, dz = sheet.sample(a, z)
    share = (cover * weight)[:, None]
    s.colour += ((colour / 255) ** np.float32(2.2) - s.colour) * share
    s.gloss += (gloss - s.gloss) * share[:, 0]
    s.glow += (glow - s.glow) * share[:, 0]
    s.cover = np.maximum(s.cover, share[:, 0])
    slope = da[:, None] * axis + dz[:, None] * np.array((0, 0, 1), np.float32)
    s.normal -= slope * weight[:, None]


def surface(body: Body, hits: Hits, finish: Finish) -> _Surface:
    """What each hit point is made of."""
    n = len(hits.points)
    paint = np.broadcast_to(linear(finish.paint), (n, 3)).copy()
    zero = np.zeros(n, np.float32)
    s = _Surface(paint, np.full(n, 0.55, np.float32), zero.copy(), zero.copy(), hits.normals.copy())
    p, nn = to_hatch(body, hits.points), hits.normals
    shell = (hits.kind != WHEEL).astype(np.float32)
    upright = _ramp(np.abs(nn[:, 1]), 0.30, 0.45) * shell
    flank = upright * (np.sign(nn[:, 1]) == np.sign(p[:, 1]))
    _apply(s, textures.side(finish.style), p[:, 0], p[:, 2], np.array((1, 0, 0), np.float32), flank)
    high = _ramp(p[:, 2], 0.90, 0.99)
    ahead = _ramp(nn[:, 0], 0.05, 0.16) * (1 - high) + _ramp(nn[:, 0], 0.28, 0.36) * high
    behind = _ramp(-nn[:, 0], 0.05, 0.16) * (1 - high) + _ramp(-nn[:, 0], 0.28, 0.40) * high
    ahead = ahead * shell * (p[:, 0] > 0.2) * np.where(p[:, 2] < 0.99, p[:, 0] > 1.55, True)
    behind = behind * shell * (p[:, 0] < -1.2) * np.where(p[:, 2] < 0.99, p[:, 0] < -1.7, True)
    across = np.array((0, 1, 0), np.float32)
    _apply(s, textures.front(finish.style), p[:, 1], p[:, 2], across, ahead.astype(np.float32))
    _apply(s, textures.rear(finish.style), -p[:, 1], p[:, 2], -across, behind.astype(np.float32))
    dark = ((hits.points[:, 2] < 0.22) | _in_arch(body, hits.points)) & (shell > 0)
    s.colour[dark], s.gloss[dark] = linear((24, 24, 25)), 0.05
    _wheels(s, body, hits, finish)
    s.normal /= np.maximum(np.linalg.norm(s.normal, axis=1, keepdims=True), 1e-6)
    return s


def _in_arch(body: Body, p: Floats) -> NDArray[np.bool_]:
    inside = np.zeros(len(p), bool)
    for axle in body.axle_x:
        inside |= np.hypot(p[:, 0] - axle, p[:, 2] - body.wheel_r) < body.wheel_r + 0.052
    return inside


def _wheels(s: _Surface, body: Body, hits: Hits, finish: Finish) -> None:
    on = np.flatnonzero(hits.kind == WHEEL)
    if len(on) == 0:
        return
    p, nn = hits.points[on], hits.normals[on]
    axle = np.where(p[:, 0] > 0, body.axle_x[0], body.axle_x[1]).astype(np.float32)
    radius = np.float32(body.wheel_r)
    a, z = (p[:, 0] - axle) / radius, (p[:, 2] - radius) / radius + np.float32(1.1)
    part = _Surface(
        np.broadcast_to(linear((21, 21, 22)), (len(on), 3)).copy(), np.full(len(on), 0.04, np.float32),
        np.zeros(len(on), np.float32), np.zeros(len(on), np.float32), nn.copy(),
    )  # fmt: skip
    weight = _ramp(np.abs(nn[:, 1]), 0.5, 0.8)
    _apply(part, textures.wheel(finish.wheel), a, z, np.array((1, 0, 0), np.float32), weight)
    s.colour[on], s.gloss[on], s.glow[on] = part.colour, part.gloss, part.glow
    s.cover[on], s.normal[on] = 1.0, part.normal


def light(body: Body, scene: Scene, hits: Hits, finish: Finish, rng: np.random.Generator) -> Floats:
    """The colour (n, 3) of every hit, linear."""
    s = surface(body, hits, finish)
    _soil(s, hits, finish, rng)
    n, v = s.normal, -hits.rays
    clear = open_sky(body, hits.points, hits.normals)
    up = (n[:, 2:] * 0.5 + 0.5) ** np.float32(0.8)
    # what lights the sills from below is ground in the car's own shadow
    low = np.clip(0.35 + hits.points[:, 2:] / 0.7, 0, 1)
    ambient = (scene.ambient_down * low * (1 - up) + scene.ambient_up * up) * clear[:, None]
    sun = np.clip(n @ scene.sun, 0, 1) * np.clip(clear * 1.6 - 0.6, 0, 1) * np.float32(scene.bright)
    facing = np.clip(np.sum(n * v, axis=1), 0, 1)
    flake = (1 - s.cover) * np.float32(finish.metallic)
    diffuse = s.colour * (ambient + sun[:, None] * np.array((1.0, 0.96, 0.90), np.float32))
    diffuse *= (1 - flake + flake * (0.55 + 0.9 * facing**2))[:, None]
    mirror = 2 * np.sum(n * v, axis=1)[:, None] * n - v
    fresnel = 0.045 + 0.955 * (1 - facing) ** 5
    seen = look_around(scene.mirrored, mirror)
    below = _ramp(-mirror[:, 2], -0.02, 0.1)[:, None]  # what mirrors the ground near the car sees its shadow
    seen *= 1 - below * np.float32(0.45) * (1 - np.clip(hits.points[:, 2:] / 1.2, 0, 1))
    reach = np.clip(clear * 1.5 - 0.5, 0.05, 1)
    strength = fresnel * s.gloss * 1.7 + np.float32(0.07) * s.gloss**2
    glint = np.clip(np.sum(mirror * scene.sun, axis=1), 0, 1) ** 900 * np.float32(scene.bright * 9)
    out = diffuse + seen * (strength * reach)[:, None] + (glint * s.gloss)[:, None]
    return np.asarray(out + s.colour * s.glow[:, None] * 1.3, dtype=np.float32)


def _soil(s: _Surface, hits: Hits, finish: Finish, rng: np.random.Generator) -> None:
    """Road dust, thickest near the sills and behind the wheels."""
    if finish.dirt <= 0:
        return
    field = smooth_field(256, 512, rng, 30) * 0.6 + smooth_field(256, 512, rng, 90) * 0.4
    p = hits.points
    u = ((p[:, 0] + 2.6) / 5.2 * 511).astype(int).clip(0, 511)
    v = ((p[:, 2] + np.abs(p[:, 1])) / 2.8 * 255).astype(int).clip(0, 255)
    low = np.clip(1.0 - (p[:, 2] - 0.15) / 0.75, 0.05, 1)
    share = np.clip(field[v, u] * low * 1.3 * finish.dirt, 0, 0.8)[:, None]
    s.colour += (linear((128, 118, 104)) - s.colour) * share
    s.gloss *= 1 - share[:, 0] * 0.9
