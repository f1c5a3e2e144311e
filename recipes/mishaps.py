"""What really happens to plates: folders of photos with an accident, composed, read and decided.

    python recipes/mishaps.py --labels labels/train-world.jsonl --images PHOTOS --out runs/mishaps --count 400

Photos are those that no training saw (the split of every training). What was read is kept in OUT, a file a
kind, so that rules can be judged again without reading. `--apart` takes the materials, cuts and words that no
threshold was chosen on; `--seed` draws other plates. Prints the table, and writes OUT/wrong.png.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from kilpi.contact_sheet import Tile, contact_sheet
from kilpi.decision.verifier import LstmVerifier
from kilpi.evaluation.mishaps.kinds import Kind, compose
from kilpi.evaluation.mishaps.reads import cached, read_kind
from kilpi.evaluation.mishaps.report import Outcome, judge, kinds_named, row_of, table
from kilpi.images import encode_png
from kilpi.labels.dataset import Scene, cluster, load_scenes, split
from kilpi.pipeline import Kilpi

MOST = 60  # folders on the sheet


@lru_cache(maxsize=1)
def held_out(labels: tuple[Path, ...], images: tuple[Path, ...]) -> list[Scene]:
    """The photos that gave no gradient."""
    return [s for path in labels for s in split(cluster(load_scenes(path, images, side=1600)))[1]]


def sheet(wrong: list[Outcome], scenes: list[Scene], seed: int, apart: bool) -> list[Tile]:
    """Every photo of the folders that were accepted wrongly, composed again."""
    tiles = []
    for outcome in wrong[:MOST]:
        name, number = outcome.car.name.rsplit("-", 1)
        folder = compose(kinds_named([name])[0], int(number), seed, scenes, apart)
        mark = outcome.decision.mark
        words = f"{outcome.car.name} {folder.note}\n{outcome.line['mark']} as {mark.text if mark else ''}"
        tiles += [Tile(shot.pixels, words) for shot in folder.shots]
    return tiles


def photos_parser(about: str | None) -> argparse.ArgumentParser:
    """A command line that takes labelled photos and a place for what was read."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path, nargs="+", required=True)
    parser.add_argument("--images", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, required=True)
    return parser


def main() -> None:
    """Compose, read, decide, print."""
    parser = photos_parser(__doc__)
    parser.add_argument("--count", type=int, default=400, help="folders a kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--apart", action="store_true")
    parser.add_argument("--kinds", nargs="*", default=[])
    asked = parser.parse_args()
    scenes = partial(held_out, tuple(asked.labels), tuple(asked.images))
    kilpi, verifier = Kilpi(), lru_cache(lambda home: LstmVerifier.load(home=home))
    rows, wrong = [], []
    for kind in kinds_named(asked.kinds):

        def make(first: int, kind: Kind = kind) -> Iterator[dict[str, Any]]:
            count = asked.count - first
            return read_kind(kind, count, asked.seed, scenes(), asked.apart, kilpi, first=first)

        file = asked.out / f"{kind.name}-{asked.seed}{'-apart' if asked.apart else ''}.jsonl"
        outcomes = judge(cached(file, asked.count, make), verifier)
        rows.append(row_of(kind, outcomes))
        wrong += [o for o in outcomes if o.wrong]
        print(rows[-1], flush=True)
    print(table(rows))
    if wrong:
        tiles = sheet(wrong, scenes(), asked.seed, asked.apart)
        (asked.out / "wrong.png").write_bytes(encode_png(contact_sheet(tiles, columns=6, tile=(300, 210))))


if __name__ == "__main__":
    main()
