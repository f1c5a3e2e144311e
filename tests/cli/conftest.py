"""A yard of three cars, for the tests of the verbs on cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.cli.yard import CARS, FACTS, REGISTER
from tests.fakes import FakeDetector, ShadeReader, write_yard
from tests.stores import no_power_cuts

from kilpi.cli import advert_run
from kilpi.pipeline import Kilpi


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> ShadeReader:
    """Fake networks; leaf's plate (the second) is read as a mark that no register knows."""
    reader = ShadeReader(("GHJ789", "ABC128", "DEF456"))

    def make(ocr: bool, register: Any, language: str, *others: Any) -> Kilpi:
        return Kilpi(detector=FakeDetector(), reader=reader, register=register, language=language)

    monkeypatch.setattr(advert_run, "make_kilpi", make)
    no_power_cuts(monkeypatch)
    monkeypatch.setenv("KILPI_LANGUAGE", "en")
    monkeypatch.delenv("KILPI_REGISTER", raising=False)
    return reader


@pytest.fixture
def yard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, networks: ShadeReader) -> Path:
    """Three cars in folders, a register that knows them, fake networks; the working directory is there."""
    write_yard(tmp_path / "yard", CARS)
    for car in CARS:
        (tmp_path / "yard" / car / "car.toml").write_text(FACTS)
    (tmp_path / "register.csv").write_text(REGISTER)
    monkeypatch.chdir(tmp_path)
    return tmp_path
