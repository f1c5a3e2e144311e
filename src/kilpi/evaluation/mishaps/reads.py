"""Composed folders through the line, kept in files: read once, judged as often as rules change."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from kilpi.evaluation.car_reads import OWN, CarReads, car_line, car_of, look_at
from kilpi.evaluation.mishaps.folder import Folder
from kilpi.evaluation.mishaps.kinds import Kind, compose
from kilpi.geometry import box_iou
from kilpi.grammar import load_grammars
from kilpi.images import decode_photo, encode_jpeg
from kilpi.labels.dataset import Scene
from kilpi.pipeline import Kilpi
from kilpi.types import Plate, Shown, ViewGuess

QUALITY = 92


def read_folder(folder: Folder, kilpi: Kilpi) -> CarReads:
    """What the line sees in one folder. Plates of strangers' photos are nobody's `own`."""
    plates: list[Plate] = []
    own: list[bool] = []
    views: dict[str, ViewGuess] = {}
    for i, shot in enumerate(folder.shots):
        name = f"{folder.kind}-{folder.number:04d}-{i}" + ("-stranger" if shot.stranger else "")
        photo = decode_photo(encode_jpeg(shot.pixels, QUALITY), name)
        seen, view = look_at(photo, kilpi)
        views |= view
        for plate in seen:
            plates.append(plate)
            place = shot.plate.box if shot.plate else None
            near = place is not None and box_iou(plate.sighting.quad.box, place) >= OWN
            own.append(near and not shot.stranger)
    truth, country = (folder.truth.compact, folder.truth.country) if folder.truth else (None, None)
    name = f"{folder.kind}-{folder.number:04d}"
    return CarReads(name, truth, len(folder.shots), tuple(plates), tuple(own), country, Shown.by(views))


def read_kind(
    kind: Kind, count: int, seed: int, scenes: list[Scene], apart: bool, kilpi: Kilpi,
    tick: Callable[[], object] = bool, first: int = 0,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """`count` folders of a kind as plain values: what was seen, the mark as written, home, the note."""
    for number in range(first, first + count):
        folder = compose(kind, number, seed, scenes, apart)
        line = car_line(read_folder(folder, kilpi))
        line["mark"] = folder.truth.text if folder.truth else None
        line |= {"home": list(folder.homes), "note": folder.note}
        tick()
        yield line


def cached(path: Path, count: int, make: Callable[[int], Iterator[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The first `count` lines of a file; those that it lacks are made and added."""
    known = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    if len(known) < count:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            for line in make(len(known)):
                known.append(json.dumps(line, ensure_ascii=False))
                file.write(known[-1] + "\n")
                file.flush()
    return [json.loads(line) for line in known[:count]]


def cars(lines: Sequence[dict[str, Any]]) -> list[CarReads]:
    """The inverse of `car_line` for each."""
    grammars = load_grammars()
    return [car_of(line, grammars) for line in lines]
