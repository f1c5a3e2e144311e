"""Test cars as folders of photos: 3 to 8 each, drawn plates in photos that never gave a gradient, cars
behind, trade plates, none at all; the same for the same seed and photos.

    LABELS="labels/train-world.jsonl labels/train-road.jsonl"  # what the networks were trained with
    python recipes/test_cars.py data/cars --labels $LABELS --images PHOTOS

Then: kilpi eval decision --cars data/cars/labels.jsonl, or kilpi advert data/cars. The README's figures are
of the 4,500 that `kilpi train verifier` composes in the same way and keeps as what was seen in them.
"""

import argparse
from pathlib import Path

from kilpi.learn.verifier.compose_cars import compose_cars

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--labels", type=Path, nargs="+", required=True, help="what the networks were trained with"
    )
    parser.add_argument("--images", type=Path, nargs="*", default=[], help="folders of the photos")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    print(compose_cars(asked.count, asked.seed, asked.folder, asked.labels, asked.images))
