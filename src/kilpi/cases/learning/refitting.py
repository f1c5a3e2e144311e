"""`kilpi weights refit`: the verifier's threshold and curve from what people said, through the gate.

No network changes, only the verifier's card; it becomes a version. One car in five, by hash, is kept for the
gate.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from typing import Any

import numpy as np

from kilpi.cases.learning.audit import AuditPlan, is_stopped
from kilpi.cases.learning.judged import JudgedCars, judged_cars
from kilpi.cases.learning.label_files import labels_folder
from kilpi.decision.policy import DecisionPolicy
from kilpi.errors import WeightsError
from kilpi.evaluation.contest import Weights, mishaps
from kilpi.evaluation.gate import Accepted, Gate, accepted_check
from kilpi.evaluation.policy_refit import Cut, JudgedMark, Refit, log_loss, refit
from kilpi.hashing import share_of_key
from kilpi.labels.record import read_labels
from kilpi.store import Store
from kilpi.weights import NETWORKS, Card, networks_name, read_card, write_card
from kilpi.weights.versions import add_version, current_folder, use

HELD = 0.2  # of the cars: only the gate sees them
SHOWN = 5  # cases that are named
NAME = "verifier.onnx"
COUNTED = "refit"  # in the card's `training`: what is to be known of refits with these networks


@dataclass(frozen=True, slots=True)
class Refitted:
    """What came of it: the refit, what it rests on, the gate's answer to a change, and the version."""

    refit: Refit
    cars: JudgedCars
    gate: Gate | None = None
    version: str | None = None

    @property
    def text(self) -> str:
        """For a person."""
        cars, lines = self.cars, [self.refit.text]
        if cars.elsewhere:
            lines.append(f"{cars.elsewhere} judged cars were decided by other networks and do not count")
        if cars.by_dealers:
            lines.append(f"{cars.by_dealers} marks were called right by dealers alone and do not count")
        if cars.waiting:
            waits = f"case {cars.waiting} waits for an answer"
            lines.append(f"{waits}: {cars.after} answers to later cars do not count yet")
        if cars.again:
            named = ", ".join(cars.again[:SHOWN])
            lines.append(
                f"{len(cars.again)} answers say another mark than was read and count as wrong reads;"
                f" look at them again: {named}"
            )
        if self.gate:
            lines.append(self.gate.text)
        lines.append(f"in use: {self.version}" if self.version else "threshold and p stay as they are")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        done = self.refit
        return {
            "judged": done.n, "wrong": done.wrong, "threshold": done.moved, "p_before": done.before.p,
            "p_after": done.after.p, "answers_missing": done.missing, "curve_told_anew": done.bent,
            "other_networks": self.cars.elsewhere, "by_dealers": self.cars.by_dealers,
            "waiting": self.cars.waiting, "look_again": list(self.cars.again), "version": self.version,
            "gate": self.gate.as_dict() if self.gate else None,
        }  # fmt: skip


def refit_policy(store: Store, plan: AuditPlan, count: int = 2) -> Refitted:
    """Threshold and curve for the networks in use; the gate has both decide `count` mishaps of each kind.

    Raises UsageError for a store without a folder, WeightsError, StoreError.
    """
    data, now = labels_folder(store).parent, datetime.now(UTC)
    before = Weights(current_folder(data))
    card = read_card(before.of("verifier") / NAME)
    cars = judged_cars(store, networks_name(before.folder), plan, now)
    fitted = [mark for name, mark in cars.marks if not is_held(name)]
    held = [mark for name, mark in cars.marks if is_held(name)]
    counted = card.training.get(COUNTED, {})
    stopped = store.read(is_stopped)
    done = truest(refit(fitted, cut_of(card), plan.promise, counted.get("lowered", 0), stopped), held)
    if not done.changed:
        return Refitted(done, cars)
    with tempfile.TemporaryDirectory() as folder:
        made = write_refitted(Path(folder), before, card, done)
        gate = held_against(done, held, data, before, Weights(made), count)
        version = ship(data, made, gate, done, now) if gate.passed else None
    return Refitted(done, cars, gate, version)


def is_held(car: str) -> bool:
    """Whether a car is the gate's."""
    return share_of_key(f"policy {car}") < HELD


def cut_of(card: Card) -> Cut:
    """What a verifier's card accepts by. Raises WeightsError."""
    policy = DecisionPolicy.from_card(card.thresholds, card.policy)
    try:
        curve = np.array(card.input["calibration"], np.float64).reshape(-1, 2)
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"the verifier's card lacks {error}; train it again") from None
    return Cut(curve, Cut(curve, 0.0).score_of(policy.p))


def truest(done: Refit, held: Sequence[JudgedMark]) -> Refit:
    """The refit; without its new curve where that foretells the held cars worse than the old one."""
    new = Cut(done.after.curve, done.before.score)
    if not done.bent or (held and log_loss(held, new) <= log_loss(held, done.before)):
        return done
    return replace(done, after=Cut(done.before.curve, done.after.score), bent=False)


def refitted_card(card: Card, done: Refit) -> Card:
    """The card with the new curve and threshold. Every other threshold on p moves along with the curve; what
    ties must come to does not fall.
    """
    old = DecisionPolicy.from_card(card.thresholds, card.policy)
    rival = done.after.p_of(done.before.score_of(old.rival_p))
    policy = replace(old, p=done.after.p, rival_p=rival, tied=max(old.tied, old.p))
    known = card.training.get(COUNTED, {})
    counted = {
        "lowered": known.get("lowered", 0) + (done.moved == "lowered"),
        "first_score": known.get("first_score", done.before.score),
    }
    return replace(
        card,
        input={**card.input, "calibration": done.after.curve.reshape(-1).tolist()},
        thresholds={**card.thresholds, "p": policy.p},
        policy=policy.as_card(),
        training={**card.training, COUNTED: counted},
    )


def for_other_networks(card: Card) -> Card:
    """The card for a reader that no refit has seen: what was raised stays, what was lowered goes back."""
    if COUNTED not in card.training:
        return card
    first, cut = float(card.training[COUNTED]["first_score"]), cut_of(card)
    policy = replace(
        DecisionPolicy.from_card(card.thresholds, card.policy), p=cut.p_of(max(first, cut.score))
    )
    training = {key: value for key, value in card.training.items() if key != COUNTED}
    thresholds = {**card.thresholds, "p": policy.p}
    return replace(card, thresholds=thresholds, policy=policy.as_card(), training=training)


def write_refitted(folder: Path, before: Weights, card: Card, done: Refit) -> Path:
    """The networks of the version in use, and the verifier with its new card."""
    own = [name for name in NETWORKS if before.folder is not None and before.of(name) == before.folder]
    for name in {*own, "verifier"}:
        for ending in ("onnx", "json"):
            copyfile(before.of(name) / f"{name}.{ending}", folder / f"{name}.{ending}")
    write_card(refitted_card(card, done), folder / NAME)
    return folder


def held_against(
    done: Refit, held: Sequence[JudgedMark], data: Path, before: Weights, after: Weights, count: int
) -> Gate:
    """The gate: cars that gave nothing to the refit, and folders in which something happens to plates."""
    cars = [accepted_of(done, held)]
    tests = [path for path in [data / "labels" / "test.jsonl"] if path.is_file() and read_labels(path)]
    happened = mishaps(tests, count, before, after) if tests and count else None
    cars += [happened] if happened else []
    return Gate(tuple(accepted_check(one) for one in cars))


def accepted_of(done: Refit, held: Sequence[JudgedMark]) -> Accepted:
    """The held cars, by both thresholds."""
    old, new = ([m for m in held if m.score >= cut.score] for cut in (done.before, done.after))
    wrong = [sum(not mark.right for mark in some) for some in (old, new)]
    return Accepted("judged cars, held back", len(held), len(old), len(new), wrong[0], wrong[1])


def ship(data: Path, made: Path, gate: Gate, done: Refit, now: datetime) -> str:
    """A version, in use from now on. Its name."""
    name = f"{now:%Y%m%d-%H%M%S}-policy"
    add_version(data, name, made, {"at": now.isoformat(), "why": "policy", "gate": gate.as_dict()})
    use(data, name)
    return name
