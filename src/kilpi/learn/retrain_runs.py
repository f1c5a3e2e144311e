"""The runs of retrainings of a data folder: one at a time, what each notes, and which was broken off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kilpi.errors import UsageError
from kilpi.files import taken, write_whole
from kilpi.learn.session import TURN
from kilpi.store.engines import make_private_folder

FOLDER = "retrain"  # beside originals/


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """One retraining of a data folder at a time: two would write the same files. Raises UsageError."""
    make_private_folder(data / FOLDER)
    turn = taken(data / FOLDER / TURN)
    if turn is None:
        raise UsageError(f"retrain: another one is at work in {data / FOLDER}; wait until it has ended")
    with turn:
        yield


def broken_off(data: Path) -> Path:
    """The folder of the last run, where that was broken off; older ones are over. Raises UsageError."""
    runs = sorted(path.parent for path in (data / FOLDER).glob("*/run.json"))
    known = noted(runs[-1]) if runs else {}
    if "learns" not in known or known.get("finished"):
        raise UsageError(f"{data / FOLDER}: no run was broken off; leave --resume away")
    return runs[-1]


def noted(folder: Path) -> dict[str, Any]:
    """What a run's run.json says; nothing where it is damaged."""
    try:
        values: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return values


def note(folder: Path, values: dict[str, Any]) -> None:
    """Adds to a run's run.json."""
    known = noted(folder) if (folder / "run.json").is_file() else {}
    write_whole(folder / "run.json", json.dumps(known | values, indent=2).encode())
