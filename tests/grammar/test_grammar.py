from __future__ import annotations

import pickle
import random
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.grammar.marks_read import GRAMMARS, MINI, SERIES, TABLES, mini

from kilpi.errors import UsageError
from kilpi.grammar import load_grammars
from kilpi.grammar.patterns import expand
from kilpi.types import CountryGuess, Guess, Reading


@pytest.mark.parametrize("code", GRAMMARS.countries)
def test_every_country_has_a_table(code: str) -> None:
    assert len(TABLES[code]["good"]) >= 5
    assert len(TABLES[code]["bad"]) >= 3


@pytest.mark.parametrize(("code", "text"), [(c, t) for c, table in TABLES.items() for t in table["good"]])
def test_good_marks_parse_in_official_spelling(code: str, text: str) -> None:
    marks = GRAMMARS.parse(text, code)
    assert marks
    if text == text.upper():
        assert text in [mark.text for mark in marks]
    assert {mark.country for mark in marks} == {code}


@pytest.mark.parametrize(("code", "text"), [(c, t) for c, table in TABLES.items() for t in table["bad"]])
def test_bad_marks_do_not_parse_but_survive(code: str, text: str) -> None:
    assert GRAMMARS.parse(text, code) == []
    assert GRAMMARS.mark(text, code).series is None
    assert GRAMMARS.mark(text, code).text == text


@pytest.mark.parametrize(
    ("code", "pair"), [(c, p) for c, table in TABLES.items() for p in table.get("read", ())]
)
def test_what_the_reader_says_stands_for_the_mark_on_the_plate(code: str, pair: list[str]) -> None:
    """O and 0, I and 1, 8 and B are settled by where they stand."""
    text, expected = pair
    slots = tuple((Guess(char, 0.9), Guess("X" if char != "X" else "Y", 0.01)) for char in text)
    reading = Reading(slots, "fake", country=code, countries=(CountryGuess(code, 0.95),))
    assert GRAMMARS.rank(reading)[0].mark.text == expected


@pytest.mark.parametrize("typed", ["abc123", "ABC 123", " a b c-1 2 3 ", "ABC·123", "Abc–123"])
def test_separators_and_case_do_not_matter(typed: str) -> None:
    assert GRAMMARS.parse(typed, "fi")[0].text == "ABC-123"


def test_a_ring_is_composed_and_never_dropped() -> None:
    typed = unicodedata.normalize("NFD", "äöå-12")
    assert len(typed) > len("äöå-12")
    assert GRAMMARS.parse(typed, "FI")[0].text == "ÄÖÅ-12"
    assert GRAMMARS.parse("ÅBC-123", "FI")[0].text == "ÅBC-123"
    assert "ABC-123" not in [mark.text for mark in GRAMMARS.parse("ÅBC-123")]


def test_typed_separators_choose_the_german_district() -> None:
    assert GRAMMARS.parse("B-AB 1234", "DE")[0].text == "B-AB 1234"
    assert GRAMMARS.parse("BA-B 1234", "DE")[0].text == "BA-B 1234"
    assert {"B-AB 1234", "BA-B 1234"} <= {mark.text for mark in GRAMMARS.parse("BAB1234", "DE")}


def test_parse_without_a_country_knows_all_of_them() -> None:
    countries = {mark.country for mark in GRAMMARS.parse("ABC123")}
    assert {"FI", "SE", "LT", "HU"} <= countries


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("FI", "KOE 12"), ("FI", "KOE-123"), ("DE", "B-06123"), ("FR", "W-123-AB"), ("EE", "PROOV 1234"),
        ("CH", "ZH 1234 U"), ("IS", "RN 123"), ("NL", "HB-12-34"), ("BE", "1-ZAB-123"), ("DK", "AB 50 12"),
    ],
)  # fmt: skip
def test_a_trade_plate_does_not_identify_a_car(code: str, text: str) -> None:
    assert not GRAMMARS.parse(text, code)[0].identifies_car


def test_nothing_parses_to_nothing() -> None:
    assert GRAMMARS.parse("") == GRAMMARS.parse("-- --") == []
    assert GRAMMARS.mark("?").series is None


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SERIES), st.integers(0, 2**32))
def test_what_is_drawn_parses_as_what_it_is(chosen: tuple[str, str], seed: int) -> None:
    code, series = chosen
    sample = GRAMMARS.sample(code, random.Random(seed), series)
    assert sample.mark.series == series
    assert sample.mark.country == sample.plate.country == code
    assert "".join("".join(row) for row in sample.rows) == sample.mark.compact
    assert len(sample.rows) == sample.plate.rows
    assert all(group for row in sample.rows for group in row)
    if code != "XX":
        assert sample.mark in GRAMMARS.parse(sample.mark.text, code)
        assert sample.mark in GRAMMARS.parse(sample.mark.compact.lower())


@pytest.mark.parametrize("code", GRAMMARS.countries)
def test_plates_are_possible_objects(code: str) -> None:
    country = GRAMMARS.country(code)
    assert country.styles
    for style in country.styles:
        width, height = style.size_mm
        assert 170 <= width <= 525
        assert 75 <= height <= 225
        assert style.rows in (1, 2)
        assert style.source
        for colour in (style.ink, style.ground, style.border or "#000000"):
            assert len(bytes.fromhex(colour.removeprefix("#"))) == 3
    for series in country.series:
        assert series.source
        assert sum(share for _, share in series.plates) == pytest.approx(1.0)
        assert sum(form.weight for form in series.forms) == pytest.approx(1.0)


def test_sampling_follows_the_seed_and_takes_numpy_generators() -> None:
    first = [GRAMMARS.sample("FI", np.random.default_rng(7)).mark for _ in range(2)]
    assert first[0] == first[1]


def test_sampling_follows_the_shares() -> None:
    rng, grammars = random.Random(1), mini()
    drawn = [grammars.sample("FI", rng, "ordinary") for _ in range(1000)]
    assert 860 <= sum(len(sample.mark.compact) == 5 for sample in drawn) <= 940
    assert not any(sample.mark.text.startswith("CAB") for sample in drawn)


def test_a_two_row_plate_breaks_where_the_series_says() -> None:
    sample = mini().sample("FI", random.Random(3), "city")
    district, rest = sample.rows
    assert len(district) == 1
    assert [len(group) for group in rest] == [1, 1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{L:2-3}-{D:2}", "{Q:2}"),
        ('country = "FI"', ""),
        ("long = 1.0", "short = 1.0"),
        ("[classes]", "[classes"),
    ],
)
def test_a_broken_file_is_named(old: str, new: str) -> None:
    with pytest.raises(UsageError, match=r"mini\.toml"):
        mini(MINI.replace(old, new))


def test_unknown_countries_and_series_are_told() -> None:
    with pytest.raises(UsageError, match="QQ"):
        GRAMMARS.country("QQ")
    with pytest.raises(UsageError, match="nosuch"):
        GRAMMARS.sample("FI", random.Random(0), "nosuch")


def test_a_pattern_expands_to_all_lengths() -> None:
    forms = expand("{L:1-2}-{D}X", {"L": "AB", "D": "01"}, {})
    assert [(form.spell("A1X"[: len(form.slots)]), form.size) for form in forms[:1]] == [("A-1X", 4)]
    assert [len(form.slots) for form in forms] == [3, 4]


def test_what_may_wear_a_mark() -> None:
    (mark, *_) = GRAMMARS.parse("58-BHG", "FI")
    assert "motorcycle" in GRAMMARS.vehicles(mark) and "car" not in GRAMMARS.vehicles(mark)
    assert "car" in GRAMMARS.vehicles(GRAMMARS.parse("ABC-123", "FI")[0])
    assert GRAMMARS.vehicles(GRAMMARS.mark("??")) == frozenset()


def test_a_mark_may_be_at_home_in_several_countries() -> None:
    assert GRAMMARS.homes("ÖLJ123") == {"FI"}
    assert {"FI", "SE", "LT"} <= GRAMMARS.homes("ABC123") and GRAMMARS.homes("?") == frozenset()


def test_the_rules_go_to_another_process() -> None:
    rules = load_grammars()
    rules.homes("ABC123")
    there = pickle.loads(pickle.dumps(rules))
    assert there.countries == rules.countries and there.homes("ABC123") == rules.homes("ABC123")
