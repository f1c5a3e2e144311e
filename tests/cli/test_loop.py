"""The loop's verbs at the command line: labels from answers, the audit."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.cases.helping import MARK, ready, review
from tests.stores import no_power_cuts
from typer.testing import CliRunner

from kilpi.cases import Arrival, AuditPlan, Case, SaidMark, Sent, answer, read_case, receive, work
from kilpi.cases.seen import NOTE, PLATES
from kilpi.cli import app
from kilpi.geometry import quad_from_box
from kilpi.hashing import file_sha256
from kilpi.store import Store
from kilpi.types import Box, Mark
from kilpi.weights import networks_name

runner = CliRunner()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    no_power_cuts(monkeypatch)


def run(*words: str) -> tuple[int, dict[str, Any]]:
    done = runner.invoke(app, words)
    return done.exit_code, json.loads(done.output) if done.output.startswith("{") else {}


def car(out: Path, accepted: bool) -> Case:
    """One car with one photo, accepted, or answered."""
    path = out / "photo.png"
    out.mkdir(exist_ok=True)
    Image.effect_noise((160, 120), 50).save(path)
    sha256 = file_sha256(path)
    quad = [list(point) for point in quad_from_box(Box(40, 50, 90, 62))]
    note = {"score": 0.8, "networks": networks_name()}
    seen = {NOTE: note, PLATES: [{"photo": sha256, "quad": quad, "text": "ABC987", "frame": [160, 120]}]}
    store = Store.open(out)
    case = receive(store, Arrival((Sent(sha256, path.name, str(path)),))).case
    outcome = replace(ready() if accepted else review(), record=seen)
    work(store, lambda task: outcome, plan=AuditPlan(share=1.0))
    if not accepted:
        answer(store, case.id, SaidMark(MARK.text, "FI"), by="anna", staff=True)
    store.close()
    return case


def test_labels_from_cases(tmp_path: Path) -> None:
    car(tmp_path, accepted=False)
    code, told = run("labels", "from-cases", "--data", str(tmp_path), "--json")
    assert code == 0 and (told["cars"], told["photos"], told["errors"]) == (1, 1, 0)
    assert run("labels", "from-cases", "--data", str(tmp_path), "--since", "2999-01-01")[0] != 0


def test_a_refit_says_what_is_missing(tmp_path: Path) -> None:
    car(tmp_path, accepted=False)
    code, told = run("weights", "refit", "--data", str(tmp_path), "--json")
    assert code == 0 and told["version"] is None and told["threshold"] == "stays"
    assert told["answers_missing"] > 6000 and told["judged"] in (0, 1)  # one car in five is the gate's
    words = runner.invoke(app, ["weights", "refit", "--data", str(tmp_path), "--mishaps", "0"]).output
    assert MARK.text not in words


def test_the_audit_is_asked_answered_and_counted(tmp_path: Path) -> None:
    case = car(tmp_path, accepted=True)
    code, asked = run("audit", "next", "--data", str(tmp_path))
    assert code == 0 and asked == {"car": case.id, "photos": [str(tmp_path / "photo.png")]}
    assert MARK.text not in str(asked)
    assert run("audit", "answer", case.id, "--data", str(tmp_path))[0] != 0
    assert run("audit", "answer", case.id, MARK.text, "--data", str(tmp_path)) == (0, {"car": case.id})
    code, found = run("audit", "figures", "--data", str(tmp_path))
    assert (found["accepted"], found["answered"], found["wrong"], found["missing"]) == (1, 1, 0, 2994)
    assert run("audit", "next", "--data", str(tmp_path))[1] == {"car": None}
    code, told = run("audit", "resume", "--why", "test", "--data", str(tmp_path))
    assert code == 0 and told == {"was_stopped": False}
    store = Store.open(tmp_path)
    assert read_case(store, case.id).mark == MARK
    store.close()


def test_drift_says_when_there_is_too_little_to_compare(tmp_path: Path) -> None:
    car(tmp_path, accepted=True)
    done = runner.invoke(app, ["drift", "--data", str(tmp_path)])
    assert done.exit_code != 0 and "it takes 10" in str(done.exception)


def test_drift_tells_a_dealers_week(tmp_path: Path) -> None:
    store = Store.open(tmp_path, clock=(moments := Moments()))
    for n in range(24):
        moments.now += timedelta(days=7 * (n == 12))
        receive(store, Arrival((Sent(f"{n:064x}", f"{n}.jpg", f"/nowhere/{n}.jpg"),)))
        mark = Mark(f"ABC-{100 + n}", "FI" if n < 12 else "EE")
        work(store, lambda task, mark=mark: ready(mark))
    store.close()
    code, told = run("drift", "--data", str(tmp_path), "--reference", f"{moments.now:%Y-%m-%d}")
    assert code == 0 and told["alarms"] == ["country"] and told["cars"] == 12


class Moments:
    """A clock that is set."""

    now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now
