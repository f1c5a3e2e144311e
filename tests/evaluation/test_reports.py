"""What the reports of small measurements show."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import cv2
import numpy as np

from kilpi.evaluation.reader import ReaderReport
from kilpi.evaluation.reader_report import write_html
from kilpi.evaluation.reader_tables import Read, Row
from kilpi.evaluation.report import training_curves

BLUE = (180, 119, 31)  # BGR, of the first line of a plot
CROP = np.full((32, 96, 3), 200, np.uint8)


def blue_dots(page: str) -> int:
    """Pixels of the first line's colour in the page's first picture."""
    found = re.search(r"data:image/png;base64,([^\"]+)", page)
    assert found
    picture = cv2.imdecode(np.frombuffer(base64.b64decode(found.group(1)), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return int((picture == BLUE).all(axis=2).sum())


def test_a_training_that_was_measured_once_shows_a_dot() -> None:
    once = training_curves([{"minutes": 2.0, "loss": 1.4, "recall": 0.8}], ["recall"])
    none = training_curves([{"minutes": 2.0, "other": 1.4}], ["recall"])
    assert blue_dots(once) > blue_dots(none) + 20


def report(read: str) -> ReaderReport:
    """Of one plate, ABC123."""
    result = Read("a.jpg", "ABC123", read, read, 0.9, "FI", "FI", 1, 1, 96.0, None, 0.5, 0.5, CROP)
    wrong = (("A", "B", 1),) if read != "ABC123" else ()
    tables = {"Kind": (Row("one row", 1, 1.0, 1.0),), "Wear of a rendered plate": ()}
    shares = (1.0, 1.0, 1.0, 1.0, 0.0, None, None)
    return ReaderReport(("l.jsonl",), "reader", 1, *shares, 9.0, tables, wrong, (result,))


def test_what_holds_nothing_is_not_shown(tmp_path: Path) -> None:
    """Least of all a matrix of what went wrong, in one strong colour, where nothing did."""
    pages = {}
    for name in ("ABC123", "BBC123"):
        write_html(report(name), tmp_path / "r.html")
        pages[name] = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<h2>Kind" in pages["ABC123"] and "Wear of" not in pages["ABC123"]
    assert [page.count("Rows: as labelled. Columns") for page in pages.values()] == [0, 2]  # alt and caption
