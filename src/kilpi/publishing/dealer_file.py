"""`dealer.toml`: who sells, which feeds are written, and how the public site looks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from kilpi.adverts.contact import EMAIL, PHONE
from kilpi.adverts.wording import LANGUAGES
from kilpi.errors import LabelError
from kilpi.publishing.colours import FORM
from kilpi.types import Dealer

LISTS, NUMBERS = frozenset({"feeds", "show", "languages"}), frozenset({"latitude", "longitude"})
WEB = re.compile(r"https?://[^\s?#/][^\s?#]*", re.IGNORECASE)
PAGE = re.compile(r"https?://[^\s\"<>]+", re.IGNORECASE)


def read_dealer(path: Path) -> Dealer:
    """A dealer's TOML file with the fields of `Dealer`. Raises LabelError that names file and key."""
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise LabelError(f"{path}: cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LabelError(f"{path}: {error}") from None
    check_kinds(values, path)
    for key, (fits, words) in RULES.items():
        if key in values and (values[key] or key == "site") and not fits(values[key]):
            raise LabelError(f"{path}: {key} {words}")
    for key in ("logo", "banner"):
        if values.get(key) and not (path.parent / values[key]).is_file():
            raise LabelError(f"{path}: {key}: there is no file {values[key]!r} beside the dealer's file")
    if site := values.get("site"):
        scheme, _, rest = site.partition("://")
        values["site"] = f"{scheme.lower()}://{rest.rstrip('/')}/"
    return Dealer(**{**values, **{key: tuple(values.get(key, ())) for key in LISTS}})


def check_kinds(values: Mapping[str, Any], path: Path) -> None:
    """Raise LabelError for a key that there is not, or a value that is no text, number or list of texts."""
    known = {one.name for one in fields(Dealer)}
    for key, value in values.items():
        if key not in known:
            raise LabelError(f"{path}: unknown key {key!r}; known are {', '.join(sorted(known))}")
        wanted: Any = list if key in LISTS else int | float if key in NUMBERS else str
        fits = isinstance(value, wanted) and not isinstance(value, bool)
        if not fits or (key in LISTS and not all(isinstance(part, str) for part in value)):
            raise LabelError(f"{path}: {key} is of the wrong kind")


Rule = tuple[Callable[[Any], object], str]
A_COLOUR = "must be # and six hexadecimal digits, such as #0d5c63"
RULES: Mapping[str, Rule] = {
    "site": (WEB.fullmatch, "must be an address such as https://cars.example/"),
    "web": (PAGE.fullmatch, "must be an address such as https://dealer.example/"),
    "email": (EMAIL.fullmatch, "must be one e-mail address, such as sales@dealer.example"),
    "phone": (PHONE.fullmatch, "must be one phone number, such as +358 40 123 4567"),
    "colour": (FORM.fullmatch, A_COLOUR),
    "header": (FORM.fullmatch, A_COLOUR),
    "languages": (
        lambda given: set(given) <= set(LANGUAGES) and len(set(given)) == len(given),
        f"must be of {', '.join(LANGUAGES)}, each once",
    ),
}
