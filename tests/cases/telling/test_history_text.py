"""What happened to a case, in words: every code that the code writes has some."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kilpi.adverts.wording import LANGUAGES, load_wording
from kilpi.cases import Event, Kind, SaidFacts, SaidMark, SaidVin
from kilpi.cases.answers import Answer, to_data
from kilpi.cases.telling.history_text import details_of, said_of
from kilpi.cli.output import page_words

SOURCES = [*(Path(__file__).parents[3] / "src" / "kilpi").rglob("*.py")]
WHY = re.compile(r"""(?:(?:rerun|erase)\w*\(.*\bwhy(?:: str)? ?= ?|Kind\.\w+, \w+, {"why": )"(\w+)\"""")


def event(kind: Kind, /, **data: object) -> Event:
    return Event(3, datetime(2026, 11, 29, tzinfo=UTC), "maija", kind, data)


def answered(answer: Answer) -> Event:
    return event(Kind.ANSWERED, **to_data(answer))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_and_every_why_has_its_words(language: str) -> None:
    tables = page_words(language)
    assert {kind.value for kind in Kind} == set(tables["event"])
    whys = {why for path in SOURCES for why in WHY.findall(path.read_text(encoding="utf-8"))}
    assert {"inputs", "weights", "asked", "dealer", "undone"} <= whys <= set(tables["said_why"])


def test_an_answer_is_told_with_what_it_says() -> None:
    tables, words = page_words("en"), load_wording("en")
    mark, vin = answered(SaidMark("ABC-123", "FI")), answered(SaidVin("SJNFAAZE1U0000258"))
    facts = answered(SaidFacts(price=Decimal(15900), currency="EUR", odometer_km=84500, year=2019))
    assert (said_of(tables, mark), details_of(tables, words, mark)) == ("Number given", "ABC-123 FI")
    assert details_of(tables, words, vin) == "SJNFAAZE1U0000258"
    assert said_of(tables, facts) == "Facts given – Year, Price, Mileage, km"
    assert re.sub(r"\s", " ", details_of(tables, words, facts)) == "2019 €15,900 84,500 km"


def test_other_events_are_told_in_the_language() -> None:
    tables, words = page_words("fi"), load_wording("fi")
    rerun = event(Kind.RERUN, why="inputs")
    assert said_of(tables, rerun).startswith("Katsottiin uudelleen – asetukset")
    undone = event(Kind.UNDONE, kind="answered", seq=2)
    assert (said_of(tables, undone), details_of(tables, words, undone)) == ("Kumottiin", "Vastattiin (2)")
    decided = event(Kind.DECIDED, state="review", mark=None, reasons=[{"code": "no_plate", "values": {}}])
    told = details_of(tables, words, decided)
    assert told.startswith(words.state("review")) and "no_plate" not in told
    assert details_of(tables, words, event(Kind.RECEIVED, photos=["a", "b"])) == "Kuvat: 2"
