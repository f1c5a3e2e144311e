"""Whether a plate shows a name rather than a mark: the dealer's make (KIA-1) or the car's model (RAV-4)."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from kilpi.types import Mark


class Words(NamedTuple):
    """What show plates say."""

    makes: frozenset[str]  # any number may follow
    models: frozenset[str]  # the whole text


@lru_cache(maxsize=1)
def show_words() -> Words:
    """The words that come with the package, `data/show_words.toml`."""
    text = files("kilpi.decision").joinpath("data/show_words.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return Words(frozenset(data["makes"]), frozenset(data["models"]))


def says_a_name(mark: Mark, own: Collection[str] = ()) -> bool:
    """Whether the mark is a make's name with a number, or a model's.

    `own` are the dealer's words, compact: each alone, and one without digits with any number.
    """
    words, compact = show_words(), mark.compact
    letters = compact.rstrip("0123456789")
    if compact in own or letters in own:
        return True
    return compact in words.models or (letters in words.makes and letters != compact)
