"""Real plates as cars: every crop of a label file becomes a car of three photos that are much alike.

    python recipes/crops_as_cars.py --labels PHOTOS/dev-crops/labels.jsonl

Composed cars wear drawn plates. This asks what is accepted of real ones, of countries, typefaces and strips
that nobody drew, where the photos of a car err together: each is the same crop, cut, lit and compressed a
little otherwise. Nothing is searched for. The labels name no country, so only the characters are counted;
--list tells what was accepted and as which country, to be looked at.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from kilpi.draw.degrade import jpeg
from kilpi.evaluation.metrics import upper_bound
from kilpi.geometry import grow_quad, quad_from_array, quad_from_box, quad_to_array
from kilpi.images import open_photo, warp_pixels
from kilpi.labels.record import read_labels
from kilpi.pipeline import Kilpi
from kilpi.plates.loose import whole_picture
from kilpi.text import compact_mark
from kilpi.types import Box, Photo, Pixels, Plate, Verdict

SHARE = 0.25  # of the photo's width that the plate would take in a dealer's photo
FOLDED = str.maketrans("OI", "01")  # these labels do not keep O from 0 and I from 1


def photos_of(photo: Photo, count: int, rng: np.random.Generator) -> Iterator[Photo]:
    """The crop as so many photos of one plate."""
    for number in range(count):
        pixels = again(photo.pixels, rng)
        height, width = pixels.shape[:2]
        yield Photo(f"{photo.id}-{number}", photo.path, width, height, pixels)


def again(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A crop cut, lit and compressed a little otherwise, at 0.7 to 1 of its size."""
    height, width = pixels.shape[:2]
    outer = grow_quad(quad_from_box(Box(0, 0, width, height)), *rng.uniform((-0.01, -0.02), (0.03, 0.06)))
    corners = quad_to_array(outer) + rng.normal(0, 0.01, (4, 2)) * (width, height)
    scale = rng.uniform(0.7, 1.0)
    size = max(8, round(width * scale)), max(4, round(height * scale))
    cut = warp_pixels(pixels, quad_from_array(corners), *size)
    lit = cut.astype(np.float32) * np.float32(rng.uniform(0.8, 1.15)) + np.float32(rng.normal(0, 6))
    return jpeg(np.clip(lit, 0, 255).astype(np.uint8), rng, 0.3)


def as_in_a_photo(plate: Plate) -> Plate:
    """The plate of a crop as if a dealer's photo showed it."""
    assert plate.frame is not None
    width, height = plate.frame
    left, top = (width / SHARE - width) / 2, height * 4
    quad = quad_from_array(quad_to_array(plate.sighting.quad) + (left, top))
    frame = round(width / SHARE), round(width / SHARE * 0.75)
    return replace(plate, sighting=replace(plate.sighting, quad=quad, score=0.9), frame=frame)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--photos", type=int, default=3, help="of every car")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--list", action="store_true", help="every accepted crop")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    kilpi, rng = Kilpi(), np.random.default_rng(asked.seed)
    reasons: Counter[str] = Counter()
    cars, accepted, wrong, countries = 0, 0, 0, Counter[str]()
    for record in read_labels(asked.labels):
        truth = compact_mark(record.plates[0].mark or "") if record.plates else ""
        whole = open_photo(asked.labels.parent / str(record.path))
        shown = photos_of(whole, asked.photos, rng)
        plates = [as_in_a_photo(p) for photo in shown for p in kilpi.read_plates(photo, whole_picture(photo))]
        decision = kilpi.decide(plates)
        cars += 1
        if decision.verdict is not Verdict.ACCEPTED or decision.mark is None:
            reasons[decision.reasons[0].code] += 1
            continue
        accepted += 1
        right = decision.mark.compact.translate(FOLDED) == truth.translate(FOLDED)
        wrong += not right
        countries[decision.mark.country or "?"] += 1
        if asked.list:
            said = "" if right else f"   WRONG: the label says {truth}"
            print(f"{record.path}: {decision.mark.text} of {decision.mark.country}, p {decision.p}{said}")
    print(f"\n{cars} cars, {accepted} accepted, {wrong} of them wrong characters (at most "
          f"{upper_bound(wrong, accepted):.4f}); by country {dict(countries.most_common())}")  # fmt: skip
    print(f"to a person: {dict(reasons.most_common())}")


if __name__ == "__main__":
    main()
