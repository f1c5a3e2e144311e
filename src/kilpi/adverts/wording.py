"""Words, numbers and dates per language, from adverts/*.toml and adverts/*.j2."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, TemplateError

from kilpi.errors import UsageError
from kilpi.types import Reason, Trouble

DATA = files("kilpi.adverts") / "data"
# A language is its file: xx.toml with the words, xx.md.j2 with the running text.
LANGUAGES = tuple(sorted(f.name[:2] for f in DATA.iterdir() if re.fullmatch(r"[a-z]{2}\.toml", f.name)))
NO_BREAK = "\u00a0"
HP_PER_KW = 1.359621617  # metric horsepower: 75 kgf m/s, kgf = 9.80665 N


@dataclass(frozen=True)
class Wording:
    """One language's words. `language` is its ISO 639-1 code."""

    language: str
    tables: Mapping[str, Any] = field(compare=False, repr=False)

    def word(self, code: str, kind: str) -> str:
        """The word for a vocabulary word, for example ("red", "colour"); unknown codes as they are."""
        return str(self.tables.get(kind, {}).get(code, code))

    def state(self, code: str) -> str:
        """The word for a case's state, the same wherever a person meets it: "to be checked"."""
        word = self.word(code, "state")
        return word[:1].lower() + word[1:]

    def text_word(self, code: str | None, kind: str) -> str | None:
        """A word's form inside a sentence, or None where it does not fit in one."""
        words: Mapping[str, str] = self.tables[f"{kind}_in_text"]
        return words.get(str(code))

    def number(self, value: float | Decimal, decimals: int = 2) -> str:
        """12345.5 -> "12 345,5" in Finnish; at most `decimals` decimals, trailing zeros left out."""
        step = Decimal(1).scaleb(-decimals)
        exact = Decimal(str(value)).quantize(step, ROUND_HALF_UP).normalize()
        whole, _, rest = f"{exact:,f}".partition(".")
        style = self.tables["format"]
        whole = whole.replace(",", style["thousands"]).replace("-", "\u2212")
        return f"{whole}{style['decimal']}{rest}" if rest else str(whole)

    def one_decimal(self, value: float | Decimal) -> str:
        """1.0 -> "1,0"; for sizes that are always told with one decimal."""
        figure = self.number(value, 1)
        point = str(self.tables["format"]["decimal"])
        return figure if point in figure else f"{figure}{point}0"

    def km(self, value: float) -> str:
        """A distance: "12 345 km"."""
        return f"{self.number(value, 0)}{NO_BREAK}km"

    def money(self, amount: Decimal, currency: str) -> str:
        """ "19 900 €", "€19,900"; cents only where there are any; a currency without a sign by its code."""
        figure = self.number(amount)
        if len(figure.partition(str(self.tables["format"]["decimal"]))[2]) == 1:
            figure += "0"
        sign = self.tables["currency"].get(currency)
        if sign is None:
            return f"{figure}{NO_BREAK}{currency}"
        return str(self.tables["format"]["money"]).format(amount=figure, unit=sign)

    def day(self, value: date | str) -> str:
        """ "3.5.2021", "3 maj 2021", "3 May 2021"."""
        value = date.fromisoformat(value) if isinstance(value, str) else value  # as a reason has it
        style = self.tables["format"]
        name = style["months"][value.month - 1] if style["months"] else ""
        words = style["date"].format(day=value.day, month=value.month, year=value.year, month_name=name)
        return str(words).replace(" ", NO_BREAK)

    def label(self, key: str) -> str:
        """A row's name in the facts table."""
        return str(self.tables["label"][key])

    def text(self, section: str, key: str, **values: Any) -> str:
        """One phrase of [text], [missing] or [page], filled in."""
        return self.fill(self.tables[section][key], values)

    def reason(self, reason: Reason) -> str:
        """A decision's reason as a sentence; a code or a value that the file does not know stays readable."""
        source = self.tables["reason"].get(reason.code)
        if source is None and reason.code.startswith("status_"):
            return self.text("reason", "status", status=reason.code.removeprefix("status_"))
        if source is not None:
            try:
                return self.fill(source, reason.values)
            except (TemplateError, TypeError, ValueError, ArithmeticError):
                pass  # the code is known, its values are not: fall back to both as they are
        values = ", ".join(f"{key} {value}" for key, value in reason.values.items())
        return self.text("reason", "unknown", code=reason.code.replace("_", " "), values=values)

    def about(self, code: str) -> str:
        """A reason without its values, for a table's row; a code that the file does not know as it is."""
        if code.startswith("status_"):
            return self.reason(Reason(code))
        source = self.tables["about"].get(code) or self.tables["reason"].get(code)
        return self._without(source, {}, code)

    def left_out(self, reason: Reason) -> str:
        """Why a photo is not published, as a phrase; a code that the file does not know as it is."""
        return self._without(self.tables["left_out"].get(reason.code), reason.values, reason.code)

    def _without(self, source: str | None, values: Mapping[str, Any], code: str) -> str:
        try:
            return self.fill(source, values) if source else code.replace("_", " ")
        except (TemplateError, TypeError, ValueError, ArithmeticError):
            return code.replace("_", " ")

    def problem(self, problem: Trouble) -> str:
        """What became of one file: its name, and the kind of error in words; other errors in their own."""
        words = self.tables["problem"].get(problem.kind)
        return f"{problem.where}: {words}" if words else problem.message

    def fill(self, source: str, values: Mapping[str, Any]) -> str:
        """A phrase of the TOML as a template, filled in. Plain text: pages escape it themselves."""
        return compiled(self, source).render(values)

    @property
    def name(self) -> str:
        """What the language calls itself."""
        return str(self.tables["name"])

    @property
    def locale(self) -> str:
        """As Open Graph spells it: fi_FI."""
        return str(self.tables["locale"])

    @cached_property
    def plain(self) -> Environment:
        """Templates for plain text."""
        return self.environment(html=False)

    @cached_property
    def html(self) -> Environment:
        """Templates for pages: every value is escaped."""
        return self.environment(html=True)

    def environment(self, html: bool) -> Environment:
        """A Jinja environment over adverts/ with this language's filters."""
        made = Environment(
            loader=PackageLoader("kilpi.adverts", "data"),
            autoescape=html,
            undefined=StrictUndefined,
            trim_blocks=html,
            lstrip_blocks=html,
        )
        made.filters |= {
            "number": self.number,
            "km": self.km,
            "money": self.money,
            "day": self.day,
            "word": self.word,
            "capitalise": capitalise,
        }
        return made


@lru_cache(maxsize=1024)
def compiled(wording: Wording, source: str) -> Template:
    """A phrase as a template; an index of thousands of cars says the same phrases thousands of times."""
    return wording.plain.from_string(source)


def capitalise(text: str) -> str:
    """The first letter upper case, the rest as it is."""
    return text[:1].upper() + text[1:]


@lru_cache(maxsize=8)
def load_wording(language: str) -> Wording:
    """The wording of one of LANGUAGES. Raises UsageError for another language."""
    if language not in LANGUAGES:
        raise UsageError(f"no wording for language {language!r}; there are {', '.join(LANGUAGES)}")
    return Wording(language, load_table(f"{language}.toml"))


def gap_of(text: str) -> str:
    """Which gap a phrase of [missing] in adverts/data names; "other" where it is none of them."""
    return next((key for begin, key in gap_beginnings() if text.startswith(begin)), "other")


@lru_cache(maxsize=1)
def gap_beginnings() -> tuple[tuple[str, str], ...]:
    """Each phrase of [missing] up to its first value, in all languages, the longest first."""
    found = {
        (str(text).partition("{{")[0].strip(), key)
        for language in LANGUAGES
        for key, text in load_wording(language).tables["missing"].items()
    }
    return tuple(sorted((one for one in found if one[0]), key=lambda one: -len(one[0])))


@lru_cache(maxsize=16)
def load_table(name: str) -> Mapping[str, Any]:
    """One TOML file of adverts/."""
    text = (DATA / name).read_text(encoding="utf-8")
    return tomllib.loads(text)
