"""A retraining's page says beside it whose plates it shows, so that erasing finds it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from kilpi.evaluation import retrain_report as module
from kilpi.evaluation.gate import Gate
from kilpi.evaluation.retrain_report import PAGE, PHOTOS, write_report


def test_no_page_is_without_the_photos_that_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = write_report(tmp_path, Gate(()), [], [], [], {}, {"a.jpg": "a" * 64})
    assert page == tmp_path / PAGE and stat.S_IMODE(page.stat().st_mode) == 0o600
    assert json.loads((tmp_path / PHOTOS).read_text(encoding="utf-8")) == []  # no plate of it turned

    def full(path: Path, *rest: object) -> None:
        assert path.with_name(PHOTOS).is_file()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_page", full)
    (tmp_path / PHOTOS).unlink()
    with pytest.raises(OSError, match="No space"):
        write_report(tmp_path, Gate(()), [], [], [], {}, {})
