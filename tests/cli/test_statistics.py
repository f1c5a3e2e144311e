"""kilpi statistics, and the audit's figures in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cases.helping import OTHER, arrive, ready, review, worked
from typer.testing import CliRunner

from kilpi.cases import State, figures
from kilpi.cli import app, output
from kilpi.cli.audit import told
from kilpi.store import Store
from kilpi.text import counted


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_numbers_are_those_of_the_store(tmp_path: Path) -> None:
    with_cars = Store.open(tmp_path)
    worked(with_cars, arrive(with_cars, "a", dealer="X Oy"), ready())
    with_cars.close()
    value = json.loads(run("statistics", "-o", str(tmp_path)))
    assert (value["cars"], value["minutes_per_100"], value["wrong_found"]) == (1, 0.0, 0)
    assert value["tables"]["dealers"][0]["dealer"] == "X Oy"
    csv = run("statistics", "-o", str(tmp_path), "--table", "dealers")
    assert csv.splitlines()[1].startswith("X Oy,1,1")


def test_a_person_reads_words_not_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    store = Store.open(tmp_path)
    worked(store, arrive(store, "a"), review())
    worked(store, arrive(store, "b"), ready(OTHER, state=State.DRAFT, missing=("price",)))
    store.close()
    monkeypatch.setattr(output, "wants_json", lambda flag: False)  # as on a terminal
    text = run("statistics", "-o", str(tmp_path))
    assert "The reading is not sure enough." in text and "Why people are asked" in text
    assert "100.0 %" in text and "to be checked" in text and "(no dealer)" in text
    assert "Corrected" not in text, "a column in which nothing stands"
    assert not any(code in text for code in ("not_sure_enough", "alone_share", "minutes_per_100"))


def test_nothing_answered_is_not_a_hundred_percent(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    words = told(figures(store))
    assert "nothing answered yet" in words and "100" not in words.replace("1,000", "")
    assert "2,995 more" in words
    worked(store, arrive(store, "a"), ready())
    assert told(figures(store)).startswith("1 car accepted")
    store.close()


@pytest.mark.parametrize(("n", "words"), [(0, "0 cars"), (1, "1 car"), (2995, "2,995 cars")])
def test_one_is_one(n: int, words: str) -> None:
    assert counted(n, "car") == words
