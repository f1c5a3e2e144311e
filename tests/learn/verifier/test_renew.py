"""A retraining's new verifier: put in the old one's place only where it would accept something."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch")

import numpy as np
from PIL import Image
from tests.learn.test_retrain import labelled
from tests.test_weight_versions import network

from kilpi.learn.verifier import renew as module
from kilpi.learn.verifier.renew import renew
from kilpi.learn.verifier.train import NEVER, Cars
from kilpi.weights import read_card, write_card


@pytest.mark.parametrize(("p", "renewed"), [(0.97, True), (NEVER, False)])
def test_a_new_verifier_takes_the_place_unless_it_would_accept_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, p: float, renewed: bool
) -> None:
    seen: list[str | None] = []

    def trained(minutes: float, labels: list[Path], out: Path, *more: object) -> None:
        seen.append(os.environ.get("KILPI_WEIGHTS"))
        network(out, b"new", "verifier")
        write_card(replace(read_card(out / "verifier.onnx"), thresholds={"p": p}), out / "verifier.onnx")

    monkeypatch.setattr(module, "train_verifier", trained)
    monkeypatch.setenv("KILPI_WEIGHTS", "before")
    made = network(tmp_path / "weights", b"carried over", "verifier")
    for _ in range(2):  # a resumed run finds it
        told = renew(tmp_path, tmp_path / "train.jsonl", made, Cars(test=0), 0.001, 0)
    assert ("from p 0.9700" in told) is renewed and ("no threshold" in told) is not renewed
    assert seen == [str(made)] and os.environ["KILPI_WEIGHTS"] == "before"
    assert ((made / "verifier.onnx").read_bytes() == b"new") is renewed


def test_too_few_photos_to_compose_cars_of_leave_the_verifier_and_say_so(tmp_path: Path) -> None:
    made = network(tmp_path / "weights", b"carried over", "verifier")
    pixels = np.full((60, 90, 3), 90, np.uint8)
    Image.fromarray(pixels).save(tmp_path / "0.png")
    told = renew(tmp_path, labelled(tmp_path, 1), made, Cars(8, 8, 0), 0.001, 0)
    assert told.startswith("the verifier stays") and "compose" in told
    assert (made / "verifier.onnx").read_bytes() == b"carried over"
