"""`kilpi train verifier`: composed cars through the real line -> a calibrated verifier with a threshold."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.multiprocessing as mp
from torch import nn

from kilpi.decision.features import LENGTH, WIDTH, Tokeniser
from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.rules import Rules
from kilpi.errors import UsageError
from kilpi.evaluation.car_marks import JudgedCar, judged_car, make_tokeniser
from kilpi.evaluation.car_reads import load_reads
from kilpi.evaluation.metrics import Threshold, choose_threshold
from kilpi.grammar import load_grammars
from kilpi.hashing import file_sha256
from kilpi.learn.onnx_export import commit, data_id, parameters
from kilpi.learn.verifier.calibrate import apply_curve, calibration_curve
from kilpi.learn.verifier.car_recipes import CALIBRATION, DEALER, HARD
from kilpi.learn.verifier.compose_cars import scenes_of
from kilpi.learn.verifier.composed_reads import NearPlates, WholePhoto, read_seen, see_composed, write_seen
from kilpi.learn.verifier.net import (
    LinearNet,
    Tokens,
    VerifierConfig,
    VerifierNet,
    WideAndDeep,
    export_verifier,
    fit,
    scores_of,
)
from kilpi.learn.verifier.pairs import reader_of, training_pairs
from kilpi.plates.detector import PlateDetector
from kilpi.plates.hidden_parts import HiddenParts
from kilpi.plates.reader import PlateReader
from kilpi.weights import Card, find_any, write_card

# What each set's cars are like, in turn. The sets share no photo and no seed. Training on hard cars alone
# taught too little of what a dealer's good photos look like (recipes/LOG.md).
SETS = {"training": (HARD, CALIBRATION), "calibration": (CALIBRATION,), "test": (DEALER,)}
NETS = 4  # trained from different seeds, their logits averaged
PARTS = 8  # files a set: what a killed run has finished is not made again
LEAST = 0.9  # no mark is accepted that is itself less likely right than so, however sure all are together
NEVER = 2.0  # a p that nothing reaches


@dataclass(frozen=True, slots=True)
class Cars:
    """How many cars to compose for each set."""

    training: int = 8000
    calibration: int = 10000
    test: int = 4500  # of which some 3,000 must be accepted, none wrongly, to show 1 in 1,000

    @classmethod
    def for_test(cls, test: int) -> Cars:
        """So many for the test, and of the others in proportion."""
        usual = cls()
        return cls(usual.training * test // usual.test, usual.calibration * test // usual.test, test)


@dataclass(frozen=True, slots=True)
class VerifierRun:
    """A finished training: its folder with verifier.onnx, verifier.json and linear.pt, and its threshold."""

    folder: Path
    weights: Path
    threshold: Threshold | None
    pairs: int
    wrong_pairs: int


def train_verifier(
    minutes: float,
    labels: Sequence[Path],
    out: Path,
    images: Sequence[Path] = (),
    cars: Cars | None = None,
    precision: float = 0.999,
    seed: int = 0,
    workers: int = 1,
) -> VerifierRun:
    """Composes cars from the labelled photos, reads them with the shipped networks, trains and calibrates.

    `minutes` is for the training alone. What was composed and found is kept in `out` (NAME.seen*.jsonl and
    .crops), and a later run into the same folder only reads it anew. Raises LabelError where photos or pairs
    are too few, WeightsError where the detector or the reader is missing.
    """
    cars = cars or Cars()
    see_all(labels, images, out, cars, seed, workers)
    return learn_and_calibrate(minutes, read_all(out, workers), out, labels, precision, seed)


def see_all(
    labels: Sequence[Path], images: Sequence[Path], out: Path, cars: Cars, seed: int, workers: int
) -> None:
    """Composes what is not there yet, and finds its plates: `out`/NAME.seen0.jsonl and so on."""
    out.mkdir(parents=True, exist_ok=True)
    check_origin(out, {"cars": asdict(cars), "seed": seed, "networks": network_ids()})
    jobs = [
        (name, n, seed + 100 + k, [*labels], [*images], out / f"{name}.seen{i}.jsonl", (i, PARTS))
        for k, (name, n) in enumerate(asdict(cars).items())
        for i in range(PARTS if n else 0)
    ]
    side_by_side(see_part, [job for job in jobs if not job[5].is_file()], workers)


def network_ids() -> list[str]:
    """The hashes of the shipped networks that decide what is cut out of photos."""
    files = [find_any(name) for name in ("detector", "corners")]
    return [file_sha256(file) for file in files if file is not None]


def check_origin(out: Path, origin: dict[str, Any]) -> None:
    """Notes what a folder's cut plates come from. Raises UsageError where it already holds others."""
    note = out / "seen.json"
    if note.is_file() and json.loads(note.read_text(encoding="utf-8")) != origin:
        raise UsageError(f"{out} holds plates of other cars or another detector; give another --out")
    note.write_text(json.dumps(origin, indent=2), encoding="utf-8")


def read_all(out: Path, workers: int = 1) -> dict[str, list[Path]]:
    """Reads all that was seen with the shipped reader: set name -> files."""
    made = {
        name: [out / path.name.replace(".seen", ".reads") for path in sorted(out.glob(f"{name}.seen*.jsonl"))]
        for name in SETS
    }
    files = [path for paths in made.values() for path in paths]
    side_by_side(read_part, [(out / f.name.replace(".reads", ".seen"), f) for f in files], workers)
    return made


def side_by_side(work: Callable[..., None], jobs: Sequence[tuple[Any, ...]], workers: int) -> None:
    """Every job in turn, or several at a time in processes of their own."""
    if workers < 2 or len(jobs) < 2:
        for job in jobs:
            work(*job)
        return
    with mp.get_context("spawn").Pool(workers) as pool:  # a fork would inherit OpenCV's threads, and hang
        pool.starmap(work, jobs, chunksize=1)


def see_part(
    name: str,
    n: int,
    seed: int,
    labels: Sequence[Path],
    images: Sequence[Path],
    path: Path,
    part: tuple[int, int],
) -> None:
    """One worker's share of one set."""
    cv2.setNumThreads(1)
    scenes = scenes_of(labels, images, name)
    detector = PlateDetector.load(threads=1)
    look = WholePhoto(detector) if name == "test" else NearPlates(detector)
    write_seen(path, see_composed(n, seed, scenes, SETS[name], look, part))


def read_part(seen: Path, reads: Path) -> None:
    """One file of cut plates."""
    cv2.setNumThreads(1)
    read_seen(seen, PlateReader.load(threads=1).read_fitted, reads, HiddenParts.load(threads=1))


def learn_and_calibrate(
    minutes: float,
    made: dict[str, list[Path]],
    out: Path,
    labels: Sequence[Path],
    precision: float = 0.999,
    seed: int = 0,
) -> VerifierRun:
    """From reads to verifier.onnx and its card."""
    rules, rng = rules_before_p(), np.random.default_rng(seed)
    grammars = rules.grammars
    cars = load_reads(made["training"], grammars)
    pairs, held = training_pairs(cars, rules, rng)
    tokeniser = make_tokeniser(pairs, grammars.countries)
    tokens = tokeniser.encode([pair.evidence for pair in pairs])
    right = np.array([pair.right for pair in pairs])
    torch.manual_seed(seed)
    config = VerifierConfig(tokeniser.size, tuple(tokeniser.ladders()))
    nets = [VerifierNet(config) for _ in range(NETS)]
    losses = [fit(net, tokens, right, held, minutes / NETS, seed + i).losses for i, net in enumerate(nets)]
    linear = LinearNet(tokeniser.size)
    fit(linear, tokens, right, held, minutes / NETS, seed, learning_rate=1e-2)
    torch.save({"weights": linear.state_dict(), "tokens": tokeniser.state()}, out / "linear.pt")
    joined = WideAndDeep(nets, linear)
    path = export_verifier(joined, tokeniser.size, out)
    seen = [judged_car(car, rules) for car in load_reads(made["calibration"], grammars)]
    cases = [case for case in seen if case.evidence is not None]
    evidence = [case.evidence for case in cases if case.evidence is not None]
    scores = scores_of(joined, tokeniser.encode(evidence))
    curve, threshold = calibrate(cases, scores, precision)
    card = make_card(path, [*nets, linear], tokeniser, reader_of(cars), curve, threshold, labels)
    training = {
        "minutes": minutes, "cars": len(cars), "pairs": len(pairs), "wrong": int((~right).sum()),
        "held_out_loss": [round(min(loss), 5) for loss in losses],
    }  # fmt: skip
    metrics = {"threshold": asdict(threshold) if threshold else None, "calibration_cars": len(cases)}
    write_card(replace(card, training=training, metrics=metrics), path)
    (out / "run.json").write_text(json.dumps({**training, "precision": precision, "seed": seed}, indent=2))
    return VerifierRun(out, path, threshold, len(pairs), int((~right).sum()))


def rules_before_p() -> Rules:
    """The rules by which calibration cars are sorted out before there is a threshold of p."""
    return Rules(load_grammars(), DecisionPolicy(p=0.0))


def calibrate(
    cases: Sequence[JudgedCar], scores: np.ndarray[Any, np.dtype[np.float64]], precision: float
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], Threshold | None]:
    """Scores of calibration cars (n,) -> the curve (m, 2) of p over scores, and the threshold of p.

    The curve is of all marks, since p is asked of other plates in the photos too; the threshold is of those
    that no rule sends to a person, and at least `LEAST`.
    """
    matches = np.array([case.matches for case in cases])
    curve = np.array([[float(f"{v:.9g}") for v in point] for point in calibration_curve(scores, matches)])
    right = np.array([case.right for case in cases])
    p = apply_curve(curve, scores)
    asked = np.array([not case.sorted_out for case in cases]) & (p >= LEAST)
    return curve, choose_threshold(p[asked], right[asked], precision) if asked.any() else None


def make_card(
    path: Path,
    nets: Sequence[nn.Module],
    tokeniser: Tokeniser,
    reader: str,
    curve: np.ndarray[Any, np.dtype[np.float64]],
    threshold: Threshold | None,
    labels: Sequence[Path],
) -> Card:
    """The verifier's card; without a threshold that the data support, nothing is accepted by it."""
    policy = DecisionPolicy(threshold.p if threshold else NEVER)
    return Card(
        name=path.stem,
        sha256=file_sha256(path),
        params=sum(parameters(net) for net in nets),
        input={
            "shape": f"(n, {LENGTH}, {WIDTH}) int64 token numbers, empty places first",
            "reader": reader,
            "tokens": tokeniser.state(),
            "calibration": curve.reshape(-1).tolist(),
        },
        thresholds={"p": policy.p},
        policy=policy.as_card(),
        data=tuple(data_id(file) for file in labels),
        date=datetime.now(UTC).date().isoformat(),
        commit=commit(),
    )


def linear_scores(
    folder: Path, tokeniser: Tokeniser
) -> Callable[[Tokens], np.ndarray[Any, np.dtype[np.float64]]] | None:
    """The linear rival of a run: tokens (n, LENGTH, WIDTH) -> scores (n,); None where it has other tokens."""
    saved = torch.load(folder / "linear.pt", weights_only=True)
    if saved["tokens"] != tokeniser.state():
        return None
    net = LinearNet(len(saved["weights"]["weights.weight"]))
    net.load_state_dict(saved["weights"])
    return partial(scores_of, net)
