from __future__ import annotations

import hashlib
import io
import os
import stat
import time
from pathlib import Path

import pytest

from kilpi.config import Settings
from kilpi.errors import NoRoom, PhotoMissing, StoreError
from kilpi.store import Originals, open_store, sha256_of

BYTES = b"a photo" * 400_000  # more than one piece


def test_a_photo_is_kept_once_under_its_sha256(tmp_path: Path) -> None:
    originals = Originals(tmp_path / "kept" / "originals")
    first, second = originals.add(io.BytesIO(BYTES)), originals.add(io.BytesIO(BYTES))
    assert first == second == hashlib.sha256(BYTES).hexdigest() == sha256_of(originals.path(first))
    assert originals.has(first)
    assert [path.name for path in originals.folder.rglob("*") if path.is_file()] == [first]


def test_files_and_folders_are_the_owners_alone(tmp_path: Path) -> None:
    originals = Originals(tmp_path / "kept" / "originals")
    path = originals.path(originals.add(io.BytesIO(b"x")))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, originals.folder, originals.folder.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_sending_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise ConnectionResetError
            return super().read(3)

    originals = Originals(tmp_path)
    with pytest.raises((ConnectionResetError, StoreError)):
        originals.add(Broken(b"abcdef"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="file"):
        Originals(tmp_path / "file" / "originals").add(io.BytesIO(b"x"))


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63])
def test_only_a_sha256_is_a_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="sha256"):
        Originals(tmp_path).path(name)


def test_removing_twice_is_fine_and_the_age_counts_from_the_last_sending(tmp_path: Path) -> None:
    originals = Originals(tmp_path)
    old, renewed = originals.add(io.BytesIO(b"old")), originals.add(io.BytesIO(b"renewed"))
    unfinished = tmp_path / "x.part"
    unfinished.write_bytes(b"")
    for path in (originals.path(old), originals.path(renewed), unfinished):
        os.utime(path, (1, 1))
    originals.add(io.BytesIO(b"renewed"))
    assert list(originals.older_than(time.time() - 60)) == [old]
    assert not unfinished.exists()
    originals.remove(old)
    originals.remove(old)
    assert not originals.has(old)


def test_the_hash_of_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(PhotoMissing, match="gone"):
        sha256_of(tmp_path / "gone.jpg")


def test_below_the_floor_nothing_new_is_taken_in(tmp_path: Path) -> None:
    roomy, full = Originals(tmp_path / "a", 1), Originals(tmp_path / "b" / "c", 1 << 60)
    assert roomy.has(roomy.add(io.BytesIO(BYTES)))
    with pytest.raises(NoRoom, match="KILPI_MIN_FREE_MB") as told:
        full.add(io.BytesIO(BYTES))
    assert told.value.status == 507 and not (tmp_path / "b").exists()


def test_the_floor_is_a_setting(tmp_path: Path) -> None:
    store = open_store(tmp_path, Settings(min_free_mb=3))
    assert store.originals is not None and store.originals.floor == 3_000_000
    store.close()
