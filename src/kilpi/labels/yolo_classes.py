"""The class lists beside YOLO labels: data.yaml of Ultralytics and Roboflow, darknet's and labelImg's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kilpi.errors import LabelError
from kilpi.labels.classes import UNNAMED
from kilpi.text import decode_text

MAX_BYTES = 1_000_000  # of a class list
MAX_DEPTH = 50  # of brackets in one, before the YAML reader runs out of stack
LISTS = ("classes.txt", "classes.names", "obj.names", "_darknet.labels", "*.names", "predefined_classes.txt")
# Text files of YOLO data sets that are no labels.
NOT_LABELS = frozenset(
    """classes.txt predefined_classes.txt train.txt val.txt valid.txt test.txt labels.txt labelmap.txt
    trainval.txt default.txt license.txt licence.txt requirements.txt""".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Classes:
    """What is known of a data set's classes: names by number, and what a keypoint line has."""

    names: Mapping[int, str] = field(default_factory=dict)
    keypoints: int = 0
    dimensions: int = 3  # numbers a keypoint: x, y, and visibility
    file: str = ""

    def label(self, number: int, where: str) -> str:
        """The name of a class, or its number where there are no names. Raises LabelError."""
        if self.names and number not in self.names:
            raise LabelError(f"{where}: class {number} has no name in {self.file}")
        return self.names[number] if self.names else f"{UNNAMED}{number}"


def is_class_list(path: Path) -> bool:
    """By its name."""
    name = path.name.lower()
    return name in NOT_LABELS or name.startswith("readme") or name.endswith((".names", ".data", ".labels"))


def settings_in(folder: Path) -> Path | None:
    """The file in this folder that names classes: data.yaml or another YAML with names, else a list."""
    yamls = sorted(p for p in folder.glob("*.y*ml") if p.suffix in {".yaml", ".yml"} and visible(p))
    for path in sorted(yamls, key=lambda p: p.stem != "data"):
        if path.stem == "data" or re.search(rb"^names:", path.read_bytes()[:MAX_BYTES], re.MULTILINE):
            return path
    lists = (path for pattern in LISTS for path in sorted(folder.glob(pattern)) if visible(path))
    return next(lists, None)


def visible(path: Path) -> bool:
    """A file that no system wrote for itself ("._data.yaml" of macOS)."""
    return path.is_file() and not path.name.startswith(".")


def classes_for(folder: Path, top: Path) -> Path | None:
    """The class list for labels in `folder`: the nearest one upwards, as far as `top`."""
    while True:
        found = settings_in(folder)
        if found is not None or folder == top or top not in folder.parents:
            return found
        folder = folder.parent


def read_class_file(path: Path, name: str) -> Classes:
    """A class list, `name` standing for it in messages. Raises LabelError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LabelError(f"{name}: cannot be read ({error.strerror})") from None
    if len(data) > MAX_BYTES:
        raise LabelError(f"{name}: is too large for a list of classes")
    text = decode_text(data)
    if path.suffix in {".yaml", ".yml"}:
        return read_yaml(text, name)
    lines = [line.strip() for line in text.splitlines()]
    return Classes({i: line for i, line in enumerate(lines) if line}, file=name)


def read_yaml(text: str, name: str) -> Classes:
    """`names` (a list or numbers with names) and `kpt_shape` of a data.yaml. Raises LabelError."""
    if max(text.count("["), text.count("{")) > MAX_DEPTH:
        raise LabelError(f"{name}: has more brackets than a list of classes")
    try:
        root = yaml.load(text, Loader=yaml.BaseLoader)  # every value is text: NO is a name, not False
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise LabelError(f"{name}{line}: is not YAML, so what the class numbers mean is not known") from None
    except (ValueError, TypeError, RecursionError):
        raise LabelError(f"{name}: is not YAML, so what the class numbers mean is not known") from None
    if not isinstance(root, dict):
        raise LabelError(f"{name}: holds no names")
    keypoints, dimensions = shape_of(root.get("kpt_shape"), name)
    return Classes(names_of(root.get("names"), name), keypoints, dimensions, file=name)


def names_of(value: Any, name: str) -> dict[int, str]:
    """A list of names, or numbers with names; empty where there are none."""
    if value is None or value == "":
        return {}
    if isinstance(value, str):
        return {0: value}
    items = list(enumerate(value)) if isinstance(value, list) else None
    if isinstance(value, dict) and all(str(key).isdecimal() and len(str(key)) < 7 for key in value):
        items = [(int(key), each) for key, each in value.items()]
    if items is None or not all(isinstance(each, str) for _, each in items):
        raise LabelError(f"{name}: names must be a list, or numbers with names")
    return dict(items)


def shape_of(value: Any, name: str) -> tuple[int, int]:
    """kpt_shape -> (keypoints, numbers a keypoint); (0, 3) where there is none."""
    if value is None:
        return 0, 3
    if isinstance(value, list) and len(value) == 2 and all(str(v).isdecimal() and len(v) < 4 for v in value):
        count, dimensions = int(value[0]), int(value[1])
        if dimensions in {2, 3}:
            return count, dimensions
    raise LabelError(f"{name}: kpt_shape must be like [4, 3] or [4, 2]")
