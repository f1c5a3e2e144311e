"""The networks that ship, opened as on both kinds of processor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from kilpi.errors import WeightsError
from kilpi.weights import PACKAGED, open_network, read_card, write_card
from kilpi.weights import session as opening
from kilpi.weights.processor import multiplies_in_eight_bits
from kilpi.weights.session import Session, alike, answer_of, open_session

# Elsewhere the sums of 8 bits overflow, which is why they are not used there.
needs_eight_bits = pytest.mark.skipif(not multiplies_in_eight_bits(), reason="no such processor")

ROUNDED = ("detector", "scout", "view")


@pytest.fixture(autouse=True)
def opened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as other tests share them: how they are opened is what is tested."""
    monkeypatch.setattr("kilpi.weights.open_session", open_session)


def opened(name: str, eight_bits: bool, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr(opening, "multiplies_in_eight_bits", lambda: eight_bits)
    return open_network(name, PACKAGED, threads=1).session


def operations(name: str, way: dict[str, str], folder: Path) -> set[str]:
    """Which of these ONNX Runtime runs, as its profile tells."""
    options = opening.options_for(way)
    options.enable_profiling, options.profile_file_prefix = True, str(folder / "profile")
    kept = opening.KEPT if way else None
    told = ort.InferenceSession(PACKAGED / f"{name}.onnx", options, disabled_optimizers=kept)
    answer_of(told)
    text = Path(told.end_profiling()).read_text()
    return {word for word in ("QLinearConv", "Conv") if f'"op_name" : "{word}"' in text}


@needs_eight_bits
@pytest.mark.parametrize("name", ROUNDED)
def test_both_kinds_of_processor_answer_alike(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    card = read_card(PACKAGED / f"{name}.onnx")
    eight = answer_of(opened(name, True, monkeypatch))
    exact = answer_of(opened(name, False, monkeypatch))
    assert len(card.answer) == len(exact) and eight != exact
    assert alike(eight, card.answer) and alike(exact, card.answer)


@pytest.mark.parametrize("name", ROUNDED)
def test_8_bits_are_used_by_the_one_and_not_by_the_other(name: str, tmp_path: Path) -> None:
    assert "QLinearConv" in operations(name, {}, tmp_path)
    assert operations(name, opening.IN_32_BITS, tmp_path) == {"Conv"}


def test_what_is_taken_apart_wrongly_is_opened_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """A later ONNX Runtime may call what must be left alone otherwise: then a ReLU6 is missing."""
    monkeypatch.setattr(opening, "KEPT", ("Renamed",))
    card = read_card(PACKAGED / "detector.onnx")
    session = opened("detector", False, monkeypatch)
    assert answer_of(session) == pytest.approx(card.answer, abs=1e-3)
    monkeypatch.setattr(opening, "AS_WRITTEN", opening.IN_32_BITS)
    with pytest.raises(WeightsError, match="otherwise than its card says"):
        opened("detector", False, monkeypatch)


def test_a_network_that_answers_otherwise_than_its_card_is_refused(tmp_path: Path) -> None:
    for suffix in (".onnx", ".json"):
        (tmp_path / f"view{suffix}").write_bytes((PACKAGED / f"view{suffix}").read_bytes())
    path = tmp_path / "view.onnx"
    card = read_card(path)
    open_session(path, 1, card.answer)
    open_session(path, 1)  # a card of before: nothing to hold it against
    wrong = tuple(2 * value + 1 for value in card.answer)
    with pytest.raises(ValueError, match="otherwise"):
        open_session(path, 1, wrong)
    write_card(replace(card, answer=wrong), path)
    with pytest.raises(WeightsError, match=r"view\.onnx: .*otherwise than its card says"):
        open_network("view", tmp_path)


def test_the_made_up_picture_is_the_same_everywhere() -> None:
    class Told:
        """A session that keeps what it is asked."""

        class Given:
            name, shape = "pixels", ["n", "h", 32, 3]

        def get_inputs(self) -> list[object]:
            return [self.Given]

        def run(self, _: None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
            self.seen = inputs["pixels"]
            return [self.seen.astype(np.float32)]

    told = Told()
    assert answer_of(told) == pytest.approx([127.233], abs=0.01)
    assert told.seen.shape == (1, 64, 32, 3) and told.seen.dtype == np.uint8
