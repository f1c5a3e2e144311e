"""What happened to a case in words, the same in the browser and on a terminal."""

from __future__ import annotations

from decimal import Decimal
from pathlib import PurePath
from urllib.parse import urlsplit

from kilpi.adverts.wording import Wording
from kilpi.cases.answers import CAR_FACTS
from kilpi.cases.case import Event, Kind
from kilpi.cases.records import PUBLISHERS
from kilpi.cases.telling.numbers_text import Tables
from kilpi.types import Reason

FACTS = {**{name: name for name in (*CAR_FACTS, "price")}, "odometer_km": "km"}  # of SaidFacts -> [review]


def who_of(event: Event) -> str:
    """By whom something happened; a publisher by the short name of its place."""
    at_place = "://" in event.by or PurePath(event.by).is_absolute()
    return short_name(event.by) if event.kind.value in PUBLISHERS and at_place else event.by


def short_name(target: str) -> str:
    """A place as people call it: a web address without its path, which may hold a token, a folder by its own
    name.
    """
    return urlsplit(target).hostname or PurePath(target).name or target


def said_of(tables: Tables, event: Event) -> str:
    """What happened: of an answer which one, of facts which, and why where that is told."""
    data = event.data
    what = str(data.get("what") or "")
    if event.kind is not Kind.ANSWERED or not what:
        parts = [word_in(tables, "event", event.kind.value)]
    else:
        parts = [word_in(tables, "said", what)]
    if what == "facts":
        parts.append(
            ", ".join(tables["review"][key] for name, key in FACTS.items() if name in told_in(event))
        )
    if data.get("why"):
        parts.append(word_in(tables, "said_why", str(data["why"])))
    return " – ".join(part for part in parts if part)


def details_of(tables: Tables, wording: Wording, event: Event) -> str:
    """What belongs to it, with marks and figures: for those who may see them."""
    data = event.data
    found: list[str] = []
    if event.kind is Kind.UNDONE:
        found.append(f"{word_in(tables, 'event', str(data.get('kind')))} ({data.get('seq')})")
    if event.kind is Kind.DECIDED:
        mark = data.get("mark")
        found += [wording.state(str(data.get("state"))), mark["text"] if mark else ""]
    if event.kind is Kind.ANSWERED:
        found += [str(data[name]) for name in ("text", "country", "vin") if data.get(name)]
        found += [figure_of(wording, event, name) for name in FACTS if name in told_in(event)]
    if data.get("photos"):
        found.append(f"{tables['page']['photos']}: {len(data['photos'])}")
    reasons = (*data.get("against", ()), *data.get("reasons", ()))
    found += [wording.reason(Reason(one["code"], dict(one["values"]))) for one in reasons]
    return " ".join(part for part in found if part)


def told_in(event: Event) -> frozenset[str]:
    """Which facts an answer gives."""
    return frozenset(name for name in FACTS if event.data.get(name) is not None)


def figure_of(wording: Wording, event: Event, name: str) -> str:
    """One fact as the language writes it."""
    value = event.data[name]
    if name == "price":
        return wording.money(Decimal(str(value)), str(event.data.get("currency") or ""))
    return wording.km(value) if name == "odometer_km" else str(value)


def word_in(tables: Tables, table: str, code: str) -> str:
    """The word for a code; one that has none yet as it is, readable."""
    return tables[table].get(code) or code.replace("_", " ")
