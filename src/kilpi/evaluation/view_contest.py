"""Two view networks on photos of which a person said what they show: how often each is right."""

from __future__ import annotations

from pathlib import Path

from kilpi.errors import LabelError, PhotoError
from kilpi.evaluation.gate import Paired, paired
from kilpi.images import open_photo
from kilpi.labels.locate import located
from kilpi.photos.view import ViewReader

SIDE = 1000  # pixels, longer side to which photos are opened; the network sees 224


def view_contest(name: str, labels: Path, before: Path, after: Path) -> Paired | None:
    """Photos told rightly by the networks of two folders; None where the file has no view of a photo that is
    found.
    """
    readers = [ViewReader.load(folder, 1) for folder in (before, after)]
    right: list[tuple[bool, bool]] = []
    try:
        pairs = [(record, path) for record, path in located(labels) if record.view is not None]
    except LabelError:
        return None
    for record, path in pairs:
        try:
            pixels = open_photo(path, target_side=SIDE).pixels
        except PhotoError:
            continue  # `kilpi labels check` names it
        old, new = [reader.read_pixels([pixels])[0].best == record.view for reader in readers]
        right.append((old, new))
    if not right:
        return None
    return paired(f"{name}, views", [old for old, _ in right], [new for _, new in right])
