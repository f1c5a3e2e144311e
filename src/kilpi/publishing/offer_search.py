"""Which of a site's cars a buyer is looking for: the database's answer, one page at a time.

Every word must stand somewhere in what a car is found by, so what matters is one walk over narrow rows, which
takes the database tens of milliseconds for 100,000 cars; without a search the list comes from its index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from kilpi.adverts.naming import fold
from kilpi.adverts.shop_search import A_PAGE, FACETS, Facets, Wanted, coded_words, facets_from
from kilpi.adverts.wording import Wording
from kilpi.store import Store, Tx
from kilpi.store.desk_tables import offer_sites, offers

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Overview:
    """What a site shows as a whole. `spoken`: language -> how many adverts are written in it."""

    count: int
    facets: Facets
    spoken: Mapping[str, int]
    changed: datetime | None = None  # when a car last came, changed or went; None: none ever did


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was asked for: public names in order, how many cars there are, the page's number."""

    ids: tuple[str, ...]
    count: int
    number: int


def overview(store: Store, site: str) -> Overview:
    """Counts of a site's cars. Raises StoreError."""
    names = (*FACETS, "language")
    columns = [offers.c[name] for name in names]
    query = sa.select(*columns, sa.func.count().label("n")).where(offers.c.site == site).group_by(*columns)
    when = sa.select(offer_sites.c.changed).where(offer_sites.c.site == site)
    rows, last = store.read(lambda tx: (tx.rows(query), tx.row(when)))
    counts: dict[str, Counter[str]] = {name: Counter() for name in names}
    for row in rows:
        for name in names:
            counts[name][row[name]] += row["n"]
    spoken = dict(sorted(counts["language"].items()))
    return Overview(sum(spoken.values()), facets_from(counts), spoken, last["changed"] if last else None)


def search(store: Store, site: str, wanted: Wanted, wording: Wording, number: int, total: int) -> Found:
    """A page of the cars that are wanted; the last one where there are fewer. Raises StoreError.

    `total`: how many cars the site has, for a list that is not narrowed.
    """

    def do(tx: Tx) -> Found:
        asked = conditions(wanted, wording, tx.is_postgres)
        mine = (offers.c.site == site, *asked)
        count = total
        if asked:
            count = int(tx.connection.scalar(sa.select(sa.func.count()).where(*mine)) or 0)
        at = min(max(1, number), max(1, -(-count // A_PAGE)))
        query = sa.select(offers.c.id).where(*mine).order_by(*ordered(wanted.sort, bool(asked)))
        rows = tx.rows(query.limit(A_PAGE).offset((at - 1) * A_PAGE))
        return Found(tuple(row["id"] for row in rows), count, at)

    return store.read(do)


def every(store: Store, site: str) -> list[str]:
    """The public names of all cars, in the order of the list. Raises StoreError."""
    query = sa.select(offers.c.id).where(offers.c.site == site).order_by(*ordered("year", False))
    return [row["id"] for row in store.read(lambda tx: tx.rows(query))]


def ordered(sort: str, narrowed: bool) -> list[Any]:
    """The order of the list; what has no price or kilometres is last.

    A narrowed list is never read along an index: where few cars fit, that would visit every row by itself.
    """
    age = offers.c.age + 0 if narrowed else offers.c.age
    first: Mapping[str, list[Any]] = {
        "price": [offers.c.price_cents.is_(None), offers.c.price_cents],
        "price_down": [offers.c.price_cents.is_(None), offers.c.price_cents.desc()],
        "km": [offers.c.km.is_(None), offers.c.km],
    }
    return [*first.get(sort, []), age, offers.c.title_key, offers.c.id]


def conditions(wanted: Wanted, wording: Wording, postgres: bool) -> list[Condition]:
    """What a row must be. A figure that is not known fits no limit."""
    asked: list[Condition] = []
    for name in FACETS:
        if value := getattr(wanted, name):
            asked.append(offers.c[name] == value)
    for column, least, most in (
        (offers.c.price_cents, cents(wanted.price_from), cents(wanted.price_to)),
        (offers.c.year, wanted.year_from, wanted.year_to),
        (offers.c.km, None, wanted.km_to),
    ):
        asked += [column >= least] if least is not None else []
        asked += [column <= most] if most is not None else []
    return [*asked, *(has(word, wording, postgres) for word in dict.fromkeys(fold(wanted.q).split()))]


def cents(whole: int | None) -> int | None:
    """Of whole euros."""
    return None if whole is None else whole * 100


def has(word: str, wording: Wording, postgres: bool) -> Condition:
    """Whether a word stands in what a car is found by, as a part of a word too."""

    def within(text: Any, part: str) -> Condition:
        return (sa.func.strpos(text, part) if postgres else sa.func.instr(text, part)) > 0

    found = [within(offers.c.words, word)]
    for kind, codes in coded_words(word, wording).items():
        if kind == "fuel":
            found += [within("+" + offers.c.fuel + "+", f"+{code}+") for code in codes]
        else:
            found.append(offers.c[kind].in_(codes))
    return sa.or_(*found)
