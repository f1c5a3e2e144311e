"""What is taken for no plate (`plates/no_plate.py`), and whether a labelled plate is among it.

python recipes/signs.py FOLDER ...    each with images/ and labels.jsonl
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from kilpi.images import open_photo
from kilpi.pipeline import Kilpi
from kilpi.plates.no_plate import is_mark
from kilpi.types import Box


def main() -> None:
    """Prints one line a folder."""
    line = Kilpi()
    for folder in map(Path, sys.argv[1:]):
        labels = [json.loads(one) for one in (folder / "labels.jsonl").read_text().splitlines()]
        found = aside = marks = wrong = 0
        for label in labels:
            path = folder / label["image"]
            photo = open_photo(path if path.is_file() else folder / "images" / label["image"])
            seen = line.parted(photo, line.sightings(photo))
            found += len(seen.plates) + len(seen.aside)
            aside += len(seen.aside)
            marks += sum(is_mark(plate, line.grammars) for plate in seen.aside)
            boxes = [one["box"] for one in label["plates"]]
            wrong += sum(touches(plate.sighting.quad.box, boxes) for plate in seen.aside)
        labelled = sum(len(label["plates"]) for label in labels)
        print(
            f"{folder.name}: {len(labels)} photos, {labelled} labelled plates, {found} finds, {aside} taken "
            f"for none ({marks} of them covered all the same), of them labelled plates {wrong}",
            flush=True,
        )


def touches(box: Box, labelled: Sequence[Sequence[float]]) -> bool:
    """Whether a find has anything in common with a labelled plate."""
    return any(
        min(box.x2, x2) > max(box.x1, x1) and min(box.y2, y2) > max(box.y1, y1) for x1, y1, x2, y2 in labelled
    )


if __name__ == "__main__":
    main()
