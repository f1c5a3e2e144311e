"""Drawn cars: photos that no camera took, with plates whose corners and marks are known.

A car's solid is traced (`trace`), painted (`textures`), lit by a drawn yard (`scene`, `shade`),
given its plates, and then treated as a phone treats what it sees: exposure, lens, noise.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from kilpi.draw.cars import scene as yard
from kilpi.draw.cars.scene import Scene, make_scene
from kilpi.draw.cars.shade import Finish, light
from kilpi.draw.cars.shape import BODIES, Body, Floats, body_distance
from kilpi.draw.cars.trace import Camera, trace
from kilpi.draw.noise import normal_noise
from kilpi.draw.plates import RenderedPlate
from kilpi.geometry import homography, quad_from_array, quad_size, quad_to_array
from kilpi.types import Pixels, Quad

OVER = 1.5  # drawn this much larger, then averaged down
PLATE_GAP_M = 0.012  # a plate stands this far off the body

# Where the camera stands for each view: angle from straight ahead (degrees, to the car's left), distance and
# height (m), and its width of view (degrees).
VIEWS: dict[str, tuple[float, float, float, float]] = {
    "front_three_quarter": (36, 5.6, 1.45, 45),
    "front": (4, 5.2, 1.25, 38),
    "rear": (176, 5.2, 1.35, 38),
    "rear_three_quarter": (146, 5.6, 1.5, 45),
    "side": (90, 6.2, 1.25, 43),
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is to be drawn: the body (a key of BODIES), its looks, the light, and the photo's faults."""

    body: str
    finish: Finish
    weather: str = "overcast"  # sunny | overcast | dusk
    width: int = 1600
    height: int = 1200
    blur_px: float = 0.6  # lens, standard deviation
    shake_px: float = 0.0  # length of a hand's movement, roughly sideways
    noise: float = 2.0  # standard deviation, grey levels
    exposure: float = 1.0


@dataclass(frozen=True, slots=True)
class DrawnPhoto:
    """A drawn photo: (h, w, 3) uint8 RGB; `quads` and `marks` (compact) of the plates in view."""

    pixels: Pixels = field(compare=False, repr=False)
    quads: tuple[Quad, ...]
    marks: tuple[str, ...]


def draw_car(
    view: str, drawing: Drawing, plate: RenderedPlate | None, rng: np.random.Generator
) -> DrawnPhoto:
    """Draw one car in a yard, from a view of VIEWS, with `plate` where that end of the car carries one."""
    body = BODIES[drawing.body]
    camera = _camera(view, drawing, rng)
    angle = float(np.degrees(np.arctan2(camera.place[1], camera.place[0])))
    scene = make_scene(rng, drawing.weather, angle + 180 + rng.uniform(-22, 22))
    canvas = _surroundings(scene, body, camera, drawing, rng)
    hits = trace(body, camera)
    canvas[hits.where[:, 0], hits.where[:, 1]] = light(body, scene, hits, drawing.finish, rng)
    quads: list[Quad] = []
    for end in ("front", "rear"):
        quad = plate_corners(body, end, camera, plate) if plate is not None else None
        if plate is not None and quad is not None:
            _mount(canvas, scene, plate, quad, 1.0 if end == "front" else -1.0)
            quads.append(quad)
    pixels, quads = _photograph(canvas, quads, drawing, rng)
    return DrawnPhoto(pixels, tuple(quads), tuple(plate.text for _ in quads) if plate else ())


def _camera(view: str, drawing: Drawing, rng: np.random.Generator) -> Camera:
    angle, distance, height, wide = VIEWS[view]
    angle = np.radians(angle + rng.normal(0, 1.5))
    # a longer car is seen from farther away, so that it stays in the picture
    distance *= max(1.0, BODIES[drawing.body].lower.plan[0][0] / 2.2) ** 3 * (1 + rng.normal(0, 0.015))
    place = (
        float(np.cos(angle) * distance),
        float(np.sin(angle) * distance),
        height + float(rng.normal(0, 0.04)),
    )
    target = (0.02 + float(rng.normal(0, 0.05)), 0.0, 0.72 + float(rng.normal(0, 0.03)))
    size = (round(drawing.width * OVER), round(drawing.height * OVER))
    return Camera(place, target, wide, *size, roll_deg=float(rng.normal(0, 0.5)))


def plate_corners(body: Body, end: str, camera: Camera, plate: RenderedPlate) -> Quad | None:
    """The corners in the camera's pixels of a plate on the car's front or rear, None where it faces away."""
    sign = 1.0 if end == "front" else -1.0
    z = body.front_plate_z if end == "front" else body.rear_plate_z
    half_w, half_h = (mm / 2000 for mm in plate.size_mm)
    xs = np.linspace(2.6, 1.4, 600, dtype=np.float32) * np.float32(sign)
    reach = []
    for dz in (-half_h, half_h):
        line = np.stack([xs, np.zeros_like(xs), np.full_like(xs, z + dz)], axis=1)
        inside = np.flatnonzero(body_distance(body, line) < 0)
        reach.append(float(xs[inside[0]]))
    x = (max if sign > 0 else min)(reach) + sign * PLATE_GAP_M
    corners = np.array([(x, -sign * half_w, z + half_h), (x, sign * half_w, z + half_h),
                        (x, sign * half_w, z - half_h), (x, -sign * half_w, z - half_h)])  # fmt: skip
    if (camera.place[0] - x) * sign < 0.35:
        return None
    return quad_from_array(camera.project(corners))


def _surroundings(
    scene: Scene, body: Body, camera: Camera, drawing: Drawing, rng: np.random.Generator
) -> Floats:
    """Sky, buildings, other cars and ground, with the car's own shadow; softened with distance."""
    rays = camera.rays(1)
    h, w = rays.shape[:2]
    flat = rays.reshape(-1, 3)
    canvas = yard.look_around(scene.panorama, flat)
    down = np.flatnonzero(flat[:, 2] < -0.012)
    eye = np.array(camera.place, np.float32)
    spots = eye[:2] + flat[down, :2] * (eye[2] / -flat[down, 2])[:, None]
    sunlit, open_sky = yard.shadow_map(body, scene)
    near = np.clip(1.35 - np.linalg.norm(spots - eye[:2], axis=1) / 16, 0, 1)[:, None]
    own = yard.ground_colour(scene, spots)
    incoming = scene.ambient_up * yard.read_map(open_sky, spots)[:, None]
    incoming = incoming + np.float32(scene.bright * scene.sun[2]) * yard.read_map(sunlit, spots)[:, None]
    canvas[down] += (own * incoming * 1.15 - canvas[down]) * near
    canvas = canvas.reshape(h, w, 3)
    _neighbours(canvas, scene, camera, drawing, rng)
    horizon = camera.project(eye[None] + np.array([[-eye[0], -eye[1], 0.0]]) * 3)[0, 1]
    soft = cv2.GaussianBlur(canvas, (0, 0), 5.0)
    share = np.clip(1 - (np.arange(h) - horizon) / (0.16 * h), 0, 1)[:, None, None].astype(np.float32)
    return np.asarray(soft * share + canvas * (1 - share), dtype=np.float32)


def _neighbours(
    canvas: Floats, scene: Scene, camera: Camera, drawing: Drawing, rng: np.random.Generator
) -> None:
    """Other cars of the yard, farther off: drawn by the same means, softened with the background."""
    away = -np.array(camera.place[:2]) / np.linalg.norm(camera.place[:2])
    side = np.array([-away[1], away[0]])
    names = list(BODIES)
    for shift in rng.permutation([-9.5, -4.6, 4.4, 9.0])[: int(rng.integers(2, 4))]:
        spot = away * rng.uniform(7.5, 10) + side * (shift + rng.normal(0, 0.4))
        turn = float(rng.choice((0.0, np.pi / 2, -np.pi / 2))) + rng.normal(0, 0.06)
        rotate = np.array([[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
        place, target = (rotate @ (np.array(q) - (*spot, 0)) for q in (camera.place, camera.target))
        moved = replace(camera, place=tuple(place.tolist()), target=tuple(target.tolist()))
        paint = tuple(
            rng.choice(
                np.array([(200, 202, 204), (40, 42, 46), (150, 24, 28), (48, 74, 120), (120, 124, 128)])
            )
        )
        finish = Finish(paint, 0.4, int(rng.integers(3)), int(rng.integers(4)), 0.1)
        other = BODIES[names[int(rng.integers(len(names)))]]
        hits = trace(other, moved)
        turned = replace(scene, sun=(rotate @ scene.sun).astype(np.float32))
        if len(hits.where):
            canvas[hits.where[:, 0], hits.where[:, 1]] = light(other, turned, hits, finish, rng)


def _mount(canvas: Floats, scene: Scene, plate: RenderedPlate, quad: Quad, facing: float) -> None:
    """Warp the plate onto the canvas in the scene's light, in place."""
    width, height = quad_size(quad)
    ph, pw = plate.alpha.shape
    shrink = min(1.0, max(width * 1.6 / pw, height * 1.6 / ph))
    size = (max(8, round(pw * shrink)), max(4, round(ph * shrink)))
    pixels = cv2.resize(plate.pixels, size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(plate.alpha, size, interpolation=cv2.INTER_AREA)
    lit = float(np.clip(scene.sun[0] * facing, 0, 1)) * scene.bright
    incoming = (scene.ambient_up * 0.62 + scene.ambient_down * 0.5) * 0.95 + np.float32(lit * 0.9)
    albedo = (
        (pixels.astype(np.float32) / 255) ** np.float32(2.2) * np.float32(0.8) * incoming.astype(np.float32)
    )
    corners = np.array([[0, 0], [size[0], 0], size, [0, size[1]]]) - 0.5
    matrix = homography(corners, quad_to_array(quad) - 0.5)
    h, w = canvas.shape[:2]
    seen = cv2.warpPerspective(
        albedo, matrix, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    cover = cv2.warpPerspective(alpha, matrix, (w, h), flags=cv2.INTER_LINEAR).astype(np.float32) / 255
    canvas += (seen - canvas) * cover[:, :, None]


def _photograph(
    canvas: Floats, quads: list[Quad], drawing: Drawing, rng: np.random.Generator
) -> tuple[Pixels, list[Quad]]:
    """Exposure, bloom, lens, sensor: linear light to an 8-bit photo of the asked size."""
    size = (drawing.width, drawing.height)
    small = np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.float32)
    middle = float(np.percentile(small.mean(axis=2), 60))
    small *= np.float32(drawing.exposure * 0.27 / max(middle, 1e-3))
    small += cv2.GaussianBlur(np.maximum(small - 1.0, 0), (0, 0), drawing.width / 120) * np.float32(0.25)
    curve = small * (1 + small / 4.0) / (1 + small)  # Reinhard (2002), white at 2
    encoded = np.clip(curve * 1.25, 0, 1) ** np.float32(1 / 2.2) * 255
    toned: Floats = np.asarray((encoded - 128) * np.float32(1.18) + 121, np.float32)
    h, w = toned.shape[:2]
    ys, xs = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    toned *= (1 - 0.10 * (xs**2 + ys**2)).astype(np.float32)[:, :, None]
    if drawing.blur_px > 0:
        toned = np.asarray(cv2.GaussianBlur(toned, (0, 0), drawing.blur_px), np.float32)
    if drawing.shake_px > 1:
        toned = _shaken(toned, drawing.shake_px, rng)
    grain = cv2.GaussianBlur(normal_noise((h, w, 3), rng), (0, 0), 0.6) * np.float32(drawing.noise * 1.8)
    pixels = np.clip(toned + grain, 0, 255).astype(np.uint8)
    scaled = [quad_from_array(quad_to_array(q) / OVER) for q in quads]
    return pixels, scaled


def _shaken(image: Floats, length: float, rng: np.random.Generator) -> Floats:
    size = int(np.ceil(length)) | 1
    kernel = np.zeros((size, size), np.uint8)
    lean = rng.normal(0, 0.25) * size / 2
    middle = size // 2
    cv2.line(kernel, (0, round(middle - lean)), (size - 1, round(middle + lean)), 255, 1, cv2.LINE_AA)
    weights = kernel.astype(np.float32) / max(1, int(kernel.sum()))
    return np.asarray(cv2.filter2D(image, -1, weights, borderType=cv2.BORDER_REPLICATE), dtype=np.float32)
