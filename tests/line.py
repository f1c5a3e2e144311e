"""The line with fake parts, and two photos for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fakes import FakeDetector, FakeReader, FakeRegister, write_car_photo

from kilpi.pipeline import Kilpi


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Two photos of one car."""
    return [write_car_photo(tmp_path / f"{i}.jpg", seed=i) for i in range(2)]


def kilpi(text: str = "ABC123", register: FakeRegister | None = None) -> Kilpi:
    return Kilpi(
        detector=FakeDetector(),
        reader=FakeReader(text),
        register=register or FakeRegister({"ABC123": "Nissan"}),
    )
