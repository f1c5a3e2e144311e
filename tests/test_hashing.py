from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from kilpi.hashing import (
    file_sha256,
    fingerprint,
    fingerprint_grey,
    is_near,
    near_pairs,
    sha256_hex,
    share_of_key,
)


def picture(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.asarray(np.kron(rng.integers(0, 256, (12, 16, 3)), np.ones((20, 20, 1))), np.uint8)


def test_a_file_is_hashed_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    assert file_sha256(path) == sha256_hex(b"one")
    path.write_bytes(b"two!")
    os.utime(path, ns=(1, 1))
    assert file_sha256(path) == sha256_hex(b"two!")
    with pytest.raises(OSError):
        file_sha256(tmp_path / "absent")


def test_keys_fall_evenly_and_always_in_the_same_place() -> None:
    # The first eight bytes of sha256("a") as a fraction: memberships of shipped splits depend on it.
    assert share_of_key("a") == pytest.approx(0xCA978112CA1BBDCA / 2**64)
    shares = [share_of_key(f"car {i}") for i in range(2000)]
    assert sum(share < 0.12 for share in shares) == pytest.approx(240, abs=50)


def test_fingerprints_survive_light_and_size_but_not_another_picture() -> None:
    one = picture(1)
    assert is_near(fingerprint(one), fingerprint(one[::2, ::2]))
    assert is_near(fingerprint(one), fingerprint(np.clip(one.astype(int) + 12, 0, 255).astype(np.uint8)))
    assert not is_near(fingerprint(one), fingerprint(picture(2)))
    grey = np.full((40, 40), 7, np.uint8)
    assert isinstance(fingerprint_grey(grey), int)


def test_near_pairs_are_found_once_each() -> None:
    assert list(near_pairs([0, 0b111, 2**63 - 1, 0b1])) == [(0, 1), (0, 3), (1, 3)]
