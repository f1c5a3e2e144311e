"""A simulated department, week by week: does the loop make the line better, and does the gate hold?

    python recipes/department.py --samples samples --out runs/department
    python recipes/department.py ... --weeks 2 --cars 20 --minutes 0.5     small

Prints a table of weeks, what each retraining came to, what became of spoilt training sets, and whether
anything of an erased car is left. docs/loop.md has what came out.
"""

from __future__ import annotations

import json
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

import kilpi.learn.reader.train as reader_train
from kilpi.cases import erase
from kilpi.cases.learning.label_files import labels_folder
from kilpi.evaluation.contest import Weights
from kilpi.labels.record import read_labels
from kilpi.learn.department import Department, DrawnCars, LineFlow, Plan, SimulatedClock
from kilpi.learn.reader.crop_pool import Recipe
from kilpi.learn.retrain import Retrain, Retrained, learn_from, retrain
from kilpi.learn.sabotage import SPOILS, spoil_file
from kilpi.store import Store
from kilpi.weights import networks_name
from kilpi.weights.versions import current_folder

RECIPE = Recipe(real=0.5, size=4096, first=256)


def main(
    out: Annotated[Path, typer.Option()],
    samples: Annotated[Path, typer.Option()] = Path("samples"),
    weeks: int = 4,
    cars: int = 60,
    minutes: float = 3.0,
    drawn: int = 150,
    spoilt_minutes: float = 1.5,
    checked: Annotated[int, typer.Option(help="Held-out crops that choose the exported net.")] = 192,
    seed: int = 0,
) -> None:
    reader_train.DECIDING = checked
    clock = SimulatedClock(datetime(2026, 3, 2, tzinfo=UTC))
    store = Store.open(out, clock=clock)
    department = Department(store, DrawnCars(out / "photos", samples, Plan(cars=cars, seed=seed)), clock)
    asked = Retrain(minutes, drawn=drawn, cars=False, quiet=True, recipe=RECIPE)
    print("| week | cars | accepted | wrong | answered | audited |\n|---|---|---|---|---|---|", flush=True)
    last: Retrained | None = None
    for _ in range(weeks):
        weights = Weights(current_folder(out))
        print(
            department.week(
                LineFlow(weights.line(), str(weights.folder), networks_name(weights.folder))
            ).text,
            flush=True,
        )
        started = time.monotonic()
        if len(department.weeks) < weeks:
            last = retrain(store, asked)
            print(f"\n{last.text}\n({(time.monotonic() - started) / 60:.1f} minutes)\n", flush=True)
    print(json.dumps({"audit": str(department.figures())}), flush=True)
    for name in SPOILS:
        spoilt(out, name, Retrain(spoilt_minutes, drawn=drawn, cars=False, quiet=True, recipe=RECIPE))
    print("left of an erased car:", left_of_an_erased(store, out), flush=True)
    store.close()


def spoilt(out: Path, name: str, asked: Retrain) -> None:
    """The same labels, spoilt, through training and gate, in a folder of their own."""
    place = out.with_name(f"{out.name}-spoilt")
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(out / "labels", place / "labels")
    if (out / "weights").is_dir():
        shutil.copytree(out / "weights", place / "weights")
    shutil.copytree(out / "retrain" / "drawn", place / "retrain" / "drawn")
    spoil_file(place / "labels" / "train.jsonl", SPOILS[name])
    made = learn_from(place / "labels", 0, asked)
    print(f"\nspoilt: {name}\n{made.text}", flush=True)


def left_of_an_erased(store: Store, out: Path) -> int:
    """Erases the cars of the first test photos and counts what is left of their hashes and marks."""
    gone = read_labels(labels_folder(store) / "test.jsonl")[:4]
    rows = [(str(r.photo), next((str(p.mark) for p in r.plates if p.mark), "")) for r in gone]
    from kilpi.cases import find
    from kilpi.cases.lists import Wanted, photos

    for case in find(store, Wanted(), limit=500).cases:
        if {photo.sha256 for photo in photos(store, case.id)} & {sha256 for sha256, _ in rows}:
            erase(store, case.id, by="anna")
    texts = [path.read_text() for path in (out / "labels").rglob("*.jsonl")]
    texts += [path.read_text() for path in (out / "retrain").glob("*/report.html")]
    return sum(sha256 in text or bool(mark and mark in text) for text in texts for sha256, mark in rows)


if __name__ == "__main__":
    typer.run(main)
