"""Examples made part by part: alike however many make them, and those that are there are taken."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import Tensor

from kilpi.learn.parts import gather


@dataclass(frozen=True)
class Rows:
    one: Tensor
    other: Tensor


def rows(at: int) -> Rows:
    return Rows(torch.full((2, 3), at, dtype=torch.uint8), torch.arange(2) + 10 * at)


def never(at: int) -> Rows:
    raise AssertionError(f"part {at} is there already")


def failing(at: int) -> Rows:
    if at == 1:
        raise ValueError("no such part")
    return rows(at)


def files_in(folder: Path) -> list[Path]:
    return [folder / f"part-{at}.npz" for at in range(3)]


@pytest.mark.parametrize("workers", [1, 2])
def test_parts_come_in_their_order_however_many_make_them(tmp_path: Path, workers: int) -> None:
    made = gather(Rows, files_in(tmp_path), rows, workers)
    assert made.one[:, 0].tolist() == [0, 0, 1, 1, 2, 2]
    assert made.other.tolist() == [0, 1, 10, 11, 20, 21]
    again = gather(Rows, files_in(tmp_path), never, workers)
    assert torch.equal(again.other, made.other) and again.one.dtype == torch.uint8


def test_what_was_made_before_a_failure_is_kept(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such part"):
        gather(Rows, files_in(tmp_path), failing, 1)
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["part-0.npz"]
