"""What is taken for a sign on a wall, and whether a labelled plate is among it.

    python recipes/signs.py FOLDER ...    each with images/ and labels.jsonl

"Left open" is what a picture of a car would show after a person gave a mark that nothing could read
(`pictures/to_cover.py`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from kilpi.images import open_photo
from kilpi.pictures.to_cover import is_mark, is_sign
from kilpi.pipeline import Kilpi
from kilpi.types import Box


def main() -> None:
    """Prints one line a folder."""
    line = Kilpi()
    for folder in map(Path, sys.argv[1:]):
        labels = [json.loads(one) for one in (folder / "labels.jsonl").read_text().splitlines()]
        found = signs = left_open = wrong = 0
        for label in labels:
            path = folder / label["image"]
            photo = open_photo(path if path.is_file() else folder / "images" / label["image"])
            for plate in line.plates(photo):
                found += 1
                if is_sign(plate):
                    signs += 1
                    if not is_mark(plate, line.grammars):
                        left_open += 1
                        wrong += touches(plate.sighting.quad.box, [one["box"] for one in label["plates"]])
        labelled = sum(len(label["plates"]) for label in labels)
        print(
            f"{folder.name}: {len(labels)} photos, {labelled} labelled plates, {found} finds, {signs} signs, "
            f"{left_open} left open, of them labelled plates {wrong}",
            flush=True,
        )


def touches(box: Box, labelled: Sequence[Sequence[float]]) -> bool:
    """Whether a find has anything in common with a labelled plate."""
    return any(
        min(box.x2, x2) > max(box.x1, x1) and min(box.y2, y2) > max(box.y1, y1) for x1, y1, x2, y2 in labelled
    )


if __name__ == "__main__":
    main()
