from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

import kilpi
from kilpi import errors
from kilpi.adverts.wording import LANGUAGES, load_wording
from kilpi.errors import UsageError
from kilpi.types import Reason, Trouble, View
from kilpi.vocabulary import Body, Colour, Fuel, Gearbox, Status, VehicleClass

VOCABULARY: dict[str, type[StrEnum]] = {
    "body": Body,
    "colour": Colour,
    "fuel": Fuel,
    "gearbox": Gearbox,
    "status": Status,
    "vehicle_class": VehicleClass,
}
REASONS = [
    Reason("plates_agree", {"photos": 4}),
    Reason("no_plate", {"photos": 3}),
    Reason("no_plate"),
    Reason("unreadable", {"photos": 1}),
    Reason("one_photo_only", {"photos": 1}),
    Reason("low_score", {"score": 0.412, "threshold": 0.8}),
    Reason("maybe_longer", {"score": 0.412, "threshold": 0.1}),
    Reason("marks_differ", {"marks": ["ABC-123", "ABC-128"]}),
    Reason("not_parsed"),
    Reason("trade_plate"),
    Reason("ambiguous"),
    Reason("ambiguous", {"others": ["ABC-128"]}),
    Reason("not_registered", {"register": "stock"}),
    Reason("not_registered"),
    Reason("register_unavailable", {"register": "stock"}),
    Reason("register_unavailable", {"message": "timed out"}),
    Reason("photo_error", {"count": 1}),
    Reason("contradiction_colour", {"registered": "red", "seen": "blue"}),
    Reason("contradiction_make", {"registered": "Nissan", "dealer": "Toyota"}),
    Reason("views_missing", {"views": ["rear", "instruments"]}),
    Reason("status_stolen"),
    Reason("sure_enough", {"p": 0.9987}),
    Reason("not_sure_enough", {"p": 0.871, "threshold": 0.995}),
    Reason("others_behind", {"plates": 1}),
    Reason("too_small", {"share": 0.031, "least": 0.04}),
    Reason("only_aside", {"prominence": 0.09, "least": 0.1}),
    Reason("beside_end", {"photos": 1, "shown": 2}),
    Reason("blank_plate", {"photos": 1}),
    Reason("blank_plate", {"photos": 2}),
    Reason("end_without_plate", {"photos": 2, "seen": 1}),
    Reason("photos_differ", {"agree": 1, "photos": 2}),
    Reason("show_plate"),
    Reason("not_a_car"),
    Reason("country_unsure", {"countries": ["FI", "SE"]}),
    Reason("contradiction_class", {"registered": "trailer"}),
    Reason("register_refused", {"message": "401"}),
    Reason("other_candidate_registered", {"place": 2}),
    Reason("register_budget_spent", {"asked": 3}),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", VOCABULARY)
def test_every_vocabulary_word_is_translated(language: str, kind: str) -> None:
    words = load_wording(language).tables[kind]
    assert set(words) == {str(word) for word in VOCABULARY[kind]}
    assert all(words.values())


def keys(table: Any, path: str = "") -> set[str]:
    if not isinstance(table, dict):
        return {path}
    return set().union(*(keys(value, f"{path}/{key}") for key, value in table.items()))


@pytest.mark.parametrize("language", ["sv", "en"])
def test_languages_have_the_same_keys(language: str) -> None:
    def wanted(code: str) -> set[str]:
        return {key for key in keys(load_wording(code).tables) if not key.startswith("/currency")}

    assert wanted(language) == wanted("fi")


@pytest.mark.parametrize(
    ("language", "number", "km", "money", "cents", "day"),
    [
        ("fi", "12 345,5", "12 345 km", "19 900 €", "21 900,50 €", "3.5.2021"),
        ("sv", "12 345,5", "12 345 km", "19 900 €", "21 900,50 €", "3 maj 2021"),
        ("en", "12,345.5", "12,345 km", "€19,900", "€21,900.50", "3 May 2021"),
    ],
)
def test_numbers_units_and_dates(
    language: str, number: str, km: str, money: str, cents: str, day: str
) -> None:
    wording = load_wording(language)
    told = (
        wording.number(12345.5),
        wording.km(12345),
        wording.money(Decimal("19900"), "EUR"),
        wording.money(Decimal("21900.50"), "EUR"),
        wording.day(date(2021, 5, 3)),
    )
    assert all(" " not in text for text in told), "only no-break spaces"
    assert tuple(text.replace("\u00a0", " ") for text in told) == (number, km, money, cents, day)


def test_small_and_odd_numbers() -> None:
    wording = load_wording("fi")
    assert wording.number(0) == "0"
    assert wording.number(100) == "100"
    assert wording.number(0.05) == "0,05"
    assert wording.number(1_000_000) == "1\u00a0000\u00a0000"
    assert wording.one_decimal(1.998) == "2,0"
    assert wording.money(Decimal(1000), "NOK") == "1\u00a0000\u00a0NOK"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", REASONS, ids=lambda r: r.code)
def test_known_reasons_are_sentences(language: str, reason: Reason) -> None:
    text = load_wording(language).reason(reason)
    assert text.endswith(".")
    assert text[0].isupper() or text[0].isdigit()
    fallback = load_wording(language).text("reason", "unknown", code="x", values="").partition("x")[0]
    assert not text.startswith(fallback)
    assert "{" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_in_the_source_has_words(language: str) -> None:
    tables = load_wording(language).tables
    known = {*tables["reason"], *tables["left_out"]}
    source = "".join(path.read_text(encoding="utf-8") for path in Path(kilpi.__file__).parent.rglob("*.py"))
    codes = set(re.findall(r'Reason\(\s*"([a-z_]+)"', source))
    assert len(codes) > 10
    assert codes - known == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_problems_name_the_file_in_the_language(language: str) -> None:
    wording = load_wording(language)
    told = wording.problem(Trouble("lot/a.jpg", "PhotoTruncated", "lot/a.jpg: damaged"))
    assert told.startswith("lot/a.jpg: ")
    assert "damaged (" not in told
    assert wording.problem(Trouble("car.toml", "LabelError", "car.toml:3: price")) == "car.toml:3: price"
    assert {getattr(errors, kind).__name__ for kind in wording.tables["problem"]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_with_nothing_in_it_leaves_no_brackets_or_colon_behind(language: str) -> None:
    wording = load_wording(language)
    found = 0
    for code, source in wording.tables["reason"].items():
        lists = re.findall(r"(\w+)\|join|for \w+ in (\w+)", source)
        if not lists:
            continue
        values: dict[str, Any] = {"p": 0.5} | {first or second: [] for first, second in lists}
        told = wording.reason(Reason(code, values))
        assert not re.search(r"\(\)|[:;,]? \.|:\.|  ", told), told
        assert told != wording.reason(Reason("moon", values)) and "{" not in told
        found += 1
    assert found > 5


def test_a_countrys_doubt_without_countries_is_a_sentence_still() -> None:
    told = "The plate's country is not certain; other countries may have the same number."
    for reason in (Reason("country_unsure"), Reason("country_unsure", {"countries": []})):
        assert load_wording("en").reason(reason) == told


@pytest.mark.parametrize(
    ("language", "named"),
    [("en", "(Austria, Finland)"), ("fi", "(Itävalta, Suomi)"), ("sv", "(Österrike, Finland)")],
)
def test_countries_are_named_and_not_coded(language: str, named: str) -> None:
    both = Reason("country_unsure", {"countries": ["AT", "FI"]})
    assert named in load_wording(language).reason(both)


def test_a_vin_that_no_register_knows_is_told_as_one() -> None:
    told = {code: load_wording(code).reason(Reason("not_registered", {"by": "vin"})) for code in LANGUAGES}
    assert all("VIN" in sentence for sentence in told.values())
    assert load_wording("en").reason(Reason("not_registered")).endswith("does not know this number.")
    assert load_wording("en").about("not_registered").endswith("this number.")


def test_a_probability_is_told_in_per_cent() -> None:
    told = load_wording("fi").reason(Reason("sure_enough", {"p": 0.9987}))
    assert "99,87" in told


def test_unknown_reasons_stay_readable() -> None:
    wording = load_wording("en")
    assert wording.reason(Reason("moon_phase", {"phase": 3})) == "Other reason: moon phase (phase 3)."
    assert wording.reason(Reason("low_score")) == "Other reason: low score."
    assert wording.reason(Reason("low_score", {"score": "?", "threshold": 1})).startswith("Other reason")


def test_unknown_language() -> None:
    with pytest.raises(UsageError, match=", ".join(LANGUAGES)):
        load_wording("de")


@pytest.mark.parametrize("language", LANGUAGES)
def test_views_and_reasons_to_leave_out_are_told(language: str) -> None:
    wording = load_wording(language)
    assert set(wording.tables["view"]) == {str(view) for view in View}
    small = Reason("too_small", {"width": 320, "height": 240})
    assert "320" in wording.left_out(small)
    for code in wording.tables["left_out"]:
        told = wording.left_out(Reason(code))
        assert not re.search(r"[{…_]|\(\)", told), "a record that is no longer there had the figures"
    for code in ("bad_archive", "said", "too_many"):
        assert wording.left_out(Reason(code)) != code.replace("_", " "), "in words all the same"
    assert " (zip); " in wording.left_out(Reason("bad_archive", {"why": "zip"}))
    for kind in ("PhotoEmpty", "PhotoNotAnImage", "PhotoTruncated", "PhotoTooLarge"):
        assert re.search("; (send|lähetä|skicka) ", wording.tables["problem"][kind]), "what to do"
    assert wording.left_out(Reason("near_duplicate")) != "near duplicate"
    assert wording.left_out(Reason("moon_phase")) == "moon phase"
