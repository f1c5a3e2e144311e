import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kilpi.errors import WeightsError
from kilpi.hashing import file_sha256
from kilpi.weights import (
    PACKAGED,
    Card,
    check_networks,
    check_weights,
    find_any,
    find_weights,
    folder_to_start_from,
    network_files,
    open_network,
    read_card,
    write_card,
)


def fake(folder: Path) -> Path:
    path = folder / "detector.onnx"
    path.write_bytes(b"no network at all")
    write_card(Card("detector", file_sha256(path), 3, {"pixels": "x"}, {"score": 0.3}), path)
    return path


def test_card_round_trip(tmp_path: Path) -> None:
    path = fake(tmp_path)
    card = read_card(path)
    assert (card.name, card.params, card.thresholds) == ("detector", 3, {"score": 0.3})
    assert check_weights(path) == card


def test_a_card_of_a_later_version_is_still_read(tmp_path: Path) -> None:
    path = fake(tmp_path)
    file = path.with_suffix(".json")
    file.write_text(json.dumps(json.loads(file.read_text()) | {"invented": 1}))
    assert read_card(path).params == 3


def test_missing_network_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="KILPI_WEIGHTS"):
        find_weights("detector", tmp_path)


def test_a_training_starts_from_the_packages_weights_or_a_folders(tmp_path: Path) -> None:
    assert folder_to_start_from("shipped") == folder_to_start_from(None) == PACKAGED
    assert folder_to_start_from(str(tmp_path)) == folder_to_start_from(tmp_path) == tmp_path


def test_environment_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path)
    monkeypatch.setenv("KILPI_WEIGHTS", str(tmp_path))
    assert find_weights("detector") == tmp_path / "detector.onnx"


def test_what_the_folder_lacks_is_the_packages_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path)
    monkeypatch.setenv("KILPI_WEIGHTS", str(tmp_path))
    assert find_weights("reader") == PACKAGED / "reader.onnx"
    assert network_files() == [
        tmp_path / "detector.onnx",
        *(PACKAGED / f"{name}.onnx" for name in ("corners", "reader", "verifier", "view", "scout", "whole")),
    ]


def test_a_folder_without_any_network_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KILPI_WEIGHTS", str(tmp_path / "typo"))
    with pytest.raises(WeightsError, match="KILPI_WEIGHTS names it, but no network is there"):
        find_weights("detector")


def test_networks_are_seen_to_before_any_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KILPI_WEIGHTS", raising=False)
    check_networks()
    monkeypatch.setenv("KILPI_WEIGHTS", str(tmp_path))
    path = fake(tmp_path)
    check_networks()
    path.write_bytes(b"cut off")
    with pytest.raises(WeightsError, match="is not the file its card describes"):
        check_networks()
    path.unlink()
    with pytest.raises(WeightsError, match="KILPI_WEIGHTS names it, but no network is there"):
        check_networks()


def test_a_network_that_only_helps_is_taken_from_where_it_is(tmp_path: Path) -> None:
    assert find_any("corners", tmp_path) == PACKAGED / "corners.onnx"
    assert find_any("none") is None
    path = fake(tmp_path)
    assert find_any("detector", tmp_path) == path


def test_changed_file_is_refused(tmp_path: Path) -> None:
    path = fake(tmp_path)
    path.write_bytes(b"something else")
    with pytest.raises(WeightsError, match="sha256"):
        open_network("detector", tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": "detector"}', "\x00"])
def test_broken_card(tmp_path: Path, text: str) -> None:
    path = fake(tmp_path)
    path.with_suffix(".json").write_text(text)
    with pytest.raises(WeightsError):
        check_weights(path)


def test_card_absent(tmp_path: Path) -> None:
    path = fake(tmp_path)
    path.with_suffix(".json").unlink()
    with pytest.raises(WeightsError, match="card"):
        check_weights(path)


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    fake(tmp_path)
    with pytest.raises(WeightsError, match="cannot open"):
        open_network("detector", tmp_path)


@pytest.mark.parametrize("path", sorted(PACKAGED.glob("*.onnx")), ids=lambda path: path.name)
def test_what_ships_says_nothing_of_the_machine_it_was_made_on(path: Path) -> None:
    assert b'.py", line' not in path.read_bytes()


def test_onnxruntime_tells_nobody(tmp_path: Path) -> None:
    """Its telemetry is on by default and begins with a device id in the home folder; CI turns it off."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("CI", "ORT_", "XDG_"))}
    code = "import os, kilpi.weights; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=env | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "1" and list(tmp_path.iterdir()) == []
