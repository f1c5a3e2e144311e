"""A verifier for another reader, or calibrated on more cars: the network as it is, curve and threshold anew.

    python recipes/recalibrate.py RUN... --weights FOLDER --reader FOLDER --out FOLDER

RUNs are folders of `kilpi train verifier` whose calibration.reads*.jsonl the reader in --reader has read; the
verifier of --weights judges their cars. Writes verifier.onnx and its card, which names that reader, to --out.
The policy is today's, with the threshold that the cars support.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kilpi.decision.features import Evidence
from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.verifier import LstmVerifier
from kilpi.evaluation.car_marks import JudgedCar, judged_car
from kilpi.evaluation.car_reads import load_reads
from kilpi.learn.onnx_export import commit
from kilpi.learn.verifier.train import NEVER, calibrate, rules_before_p
from kilpi.weights import find_weights, reader_name, write_card

PART = 2000  # cars scored at a time


def judged(runs: Sequence[Path]) -> Iterator[JudgedCar]:
    """The calibration cars of the runs that have a mark to judge."""
    rules = rules_before_p()
    files = [file for run in runs for file in sorted(run.glob("calibration.reads*.jsonl"))]
    for car in load_reads(files, rules.grammars):
        case = judged_car(car, rules)
        if case.evidence is not None:
            yield case


def scored(verifier: LstmVerifier, evidence: Sequence[Evidence]) -> NDArray[np.float64]:
    """Raw scores (n,) float64, 0..1."""
    parts = [verifier.scores(evidence[at : at + PART]) for at in range(0, len(evidence), PART)]
    return np.concatenate(parts).astype(np.float64)


def main() -> None:
    """Judge, calibrate, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--weights", type=Path, help="folder of the verifier; default: the shipped one")
    parser.add_argument("--reader", type=Path, help="folder of the reader; default: the shipped one")
    parser.add_argument("--precision", type=float, default=0.999)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    verifier, cases = LstmVerifier.load(asked.weights), list(judged(asked.runs))
    scores = scored(verifier, [case.evidence for case in cases if case.evidence is not None])
    curve, threshold = calibrate(cases, scores, asked.precision)
    policy, card = DecisionPolicy(threshold.p if threshold else NEVER), verifier.network.card
    known = {"reader": reader_name(asked.reader), "calibration": curve.reshape(-1).tolist()}
    metrics = {"threshold": asdict(threshold) if threshold else None, "calibration_cars": len(cases)}
    asked.out.mkdir(parents=True, exist_ok=True)
    path = asked.out / "verifier.onnx"
    shutil.copy(find_weights("verifier", asked.weights), path)
    made = replace(card, input={**card.input, **known}, thresholds={"p": policy.p}, policy=policy.as_card())
    write_card(
        replace(made, metrics=metrics, date=datetime.now(UTC).date().isoformat(), commit=commit()), path
    )
    print(f"{len(cases)} cars, {sum(not case.sorted_out for case in cases)} asked of p: {threshold}")


if __name__ == "__main__":
    main()
