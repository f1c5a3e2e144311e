from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from kilpi.decision.agreement import AgreementVerifier
from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.verifier import LstmVerifier, default_verifier
from kilpi.errors import WeightsError
from kilpi.weights import PACKAGED, read_card, write_card


def test_the_shipped_card_holds_every_number_of_the_policy() -> None:
    card = read_card(PACKAGED / "verifier.onnx")
    assert set(card.policy) == set(DecisionPolicy(0.0).as_card())
    assert card.policy["p"] == card.thresholds["p"]
    assert LstmVerifier.load().policy == DecisionPolicy(**card.policy)


def test_a_card_from_before_policies_keeps_the_numbers_of_its_time() -> None:
    policy = DecisionPolicy.from_card({"p": 0.97}, {})
    assert policy == DecisionPolicy(0.97) and policy.weakest == 0.93


@pytest.mark.parametrize(
    ("thresholds", "policy", "says"),
    [
        ({}, {}, "lacks 'p'"),
        ({"p": 1.0}, {"newer": 1.0}, "another version"),
        ({"p": 1.0}, {"aside": "x"}, "x"),
    ],
)
def test_a_policy_that_is_not_ours_is_refused(
    thresholds: dict[str, float], policy: dict[str, float], says: str
) -> None:
    with pytest.raises(WeightsError, match=says):
        DecisionPolicy.from_card(thresholds, policy)


def test_a_verifier_of_another_reader_is_not_asked(tmp_path: Path) -> None:
    for name in ("verifier.onnx", "verifier.json", "reader.onnx", "reader.json"):
        shutil.copy(PACKAGED / name, tmp_path / name)
    assert isinstance(default_verifier(tmp_path), LstmVerifier)
    reader = tmp_path / "reader.onnx"
    write_card(replace(read_card(reader), sha256="0" * 64), reader)
    assert isinstance(default_verifier(tmp_path), AgreementVerifier)


def test_cards_are_plain_json(tmp_path: Path) -> None:
    card = read_card(PACKAGED / "verifier.onnx")
    write_card(card, tmp_path / "verifier.onnx")
    assert json.loads((tmp_path / "verifier.json").read_text())["policy"]["country_seen"] == 0.95
