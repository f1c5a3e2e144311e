"""Measures what loose and tilted cutting costs `kilpi read --crop`: the same plates cut tightly and loosely.

    python recipes/loose_crops.py SET/labels.jsonl [SET2/labels.jsonl ...]

Every labelled plate with a mark is cut out along its box, with 2 and 4 % around it; and once more from the
photo turned by up to 12 degrees, with up to 40 % of its width and 80 % of its height left on each side.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from kilpi.decision.tracks import text_of
from kilpi.labels.locate import located
from kilpi.pipeline import Kilpi
from kilpi.text import compact_mark
from kilpi.types import Box, Pixels

SEED, MOST_TILT = 5, 12.0  # degrees
TIGHT, LOOSE = (0.02, 0.04), (0.4, 0.8)  # parts of width and height around a plate


def cut(pixels: Pixels, box: Box, around: np.ndarray, tilt: float) -> Pixels:
    """The plate with parts of its size left, above, right and below it, from the photo turned about it."""
    wide, tall = box.x2 - box.x1, box.y2 - box.y1
    middle = ((box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2)
    size = pixels.shape[1], pixels.shape[0]
    turned = pixels
    if tilt:
        turn = cv2.getRotationMatrix2D(middle, tilt, 1)
        turned = np.asarray(cv2.warpAffine(pixels, turn, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    c, s = np.cos(np.radians(abs(tilt))), np.sin(np.radians(abs(tilt)))
    half = np.array([wide * c + tall * s, tall * c + wide * s]) / 2
    low = np.array(middle) - half - around[:2] * (wide, tall)
    high = np.array(middle) + half + around[2:] * (wide, tall)
    x0, y0 = np.maximum(low.astype(int), 0)
    x1, y1 = np.minimum(high.astype(int) + 1, size)
    return turned[y0:y1, x0:x1]


def cuts(labels: Path) -> Iterator[tuple[str, Pixels, Pixels]]:
    """Each plate's mark, its tight crop and its loose one."""
    rng = np.random.default_rng(SEED)
    for record, path in located(labels):
        for plate in record.plates:
            if not plate.mark or (box := plate.place) is None:
                continue
            with Image.open(path) as photo:
                pixels = np.asarray(photo.convert("RGB"))
            around = rng.uniform(0, 1, 4) * np.array([*LOOSE, *LOOSE])
            loose = cut(pixels, box, around, float(rng.uniform(-MOST_TILT, MOST_TILT)))
            yield compact_mark(plate.mark), cut(pixels, box, np.array([*TIGHT, *TIGHT]), 0.0), loose


def main() -> None:
    """Cuts, reads, counts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labels", type=Path, nargs="+")
    kilpi = Kilpi()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "crop.png"
        for labels in parser.parse_args().labels:
            right, n = {"tight": 0, "loose": 0}, 0
            for mark, *crops in cuts(labels):
                n += 1
                for kind, crop in zip(right, crops, strict=True):
                    Image.fromarray(crop).save(file)
                    (read,) = kilpi.read_crops(file)
                    right[kind] += bool(read.plates) and text_of(read.plates[0]) == mark
            shares = ", ".join(f"{kind} {count} ({100 * count / n:.1f} %)" for kind, count in right.items())
            print(f"{labels}: {n} plates, {shares}")


if __name__ == "__main__":
    main()
