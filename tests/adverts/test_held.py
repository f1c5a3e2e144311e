"""What becomes of a car's folder when its car is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.adverts_data import accepted, doubtful

from kilpi.adverts.folders import write_car
from kilpi.adverts.held import take_away
from kilpi.adverts.records import DECISION


def test_only_what_kilpi_wrote_is_taken_away(tmp_path: Path) -> None:
    write_car(accepted("leaf"), tmp_path)
    (tmp_path / "leaf" / "07.jpg").write_bytes(b"theirs")
    take_away(tmp_path / "leaf")
    assert [path.name for path in (tmp_path / "leaf").iterdir()] == ["07.jpg"]


@pytest.mark.parametrize("content", [b"", b'{"schema": 1, "fi', b'{"schema": 99, "files": []}'])
def test_plates_go_with_their_car_also_where_its_record_cannot_be_read(
    tmp_path: Path, content: bytes
) -> None:
    """Empty after the power failed, cut off by a full disk, of another version of Kilpi."""
    for car in (accepted("leaf"), doubtful("golf")):
        write_car(car, tmp_path)
    (tmp_path / "golf" / "plate-01.jpg").write_bytes(b"a plate as it was seen")
    (tmp_path / "golf" / "notes.txt").write_text("theirs")
    for name in ("leaf", "golf"):
        (tmp_path / name / DECISION).write_bytes(content)
        take_away(tmp_path / name)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == [
        "golf",
        "golf/notes.txt",
    ]


def test_a_folder_without_a_record_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / "leaf").mkdir()
    (tmp_path / "leaf" / "01.jpg").write_bytes(b"a dealer's photo")
    take_away(tmp_path / "leaf")
    assert (tmp_path / "leaf" / "01.jpg").exists()
