"""Weights beside the data: added, used, gone back from; never changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kilpi.cli import app
from kilpi.errors import UsageError, WeightsError
from kilpi.hashing import file_sha256
from kilpi.weights import Card, weights_folder, write_card
from kilpi.weights.versions import (
    OURS,
    add_version,
    current_folder,
    current_name,
    overruled,
    use,
    use_current,
    versions,
)


def network(folder: Path, content: bytes = b"net", name: str = "reader") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    path.write_bytes(content)
    write_card(Card(name, file_sha256(path), 1, {}), path)
    return folder


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KILPI_WEIGHTS", OURS):
        monkeypatch.setenv(name, "")  # so that what the code sets is taken back


def test_a_version_is_added_used_and_left(tmp_path: Path, unset: None) -> None:
    assert (current_name(tmp_path), current_folder(tmp_path)) == ("shipped", None)
    folder = add_version(tmp_path, "v1", network(tmp_path / "run"), {"why": "test"})
    assert current_name(tmp_path) == "shipped"  # adding is not using
    use(tmp_path, "v1")
    use_current(tmp_path)
    assert current_folder(tmp_path) == folder == weights_folder()
    assert [(v.name, v.networks, v.in_use) for v in versions(tmp_path)] == [
        ("shipped", (), False),
        ("v1", ("reader",), True),
    ]
    use(tmp_path, "shipped")
    use_current(tmp_path)
    assert "KILPI_WEIGHTS" not in os.environ


def test_what_a_person_names_comes_first(
    tmp_path: Path, unset: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_version(tmp_path, "v1", network(tmp_path / "run"), {})
    use(tmp_path, "v1")
    monkeypatch.setenv("KILPI_WEIGHTS", str(tmp_path / "mine"))
    use_current(tmp_path)
    assert weights_folder() == tmp_path / "mine"


def test_what_would_not_be_used_is_said_and_not_made(
    tmp_path: Path, unset: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_version(tmp_path, "v1", network(tmp_path / "run"), {})
    monkeypatch.setenv("KILPI_WEIGHTS", str(tmp_path / "mine"))
    used = CliRunner().invoke(app, ["weights", "use", "v1", "--data", str(tmp_path)])
    assert used.exit_code == 0 and "mine and comes first" in " ".join(used.stderr.split())
    for verb in (["weights", "refit"], ["retrain", "--minutes", "1"]):
        done = CliRunner().invoke(app, [*verb, "--data", str(tmp_path)])
        assert isinstance(done.exception, UsageError) and "would not be used" in str(done.exception)
    monkeypatch.setenv(OURS, str(tmp_path / "mine"))  # this process set it itself
    assert overruled() == ""


def test_versions_are_never_changed_and_damaged_ones_not_used(tmp_path: Path) -> None:
    folder = add_version(tmp_path, "v1", network(tmp_path / "run"), {})
    with pytest.raises(WeightsError, match="never changed"):
        add_version(tmp_path, "v1", network(tmp_path / "run", b"other"), {})
    (folder / "reader.onnx").write_bytes(b"damaged")
    with pytest.raises(WeightsError, match="sha256"):
        use(tmp_path, "v1")
    assert current_name(tmp_path) == "shipped"


@pytest.mark.parametrize("name", ["v2", "../v1", ""])
def test_a_name_that_is_no_version_is_refused(tmp_path: Path, name: str) -> None:
    add_version(tmp_path, "v1", network(tmp_path / "run"), {})
    with pytest.raises(WeightsError, match="there are shipped, v1"):
        use(tmp_path, name)


def test_the_commands(tmp_path: Path) -> None:
    add_version(tmp_path, "v1", network(tmp_path / "run"), {"at": "2026-11-01"})
    runner = CliRunner()
    used = runner.invoke(app, ["weights", "use", "v1", "--data", str(tmp_path)])
    assert used.exit_code == 0 and '"now": "v1"' in used.output
    listed = runner.invoke(app, ["weights", "list", "--data", str(tmp_path)])
    assert '"name": "v1", "in_use": true' in listed.output
