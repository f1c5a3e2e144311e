"""The words of the pages, one TOML file a language in words/. Every key is in every file; a test says so."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from kilpi.adverts.wording import load_wording
from kilpi.cases import State
from kilpi.errors import UsageError


@dataclass(frozen=True)
class Words:
    """One language's words: tables of phrases, filled in with str.format."""

    language: str
    tables: Mapping[str, Mapping[str, str]] = field(compare=False, repr=False)

    def say(self, table: str, key: str, **values: object) -> str:
        """One phrase, plain text: templates escape it. Raises KeyError for one that is not there."""
        return self.tables[table][key].format(**values)

    def count(self, table: str, key: str, n: int, figure: str = "") -> str:
        """A phrase with a number: the part before "|" where it is one, else the part behind it.

        `figure` is the number as the language writes it.
        """
        one, _, several = self.tables[table][key].partition("|")
        return (one if n == 1 else several or one).format(n=figure or n)

    def word(self, table: str, key: str) -> str:
        """A phrase for a code that may be new: the code itself where there are no words yet."""
        return self.tables.get(table, {}).get(str(key), str(key).replace("_", " "))


@lru_cache(maxsize=8)
def load_words(language: str) -> Words:
    """The words of a language, by its ISO 639-1 code. Raises UsageError.

    [state] and [country] are those of the adverts: one word each, wherever a person meets it.
    """
    path = files("kilpi.web") / "words" / f"{language}.toml"
    if not path.is_file():
        raise UsageError(f"language {language!r}: the pages have none; fi, sv and en are there")
    wording = load_wording(language)
    shared = {
        "state": {state.value: wording.state(state.value) for state in State},
        "country": wording.tables["country"],
    }
    return Words(language, {**tomllib.loads(path.read_text(encoding="utf-8")), **shared})
