"""A refit becomes a version that leaves every network as it is, and goes back; a gate stands before it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.cases.helping import MARK, review, worked
from tests.stores import FakeClock

from kilpi.cases import Arrival, AuditPlan, SaidMark, Sent, answer, receive
from kilpi.cases.learning import refitting as module
from kilpi.cases.learning.judged import JudgedCars
from kilpi.cases.learning.refitting import (
    accepted_of,
    cut_of,
    for_other_networks,
    refit_policy,
    refitted_card,
    truest,
)
from kilpi.cases.seen import NOTE
from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.verifier import LstmVerifier
from kilpi.evaluation.policy_refit import Cut, JudgedMark, Refit, refit
from kilpi.hashing import sha256_hex
from kilpi.store import Store
from kilpi.weights import PACKAGED, networks_name, read_card
from kilpi.weights.versions import current_folder, current_name, use, versions

CARD = read_card(PACKAGED / "verifier.onnx")
CUT = cut_of(CARD)
PLAN = AuditPlan(promise=0.4)  # so that some answers are enough


def answered(store: Store, count: int, score: float, networks: str) -> None:
    for i in range(count):
        photo = Sent(sha256_hex(f"{score} {i}".encode()), f"{i}.jpg", f"/nowhere/{i}.jpg")
        outcome = replace(review(), record={NOTE: {"score": score, "networks": networks}})
        text = f"ABC-{i + 100}"
        outcome = replace(outcome, mark=replace(MARK, text=text))
        case = worked(store, receive(store, Arrival((photo,))).case, outcome)
        answer(store, case.id, SaidMark(text, "FI"), by="anna", staff=True)


def test_enough_right_answers_make_a_version_that_goes_back(store: Store, clock: FakeClock) -> None:
    assert store.originals is not None
    data = store.originals.folder.parent
    answered(store, 24, CUT.score - 0.002, networks_name())
    done = refit_policy(store, PLAN, 0)
    assert done.gate is not None and done.gate.passed and done.version == current_name(data)
    folder = current_folder(data)
    assert folder is not None and networks_name(folder) == networks_name()
    lowered = LstmVerifier.load(folder).policy
    assert lowered.p < CUT.p and lowered.tied == pytest.approx(CUT.p)
    assert versions(data)[-1].note["why"] == "policy" and "lowered" in done.text
    again = refit_policy(store, PLAN, 0)
    assert again.version is None and again.refit.missing > done.refit.missing  # it starts from there
    use(data, "shipped")
    assert current_folder(data) is None


def test_too_few_answers_change_nothing(store: Store) -> None:
    assert store.originals is not None
    answered(store, 3, CUT.score - 0.002, networks_name())
    done = refit_policy(store, PLAN, 0)
    assert done.gate is None and done.refit.missing and "stay as they are" in done.text
    assert not (store.originals.folder.parent / "weights").exists()


def test_a_refused_refit_changes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    cars = tuple((f"{i}", JudgedMark(CUT.score - 0.002, True)) for i in range(40))
    monkeypatch.setattr(module, "judged_cars", lambda *_: JudgedCars(cars))
    wrong = [JudgedMark(CUT.score - 0.001, right=False)] * 30
    real = module.accepted_of
    monkeypatch.setattr(module, "accepted_of", lambda done, held: real(done, wrong))
    done = refit_policy(store, PLAN, 0)
    assert done.gate is not None and not done.gate.passed and done.version is None
    assert store.originals is not None and current_name(store.originals.folder.parent) == "shipped"


def lowered_to(score: float) -> Refit:
    return Refit(CUT, Cut(CUT.curve, score), 1, 0, 0, False, (0, 0))


def test_other_thresholds_on_p_move_along_with_the_curve() -> None:
    bent = CUT.curve.copy()
    bent[:, 1] = bent[:, 1] ** 2
    card = refitted_card(CARD, Refit(CUT, Cut(bent, CUT.score), 9, 1, 0, True, (0, 0)))
    old, new = (DecisionPolicy.from_card(c.thresholds, c.policy) for c in (CARD, card))
    after = cut_of(card)
    assert after.score_of(new.rival_p) == pytest.approx(CUT.score_of(old.rival_p))
    assert after.score == pytest.approx(CUT.score) and new.p != old.p


def test_networks_that_no_refit_has_seen_get_back_what_was_lowered_and_keep_what_was_raised() -> None:
    low, high = CUT.score - 0.1, CUT.score + 0.005
    back = for_other_networks(refitted_card(CARD, lowered_to(low)))
    assert cut_of(back).score == pytest.approx(CUT.score) and "refit" not in back.training
    assert cut_of(for_other_networks(refitted_card(CARD, lowered_to(high)))).score == pytest.approx(high)
    assert for_other_networks(CARD) == CARD


def test_a_curve_that_foretells_unseen_cars_worse_is_left() -> None:
    seen = [JudgedMark(0.9, i % 2 == 0) for i in range(400)]
    unseen = [JudgedMark(0.9, i % 5 > 0) for i in range(100)]
    done = refit(seen, CUT, 0.001)
    assert done.bent and not truest(done, unseen).bent and not truest(done, []).bent
    assert truest(done, seen[:100]).bent
    assert np.array_equal(truest(done, unseen).after.curve, CUT.curve)


def test_the_gate_counts_the_held_cars_by_both_thresholds() -> None:
    held = [JudgedMark(CUT.score, True), JudgedMark(CUT.score - 0.01, False), JudgedMark(0.1, False)]
    one = accepted_of(lowered_to(CUT.score - 0.02), held)
    assert (one.cars, one.before, one.after, one.wrong_before, one.wrong_after) == (3, 1, 2, 0, 1)


def test_the_command_needs_cases(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from kilpi.cli import app

    done = CliRunner().invoke(app, ["weights", "refit", "--data", str(tmp_path)])
    assert done.exit_code != 0 and "holds no cases" in str(done.exception)
