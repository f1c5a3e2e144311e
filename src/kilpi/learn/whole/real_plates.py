"""Real plates that the shipped networks find and read surely, with their characters' places: nothing hides
them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from kilpi.geometry import quad_size
from kilpi.images import open_photo
from kilpi.labels.locate import located
from kilpi.learn.reader.crops import Crop, Placed, Wear, cut
from kilpi.plates.detector import PlateDetector
from kilpi.plates.reader import HEIGHT, WIDTH, PlateReader
from kilpi.types import Reading

SURE = 0.9  # score of the weakest character of a plate that counts as read
FEWEST = 4  # characters
VARIANTS = 6  # cuts of every plate
MOST = 18  # cuts of one mark: the frames of a clip show it again and again
# Upper and lower end of the characters, crop heights, by rows and by line.
LINES = {1: ((0.18, 0.82),), 2: ((0.13, 0.46), (0.54, 0.88))}
NARROWEST = 2.0  # pixels of half a character


def real_plates(
    labels: Sequence[Path], images: Sequence[Path], names: Collection[str], seed: int
) -> list[Crop]:
    """Cuts of the plates in the photos of these names, each with a box around every character."""
    detector, reader = PlateDetector.load(threads=2), PlateReader.load(threads=2)
    rng, crops, known = np.random.default_rng([seed, 3]), [], Counter[str]()
    for path in labels:
        for record, file in located(path, images):
            if record.name not in names:
                continue
            photo = open_photo(file)
            for sighting in detector.find([photo])[0]:
                placed = Placed(photo.pixels, sighting.quad, np.zeros((0, 4, 2)))
                width = quad_size(sighting.quad)[0]
                cuts = [cut(placed, Wear(loose=0.0), rng)[0] for _ in range(VARIANTS)]
                for pixels, reading in zip(cuts, reader.read(cuts), strict=True):
                    boxes = boxes_of(reading)
                    if boxes is None or known[reading.text] >= MOST:
                        continue
                    known[reading.text] += 1
                    crops.append(Crop(pixels, reading.text, "", reading.rows, boxes, width, 0.0))
    return crops


def boxes_of(reading: Reading) -> np.ndarray | None:
    """(n, 4) a box a character in a crop of (HEIGHT, WIDTH), by where it was seen; None where it is not
    surely read, or its characters are not apart.
    """
    if len(reading.slots) < FEWEST or reading.score < SURE or len(reading.places) != len(reading.slots):
        return None
    xs = np.array([place.x for place in reading.places]) * WIDTH
    rows = [place.row if reading.rows == 2 else 0 for place in reading.places]
    steps = np.diff(xs)[np.diff(rows) == 0]
    half = 0.42 * float(np.min(steps, initial=0.16 * WIDTH))
    if half < NARROWEST:
        return None
    ends = np.array([LINES[reading.rows][row] for row in rows]) * HEIGHT
    return np.stack([xs - half, ends[:, 0], xs + half, ends[:, 1]], axis=1)
