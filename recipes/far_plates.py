"""Small plates in large photos: cars so small that their plate is 30 px wide, in 12 megapixels.

    python recipes/far_plates.py --labels labels/train-world.jsonl --images FOLDER

Photos that never gave a gradient are shrunk until their widest plate is as wide as asked, and laid into
4000 x 3000 pixels of what is above the plates of another one. Prints how many plates are found with one, two
and three looks.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from kilpi.geometry import quad_from_array, quad_iou
from kilpi.images import decode_photo, encode_jpeg
from kilpi.labels.dataset import Scene, cluster, load_scenes, split
from kilpi.plates.detector import PlateDetector
from kilpi.types import Pixels, Quad

SIZE = (4000, 3000)


def far(scene: Scene, ground: Scene, width: float, rng: np.random.Generator) -> tuple[Pixels, Quad]:
    """The scene's widest plate `width` px wide somewhere in a large picture, and its corners there."""
    pixels, quads = scene.view.pixels, scene.view.quads
    widest = max(quads, key=lambda quad: float(np.linalg.norm(quad[1] - quad[0])))
    scale = width / float(np.linalg.norm(widest[1] - widest[0]))
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    top = max(20, int(ground.view.quads[..., 1].min()) - 10)
    canvas = cv2.resize(ground.view.pixels[:top], SIZE, interpolation=cv2.INTER_CUBIC)
    h, w = small.shape[:2]
    x, y = int(rng.integers(0, SIZE[0] - w)), int(rng.integers(SIZE[1] // 3, SIZE[1] - h))
    canvas[y : y + h, x : x + w] = small
    return np.asarray(canvas, np.uint8), quad_from_array(widest * scale + (x, y))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--images", type=Path, action="append", default=[])
    parser.add_argument("--width", type=float, default=30.0)
    args = parser.parse_args()
    _, held_out = split(cluster(load_scenes(args.labels, args.images)))
    scenes = [scene for scene in held_out if len(scene.view.quads)]
    for looks in (1, 2, 3):
        found, seconds = measure(scenes, PlateDetector.load(looks=looks), args.width)
        print(f"{looks} looks: {found} of {len(scenes)} found, {1000 * seconds:.0f} ms a photo")


def measure(scenes: Sequence[Scene], detector: PlateDetector, width: float) -> tuple[int, float]:
    """How many plates are found at IoU 0.5, and seconds a photo for finding."""
    rng, found, seconds = np.random.default_rng(7), 0, 0.0
    for i, scene in enumerate(scenes):
        pixels, quad = far(scene, scenes[i - 1], width, rng)
        photo = decode_photo(encode_jpeg(pixels, 92), "far.jpg", target_side=1600)
        begin = time.perf_counter()
        sightings = detector.find_one(photo)
        seconds += time.perf_counter() - begin
        found += any(quad_iou(s.quad, quad) >= 0.5 for s in sightings)
    return found, seconds / len(scenes)


if __name__ == "__main__":
    main()
