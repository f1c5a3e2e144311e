from __future__ import annotations

import errno
import os
import re
import sys
import threading
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from kilpi.cli import app, ended_well, machine
from kilpi.cli.faults import hide_words_of_faults
from kilpi.cli.options import country_code
from kilpi.errors import UsageError

MARK = "KLT-482"


def verbs() -> list[tuple[str, ...]]:
    names: list[tuple[str, ...]] = []
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        names += [(name, inner) for inner in getattr(command, "commands", {})] or [(name,)]
    return names


@pytest.mark.parametrize("verb", verbs(), ids=" ".join)
def test_a_usage_line_is_written_as_people_write_it(verb: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*verb, "--help"])
    assert shown.exit_code == 0
    usage = shown.output.split("\n\n")[0]
    assert not re.search(r"[{}]|\.{4,}|<bool>", usage), usage
    assert "<bool>" not in shown.output
    assert not re.search(r" [a-z_]+\.\.\.", usage), "an argument has a name in capitals, or an example"


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC])
def test_a_disk_that_refuses_is_one_line_and_an_exit_code(
    number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def run() -> None:
        raise OSError(number, os.strerror(number), "tiny/sheet.png")

    with pytest.raises(SystemExit) as ended:
        ended_well(run)
    said = " ".join(capsys.readouterr().err.split())
    assert ended.value.code == 14
    assert f"tiny/sheet.png: the disk or a file refused ({os.strerror(number)})" in said


def test_ctrl_c_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(machine, "make_kilpi", pressed)
    monkeypatch.setattr(machine, "walk_photos", lambda _: [])
    with pytest.raises(SystemExit) as ended:
        ended_well(lambda: app(["bench", "photos"]))
    assert ended.value.code == 130
    assert capsys.readouterr().err == "error: stopped\n"


def test_a_fault_of_our_own_tells_where_and_of_what_kind_and_none_of_its_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def look_for() -> None:
        raise KeyError(MARK)

    def run() -> None:
        try:
            look_for()
        except KeyError as error:
            raise FileNotFoundError(errno.ENOENT, "No such file", MARK) from error

    with pytest.raises(SystemExit) as ended:
        ended_well(run)
    said = capsys.readouterr().err
    assert ended.value.code == 1 and "please report" in said
    assert "in look_for" in said and "KeyError" in said and "FileNotFoundError" in said
    assert MARK not in said


def test_a_thread_that_ends_by_a_fault_tells_none_of_its_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    hide_words_of_faults()
    empty: dict[str, int] = {}
    ending = threading.Thread(target=lambda: empty[MARK])
    ending.start()
    ending.join()
    said = capsys.readouterr().err
    assert "KeyError" in said and "test_usage.py" in said and MARK not in said


def test_a_mark_that_is_not_found_says_of_which_country_it_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KILPI_COUNTRY", "SE")
    (tmp_path / "register.csv").write_text("mark,country,make\nABC-123,FI,Nissan\n")
    command = ["look-up", "ABC-123", "--register", str(tmp_path / "register.csv")]
    assert "as a mark of SE; --country says another" in CliRunner().invoke(app, command).stderr
    assert "--country" not in CliRunner().invoke(app, [*command, "--country", "SE"]).stderr
    for country in ("FI", "fi", "Suomi"):
        assert CliRunner().invoke(app, [*command, "--country", country]).exit_code == 0


@pytest.mark.parametrize("verb", ["read", "advert", "bench", "bulk"])
def test_a_folder_without_networks_ends_a_run_before_it_looks_at_a_photo(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KILPI_WEIGHTS", str(tmp_path / "typo"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leaf").mkdir()
    (tmp_path / "leaf" / "1.jpg").write_bytes(b"a photo")
    words = [verb, "leaf", *{"advert": ["-o", "out"], "bulk": ["out"]}.get(verb, [])]
    with pytest.raises(SystemExit) as ended:
        ended_well(lambda: app(words, standalone_mode=False))
    assert ended.value.code == 5
    assert "KILPI_WEIGHTS names it, but no network is there" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "out").exists(), "no car is asked about for it"


@pytest.mark.parametrize(
    "command", [("look-up", "ABC-123", "--register", "register.csv"), ("answer", "leaf", "ABC-123"),
                ("audit", "answer", "leaf", "ABC-123")], ids=" ".join
)  # fmt: skip
def test_a_country_that_is_none_is_not_one_without_such_a_car(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "register.csv").write_text("mark,country,make\nABC-123,FI,Nissan\n")
    told = CliRunner().invoke(app, [*command, "--country", "Finlande"])
    assert isinstance(told.exception, UsageError) and "'Finlande' is not a two-letter" in str(told.exception)


@pytest.mark.parametrize(
    ("text", "code"), [("fi", "FI"), (" SE ", "SE"), ("Suomi", "FI"), ("uk", "GB"), ("", "")]
)
def test_a_country_is_understood_as_people_write_it(text: str, code: str) -> None:
    assert country_code(text) == code
