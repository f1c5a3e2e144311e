"""What a department says of its dealers in the browser: a list of changes, of which the last one holds.

Nobody's dealer.toml is touched: a file that a command names stands for that command. Home countries and show
plates count from a dealer's next decision on, in `kilpi serve` and `kilpi work`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from kilpi.errors import UsageError
from kilpi.grammar import load_grammars
from kilpi.store import Store, Tx, uuid7
from kilpi.store.desk_tables import changes
from kilpi.store.tables import cases, users
from kilpi.text import compact_mark

DEALER = "dealer"  # the kind of these changes
LONGEST, MOST_PLATES = 200, 20
EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")


class DealerUnfit(UsageError):
    """What was said of a dealer cannot be: `why` is a word that pages have a phrase for, with `values`."""

    def __init__(self, message: str, why: str, **values: object) -> None:
        super().__init__(f"dealer: {message}")
        self.why, self.values = why, values

    @property
    def kind(self) -> str:
        """As its parent is called, for machines."""
        return UsageError.__name__


@dataclass(frozen=True, slots=True)
class DealerSettings:
    """One dealer. Texts are one line each; empty: not said. Raises DealerUnfit."""

    name: str
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""  # of the address, ISO 3166-1 alpha-2
    contact: str = ""  # a person
    email: str = ""  # who is asked about a car
    phone: str = ""
    show: tuple[str, ...] = ()  # what the dealer's own show plates say
    home: tuple[str, ...] = ()  # where the cars are registered; empty: as the server says

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            texts: Sequence[str] = (value,) if isinstance(value, str) else value
            if any(len(text) > LONGEST or not text.isprintable() for text in texts):
                raise DealerUnfit(
                    f"{one.name} has at most {LONGEST} characters, on one line",
                    "long",
                    name=one.name,
                    n=LONGEST,
                )
        if not self.name:
            raise DealerUnfit("needs a name", "no_name")
        if self.email and not EMAIL.fullmatch(self.email):
            raise DealerUnfit("the e-mail is no address; for example sales@dealer.example", "email")
        if self.country and not re.fullmatch("[A-Z]{2}", self.country):
            raise DealerUnfit("a country is two letters, for example FI", "country")
        known = set(load_grammars().countries)
        if unknown := [code for code in self.home if code not in known]:
            codes = ", ".join(unknown)
            raise DealerUnfit(f"there are no rules for {codes}; give FI, SE ...", "home", codes=codes)
        if len(self.show) > MOST_PLATES or not all(map(compact_mark, self.show)):
            raise DealerUnfit(
                f"show plates have letters or digits, {MOST_PLATES} at most", "show", n=MOST_PLATES
            )


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed what of a dealer. `changed`: the names of the fields."""

    at: datetime
    by: str
    changed: tuple[str, ...] = field(default=())


def dealer_settings(store: Store, name: str) -> DealerSettings:
    """What was said of a dealer last; only the name where nothing was."""
    return store.read(lambda tx: settings_in(tx, name))


def settings_in(tx: Tx, name: str) -> DealerSettings:
    """The same within a transaction."""
    query = sa.select(changes.c.data).where(changes.c.kind == DEALER, changes.c.name == name)
    row = tx.row(query.order_by(changes.c.id.desc()).limit(1))
    return _settings(name, row["data"] if row else {})


def _settings(name: str, data: dict[str, Any]) -> DealerSettings:
    known = {one.name for one in fields(DealerSettings)} - {"name"}
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in data.items() if key in known
    }
    return DealerSettings(name, **values)


def change_dealer(store: Store, said: DealerSettings, *, by: str) -> bool:
    """Writes a change down; a name alone makes a dealer known. False: nothing differs from before."""

    def do(tx: Tx) -> bool:
        tx.lock(f"settings {DEALER} {said.name}")
        if settings_in(tx, said.name) == said and _is_known(tx, said.name):
            return False
        data = {name: value for name, value in asdict(said).items() if name != "name"}
        row = {"id": uuid7(), "at": tx.now, "by": by, "kind": DEALER, "name": said.name}
        tx.run(changes.insert().values(**row, data=data))
        return True

    return store.write(do)


def _is_known(tx: Tx, name: str) -> bool:
    """Whether anything was said of a dealer, or a case is the dealer's."""
    said = sa.select(changes.c.id).where(changes.c.kind == DEALER, changes.c.name == name).limit(1)
    return bool(tx.row(said) or tx.row(sa.select(cases.c.id).where(cases.c.dealer == name).limit(1)))


def dealer_names(store: Store) -> list[str]:
    """Everybody whose cars came, or of whom something was said."""

    def look(tx: Tx) -> list[str]:
        named = tx.rows(sa.select(changes.c.name).where(changes.c.kind == DEALER).distinct())
        return sorted({row["name"] for row in named} | set(_dealers_of_cases(tx)), key=str.casefold)

    return store.read(look)


def same_name(name: str) -> str:
    """A dealer's name as it is compared."""
    return " ".join(name.split()).casefold()


def known_dealer(store: Store, name: str | None) -> str:
    """The dealer that a car's own data name, as it is written here; "" where nobody knows such a dealer."""
    written = " ".join((name or "").split())
    if not written or store.read(lambda tx: _is_known(tx, written)):
        return written
    wanted = written.casefold()
    of_users = sa.select(users.c.dealer).where(users.c.dealer.is_not(None), users.c.dealer != "").distinct()
    signed = [row["dealer"] for row in store.read(lambda tx: tx.rows(of_users))]
    return next((one for one in (*dealer_names(store), *signed) if one.casefold() == wanted), "")


def may_sign_in(store: Store, dealer: str) -> bool:
    """Whether anybody has an account that sees a dealer's cars. Raises StoreError."""
    open_ones = sa.select(users.c.id).where(users.c.dealer == dealer, users.c.ended.is_(None)).limit(1)
    return store.read(lambda tx: tx.row(open_ones)) is not None


def _dealers_of_cases(tx: Tx) -> list[str]:
    """Each dealer once, from one to the next by the index: not by reading all cases."""
    found: list[str] = []
    last = ""
    while True:
        least = sa.select(sa.func.min(cases.c.dealer)).where(cases.c.dealer > last)
        name = tx.connection.execute(least).scalar()
        if name is None:
            return found
        found.append(name)
        last = name


def changes_of(store: Store, name: str) -> list[Change]:
    """What was changed, the newest first."""
    query = sa.select(changes).where(changes.c.kind == DEALER, changes.c.name == name).order_by(changes.c.id)
    before: dict[str, Any] = asdict(DealerSettings(name))
    found = []
    for row in store.read(lambda tx: tx.rows(query)):
        now = asdict(_settings(name, row["data"] or {}))
        found.append(Change(row["at"], row["by"], tuple(key for key in now if now[key] != before[key])))
        before = now
    return found[::-1]
