"""Mutated label files through `import_labels`: an answer for each, in bounded time, and no traceback.

    python -m tests.labels.fuzz --files 10000

It prints how many were imported, refused and left unanswered, the slowest file and the peak memory, and ends
with exit code 1 where one has no answer or took longer than LIMIT_S.
"""

from __future__ import annotations

import argparse
import copy
import io
import json
import random
import resource
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from kilpi.errors import KilpiError
from kilpi.labels import coco, dlib, pts, tensorflow, voc, yolo
from kilpi.labels.importing import UNFORESEEN, import_labels
from kilpi.labels.locate import Pictures
from kilpi.labels.record import LabelledPhoto, LabelledPlate, format_line, read_labels, write_labels
from kilpi.types import Box, Point, Quad

LIMIT_S = 10.0  # seconds for one file
QUAD = Quad(Point(130, 131), Point(220, 133), Point(219, 160), Point(129, 158))
TOKENS = (
    rb"""nan|inf|-1|0|1e999|99999999999999999999|null|true|[]|{}|""|<|>|&amp;|&a;|]]>|;|,|'|"|..|/|\|../|{|["""
    b"|<!DOCTYPE d [<!ENTITY a 'b'>]>|\xff\xfe|\xef\xbb\xbf|\x00|\r|\n|\t"
    b"|names:|- |\xc3\xa4|\xed\xa0\x80|0 0 0 0 0"
).split(b"|")
VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 0.5, 1e308, float("nan"), float("inf"), 10**400),
    *("", "1", "x" * 500, "\ud800", "../a", [], {}, [[]]),
)


def records() -> list[LabelledPhoto]:
    """Two labelled photos."""
    plates = (LabelledPlate(quad=QUAD, mark="ABC-123", legible=True), LabelledPlate(box=Box(10, 10, 60, 30)))
    return [LabelledPhoto(None, "a.jpg", 400, 300, plates=plates), LabelledPhoto(None, "b.jpg", 400, 300)]


def seeds(folder: Path) -> dict[str, bytes]:
    """File name -> a valid label file of every format; draws a.jpg and b.jpg into `folder`."""
    for i, name in enumerate(("a.jpg", "b.jpg")):
        Image.new("RGB", (400, 300), (90 * i, 0, 0)).save(folder / name)
    pictures, held = Pictures([folder]), records()
    data_set = yolo.write_yolo(held, pictures)
    files = {
        "dlib.xml": dlib.write_dlib(held),
        "a.jpg_imglab.pts": next(iter(pts.write_pts(held).values())),
        "a.xml": next(iter(voc.write_voc(held).values())),
        "coco.json": coco.write_coco(held),
        "a.txt": next(v for k, v in data_set.items() if k.endswith("a.txt") and isinstance(v, bytes)),
        "data.yaml": b"train: x\nnc: 2\nnames:\n  0: 'plate'  # mine\n  1: car\nkpt_shape: [4, 3]\n",
        "l.csv": tensorflow.write_csv(held),
        "x.tfrecord": tensorflow.write_tfrecord(held, pictures),
        "own.jsonl": "".join(format_line(record) + "\n" for record in held).encode(),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name in ("a.xml", "coco.json", "data.yaml"):
            zipped.writestr(name, files[name])
        zipped.write(folder / "a.jpg", "a.jpg")
    return {**files, "x.zip": out.getvalue()}


def mutate(data: bytes, rng: random.Random) -> bytes:
    """One to five changes: bytes flipped, cut out, doubled, put in, replaced by what parsers dislike."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3, 5))):
        start = rng.randrange(len(changed) + 1)
        end = min(len(changed), start + rng.choice((1, 2, 8, 50)))
        kind = rng.randrange(6)
        if kind == 0 and start < len(changed):
            changed[start] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del changed[start:end]
        elif kind == 2:
            changed[start:start] = changed[start:end] * rng.choice((1, 3, 100))
        elif kind == 3:
            del changed[start:]
        else:
            changed[start : end if kind == 4 else start] = rng.choice(TOKENS)
    return bytes(changed)


def mutate_json(data: bytes, rng: random.Random) -> bytes:
    """A JSON file with values changed somewhere; still JSON."""
    root = json.loads(data)
    for _ in range(rng.choice((1, 2, 4))):
        node, key = root, rng.choice(list(root))
        while isinstance(node[key], dict | list) and node[key] and rng.random() < 0.85:
            node = node[key]
            key = rng.choice(list(node)) if isinstance(node, dict) else rng.randrange(len(node))
        node[key] = copy.deepcopy(rng.choice(VALUES))
    return json.dumps(root).encode()


@dataclass
class Tally:
    """What came of a run."""

    imported: int = 0
    refused: int = 0
    unanswered: int = 0
    slowest: float = 0.0
    worst: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """For a person. Peak memory is that of the whole process (ru_maxrss, kB on Linux)."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        files = self.imported + self.refused + self.unanswered
        return (
            f"{files} files: {self.imported} imported, {self.refused} refused, {self.unanswered} unanswered;"
            f" slowest {self.slowest:.2f} s, peak memory {peak:.0f} MB"
        )


def run(files: int, seed: int = 0, say: Callable[[str], None] = lambda _: None) -> Tally:
    """Import `files` mutated label files, one after another, each beside two photos."""
    rng, tally = random.Random(seed), Tally()
    with tempfile.TemporaryDirectory() as name:
        valid = seeds(Path(name))
        for i in range(files):
            kind = rng.choice(list(valid))
            as_json = kind == "coco.json" and rng.random() < 0.5
            data = mutate_json(valid[kind], rng) if as_json else mutate(valid[kind], rng)
            one(Path(name), valid, kind, data, tally)
            if (i + 1) % 1000 == 0:
                say(tally.text)
    return tally


def one(folder: Path, valid: Mapping[str, bytes], kind: str, data: bytes, tally: Tally) -> None:
    """One file through import; a data.yaml comes with its labels."""
    file, output = folder / kind, folder / "out" / "labels.jsonl"
    beside = folder / "a.txt" if kind == "data.yaml" else None
    file.write_bytes(data)
    if beside is not None:
        beside.write_bytes(valid["a.txt"])
    began = time.perf_counter()
    try:
        imported = import_labels([folder if beside is not None else file], output)
        if imported.records:
            write_labels(output, imported.records)
            assert len(read_labels(output)) == len(imported.records)
        if any(UNFORESEEN in str(error) for error in imported.refused):
            tally.worst += (f"{kind}: {imported.refused[0]}: {data[:300]!r}",)
            tally.unanswered += 1
        elif imported.records:
            tally.imported += 1
        else:
            tally.refused += 1
    except KilpiError:
        tally.refused += 1
    except Exception as error:
        tally.worst += (f"{kind}: {error!r}: {data[:300]!r}",)
        tally.unanswered += 1
    tally.slowest = max(tally.slowest, time.perf_counter() - began)
    for made in (file, beside):
        if made is not None:
            made.unlink(missing_ok=True)
    shutil.rmtree(output.parent, ignore_errors=True)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    tally = run(asked.files, asked.seed, print)
    print(*tally.worst[:20], tally.text, sep="\n")
    return int(tally.unanswered > 0 or tally.slowest > LIMIT_S)


if __name__ == "__main__":
    raise SystemExit(main())
