"""What a car carries beside its plates: badges, plaques, pressed letters, vents, grilles, lamps, wheels."""

from __future__ import annotations

import cv2
import numpy as np

from kilpi.draw.clutter.displays import plain
from kilpi.draw.clutter.lettering import Cover, Piece, Rng, ink_on, phrase, scaled, typeset, word
from kilpi.draw.clutter.papers import GROUNDS, INKS, pick
from kilpi.types import Pixels


def grey(rng: Rng, low: float, high: float) -> tuple[float, float, float]:
    """A grey between two levels."""
    level = float(rng.uniform(low, high))
    return level, level, level


def shaded(cover: Cover, rng: Rng) -> Piece:
    """Pressed or chromed forms: light from above on one edge, shadow on the other, over their own grey."""
    depth = max(1, round(cover.shape[0] / 22))
    soft = cv2.GaussianBlur(cover, (0, 0), depth)
    slope = np.roll(soft, depth, axis=0) - np.roll(soft, -depth, axis=0)
    base = float(rng.uniform(15, 210))
    tone = np.clip(base + slope * float(rng.uniform(80, 260)) * float(rng.choice((-1, 1))), 0, 255)
    bright = np.repeat(tone[..., None], 3, axis=2).astype(np.uint8)
    share = np.maximum(cover * np.float32(rng.uniform(0.1, 1)), np.minimum(1, np.abs(slope) * 2))
    return bright, share.astype(np.float32)


def embossed(rng: Rng) -> Piece:
    """Letters pressed into plastic, leather, rubber or chromed metal."""
    return shaded(np.pad(typeset(phrase(rng, 2), rng), 4), rng)


def badge(rng: Rng) -> Piece:
    """A maker's ellipse with a rim, with a word or a sign in it."""
    width, height = 120, int(rng.integers(40, 120))
    canvas = plain(height, width, pick(INKS, rng))
    cover = np.zeros((height, width), np.float32)
    middle, axes = (width // 2, height // 2), (width // 2 - 2, height // 2 - 2)
    cv2.ellipse(cover, middle, axes, 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    if rng.random() < 0.6:
        text = scaled(typeset(word(rng), rng), int(height * rng.uniform(0.2, 0.5)))[:, : width - 16]
        at = (width - text.shape[1]) // 2, (height - text.shape[0]) // 2
        ink_on(canvas, text, at, pick(INKS, rng))
    else:
        cv2.ellipse(canvas, middle, (axes[0] // 2, axes[1] // 2), 0, 0, 360, pick(INKS, rng), 5, cv2.LINE_AA)
    cv2.ellipse(canvas, middle, axes, 0, 0, 360, grey(rng, 60, 240), 6, cv2.LINE_AA)
    return canvas, cover


def plaque(rng: Rng) -> Piece:
    """A small metal or plastic plate with a name, as on sills, seats and loudspeakers."""
    text = scaled(typeset(word(rng), rng), int(rng.integers(24, 50)))
    side, edge = int(rng.uniform(0.2, 1.5) * 40), int(rng.uniform(0.15, 0.8) * 40)
    canvas = plain(text.shape[0] + 2 * edge, text.shape[1] + 2 * side, grey(rng, 10, 230))
    if rng.random() < 0.5:
        pressed, share = shaded(text, rng)
        ink_on(canvas, share, (side, edge), tuple(float(v) for v in pressed.mean(axis=(0, 1))))
    else:
        ink_on(canvas, text, (side, edge), pick(INKS, rng))
    return canvas, rounded(canvas.shape[0], canvas.shape[1], float(rng.uniform(0, 0.45)))


def rounded(h: int, w: int, part: float) -> Cover:
    """A rectangle whose corners are round, with a radius of `part` of its height."""
    cover, radius = np.zeros((h, w), np.float32), int(part * h)
    cv2.rectangle(cover, (radius, 0), (w - radius, h), 1.0, -1)
    cv2.rectangle(cover, (0, radius), (w, h - radius), 1.0, -1)
    for x in (radius, w - radius - 1):
        for y in (radius, h - radius - 1):
            cv2.circle(cover, (x, y), radius, 1.0, -1, cv2.LINE_AA)
    return cover


def ridges(height: int, width: int, step: float, rng: Rng) -> Pixels:
    """Slats seen from before: each lit on top and dark below, (height, width, 3)."""
    phase = (np.arange(height, dtype=np.float32) / step + float(rng.random())) % 1
    lit = np.clip(1 - phase / float(rng.uniform(0.3, 1)), 0, 1) ** float(rng.uniform(0.5, 2))
    tone = float(rng.uniform(3, 40)) + float(rng.uniform(20, 150)) * lit
    return np.repeat(np.repeat(tone[:, None, None], width, axis=1), 3, axis=2).astype(np.uint8)


def vent(rng: Rng) -> Piece:
    """Slats of an air vent with a ribbed or chromed tab, standing or lying, in a frame or none."""
    height = int(rng.integers(70, 200))
    width = int(height * rng.uniform(0.6, 2.6))
    step = float(rng.uniform(9, 30))
    canvas = ridges(height, width, step, rng)
    tab, cover = handle(rng) if rng.random() < 0.4 else ribbed(rng)
    w, h = int(width * rng.uniform(0.12, 0.4)), max(6, int(step * rng.uniform(0.7, 1.8)))
    x, y = int(width * rng.uniform(0.3, 0.5)), int(rng.uniform(0.2, 0.7) * height)
    small = np.asarray(cv2.resize(tab, (w, h), interpolation=cv2.INTER_AREA), np.uint8)
    share = np.asarray(cv2.resize(cover, (w, h), interpolation=cv2.INTER_AREA), np.float32)[..., None]
    part = canvas[y : y + h, x : x + w]
    share = share[: part.shape[0], : part.shape[1]]
    part[:] = part * (1 - share) + small[: part.shape[0], : part.shape[1]] * share
    if rng.random() < 0.3:
        middle = width // 2 + int(rng.integers(-9, 10))
        canvas[:, middle : middle + int(rng.integers(3, 12))] = int(rng.integers(10, 120))
    edge = rounded(height, width, float(rng.uniform(0, 0.4)))
    if rng.random() < 0.6:
        cv2.rectangle(canvas, (0, 0), (width - 1, height - 1), grey(rng, 60, 220), int(rng.integers(3, 14)))
    if rng.random() < 0.3:
        return np.ascontiguousarray(canvas.swapaxes(0, 1)), np.ascontiguousarray(edge.T)
    return canvas, edge


def ribbed(rng: Rng) -> Piece:
    """A thumb wheel or a grip: dark and light ribs side by side, darker at the ends."""
    height, width = 30, int(30 * rng.uniform(1.5, 5))
    canvas = plain(height, width, grey(rng, 40, 225))
    canvas[:, :: int(rng.integers(3, 8))] = int(rng.integers(5, 80))
    falloff = np.sin(np.linspace(0.25, np.pi - 0.25, width))[None, :, None]
    return (canvas * falloff).astype(np.uint8), rounded(height, width, float(rng.uniform(0, 0.3)))


def handle(rng: Rng) -> Piece:
    """A chromed or plastic capsule in a recess: door handles, seat switches, tabs, reflectors."""
    height, width = 40, int(40 * rng.uniform(1.3, 5))
    bands = np.sort(rng.uniform(0, 255, int(rng.integers(2, 5))))
    rng.shuffle(bands)
    tone = np.interp(np.linspace(0, len(bands) - 1, height), np.arange(len(bands)), bands)
    canvas = np.repeat(np.repeat(tone[:, None, None], width, axis=1), 3, axis=2).astype(np.uint8)
    if rng.random() < 0.5:
        rim = int(rng.integers(3, 9))
        inner = rounded(height - 2 * rim, width - 2 * rim, 0.3)[..., None]
        part = canvas[rim:-rim, rim:-rim]
        part[:] = part + (float(rng.uniform(0, 120)) - part.astype(np.float32)) * inner
    if rng.random() < 0.3:
        text = scaled(typeset(word(rng), rng), int(rng.integers(8, 20)))[:, : width - 12]
        ink_on(canvas, text, ((width - text.shape[1]) // 2, int(rng.integers(4, 18))), grey(rng, 0, 255))
    return canvas, rounded(height, width, float(rng.uniform(0, 0.49)))


def blocks(rng: Rng) -> Piece:
    """Small fields of many tones side by side: fuse boxes, keypads, seats' belts, plugs, warning stickers."""
    rows, columns = int(rng.integers(2, 9)), int(rng.integers(2, 16))
    spread = float(rng.uniform(15, 90))
    tones = np.clip(rng.uniform(10, 230) + rng.normal(0, spread, (rows, columns, 1)), 0, 255)
    if rng.random() < 0.3:
        tones = np.clip(tones + rng.normal(0, spread / 2, (rows, columns, 3)), 0, 255)
    fine = np.repeat(tones, 3, axis=2)[..., :3].astype(np.uint8)
    cell = int(rng.integers(8, 20))
    canvas = np.kron(fine, np.ones((cell, int(cell * rng.uniform(0.6, 2)), 1), np.uint8)).astype(np.uint8)
    if rng.random() < 0.6:
        canvas[::cell] = int(rng.integers(0, 90))
    return canvas, np.ones(canvas.shape[:2], np.float32)


def grille(rng: Rng) -> Piece:
    """Bars or a mesh over a dark ground, in a frame the shape of a plate or not."""
    height = int(rng.integers(24, 90))
    width = int(height * rng.uniform(1, 6))
    canvas = plain(height, width, grey(rng, 5, 60))
    step, light = int(rng.integers(4, 14)), int(rng.integers(70, 250))
    kind = rng.random()
    if kind < 0.66:
        canvas[:: step // 2 + 1] = light
    if kind > 0.33:
        canvas[:, ::step] = light
    if rng.random() < 0.4:
        cv2.rectangle(canvas, (0, 0), (width - 1, height - 1), grey(rng, 20, 250), int(rng.integers(2, 8)))
    return canvas, np.ones((height, width), np.float32)


def blank(rng: Rng) -> Piece:
    """A plain panel, with a rim or without: reflector, lamp, empty plate holder, window, switch."""
    height = int(rng.integers(20, 60))
    ground = tuple(float(v) for v in rng.integers(0, 256, 3)) if rng.random() < 0.4 else pick(GROUNDS, rng)
    canvas = plain(height, int(height * rng.uniform(1.5, 6)), ground)
    if rng.random() < 0.4:
        cv2.rectangle(
            canvas, (0, 0), (canvas.shape[1] - 1, height - 1), grey(rng, 0, 255), int(rng.integers(1, 6))
        )
    return canvas, np.ones(canvas.shape[:2], np.float32)


def lamp(rng: Rng) -> Piece:
    """A round or long lamp: bright glass with a pattern, a chromed or black rim."""
    height, width = 100, int(100 * rng.uniform(0.9, 2.4))
    canvas = plain(height, width, grey(rng, 120, 255))
    canvas[:, :: int(rng.integers(5, 12))] = np.clip(canvas[:, :1] * rng.uniform(0.6, 0.95), 0, 255).astype(
        np.uint8
    )
    tint = np.array((1, rng.uniform(0.8, 1), rng.uniform(0.6, 1.05)))
    canvas = np.clip(canvas * tint, 0, 255).astype(np.uint8)
    cover = np.zeros((height, width), np.float32)
    middle, axes = (width // 2, height // 2), (width // 2 - 2, height // 2 - 2)
    cv2.ellipse(cover, middle, axes, 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    cv2.ellipse(canvas, middle, axes, 0, 0, 360, grey(rng, 5, 240), int(rng.integers(4, 14)), cv2.LINE_AA)
    bulb = int(rng.integers(8, 26))
    cv2.circle(canvas, middle, bulb, (250, 250, 245), -1, cv2.LINE_AA)
    return canvas, cover


def wheel(rng: Rng) -> Piece:
    """A tyre with pressed letters, spokes, nuts, and a hub cap with a word or a sign."""
    side = 260
    canvas, cover = plain(side, side, grey(rng, 10, 45)), np.zeros((side, side), np.float32)
    middle, rim, metal = (side // 2, side // 2), int(rng.integers(78, 112)), grey(rng, 60, 230)
    cv2.circle(cover, middle, side // 2 - 2, 1.0, -1, cv2.LINE_AA)
    cv2.circle(canvas, middle, rim, metal, int(rng.integers(4, 10)), cv2.LINE_AA)
    spokes, start = int(rng.integers(5, 13)), rng.uniform(0, 6.3)
    for i in range(spokes):
        a = start + 2 * np.pi * i / spokes
        end = int(side / 2 + rim * np.cos(a)), int(side / 2 + rim * np.sin(a))
        cv2.line(canvas, middle, end, metal, int(170 / spokes), cv2.LINE_AA)
        nut = int(side / 2 + 34 * np.cos(a + 0.3)), int(side / 2 + 34 * np.sin(a + 0.3))
        cv2.circle(canvas, nut, 5, grey(rng, 20, 200), -1, cv2.LINE_AA)
    cap = int(rng.integers(15, 30))
    cv2.circle(canvas, middle, cap, pick(INKS, rng), -1, cv2.LINE_AA)
    text = scaled(typeset(word(rng), rng), int(cap * 0.6))[:, : 2 * cap]
    ink_on(canvas, text, (middle[0] - text.shape[1] // 2, middle[1] - text.shape[0] // 2), pick(INKS, rng))
    rubber = scaled(typeset(word(rng), rng), 16)[:, :110] * np.float32(rng.uniform(0.1, 0.7))
    ink_on(canvas, rubber, (middle[0] - rubber.shape[1] // 2, side // 2 + rim + 3), grey(rng, 90, 230))
    return canvas, cover
