"""What is data stands on a terminal as it is, whatever rich would take it for."""

from __future__ import annotations

import io
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table
from typer.testing import CliRunner

from kilpi.adverts.wording import load_wording
from kilpi.cases.outgoing import outbox
from kilpi.cases.outgoing.outbox import Delivery
from kilpi.cli import app, output, weights
from kilpi.cli.doctor import EXTRAS
from kilpi.cli.hooks import deliveries
from kilpi.cli.telling import why_so
from kilpi.store import Store
from kilpi.types import Reason
from kilpi.weights.versions import Version

ROOT = Path(__file__).parents[2]

ODD = ("car [1]", "car [ocr]", "[/]", "a [bold]b[/bold]", r"C:\yard\[red]", "[link=x]y", "[]", "]][[")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What a wide terminal shows of the verbs' own output."""
    written = io.StringIO()
    monkeypatch.setattr(output, "wants_json", lambda flag: False)
    monkeypatch.setattr(output, "console", Console(file=written, highlight=False, width=300))
    return written


@pytest.mark.parametrize("text", ODD)
def test_data_is_printed_as_it_is(text: str, shown: io.StringIO) -> None:
    output.console.print(f"[dim]{output.escape(text)}[/]")
    table = Table("car", title=output.escape(text))
    table.add_row(output.escape(text))
    output.console.print(table)
    assert shown.getvalue().count(text) == 3, shown.getvalue()


def test_a_progress_bar_names_what_it_is_about() -> None:
    written = io.StringIO()
    with output.progress_bar() as bar:
        bar.add_task("sorting car [red]", total=2)
        Console(file=written, width=200).print(bar.get_renderable())
    assert "sorting car [red]" in written.getvalue()


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "The plate is seen in 2 photos but cannot be read. Still missing: price, pictures."),
        ("fi", "Kilpi näkyy 2 kuvassa, mutta sitä ei voi lukea. Puuttuu vielä: price, pictures."),
    ],
)
def test_what_an_advert_lacks_is_told_as_such(language: str, told: str) -> None:
    words = load_wording(language)
    assert why_so(words, [Reason("unreadable", {"photos": 2})], ["price", "pictures"]) == told
    assert why_so(words, [], []) == ""


def test_a_photo_that_cannot_be_read_is_named_once(shown: io.StringIO, tmp_path: Path) -> None:
    (tmp_path / "cut.jpg").write_bytes(b"")
    CliRunner().invoke(app, ["read", str(tmp_path / "cut.jpg")])
    assert shown.getvalue() == f"{tmp_path / 'cut.jpg'}  the file is empty; send it again\n"


def test_doctor_names_every_extra(shown: io.StringIO) -> None:
    CliRunner().invoke(app, ["doctor"])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["optional-dependencies"]) - {"dev"} == set(EXTRAS)
    for extra in EXTRAS:
        assert f"kilpi[{extra}] " in shown.getvalue()


def test_a_variable_that_is_no_setting_is_named_by_every_verb_and_by_the_doctor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KILPI_SMTP_PASWORD", "hush")
    told = CliRunner().invoke(app, ["doctor"])
    assert told.exit_code == 1
    assert "KILPI_SMTP_PASWORD is no setting; KILPI_SMTP_PASSWORD is" in told.stderr
    assert '"settings", "ok": false' in told.stdout and "hush" not in told.output


def test_notes_and_errors_are_shown_whole(
    shown: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.open(tmp_path).close()
    now = datetime.now(UTC)
    gone = Delivery("1", "2", "3", 4, "sold", "sold", now, None, 1, None, "answered [bold]")
    monkeypatch.setattr(outbox, "list_deliveries", lambda *_: [gone])
    deliveries(tmp_path)
    monkeypatch.setattr(weights, "versions", lambda _: [Version("v1", (), False, {"why": "as [red] said"})])
    weights.list_versions(tmp_path)
    assert "given up (answered [bold])" in shown.getvalue() and "as [red] said" in shown.getvalue()
