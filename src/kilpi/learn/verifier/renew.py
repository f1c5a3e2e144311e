"""A verifier for a retraining's own networks: of cars composed of the answered photos, and read by them."""

from __future__ import annotations

import os
from pathlib import Path
from shutil import copyfile

from kilpi.errors import LabelError
from kilpi.learn.verifier.train import NEVER, Cars, train_verifier
from kilpi.weights import read_card
from kilpi.weights.versions import reading_with

MINUTES = 6.0  # of its training alone; composing and reading its cars takes most of the time


def renew(folder: Path, labels: Path, made: Path, cars: Cars, promise: float, seed: int) -> str:
    """Trains it in `folder`/verifier and puts it in the place of the one that was carried over into `made`.

    Not where it supports no threshold, for it would accept nothing, nor where the photos of `labels` are too
    few to compose of. `promise` is the share of accepted cars that may be wrong. What became of it, for a
    person. A run that was broken off goes on.
    """
    run = folder / "verifier"
    if not (run / "verifier.json").is_file():
        with reading_with(made):
            try:
                train_verifier(MINUTES, [labels], run, (), cars, 1 - promise, seed, os.cpu_count() or 1)
            except LabelError as error:
                return f"the verifier stays: {error}"
    p = read_card(run / "verifier.onnx").thresholds["p"]
    if p >= NEVER:
        return "the verifier stays: the composed cars support no threshold for a new one"
    for ending in ("onnx", "json"):
        copyfile(run / f"verifier.{ending}", made / f"verifier.{ending}")
    return f"a new verifier, which accepts from p {p:.4f} on"
