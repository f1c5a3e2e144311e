"""kill -9 at ten moments. recipes/kill_nine.py does the same at hundreds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

RECIPE = Path(__file__).parents[2] / "recipes" / "kill_nine.py"


@pytest.mark.timeout(170)
def test_nothing_is_lost_doubled_or_stuck(place: str) -> None:
    counted = kill_nine(place, "--moments", "10", "--cars", "20", "--seed", "1")
    wrong = ("lost", "doubled", "half_written", "wrongly_shown", "wrongly_gone", "stuck", "asked_for_kills")
    assert {name: counted[name] for name in wrong} == dict.fromkeys(wrong, 0), counted
    assert counted["drained"]
    assert sum(counted["states"].values()) == counted["cars"] == 20
    assert counted["pages"] > 5


def kill_nine(*asked: str) -> dict[str, Any]:
    """What it counted. In a process of its own: it forks, and a fork of the tests' own process, with threads
    and signal handlers that other tests left in it, may stand still and not even end when it is told to.
    """
    command = [sys.executable, str(RECIPE), *asked]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        printed, _ = process.communicate(timeout=150)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # and the workers that it would leave behind
    assert process.returncode == 0
    counted: dict[str, Any] = json.loads(printed)
    return counted
