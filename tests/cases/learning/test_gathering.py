"""A run folder of one's own training as a version."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from kilpi.cases.learning.gathering import add_run
from kilpi.cli import app
from kilpi.errors import WeightsError
from kilpi.hashing import file_sha256
from kilpi.weights import PACKAGED, Card, named_by, read_card, write_card
from kilpi.weights.versions import current_name, use, versions


def network(folder: Path, name: str, content: bytes = b"net", kind: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    path.write_bytes(content)
    asked = {"reader": "kilpi-reader 00000000"} if name == "verifier" else {}
    write_card(Card(kind or name, file_sha256(path), 1, asked), path)
    return folder


def test_a_reader_comes_with_a_verifier_that_names_it_and_is_not_in_use_yet(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["weights", "add", str(network(tmp_path / "run", "reader")), "--data", str(tmp_path)]
    )
    assert result.exit_code == 0, result.output
    one = versions(tmp_path)[-1]
    assert one.networks == ("reader", "verifier") and current_name(tmp_path) == "shipped"
    folder = tmp_path / "weights" / one.name
    verifier, shipped = read_card(folder / "verifier.onnx"), read_card(PACKAGED / "verifier.onnx")
    assert verifier.input["reader"] == named_by(read_card(folder / "reader.onnx"))
    assert verifier.training["carried_over_from"] == shipped.input["reader"]
    use(tmp_path, one.name)  # each is its card's


def test_what_is_in_use_stays_for_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = add_run(tmp_path, network(tmp_path / "one", "reader", b"first"))
    (tmp_path / "weights" / first).rename(tmp_path / "weights" / "20260101")
    use(tmp_path, "20260101")
    name, new = add_run(tmp_path, network(tmp_path / "two", "detector"))
    folder = tmp_path / "weights" / name
    assert new == ("detector",) and (folder / "reader.onnx").read_bytes() == b"first"
    verifier = read_card(folder / "verifier.onnx")
    assert verifier.input["reader"] == named_by(read_card(folder / "reader.onnx"))


def test_what_is_no_run_of_a_networks_is_refused(tmp_path: Path) -> None:
    damaged = network(tmp_path / "damaged", "reader")
    (damaged / "reader.onnx").write_bytes(b"other")
    cases = {
        tmp_path / "empty": "no network is there",
        damaged: "sha256 differs",
        network(tmp_path / "other", "detector", kind="reader"): "its card is of a network 'reader'",
        network(tmp_path / "unknown", "insides"): "known are detector",
        network(tmp_path / "verifier", "verifier"): "its verifier is for the reader kilpi-reader 00000000",
    }
    for folder, words in cases.items():
        with pytest.raises(WeightsError, match=words):
            add_run(tmp_path, folder)
    assert not (tmp_path / "weights").exists()
