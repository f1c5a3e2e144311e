"""The words of the pages: the same keys in every language, each used, every reason with its next step."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from kilpi.adverts.pages import SUPPORT
from kilpi.adverts.wording import LANGUAGES, load_wording
from kilpi.cases import Kind, State
from kilpi.errors import RegisterError
from kilpi.grammar import load_grammars
from kilpi.web.words import load_words

ROOT = Path(str(files("kilpi.web")))
BY_CODE = {
    "state", "language", "error", "doubt", "todo", "country", "role", "left_out", "event", "trouble", "said",
    "said_why", "next", "column", "gap", "spent", "trait", "want", "arrived", "fault", "door",
    "dealer_trouble", "ended", "register_answer",
}  # fmt: skip
"""Tables whose keys are codes that are looked up, not written in a template."""
NOT_ASKED = SUPPORT | {
    "ties_fit", "identified_by_vin", "answered", "answered_no_plate", "answered_vin", "unknown",
    "photo_error", "photo_no_end", "photo_coarse", "few_pictures", "odometer_confirmed", "odometer_unseen",
    "odometer_about", "views_missing", "stays_covered", "inspection_over",
    "odometer_proposed", "odometer_unknown",
}  # fmt: skip
"""Reasons that are told and ask for nothing."""


def tables(language: str) -> dict[str, dict[str, str]]:
    return {name: dict(table) for name, table in load_words(language).tables.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_key_with_the_same_figures(language: str) -> None:
    mine, english = tables(language), tables("en")
    assert {name: set(table) for name, table in mine.items()} == {n: set(t) for n, t in english.items()}
    for name, table in english.items():
        for key, phrase in table.items():
            figures = set(re.findall(r"{\w+}", phrase))
            assert set(re.findall(r"{\w+}", mine[name][key])) == figures, (name, key)


def test_no_key_is_unused() -> None:
    beside = [ROOT.parent / "cases" / "telling" / name for name in ("numbers_text.py", "history_text.py")]
    sources = [*ROOT.rglob("*.html"), *ROOT.rglob("*.py"), *beside]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    used = set(re.findall(r"""(?:say|word)\(\s*["'](\w+)["'],\s*["'](\w+)["']""", text))
    listed = {(name, key) for name, table in tables("en").items() if name not in BY_CODE for key in table}
    # `say(table, key)` with a key from a variable: the key stands in quotes somewhere else.
    spare = {(name, key) for name, key in listed - used if f'"{key}"' not in text}
    assert not spare, sorted(spare)


def test_every_phrase_that_a_page_says_is_there() -> None:
    """Also on pages that no other test shows: a missing one is a fault of the whole page."""
    sources = [*ROOT.rglob("*.html"), *ROOT.rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    said = set(re.findall(r"""\b(?:say|count)\(\s*["'](\w+)["'],\s*["'](\w+)["']""", text))
    assert len(said) > 300
    assert [pair for pair in sorted(said) if pair[1] not in tables("en").get(pair[0], {})] == []


def test_every_reason_that_asks_a_person_says_what_to_do() -> None:
    codes = set(load_wording("en").tables["reason"]) - NOT_ASKED
    todo = tables("en")["todo"]
    assert not codes - set(todo), sorted(codes - set(todo))
    assert len({todo[code] for code in codes}) > len(codes) / 2, "its own, not one for all"


def test_every_answer_of_a_register_has_words() -> None:
    kinds = {"found", *(error.__name__ for error in RegisterError.__subclasses__())}
    assert set(tables("en")["register_answer"]) == kinds


def test_every_country_with_rules_has_a_name() -> None:
    for language in LANGUAGES:
        assert set(load_grammars().countries) <= set(tables(language)["country"])


def test_all_that_happens_to_a_case_has_a_word() -> None:
    assert {kind.value for kind in Kind} == set(tables("en")["event"])
    assert {state.value for state in State} == set(tables("en")["state"])
