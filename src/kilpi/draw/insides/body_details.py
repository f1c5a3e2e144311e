"""Drawn close-ups of a car's outside: a door handle, a lamp, a mirror, an exhaust, and the car from below."""

from __future__ import annotations

import cv2
import numpy as np

from kilpi.draw.insides.close_ups import paint
from kilpi.draw.insides.panels import Rng, pad
from kilpi.draw.insides.stuffs import GROUNDS, carpet, metal
from kilpi.draw.noise import Floats, smooth_field


def draw_body_detail(height: int, width: int, rng: Rng) -> Floats:
    """One of the details, on paint or before the ground."""
    kind = rng.random()
    if kind < 0.35:
        return draw_underside(height, width, rng)
    canvas = metal(height, width, paint(rng), rng)
    _shut_lines(canvas, rng)
    if rng.random() < 0.4:
        low = int(height * rng.uniform(0.6, 0.9))
        canvas[low:] = GROUNDS[int(rng.integers(3))](height - low, width, (0, 0, 0), rng)
    for painter, until in ((_handle, 0.5), (_lamp, 0.68), (_mirror, 0.84), (_exhaust, 1.0)):
        if kind < until:
            painter(canvas, rng)
            break
    canvas *= (0.6 + 0.7 * smooth_field(height, width, rng, 3))[:, :, None]
    return canvas


def _shut_lines(canvas: Floats, rng: Rng) -> None:
    """Gaps between panels, and a crease."""
    h, w = canvas.shape[:2]
    for _ in range(int(rng.integers(1, 4))):
        a, b = (rng.uniform(-0.2, 1.2, 2) * (w, h) for _ in range(2))
        ends = [tuple(p.astype(int).tolist()) for p in (a, b)]
        cv2.line(canvas, ends[0], ends[1], (8.0, 8.0, 9.0), max(1, w // 90), cv2.LINE_AA)
        lifted = (ends[0][0] + 2, ends[0][1] + 2), (ends[1][0] + 2, ends[1][1] + 2)
        cv2.line(canvas, lifted[0], lifted[1], (200.0,) * 3, 1, cv2.LINE_AA)


def _handle(canvas: Floats, rng: Rng) -> None:
    """A grip over a shallow bowl, sometimes with a lock."""
    h, w = canvas.shape[:2]
    x, y = int(w * rng.uniform(0.3, 0.7)), int(h * rng.uniform(0.35, 0.65))
    long, tall = int(w * rng.uniform(0.2, 0.4)), int(h * rng.uniform(0.06, 0.12))
    own = canvas[y, x].copy()
    bowl = tuple((own * 0.55).tolist())
    cv2.ellipse(canvas, (x, y), (long // 2, int(tall * 1.3)), 0, 0, 360, bowl, -1, cv2.LINE_AA)
    ink = (170.0, 172.0, 175.0) if rng.random() < 0.3 else tuple((own * 1.1).tolist())
    pad(canvas, (x - long * 6 // 10, y - tall // 2, long * 12 // 10, tall), ink, 0.9, 1.3)
    if rng.random() < 0.5:
        cv2.circle(canvas, (x + long // 2, y), max(2, tall // 4), (40.0,) * 3, -1, cv2.LINE_AA)


def _lamp(canvas: Floats, rng: Rng) -> None:
    """A head or tail lamp: a bent outline with reflectors under glass."""
    h, w = canvas.shape[:2]
    middle = rng.uniform(0.35, 0.65, 2) * (w, h)
    turns = np.linspace(0, 2 * np.pi, 9)[:-1]
    reach = rng.uniform(0.6, 1.1, (8, 1)) * (w * 0.33, h * 0.24)
    points = middle + np.stack([np.cos(turns), np.sin(turns)], axis=1) * reach
    points = points @ np.array([[1, rng.uniform(-0.3, 0.3)], [0, 1]])
    mask = np.zeros((h, w), np.uint8)
    cv2.fillPoly(mask, [points.astype(np.int32)], 255)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), w / 40))
    cover = np.clip((mask.astype(np.float32) - 110) / 40, 0, 1)[:, :, None]
    red = rng.random() < 0.4
    glass = np.array((150, 20, 24) if red else (150, 155, 160), np.float32)
    layer = np.broadcast_to(glass, (h, w, 3)) * (0.3 + 1.2 * smooth_field(h, w, rng, 8))[:, :, None]
    layer = np.ascontiguousarray(layer, np.float32)
    for _ in range(int(rng.integers(1, 4))):
        at = tuple((middle + rng.normal(0, 0.1, 2) * (w, h)).astype(int).tolist())
        r = int(h * rng.uniform(0.05, 0.12))
        for k in np.linspace(1, 0.3, 5):
            tone = 60 + 180 * (1 - k)
            ink = (tone, tone * 0.3, tone * 0.3) if red else (tone, tone, tone * 1.03)
            cv2.circle(layer, at, max(1, int(r * k)), tuple(float(v) for v in ink), -1, cv2.LINE_AA)
    canvas += (layer - canvas) * cover


def _mirror(canvas: Floats, rng: Rng) -> None:
    """A door mirror: a housing with the yard in its glass."""
    h, w = canvas.shape[:2]
    canvas[: h // 2] = canvas[: h // 2] * 0.4 + 90
    box = (int(w * rng.uniform(0.1, 0.3)), int(h * rng.uniform(0.15, 0.35)), int(w * 0.55), int(h * 0.45))
    pad(canvas, box, paint(rng) if rng.random() < 0.6 else (24, 24, 26), 0.6, 1.5)
    x, y, bw, bh = box
    inner = (x + bw // 10, y + bh // 8, bw * 8 // 10, bh * 6 // 8)
    pad(canvas, inner, (120, 132, 144), 0.5, 0.6)
    x, y, bw, bh = inner
    for _ in range(8):
        spot = (int(x + bw * rng.uniform(0.15, 0.85)), int(y + bh * rng.uniform(0.3, 0.8)))
        axes = (max(2, int(bw * 0.09)), max(2, int(bh * 0.08)))
        cv2.ellipse(canvas, spot, axes, 0, 0, 360, paint(rng), -1, cv2.LINE_AA)


def _exhaust(canvas: Floats, rng: Rng) -> None:
    """A bumper's edge, a pipe below it, and the ground."""
    h, w = canvas.shape[:2]
    low = int(h * rng.uniform(0.45, 0.6))
    canvas[low:] = GROUNDS[int(rng.integers(3))](h - low, w, (0, 0, 0), rng)
    edge = int(h * rng.uniform(0.3, 0.45))
    cv2.rectangle(canvas, (0, edge), (w, low), (22.0, 22.0, 24.0), -1)
    at, r = (int(w * rng.uniform(0.3, 0.7)), low), int(h * rng.uniform(0.08, 0.2))
    axes = (int(r * rng.uniform(1, 1.7)), r)
    for k, tone in ((1.0, 210.0), (0.9, 120.0), (0.8, 14.0)):
        cv2.ellipse(canvas, at, (int(axes[0] * k), int(axes[1] * k)), 0, 0, 360, (tone,) * 3, -1, cv2.LINE_AA)


def draw_underside(height: int, width: int, rng: Rng) -> Floats:
    """A car from below: dark floor, pipes and axle above, light behind, stones or asphalt in front."""
    horizon = int(height * rng.uniform(0.3, 0.65))
    canvas = np.empty((height, width, 3), np.float32)
    canvas[:] = rng.uniform(120, 245)
    base = int(height * rng.uniform(0.15, 0.4))
    edge = smooth_field(1, width, rng, rng.uniform(3, 8))[0]
    bottom = base + (horizon - base) * edge
    under = np.arange(height, dtype=np.float32)[:, None] < bottom[None, :]
    share = np.asarray(cv2.GaussianBlur(under.astype(np.float32), (0, 0), 2), np.float32)[:, :, None]
    canvas += (carpet(height, width, (rng.uniform(25, 60),) * 3, rng) - canvas) * share
    for _ in range(int(rng.integers(3, 9))):
        a, b = rng.uniform((0, 0), (width, horizon), (2, 2)).astype(int).tolist()
        tone, thick = float(rng.uniform(20, 110)), int(rng.integers(4, 22))
        cv2.line(canvas, tuple(a), tuple(b), (tone, tone * 0.93, tone * 0.85), thick, cv2.LINE_AA)
    axes = (width // 10, height // 4)
    for side in (0.0, 1.0):
        if rng.random() < 0.8:
            at = (int(width * (side + rng.uniform(-0.05, 0.15) * (1 - 2 * side))), horizon - 10)
            cv2.ellipse(canvas, at, axes, 0, 0, 360, (18.0,) * 3, -1, cv2.LINE_AA)
    canvas[horizon:] = _running_away(height - horizon, width, rng)
    return canvas


def _running_away(height: int, width: int, rng: Rng) -> Floats:
    """Ground that runs away from the camera: coarse near, fine and shaded far off."""
    flat = GROUNDS[int(rng.integers(3))](height * 2, width, (0, 0, 0), rng)
    rows = (np.linspace(0, 1, height, dtype=np.float32) ** np.float32(0.45)) * np.float32(height * 2 - 1)
    depth = np.linspace(1, float(rng.uniform(0.3, 0.6)), height, dtype=np.float32)[:, None]
    xs = (np.arange(width, dtype=np.float32)[None, :] - width / 2) * depth + width / 2
    rows = np.broadcast_to(rows[:, None], xs.shape)
    seen = cv2.remap(flat, xs.astype(np.float32), np.ascontiguousarray(rows, np.float32), cv2.INTER_LINEAR)
    shade = np.linspace(rng.uniform(0.35, 0.8), 1.05, height, dtype=np.float32)
    return np.asarray(seen, np.float32) * shade[:, None, None]
