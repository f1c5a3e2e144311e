"""What an advert lacks, what a car without a name is called, and reasons, in the visitor's language.

The first two are kept as the advert's language says them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from kilpi.adverts.wording import LANGUAGES, Wording, load_wording
from kilpi.cases.tally import gap_of
from kilpi.types import Reason
from kilpi.web.words import Words

JOINED = " – "  # between a gap and what was said of it, as `kilpi.adverts.listing.missing_figure` writes it


def gap_in(text: str, words: Words, wording: Wording) -> str:
    """A gap's phrase as this language says it; where its figures stand in another language, without them."""
    plain, _, more = text.partition(JOINED)
    said = next((more.removeprefix(lead) for lead in _leads("unclear") if more.startswith(lead)), "")
    key = gap_of(plain)
    template = str(wording.tables["missing"].get(key, ""))
    if not template or (plain.startswith(_lead(template)) and not said):
        return text
    here = wording.text("missing", key) if "{{" not in template else words.word("gap", key)
    return f"{here}{JOINED}{wording.text('missing', 'unclear', said=said)}" if said else here


def title_in(title: str, wording: Wording) -> str:
    """A car's title; one that only says that there is none, in this language."""
    return wording.text("text", "untitled") if title in _untitled() else title


def reason_in(why: Reason, words: Words, wording: Wording) -> str:
    """A reason as a page says it: in words of its own where there are any, without a network's scores."""
    return words.tables["doubt"].get(why.code) or wording.reason(why)


def distinct(whys: Iterable[Reason], words: Words, wording: Wording) -> list[Reason]:
    """Reasons, each once that a page says in the same words: two plates of a photo may be doubted alike."""
    told = {(reason_in(why, words, wording), str(why.values.get("case", ""))): why for why in whys}
    return list(told.values())


def _lead(template: str) -> str:
    """A phrase up to its first value."""
    return template.partition("{{")[0].strip()


@lru_cache(maxsize=4)
def _leads(key: str) -> tuple[str, ...]:
    """The beginnings of a phrase of [missing] in all languages, with the space behind them."""
    return tuple(str(load_wording(code).tables["missing"][key]).partition("{{")[0] for code in LANGUAGES)


@lru_cache(maxsize=1)
def _untitled() -> frozenset[str]:
    return frozenset(str(load_wording(code).tables["text"]["untitled"]) for code in LANGUAGES)
