"""Measures the view network on labelled photos: what it tells, how much is right, and what it confuses.

    python recipes/views.py --views FOLDER/views.jsonl [--views ...] [--instruments FOLDER/labels.jsonl]
        [--weights RUN] [--picture confusion.png]

A views.jsonl has one line a photo: {"image", "view", "also"?}; images are found beside it. Photos of an
--instruments file count as instruments each. Names that begin with two letters and a dash are dealers, and
are scored apart as well.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kilpi.images import open_photo
from kilpi.photos.view import ViewReader
from kilpi.types import FRONTS, GROUPS, REARS, VIEWS, Group, View, ViewGuess

CHUNK = 16


@dataclass(frozen=True, slots=True)
class Case:
    """One photo: the views that are right, and what was told."""

    name: str
    right: tuple[View, ...]
    guess: ViewGuess

    @property
    def told(self) -> bool:
        return self.guess.view is not View.UNSURE

    @property
    def group_right(self) -> bool:
        return GROUPS[self.guess.best] in {GROUPS[view] for view in self.right}

    @property
    def word_right(self) -> bool:
        return self.guess.best in self.right


def measure(reader: ViewReader, file: Path, fixed: View | None = None) -> list[Case]:
    """Every photo of a file, in order."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    cases: list[Case] = []
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        photos = [open_photo(file.parent / row["image"]) for row in part]
        for row, guess in zip(part, reader.read(photos), strict=True):
            words = (fixed,) if fixed else (View(row["view"]), *(View(word) for word in row.get("also", ())))
            cases.append(Case(Path(row["image"]).name, words, guess))
    return cases


def summary(title: str, cases: Sequence[Case]) -> str:
    """One line: told, right of told by group and by word, and front against rear."""
    told = [case for case in cases if case.told]
    ends = [case for case in cases if case.right[0] in {*FRONTS, *REARS}]
    parted = [(case.guess.p_front >= 0.5) == (case.right[0] in FRONTS) for case in ends]
    group = sum(case.group_right for case in told)
    word = sum(case.word_right for case in told)
    line = f"{title}: n {len(cases)}, unsure {1 - len(told) / max(len(cases), 1):.1%},"
    line += f" group right {group}/{len(told)} = {group / max(len(told), 1):.1%},"
    line += f" word right {word / max(len(told), 1):.1%}"
    return line + (f", front or rear {sum(parted)}/{len(parted)} = {np.mean(parted):.1%}" if parted else "")


def confusion(cases: Sequence[Case]) -> tuple[list[str], np.ndarray]:
    """Names, and how often a photo of one (row) was told as another (column); unsure is the last column."""
    names = [*map(str, VIEWS), str(View.UNSURE)]
    table = np.zeros((len(VIEWS), len(names)), int)
    for case in cases:
        if case.right[0] is View.UNSURE:
            continue
        told = case.right[0] if case.told and case.word_right else case.guess.view
        table[names.index(str(case.right[0])), names.index(str(told))] += 1
    return names, table


def as_text(names: Sequence[str], table: np.ndarray) -> str:
    """The confusion matrix, rows are what a photo shows; a defensible word counts as the label's own."""
    short = ["".join(word[0] for word in name.split()) + name[-1] for name in names]
    lines = [" " * 20 + " ".join(f"{name:>4}" for name in short)]
    for name, row in zip(names, table, strict=False):
        lines.append(f"{name:>19} " + " ".join(f"{value or '.':>4}" for value in row))
    return "\n".join(lines)


def draw(names: Sequence[str], table: np.ndarray, path: Path) -> None:
    """The confusion matrix as a picture."""
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(10, 8))
    axis = drawn.subplots()
    axis.imshow(table / np.maximum(table.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1)
    axis.set_xticks(range(len(names)), names, rotation=60, ha="right")
    axis.set_yticks(range(len(table)), names[: len(table)])
    axis.set(xlabel="told", ylabel="shown")
    for (y, x), value in np.ndenumerate(table):
        if value:
            axis.text(x, y, str(value), ha="center", va="center", color="black" if x != y else "white")
    drawn.savefig(path, dpi=110, bbox_inches="tight")


def by_group(cases: Sequence[Case]) -> str:
    """A line for every group: photos, told, right of told."""
    lines = []
    for group in Group:
        mine = [case for case in cases if GROUPS[case.right[0]] is group]
        if mine and group is not Group.UNSURE:
            lines.append("  " + summary(str(group), mine))
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--views", type=Path, action="append", default=[])
    parser.add_argument("--instruments", type=Path, action="append", default=[])
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--picture", type=Path)
    args = parser.parse_args()
    reader = ViewReader.load(args.weights)
    every: list[Case] = []
    files = [(file, None) for file in args.views] + [(file, View.INSTRUMENTS) for file in args.instruments]
    for file, fixed in files:
        cases = measure(reader, file, fixed)
        every += cases if fixed is None else []
        print(summary(file.parent.name, cases))
        if fixed is None:
            print(by_group(cases))
        dealers = Counter(case.name[:2] for case in cases if re.match(r"[a-z]{2}-", case.name))
        for dealer in sorted(dealers):
            print("  " + summary(f"dealer {dealer}", [c for c in cases if c.name.startswith(f"{dealer}-")]))
    if every:
        names, table = confusion(every)
        print(as_text(names, table))
        if args.picture:
            draw(names, table, args.picture)


if __name__ == "__main__":
    main()
