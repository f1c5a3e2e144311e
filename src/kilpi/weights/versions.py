"""Weights beside the data: DATA/weights/NAME/ is what one retraining shipped, DATA/weights/current names one.

A version holds only the networks that were trained; all others are the package's. "shipped" is no folder: it
means that there is no version in use.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kilpi.errors import WeightsError
from kilpi.files import write_whole
from kilpi.weights import SHIPPED, check_weights

FOLDER, CURRENT, NOTE = "weights", "current", "version.json"
VARIABLE = "KILPI_WEIGHTS"
OURS = "KILPI_WEIGHTS_OF_DATA"  # what `use_current` set, so that it may set it again


@dataclass(frozen=True, slots=True)
class Version:
    """One version: its name, its networks, whether it is in use, and what was noted when it shipped."""

    name: str
    networks: tuple[str, ...]
    in_use: bool
    note: Mapping[str, Any]


def current_name(data: Path) -> str:
    """The version in use."""
    try:
        name = (data / FOLDER / CURRENT).read_text(encoding="utf-8").strip()
    except OSError:
        return SHIPPED
    return name or SHIPPED


def current_folder(data: Path) -> Path | None:
    """The folder of the version in use; None: the shipped weights are. Raises WeightsError."""
    name = current_name(data)
    return None if name == SHIPPED else _folder(data, name)


def versions(data: Path) -> list[Version]:
    """All versions, the oldest first, after "shipped"."""
    used = current_name(data)
    found = [Version(SHIPPED, (), used == SHIPPED, {})]
    for folder in sorted(path for path in (data / FOLDER).glob("*") if path.is_dir()):
        networks = tuple(sorted(path.stem for path in folder.glob("*.onnx")))
        found.append(Version(folder.name, networks, folder.name == used, _note(folder)))
    return found


def add_version(data: Path, name: str, networks: Path, note: Mapping[str, Any]) -> Path:
    """Copies the networks of a folder, with their cards, as a new version. It is not in use yet.

    Raises WeightsError where there is one of that name, or a file is not its card's.
    """
    folder = data / FOLDER / name
    if name in (SHIPPED, CURRENT) or folder.exists():
        raise WeightsError(f"{folder}: is there already; versions are never changed")
    beside = folder.with_name(f".{name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    for path in sorted(networks.glob("*.onnx")):
        check_weights(path)
        shutil.copyfile(path, beside / path.name)
        shutil.copyfile(path.with_suffix(".json"), beside / path.with_suffix(".json").name)
    (beside / NOTE).write_text(json.dumps(dict(note), indent=2) + "\n", encoding="utf-8")
    beside.rename(folder)
    return folder


def use(data: Path, name: str) -> None:
    """From now on this version is in use. Raises WeightsError where there is none, or it is damaged."""
    if name != SHIPPED:
        for path in _folder(data, name).glob("*.onnx"):
            check_weights(path)
    write_whole(data / FOLDER / CURRENT, f"{name}\n".encode())


def use_current(data: Path) -> None:
    """Lets this process use the version in use, unless a person's KILPI_WEIGHTS says otherwise.

    Networks that are open already stay open. Raises WeightsError.
    """
    if overruled():
        return
    folder = current_folder(data)
    for name in (VARIABLE, OURS):
        if folder is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = str(folder)


def overruled() -> str:
    """What a person's KILPI_WEIGHTS names, which comes before the version in use; "" where that is none."""
    said = os.environ.get(VARIABLE, "")
    return "" if said == os.environ.get(OURS) else said


@contextmanager
def reading_with(folder: Path) -> Iterator[None]:
    """For a while this process, and those that it starts, read with a folder's networks."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def _folder(data: Path, name: str) -> Path:
    folder = data / FOLDER / name
    if not name or Path(name).name != name or not folder.is_dir():
        known = ", ".join(version.name for version in versions_named(data))
        raise WeightsError(f"{data / FOLDER}: no such version; there are {known}")
    return folder


def versions_named(data: Path) -> list[Version]:
    """`versions`, without asking which is in use: for messages."""
    names = sorted(path.name for path in (data / FOLDER).glob("*") if path.is_dir())
    return [Version(name, (), False, {}) for name in (SHIPPED, *names)]


def _note(folder: Path) -> dict[str, Any]:
    try:
        note: dict[str, Any] = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        return note
    except (OSError, ValueError):
        return {}
