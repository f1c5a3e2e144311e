"""The page of numbers: what it says, for whom, and its CSV."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.cases.helping import arrive, ready, review, worked
from tests.web.serving import DEALER, Server, server

from kilpi.adverts.wording import LANGUAGES, load_wording
from kilpi.cases import State, answer, read_case
from kilpi.cases.answers import SaidMark
from kilpi.cases.learning.drifting import last_look, look_for_drift
from kilpi.cases.telling.numbers_text import label_of
from kilpi.web.accounts import Role
from kilpi.web.plots import stacked, widths
from kilpi.web.words import load_words

__all__ = ["server"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_store_is_told_kindly(server: Server, language: str) -> None:
    client = server.client()
    client.cookies.set("kilpi_language", language, domain="testserver.local")
    text = client.get("/statistics").text
    words = load_words(language)
    for key in ("empty", "nothing_answered", "drift_early", "not_refuted"):
        assert words.say("statistics", key) in text
    assert "100.000 %" not in text and "100 %" not in text
    assert load_wording(language).number(2995) in text


def test_the_one_number_stands_on_top_with_the_wrong_cars(server: Server) -> None:
    worked(server.store, arrive(server.store, "a", dealer=DEALER), ready())
    asked = worked(server.store, arrive(server.store, "b", dealer="B Oy"), review())
    answer(server.store, asked.id, SaidMark("ABC-987", "FI"), by="anna", seconds=60.0)
    text = server.client().get("/statistics?weeks=4").text
    big = re.findall(r'class="big">([^<]+)<', text)
    assert big == ["50", "0"]
    assert "2 cars" in text and "1 answer measured" in text
    assert "ABC-987" not in text and asked.id not in text
    only = server.client().get("/statistics", params={"dealer": DEALER}).text
    assert "1 car," in only and re.findall(r'class="big">([^<]+)<', only) == ["0", "0"]


def test_every_table_is_had_as_csv(server: Server) -> None:
    worked(server.store, arrive(server.store, "a", dealer=DEALER), ready())
    client = server.client()
    for name in ("weeks", "dealers", "dealer_weeks", "questions", "missing", "registers", "times", "states"):
        answered = client.get(f"/statistics/{name}.csv")
        assert answered.status_code == 200 and "attachment" in answered.headers["content-disposition"]
    assert client.get("/statistics/dealers.csv").text.splitlines()[1].startswith(f"{DEALER},1,1,")
    assert client.get("/statistics/users.csv").status_code == 404
    assert client.get("/statistics?weeks=0").status_code == 422
    assert server.client(Role.DEALER).get("/statistics").status_code == 403


def test_the_review_page_measures_and_the_servers_clock_bounds_it(server: Server) -> None:
    case = worked(server.store, arrive(server.store, "a"), review())
    client = server.client()
    fields = dict(
        re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', client.get(f"/review/{case.id}").text)
    )
    form = {
        "seq": fields["seq"],
        "shown": fields["shown"],
        "spent": "500",
        "take": "typed",
        "text": "ABC-987",
    }
    asked = client.post(f"/review/{case.id}/look", data={**form, "country": "FI"}).text
    assert f'name="shown" value="{fields["shown"]}"' in asked and 'name="spent" value="500"' in asked
    client.post(f"/review/{case.id}/answer", data={**form, "country": "FI"})
    said = last_answer(server, case.id)
    assert 0 <= said["seconds"] < 100  # the page said 500, and that much time did not pass


def test_a_moment_that_was_not_given_out_measures_nothing(server: Server) -> None:
    case = worked(server.store, arrive(server.store, "a"), review())
    form = {"seq": str(case.seq), "shown": "1000.0-abc", "spent": "5", "take": "typed", "text": "ABC-987"}
    server.client().post(f"/review/{case.id}/answer", data={**form, "country": "FI"})
    assert "seconds" not in last_answer(server, case.id)
    assert read_case(server.store, case.id).state is State.WORKING


def last_answer(server: Server, case_id: str) -> dict[str, Any]:
    from kilpi.cases import history

    return dict(next(one.data for one in reversed(history(server.store, case_id)) if one.kind == "answered"))


def test_drift_is_looked_at_by_a_worker_and_told(server: Server) -> None:
    assert last_look(server.store) is None
    worked(server.store, arrive(server.store, "a"), ready())
    look = look_for_drift(server.store)
    assert (look.cars, look.before, look.alarms) == (1, 0, ())
    assert last_look(server.store) == look
    assert load_words("en").say("statistics", "drift_early") in server.client().get("/statistics").text


def test_bars_add_up() -> None:
    plot = stacked([1, 2, None], [1, 0, None])
    assert (plot.width, plot.most, len(plot.bars)) == (30.0, 2.0, 3)
    assert [(bar.y, bar.height) for bar in plot.bars] == [(50.0, 50.0), (0.0, 50.0), (0.0, 100.0)]
    assert widths([2, 1, None]) == [100.0, 50.0, 0.0] and widths([]) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_a_row_in_words(language: str) -> None:
    words, wording = load_words(language), load_wording(language)
    codes = [*wording.tables["reason"].keys() - {"unknown"}, "status_scrapped", "other"]
    for code in codes:
        label = label_of(words.tables, wording, "questions", code)
        assert label.endswith(".") and not re.search(r"[{}…_]|\(\)|  ", label), (code, label)
        assert label[0].isupper(), (code, label)
    assert label_of(words.tables, wording, "questions", "moon_phase") == "moon phase", (
        "a new code stays readable"
    )


def test_a_register_is_no_placeholder_in_a_row() -> None:
    words, wording = load_words("en"), load_wording("en")
    label = label_of(words.tables, wording, "questions", "not_registered")
    assert label == "The register does not know this number."
    assert label_of(words.tables, wording, "questions", "maybe_hidden") == "One more character may be hidden."
