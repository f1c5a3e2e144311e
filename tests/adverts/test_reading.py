"""A car's folder is read while it is exchanged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.adverts_data import accepted

from kilpi.adverts import folders, reading
from kilpi.adverts.folders import ADVERT, write_car
from kilpi.adverts.reading import file_in, record_in


def test_in_the_middle_of_an_exchange_the_old_folder_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_car(accepted("leaf"), tmp_path)
    real: Callable[[Path, Path], Path] = Path.rename
    between: list[bool] = []

    def rename(self: Path, target: Path) -> Path:
        done = real(self, target)
        if self == folder:  # it is away, and the new one has not come
            record = record_in(folder)
            between.append(not folder.exists() and record is not None)
            assert file_in(folder, ADVERT)[0] == record
        return done

    monkeypatch.setattr(Path, "rename", rename)
    write_car(accepted("leaf"), tmp_path)
    assert between == [True]


def test_a_file_is_that_of_its_record_or_none(tmp_path: Path) -> None:
    folder = write_car(accepted("leaf"), tmp_path)
    (folder / ADVERT).write_text("not as it was written")
    for name in (ADVERT, "none.jpg", "../leaf/decision.json"):
        with pytest.raises(FileNotFoundError):
            file_in(folder, name)
    assert record_in(tmp_path / "none") is None and folders.OLD in str(reading.places(folder)[1])
