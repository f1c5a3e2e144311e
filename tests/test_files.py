from __future__ import annotations

from pathlib import Path

import pytest

from kilpi.files import photos_below, photos_in, write_whole, written_whole


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.json"
    write_whole(target, b"one")
    with pytest.raises(RuntimeError), written_whole(target) as beside:
        beside.write_bytes(b"half")
        raise RuntimeError("killed here")
    assert target.read_bytes() == b"one"
    assert [path.name for path in target.parent.iterdir()] == ["a.json"]


def test_a_reader_never_sees_what_is_being_written(tmp_path: Path) -> None:
    target = tmp_path / "a.jpg"
    with written_whole(target) as beside:
        beside.write_bytes(b"new")
        assert not target.exists()
        assert photos_in(tmp_path) == []  # hidden while it is written
    assert target.read_bytes() == b"new"


def test_photos_are_found_by_ending_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("kuva10.JPG", "kuva2.jpg", ".hidden.jpg", "list.csv", "b/kuva1.heic"):
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in photos_in(tmp_path)] == ["kuva2.jpg", "kuva10.JPG"]
    assert [path.name for path in photos_below(tmp_path)] == ["kuva1.heic", "kuva10.JPG", "kuva2.jpg"]
    assert list(photos_below(tmp_path / "absent")) == []
