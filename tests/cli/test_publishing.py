"""kilpi publish: what leaves, what stays out, and what is killed in between."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.cli.yard import advert, kilpi, runner, states
from tests.fakes import write_car_photo

from kilpi.cases import to_take_down
from kilpi.cli import app, output, publishing
from kilpi.errors import UsageError
from kilpi.publishing.publish import publish
from kilpi.store import Store


def test_what_is_published_stays_while_a_person_is_asked(yard: Path) -> None:
    advert()
    kilpi("publish", "out", "--to", "site")
    assert states() == {"golf": "published", "leaf": "review", "micra": "published"}
    assert kilpi("publish", "out", "--to", "site")[0]["unchanged"] == 2
    assert "published" in [event["kind"] for event in kilpi("history", "golf")]
    write_car_photo(yard / "yard" / "golf" / "2.jpg", seed=8, shade=20)  # of another car
    assert advert()["golf"]["state"] == "review"
    (report,) = kilpi("publish", "out", "--to", "site")
    assert report["withdrawn"] == [] and (yard / "site" / "golf" / "advert.html").is_file()
    assert "golf" in (yard / "site" / "feeds" / "vehicles.csv").read_text()
    kilpi("withdraw", "golf")
    assert kilpi("publish", "out", "--to", "site")[0]["withdrawn"] == ["golf"]
    assert not (yard / "site" / "golf").exists()
    assert [event["kind"] for event in kilpi("history", "golf")][-1] == "taken_down"


def test_a_folder_that_another_worker_wrote_over_does_not_leave(yard: Path) -> None:
    advert()
    kilpi("publish", "out", "--to", "site")
    shutil.copytree("out/golf", "older")
    kilpi("set", "golf", "price=12345")
    shutil.rmtree("out/golf")
    shutil.move("older", "out/golf")
    (report,) = kilpi("publish", "out", "--to", "site")
    assert {
        "folder": "golf",
        "why": "holds another advert than was decided; run kilpi advert again",
    } in report["held"]
    assert (
        report["withdrawn"] == [] and Path("site/golf/advert.html").is_file() and states()["golf"] == "ready"
    )
    advert()
    assert kilpi("publish", "out", "--to", "site")[0]["sent"] == ["golf"]


def test_an_erased_car_that_is_out_is_taken_down_by_the_next_publish(yard: Path) -> None:
    advert()
    kilpi("publish", "out", "--to", "site")
    assert (yard / "site" / "golf" / "advert.html").is_file()
    beside = yard / "out" / ".beside" / next(car["id"] for car in kilpi("cars") if car["car"] == "golf")
    beside.mkdir(parents=True)
    (beside / "notes.txt").write_text("GHJ-789")
    kilpi("erase", "golf")
    assert not (yard / "out" / "golf").exists() and not beside.exists()
    (report,) = kilpi("publish", "out", "--to", "site")
    assert report["withdrawn"] == ["golf"] and not (yard / "site" / "golf").exists()
    store = Store.open(yard / "out")
    assert to_take_down(store) == []
    store.close()


def test_a_publish_that_is_killed_is_finished_or_taken_back_by_the_next(
    yard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advert()

    def killed(*parts: Any, **more: Any) -> None:
        publish(*parts, **more)
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(publishing, "send", killed)
        assert runner.invoke(app, ["publish", "out", "--to", "site"]).exit_code != 0
    assert {path.name for path in Path("site").iterdir() if path.is_dir()} == {"golf", "micra", "feeds"}
    assert states()["golf"] == "ready" and kilpi("history", "golf")[-1]["kind"] == "publishing"
    kilpi("sold", "golf")
    assert kilpi("publish", "out", "--to", "site")[0]["withdrawn"] == ["golf"]
    assert not Path("site/golf").exists() and states()["micra"] == "published"
    assert "golf/" not in Path("site/index.html").read_text()
    assert kilpi("history", "golf")[-1]["kind"] == "taken_down"


def test_on_a_terminal_history_and_publish_speak_as_the_pages_do(
    yard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advert("--language", "fi")
    kilpi("answer", "leaf", "ABC-123")
    kilpi("undo", "leaf")
    monkeypatch.setattr(output, "wants_json", lambda flag: False)
    monkeypatch.setattr(output.console, "width", 300)
    told = runner.invoke(app, ["history", "leaf"]).stdout
    for words in ("Kuvat tulivat", "Tunnus annettu", "ABC-123", "Kumottiin"):
        assert words in told
    assert not re.search(r"answered|undone|decided|review|staff|\bmark\b", told)
    told = " ".join(runner.invoke(app, ["publish", "out", "--to", str(yard / "site")]).stdout.split())
    assert "not published: leaf: tarkistettava" in told


def test_one_publish_is_told_once_for_each_place(yard: Path) -> None:
    advert()
    for place in ("site", "other", "site"):
        runner.invoke(app, ["publish", "out", "--to", str(yard / place)], catch_exceptions=False)
    kinds = [line["kind"] for line in kilpi("history", "golf")]
    assert (kinds.count("publishing"), kinds.count("published")) == (2, 2), kinds


def test_the_folder_is_named_as_every_verb_has_it_or_as_the_first_word(yard: Path) -> None:
    advert()
    assert kilpi("publish", "--to", "site")[0]["sent"] == ["golf", "micra"]
    (yard / "out").rename(yard / "other")
    for named in (["-o", "other"], ["--data", "other"], ["other"]):
        assert kilpi("publish", *named, "--to", "site")[0]["unchanged"] == 2


@pytest.mark.parametrize("verb", [("advert", "yard", "-o", "site"), ("watch", "yard", "--data", "site")])
def test_nothing_with_marks_is_written_where_adverts_are_published(yard: Path, verb: tuple[str, ...]) -> None:
    """The dealer's own list of all cars stood among the buyers' pages, and its cars looked published."""
    advert()
    kilpi("publish", "out", "--to", "site")
    before = sorted(Path("site").rglob("*"))
    done = runner.invoke(app, [*verb])
    assert isinstance(done.exception, UsageError) and "adverts are published there" in str(done.exception)
    assert sorted(Path("site").rglob("*")) == before
    assert advert()["golf"]["state"] == "ready", "its own folder it is as before"
