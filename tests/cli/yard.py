"""Commands run on a yard of three cars (see conftest), and what they print."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from kilpi.cli import app
from kilpi.errors import KilpiError

runner = CliRunner()


REGISTER = """\
mark,country,make,model,first_registered,vin
ABC-123,FI,Nissan,Leaf,2019-05-02,SJNFAAZE1U0000258
DEF-456,FI,Nissan,Micra,2018-03-01,
GHJ-789,FI,VW,Golf,2017-01-02,
"""


FACTS = "price = 15900\nkm = 84500\n"


CARS = ("golf", "leaf", "micra")


def kilpi(*arguments: str, code: int = 0) -> list[dict[str, Any]]:
    """What a command prints; its exit code is `code`."""
    result = runner.invoke(app, list(arguments))
    error = result.exception
    got = error.exit_code if isinstance(error, KilpiError) else result.exit_code
    assert got == code, (result.output, error)
    return [json.loads(line) for line in result.stdout.splitlines()]


def advert(*more: str, code: int = 0) -> dict[str, dict[str, Any]]:
    return {
        car["car"]: car for car in kilpi("advert", "yard", "--register", "register.csv", *more, code=code)
    }


def states() -> dict[str, str]:
    return {car["car"]: car["state"] for car in kilpi("cars")}


def folder(car: str) -> dict[str, tuple[int, bytes]]:
    """Everything in a car's folder: when it was written, and what is in it."""
    return {p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in (Path("out") / car).iterdir()}


def press_ctrl_c() -> None:
    """What SIGINT does where nobody ignores it, as shells make what runs in the background do."""
    raise KeyboardInterrupt


def send_sigterm() -> None:
    signal.raise_signal(signal.SIGTERM)
