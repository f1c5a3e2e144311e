"""Examples as tensors, kept part by part in files of a run's folder: a training that was stopped goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from kilpi.files import written_whole

T = TypeVar("T")  # a dataclass whose fields are all tensors, an example a row


def write_part(part: Any, file: Path) -> None:
    """One part, written whole or not at all."""
    with written_whole(file) as beside:
        np.savez(beside, **{field.name: getattr(part, field.name).numpy() for field in fields(part)})


def read_part(kind: type[T], file: Path) -> T:
    """The inverse."""
    with np.load(file) as kept:
        return kind(*(torch.from_numpy(kept[field.name]) for field in fields(kind)))  # type: ignore[arg-type]


def joined(parts: Sequence[T]) -> T:
    """Several as one."""
    first: Any = parts[0]
    columns = (torch.cat([getattr(part, field.name) for part in parts]) for field in fields(first))
    return type(parts[0])(*columns)
