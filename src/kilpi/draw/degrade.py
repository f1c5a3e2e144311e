"""What weather, light, lens, sensor and file format do to a plate, one small seeded function each.

Every function takes (h, w, 3) uint8 RGB, a numpy Generator and a `strength` in 0..1, and returns a new array
of the same shape; none changes its input or moves a corner. `degrade` puts a random few together in nature's
order: what is on the plate, then light, lens, sensor and file.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from kilpi.draw.dirt import dirt, occlusion, scratches, snow, splashes
from kilpi.draw.noise import Floats, blend, normal_noise, smooth_field
from kilpi.types import Pixels

Step = Callable[[Pixels, np.random.Generator, float], Pixels]


def _clip(values: Floats) -> Pixels:
    return np.clip(values, 0, 255).astype(np.uint8)


# Light


def tone(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """Exposure, contrast, gamma and white balance, one curve a channel."""
    x = np.linspace(0, 1, 256, dtype=np.float32)
    gamma = np.exp(rng.normal(0, 0.35 * strength))
    contrast = np.exp(rng.normal(-0.1, 0.35) * strength)
    bright = rng.normal(0, 0.14 * strength)
    curve = np.clip((x**gamma - 0.5) * contrast + 0.5 + bright, 0, 1)
    balance = np.exp(rng.normal(0, 0.09 * strength, 3))
    table = np.clip(curve[:, None] * balance * 255, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(pixels, table.reshape(1, 256, 3)), dtype=np.uint8)


def uneven_light(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """A smooth change of light over the plate."""
    h, w = pixels.shape[:2]
    field = 1 - strength * rng.uniform(0.2, 0.75) * smooth_field(h, w, rng, rng.uniform(1, 3))
    return (pixels * field[:, :, None]).astype(np.uint8)


def hard_shadow(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """A shadow with an edge, as under a bumper's lip in the sun."""
    h, w = pixels.shape[:2]
    angle = rng.normal(0, 0.5) + (np.pi / 2 if rng.random() < 0.35 else 0)
    ys, xs = np.arange(h, dtype=np.float32)[:, None], np.arange(w, dtype=np.float32)[None, :]
    along = (ys - h * rng.uniform(0.2, 0.8)) * np.float32(np.cos(angle)) + (
        xs - w * rng.uniform(0.2, 0.8)
    ) * np.float32(np.sin(angle))
    side = rng.choice((-1, 1))
    share = np.clip(along * side / max(1.0, h * rng.uniform(0.01, 0.12)) + 0.5, 0, 1)
    tint = np.array((0.92, 0.97, 1.05), np.float32)
    dark = 1 - strength * rng.uniform(0.35, 0.85)
    factor = 1 - share[:, :, None] * (1 - dark * tint)
    return _clip(pixels * factor.astype(np.float32))


def glare(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """Sun or flash thrown back by the reflective sheet: a bright spot that washes contrast out."""
    h, w = pixels.shape[:2]
    x, y = w * rng.uniform(-0.1, 1.1), h * rng.uniform(-0.3, 1.3)
    spread = h * rng.uniform(0.4, 1.6)
    ys, xs = np.arange(h, dtype=np.float32)[:, None], np.arange(w, dtype=np.float32)[None, :]
    spot = np.exp(-((xs - x) ** 2 / (spread * rng.uniform(1, 3)) ** 2 + (ys - y) ** 2 / spread**2))
    return blend(
        pixels, (255, 252, 244), (spot * np.float32(strength * rng.uniform(0.3, 0.85))).astype(np.float32)
    )


def haze(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """Fog, a dirty lens, light from behind: everything nearer to one grey."""
    grey = rng.uniform(60, 210)
    share = np.float32(strength * rng.uniform(0.1, 0.55))
    table = np.clip(np.arange(256) * (1 - share) + grey * share, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(pixels, table), dtype=np.uint8)


def night(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """Too little light: dark, warm or bluish, with the sensor's gain noise."""
    level = 1 - strength * rng.uniform(0.45, 0.85)
    tint = np.array(rng.choice(np.array([(1.1, 1.0, 0.75), (0.9, 0.97, 1.12), (1, 1, 1)])), np.float32)
    return sensor_noise(_clip(pixels * (np.float32(level) * tint)), rng, strength)


# Lens


def _filter(pixels: Pixels, kernel: NDArray[np.floating]) -> Pixels:
    return np.asarray(cv2.filter2D(pixels, -1, kernel, borderType=cv2.BORDER_REPLICATE), dtype=np.uint8)


def motion_blur(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """The camera or the car moved: a line-shaped blur up to a tenth of the height long."""
    length = 1 + pixels.shape[0] * 0.11 * strength * rng.random()
    size = int(np.ceil(length)) | 1
    angle = rng.normal(0, 0.4) + (np.pi / 2 if rng.random() < 0.25 else 0)
    offset = np.array([np.cos(angle), np.sin(angle)]) * (length - 1) / 2
    kernel = np.zeros((size, size), np.uint8)
    middle = size // 2
    (x0, y0), (x1, y1) = (np.round((middle + s * offset) * 256).astype(int).tolist() for s in (-1, 1))
    cv2.line(kernel, (x0, y0), (x1, y1), 255, 1, cv2.LINE_AA, 8)
    return _filter(pixels, kernel.astype(np.float32) / max(1, int(kernel.sum())))


def defocus(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """Out of focus: a disc-shaped blur up to a twelfth of the height across."""
    radius = pixels.shape[0] * 0.04 * strength * rng.random()
    size = 2 * int(np.ceil(radius)) + 1
    ys, xs = np.mgrid[:size, :size] - size // 2
    disc = np.clip(radius + 0.5 - np.hypot(xs, ys), 0, 1).astype(np.float32)
    return _filter(pixels, disc / disc.sum()) if disc.sum() > 0 else pixels.copy()


def soften(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """A slightly soft lens."""
    sigma = 0.2 + pixels.shape[0] * 0.022 * strength * rng.random()
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), dtype=np.uint8)


def low_resolution(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """Few pixels on the plate: scaled down to as little as a sixth and up again."""
    h, w = pixels.shape[:2]
    factor = 1 + rng.random() * 5 * strength
    size = (max(4, round(w / factor)), max(4, round(h / factor)))
    down = cv2.resize(pixels, size, interpolation=int(rng.choice((cv2.INTER_AREA, cv2.INTER_LINEAR))))
    up = cv2.resize(down, (w, h), interpolation=int(rng.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC))))
    return np.asarray(up, dtype=np.uint8)


# Sensor and file


def sensor_noise(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """Shot noise (root of the light) and read noise; sometimes in blotches, as after denoising."""
    h, w = pixels.shape[:2]
    read, shot = rng.uniform(0.5, 7) * strength, rng.uniform(0.0, 1.1) * strength
    noise = normal_noise((h, w, 3), rng)
    if rng.random() < 0.3:
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), rng.uniform(0.5, 1.2)), dtype=np.float32) * 2
    light = pixels.astype(np.float32)
    deviation = np.sqrt(light) * np.float32(shot) + np.float32(read)
    return _clip(light + noise * deviation)


def sharpen(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """A phone's sharpening: bright seams along edges."""
    soft = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.7, 1.6))
    amount = strength * rng.uniform(0.4, 1.6)
    return np.asarray(cv2.addWeighted(pixels, 1 + amount, soft, -amount, 0), dtype=np.uint8)


def jpeg(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """JPEG at a quality from 95 down to about 15."""
    return recoded(pixels, int(95 - 80 * strength * rng.random()))


def recoded(pixels: Pixels, quality: int) -> Pixels:
    """The picture after a JPEG of that quality (1..100)."""
    bgr = np.ascontiguousarray(pixels[:, :, ::-1])
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)[:, :, ::-1])


# How often each step is taken at strength 1; at strength s the chance is scaled by sqrt(s).
STEPS: tuple[tuple[Step, float], ...] = (
    (dirt, 0.30),
    (splashes, 0.15),
    (snow, 0.06),
    (scratches, 0.05),
    (occlusion, 0.15),
    (uneven_light, 0.35),
    (hard_shadow, 0.22),
    (glare, 0.15),
    (tone, 0.90),
    (haze, 0.18),
    (night, 0.12),
    (motion_blur, 0.30),
    (defocus, 0.25),
    (soften, 0.40),
    (low_resolution, 0.45),
    (sensor_noise, 0.60),
    (sharpen, 0.20),
    (jpeg, 0.60),
)


def degrade(pixels: Pixels, rng: np.random.Generator, strength: float = 0.5) -> Pixels:
    """A random few of the steps above. `strength` 0 leaves the picture as it is, 1 is often hard to read."""
    if strength <= 0:
        return pixels.copy()
    chance = float(np.sqrt(min(1.0, strength)))
    taken = rng.random(len(STEPS))
    for (step, often), lot in zip(STEPS, taken, strict=True):
        if lot < often * chance:
            pixels = step(pixels, rng, strength * rng.uniform(0.4, 1.0))
    return pixels
