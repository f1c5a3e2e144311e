"""What every training refuses before it begins."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from kilpi.errors import UsageError
from kilpi.learn.session import Asked, Session


@pytest.mark.parametrize("minutes", [0, -1, math.nan, math.inf])
def test_minutes_that_make_no_training_are_refused(tmp_path: Path, minutes: float) -> None:
    with pytest.raises(UsageError, match="--minutes"):
        Session("detector", Asked(minutes, [], out=tmp_path))


def test_an_earlier_training_is_not_written_over(tmp_path: Path) -> None:
    """A checkpoint that stays would be what a killed new run goes on from."""
    (tmp_path / "last.pt").touch()
    with pytest.raises(UsageError, match="--resume"):
        Session("detector", Asked(1, [], out=tmp_path))


def test_two_trainings_in_one_folder_are_one_too_many(tmp_path: Path) -> None:
    """Both began before the first checkpoint was written."""
    first, second = (Session("detector", Asked(1, [], out=tmp_path / "run")) for _ in range(2))
    first.plan({"net": {}}, (1e-3, 1e-4))
    with pytest.raises(UsageError, match="another training is at work"):
        second.plan({"net": {}}, (1e-3, 1e-4))
    del first
    second.plan({"net": {}}, (1e-3, 1e-4))


def test_a_run_of_another_network_does_not_go_on(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"name": "reader", "net": {}}))
    with pytest.raises(UsageError, match="kilpi train reader, not of detector"):
        Session("detector", Asked(1, [], resume=tmp_path))
