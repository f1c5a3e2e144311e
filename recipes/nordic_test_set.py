"""Composes the Nordic test set that the README's reading accuracy is measured on; about two minutes.

    python recipes/nordic_test_set.py data/nordic --labels labels/train-world.jsonl --images PHOTOS

Then: kilpi eval reader --labels data/nordic/labels.jsonl
"""

import argparse
from pathlib import Path

from kilpi.learn.reader.nordic_set import COUNT, SEED, write_nordic_set

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--labels", type=Path, nargs="+", required=True, help="what the reader was trained with"
    )
    parser.add_argument("--images", type=Path, nargs="*", default=[], help="folders of the photos")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    print(write_nordic_set(asked.folder, asked.labels, asked.images, asked.count, asked.seed))
