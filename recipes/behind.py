"""The own plate hidden and another car's where that car wears it: how often a single photo is accepted.

    python -m recipes.behind --labels labels/train-{world,road}.jsonl --images PHOTOS --out FILE

Of every photo with several labelled plates, `--draws` times: a Finnish mark is drawn in the place of the
second largest plate, all others are painted over (`other`: whatever is accepted is wrong); and the same with
the largest (`own`). `mishaps.py` pastes a neighbour's plate anywhere; here it is where a car really was. What
was read is kept in `--out`, so that rules can be judged again.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import cv2
import numpy as np
from recipes.mishaps import photos_parser

from kilpi.decision.verifier import LstmVerifier
from kilpi.draw.composite import swap_plate
from kilpi.draw.degrade import degrade
from kilpi.draw.plates import RenderedPlate
from kilpi.evaluation.car_reads import CarReads, car_line, look_at
from kilpi.evaluation.mishaps.folder import Rng, erase
from kilpi.evaluation.mishaps.hidden import drawn, finnish
from kilpi.evaluation.mishaps.reads import QUALITY, cached
from kilpi.evaluation.mishaps.report import judge
from kilpi.geometry import quad_from_array, quad_size, scale_quad
from kilpi.images import decode_photo, encode_jpeg
from kilpi.labels.dataset import Scene, load_scenes
from kilpi.pipeline import Kilpi
from kilpi.types import Pixels, Quad, Shown

LONGEST, SMALL = 1600, 700  # pixels; photos narrower than SMALL are enlarged twice, others by 1.2
SPOILT = 0.3  # the hardest `degrade`
WHOSE = ("own", "other")


def scaled(scene: Scene) -> tuple[Pixels, list[Quad]]:
    """The photo and its quads, the largest first, at the size that plates are drawn in."""
    height, width = scene.view.pixels.shape[:2]
    factor = min(LONGEST / max(height, width), 2.0 if width < SMALL else 1.2)
    pixels = cv2.resize(scene.view.pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    quads = [scale_quad(quad_from_array(q), factor, factor) for q in scene.view.quads]
    return np.asarray(pixels, np.uint8), sorted(quads, key=lambda q: -quad_size(q)[0])


def shot(pixels: Pixels, quads: list[Quad], at: int, plate: RenderedPlate, rng: Rng) -> Pixels:
    """The photo with the plate drawn in one quad and all others painted over, as a camera gives it."""
    for other in quads[:at] + quads[at + 1 :]:
        pixels = erase(pixels, other)
    return degrade(swap_plate(pixels, quads[at], plate, rng).pixels, rng, float(rng.beta(1.1, 1.6)) * SPOILT)


def lines(scenes: list[Scene], draws: int, kilpi: Kilpi) -> Iterator[dict[str, Any]]:
    """Each photo, drawing and place, read: as `evaluation.mishaps.reads` keeps folders."""
    for number, scene in enumerate(scenes):
        if len(scene.view.quads) < 2:
            continue
        pixels, quads = scaled(scene)
        for draw in range(draws):
            rng = np.random.default_rng([7, number, draw])
            mark = finnish(rng)
            plate = drawn(mark, rng)
            for at, whose in enumerate(WHOSE):
                name = f"{number}-{draw}-{whose}"
                done = encode_jpeg(shot(pixels, quads, at, plate, rng), QUALITY)
                seen, views = look_at(decode_photo(done, name), kilpi)
                own = (whose == "own",) * len(seen)
                line = car_line(CarReads(name, mark.mark.compact, 1, tuple(seen), own, "FI", Shown.by(views)))
                yield line | {"mark": mark.mark.text, "home": ["FI"], "note": whose}


def main() -> None:
    """Draw, read, decide, print."""
    parser = photos_parser(__doc__)
    parser.add_argument("--draws", type=int, default=3)
    asked = parser.parse_args()
    scenes = [s for path in asked.labels for s in load_scenes(path, asked.images, side=LONGEST)]
    count = sum(len(scene.view.quads) > 1 for scene in scenes) * asked.draws * len(WHOSE)
    kept = cached(asked.out, count, lambda first: islice(lines(scenes, asked.draws, Kilpi()), first, None))
    told = judge(kept, lru_cache(lambda home: LstmVerifier.load(home=home)))
    pairs = [(line["note"], one) for line, one in zip(kept, told, strict=True)]
    for whose in WHOSE:
        mine = [one for note, one in pairs if note == whose]
        accepted, misread = sum(one.accepted for one in mine), sum(one.wrong for one in mine)
        print(
            f"{whose}: {accepted} of {len(mine)} photos accepted, {misread} with another mark than is drawn"
        )


if __name__ == "__main__":
    main()
