"""Hides parts of a flat plate's characters, as dirt, snow, tape, lips and posts do; and says what it hid.

For the network that tells where something is hidden (`kilpi.learn.whole`). Shapes and paints are drawn by
chance, so that it is no material that tells, but what is missing. What hides nothing is laid on plates just
as often. The mishaps that judge Kilpi (`kilpi.evaluation.mishaps`) draw theirs otherwise.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.draw.noise import normal_noise, smooth_field
from kilpi.types import Pixels

Rng = np.random.Generator
Mask = NDArray[np.float32]  # (h, w) 0..1: how much of the plate is under the cover
Boxes = NDArray[np.floating]  # (n, 4): x1, y1, x2, y2 of each character, pixels

PATCHES = ("quad", "oval", "lump", "ragged")  # shapes of what lies on one place
GROUND = 0.2  # how often a cover is the colour of the plate's ground
SOLID = 0.55  # of a mask, from which nothing is seen through it
# How far the room for a ring or dots reaches above a letter without them, and with them down into its box,
# parts of a capital's height.
ROOM, BELOW = 0.28, 0.22


class Target(NamedTuple):
    """What a cover is laid over: a box in pixels, and what shapes suit it."""

    box: tuple[float, float, float, float]
    shapes: tuple[str, ...]


class Covered(NamedTuple):
    """A plate with covers on it, where they are, and where they are the colour of the ground."""

    pixels: Pixels
    mask: Mask
    like_ground: Mask


def cover_up(pixels: Pixels, boxes: Boxes, rng: Rng) -> Covered:
    """A copy of the plate (h, w, 3) uint8 RGB with one or two covers on it."""
    size = pixels.shape[0], pixels.shape[1]
    total, like_ground = np.zeros(size, np.float32), np.zeros(size, np.float32)
    for _ in range(1 + int(rng.random() < 0.2)):
        target = aim(size, boxes, rng)
        mask = shape(size, target, rng)
        soft = rng.uniform(0.0, 0.03) * size[0] if rng.random() < 0.7 else rng.uniform(0.03, 0.1) * size[0]
        if soft > 0.3:
            mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), soft), np.float32)
        if rng.random() < 0.2:
            pixels = shadowed(pixels, mask, rng)
        ground = rng.random() < GROUND
        laid = ground_of(pixels, rng) if ground else paint(pixels, rng)
        pixels = np.asarray(
            np.clip(pixels * (1 - mask[..., None]) + laid * mask[..., None], 0, 255), np.uint8
        )
        total = np.maximum(total, mask)
        if ground:
            like_ground = np.maximum(like_ground, mask)
    return Covered(pixels, total, like_ground)


def aim(size: tuple[int, int], boxes: Boxes, rng: Rng) -> Target:
    """What is hidden: a character, a part of one, what is above letters, an edge, an end, or any place."""
    lot, box = rng.random(), boxes[int(rng.integers(len(boxes)))]
    x1, y1, x2, y2 = (float(v) for v in box)
    if lot < 0.26:
        wide, tall = x2 - x1, y2 - y1
        dx, dy = rng.uniform(-0.08, 0.25, 2) * wide, rng.uniform(-0.05, 0.25, 2) * tall
        return Target((x1 - dx[0], y1 - dy[0], x2 + dx[1], y2 + dy[1]), (*PATCHES, "bar"))
    if lot < 0.54:
        return Target(part_of((x1, y1, x2, y2), rng), ("quad", *PATCHES))
    if lot < 0.68:
        return above_letters((x1, y1, x2, y2), rng)
    if lot < 0.80:
        return along_edge(size, boxes, y2 - y1, rng)
    h, w = size
    if lot < 0.90:  # something stands before one end
        into = rng.uniform(0.02, 0.34) * w
        end = (-4.0, -4.0, into, h + 4.0) if rng.random() < 0.5 else (w - into, -4.0, w + 4.0, h + 4.0)
        return Target(end, ("quad", "edge", "ragged"))
    wide, tall = rng.uniform(0.02, 0.16) * w, rng.uniform(0.08, 0.7) * h
    x, y = rng.uniform(0, w - wide), rng.uniform(0, h - tall)
    return Target((x, y, x + wide, y + tall), (*PATCHES, "bar"))


def above_letters(box: tuple[float, float, float, float], rng: Rng) -> Target:
    """What is above one letter, or above several from it on."""
    x1, y1, x2, y2 = box
    wide, tall = x2 - x1, y2 - y1
    low = y1 + rng.uniform(-0.12, 0.14) * tall
    reach = 0 if rng.random() < 0.5 else rng.uniform(0, 3) * wide
    left = x1 - rng.uniform(0, 0.3) * wide - reach * rng.random()
    right = x2 + rng.uniform(0, 0.3) * wide + reach
    return Target((left, low - rng.uniform(0.2, 0.6) * tall, right, low), ("quad", "lump", "oval", "ragged"))


def along_edge(size: tuple[int, int], boxes: Boxes, tall: float, rng: Rng) -> Target:
    """A band along the upper or lower edge, now and then over a part of the characters (`tall` pixels)."""
    h, w = size
    top, low = float(boxes[:, 1].min()), float(boxes[:, 3].max())
    upper = rng.random() < 0.65
    depth = rng.uniform(0.2, 1.35) * (top if upper else h - low)
    depth += rng.uniform(0, 0.25) * (rng.random() < 0.4) * tall
    left, right = (-4.0, w + 4.0) if rng.random() < 0.7 else sorted(rng.uniform(-0.1, 1.1, 2) * w)
    band = (left, -4.0, right, depth) if upper else (left, h - depth, right, h + 4.0)
    return Target(band, ("edge", "edge", "ragged"))


def part_of(box: tuple[float, float, float, float], rng: Rng) -> tuple[float, float, float, float]:
    """A piece of a character's box from its left, right, upper or lower side, or a corner of it."""
    x1, y1, x2, y2 = box
    wide, tall, share = x2 - x1, y2 - y1, rng.uniform(0.15, 0.85)
    over = rng.uniform(0.05, 0.3, 2) * (wide, tall)  # beyond the box on the other sides
    side = int(rng.integers(6))
    if side in (0, 4):
        x2 = x1 + share * wide
        x1 -= over[0]
    if side in (1, 5):
        x1 = x2 - share * wide
        x2 += over[0]
    if side in (2, 4):
        y2 = y1 + rng.uniform(0.2, 0.7) * tall
    if side in (3, 5):
        y1 = y2 - rng.uniform(0.2, 0.7) * tall
    return x1, y1 - over[1] * (side != 3), x2, y2 + over[1] * (side != 2)


def shape(size: tuple[int, int], target: Target, rng: Rng) -> Mask:
    """A mask over the target's box: four corners, an oval, a lump, a ragged field, a bar through the plate,
    or an uneven edge.
    """
    h, w = size
    x1, y1, x2, y2 = target.box
    kind = target.shapes[int(rng.integers(len(target.shapes)))]
    mask = np.zeros(size, np.uint8)
    if kind == "bar":
        y1, y2 = -4.0, h + 4.0
    if kind in ("quad", "bar"):
        lean = rng.normal(0, 0.06, (4, 2)) * (x2 - x1, min(y2 - y1, h))
        points = np.array([(x1, y1), (x2, y1), (x2, y2), (x1, y2)]) + lean
        cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    elif kind == "oval":
        middle, axes = ((x1 + x2) / 2, (y1 + y2) / 2), (1.2 * (x2 - x1), 1.2 * (y2 - y1))
        cv2.ellipse(mask, (middle, axes, float(rng.normal(0, 8))), 255, -1, cv2.LINE_AA)
    elif kind == "lump":
        angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        waves = sum(rng.normal(0, 0.18 / k) * np.cos(k * angles + rng.uniform(0, 7)) for k in range(1, 6))
        reach = 1.15 + waves
        xs, ys = np.cos(angles) * reach * (x2 - x1) / 1.8, np.sin(angles) * reach * (y2 - y1) / 1.8
        points = np.stack([xs + (x1 + x2) / 2, ys + (y1 + y2) / 2], axis=1)
        cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    else:  # ragged, and edges: the box with a border that a smooth field moves
        ys, xs = np.mgrid[0:h, 0:w].astype(np.float32)
        inside = np.minimum.reduce([xs - x1, x2 - xs, ys - y1, y2 - ys])
        rough = rng.uniform(0.0, 0.05) if kind == "edge" else rng.uniform(0.05, 0.25)
        field = (smooth_field(h, w, rng, rng.uniform(4, 40)) - np.float32(0.5)) * np.float32(2 * rough * h)
        return np.asarray(np.clip(inside + field + 0.5, 0, 1), np.float32)
    return np.asarray(mask / np.float32(255), np.float32)


def paint(pixels: Pixels, rng: Rng) -> NDArray[np.float32]:
    """(h, w, 3): what a cover is made of."""
    h, w = pixels.shape[:2]
    lot = rng.random()
    if lot < 0.1:  # another piece of the plate
        return np.roll(pixels, (int(rng.integers(h)), int(rng.integers(w))), (0, 1)).astype(np.float32)
    grey = pixels.mean(axis=2)
    if lot < 0.18:  # the plate's ink
        tint = np.median(pixels[grey <= np.percentile(grey, 8)], axis=0) * rng.uniform(0.9, 1.08)
    elif lot < 0.6:
        tint = np.full(3, rng.uniform(8, 255)) + rng.normal(0, 6, 3)
    else:
        tint = rng.uniform(0, 255, 3)
    canvas = np.empty((h, w, 3), np.float32)
    canvas[:] = tint
    if rng.random() < 0.5:  # uneven, in one tint or towards another
        other = tint * rng.uniform(0.5, 1.3) if rng.random() < 0.7 else rng.uniform(0, 255, 3)
        share = smooth_field(h, w, rng, float(np.exp(rng.uniform(0.7, 4.2))))[..., None]
        canvas += (other.astype(np.float32) - canvas) * share * np.float32(rng.uniform(0.2, 1))
    if rng.random() < 0.25:
        canvas += np.linspace(-1, 1, h, dtype=np.float32)[:, None, None] * np.float32(rng.uniform(-60, 60))
    return np.asarray(canvas + normal_noise((h, w, 3), rng) * np.float32(rng.uniform(0, 9)), np.float32)


def ground_of(pixels: Pixels, rng: Rng) -> NDArray[np.float32]:
    """(h, w, 3): the plate's own ground, as what flaked off or was painted over leaves it."""
    grey = pixels.mean(axis=2)
    tint = np.median(pixels[grey >= np.percentile(grey, 70)], axis=0) * rng.uniform(0.94, 1.04)
    return np.asarray(tint + normal_noise(pixels.shape, rng) * np.float32(rng.uniform(0, 4)), np.float32)


def shadowed(pixels: Pixels, mask: Mask, rng: Rng) -> Pixels:
    """The plate with the cover's shadow on it."""
    h, w = mask.shape
    shift = np.array([[1, 0, rng.normal(0, 0.04) * h], [0, 1, rng.uniform(0.0, 0.08) * h]])
    shade = cv2.warpAffine(mask, shift, (w, h))
    shade = cv2.GaussianBlur(shade, (0, 0), max(0.5, rng.uniform(0.01, 0.06) * h))
    return np.asarray(pixels * (1 - rng.uniform(0.1, 0.5) * shade[..., None]), np.uint8)


def hidden_ink(ink: NDArray[np.uint8], mask: Mask, boxes: Boxes) -> NDArray[np.float32]:
    """(n,): which part of each character's ink is under the mask; `ink` (h, w) 0..255."""
    solid = mask > SOLID
    found = []
    for x1, y1, x2, y2 in np.round(boxes).astype(int):
        part = ink[max(0, y1) : y2 + 1, max(0, x1) : x2 + 1].astype(np.float32)
        under = solid[max(0, y1) : y2 + 1, max(0, x1) : x2 + 1]
        found.append(float((part * under).sum() / max(float(part.sum()), 1e-6)))
    return np.array(found, np.float32)


def hidden_room(mask: Mask, boxes: Boxes, dotted: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(n,): which part of the room for a ring or dots above each character is under the mask."""
    solid = mask > SOLID
    found = []
    for (x1, y1, x2, y2), has in zip(boxes, dotted, strict=True):
        tall = y2 - y1
        top, low = (y1, y1 + BELOW * tall) if has else (y1 - ROOM * tall, y1 - 0.02 * tall)
        part = solid[
            max(0, round(float(top))) : max(1, round(float(low))),
            max(0, round(float(x1))) : round(float(x2)) + 1,
        ]
        found.append(float(part.mean()) if part.size else 0.0)
    return np.array(found, np.float32)
