"""The table: every kind of folder, by name. `mishap` is False for folders that nothing happened to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from kilpi.evaluation.mishaps import boards, hidden, strangers
from kilpi.evaluation.mishaps.folder import Folder, Stage
from kilpi.labels.dataset import Scene

Make = Callable[[str, int, Stage, bool], Folder]


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the table."""

    name: str
    what: str
    make: Make
    mishap: bool = True


KINDS = (
    Kind("patch", "one character under a patch, in all photos", hidden.one_character),
    Kind("cut", "photos cut just before the last character", hidden.cut_off),
    Kind("patch-two", "patch in two photos, whole plate in one", partial(hidden.one_character, whole=1)),
    Kind("dots", "dots of Å, Ä, Ö hidden, in all photos", hidden.dots),
    Kind("part", "a part of one character under a patch", partial(hidden.one_character, part=True)),
    Kind("neighbour", "own plate hidden, a neighbour's large", strangers.neighbour),
    Kind("stray-2", "own plate in no photo, another car's in 2 of 4", partial(strangers.stray, strange=2)),
    Kind("stray-1", "own plate in no photo, another car's in 1 of 4", strangers.stray),
    Kind("mix-even", "two cars' photos, 2 + 2", partial(strangers.mixed, even=True)),
    Kind("mix", "two cars' photos, 2+1, 3+2, 4+1, marks in sequence", strangers.mixed),
    Kind("show", "a dealer's show plate (KIA-1)", boards.show_plate),
    Kind("board", "a board with a model's name (RAV-4)", partial(boards.show_plate, board=True)),
    Kind("german", "a German mark that splits two ways", boards.german),
    Kind("trade-se", "a Swedish trade plate", boards.foreign),
    Kind("personal-se", "a Swedish personal mark (MABI 76)", boards.personal),
    Kind("strip-se", "a Swedish plate with its strip, home FI",
         partial(boards.foreign, code="SE", series="ordinary", home=("FI",))),
    Kind("strip-lt", "a Lithuanian plate with its strip, homes FI and LV",
         partial(boards.foreign, code="LT", series="ordinary", home=("FI", "LV"))),
    Kind("clean", "no mishap: Finnish marks", boards.clean, mishap=False),
    Kind("clean-short", "no mishap: Finnish marks of fewer than six characters",
         partial(boards.clean, short=True), mishap=False),
)  # fmt: skip


def compose(kind: Kind, number: int, seed: int, scenes: list[Scene], apart: bool) -> Folder:
    """Folder `number` of a kind: the same for the same seed and scenes. `apart` as in the package's notes."""
    which = [k.name for k in KINDS].index(kind.name)
    stage = Stage(scenes, np.random.default_rng([seed, which, number, int(apart)]))
    return kind.make(kind.name, number, stage, apart)
