"""The department's numbers over some weeks, from the counts: for `/statistics`, its CSV and the terminal.

The one number is how many minutes people spend on 100 cars, with the wrong cars that were found beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from kilpi.cases.case import State
from kilpi.cases.learning.audit import DISPUTED, RIGHT, WRONG
from kilpi.cases.tally import week_of
from kilpi.errors import UsageError
from kilpi.store import Store, Tx
from kilpi.store.desk_tables import tallies
from kilpi.store.tables import audits, cases

WEEKS, MOST_WEEKS = 12, 260
Cell = str | int | float | None
COUNTED = ("decided", "finished", "time", "unmeasured", "wrong")
FIELDS = {
    "decided": "cars",
    "time": "answers",
    "wrong": "corrected",
}  # of `Line`, where it is called otherwise
LINE = ("cars", "alone", "person", "alone_share", "minutes", "seconds_a_car", "minutes_per_100", "answers",
        "unmeasured", "corrected")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns' names, and its rows, the first cell of which says what the row is of."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def column(self, name: str) -> list[Cell]:
        """One column, top to bottom."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    @property
    def is_empty(self) -> bool:
        """Whether nothing but zeros stands in it."""
        return not any(cell for row in self.rows for cell in row[1:])


@dataclass(frozen=True, slots=True)
class Line:
    """What was counted of one week, one dealer, or all."""

    cars: int = 0  # that were decided for the first time
    alone: int = 0  # whose advert was ready without anybody's answer
    person: int = 0  # and with one
    seconds: float = 0.0  # that people were busy
    answers: int = 0  # whose time was measured
    unmeasured: int = 0
    corrected: int = 0  # accepted without a person, and corrected by one

    def __add__(self, other: Line) -> Line:
        """Both together."""
        return Line(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def seconds_a_car(self) -> float | None:
        """That people were busy with a car; None without cars, and where some need a person and nobody's time
        was measured yet.
        """
        if not self.cars or (not self.answers and self.alone < self.cars):
            return None
        return self.seconds / self.cars

    @property
    def minutes_per_100(self) -> float | None:
        """The one number; None as `seconds_a_car`."""
        return None if self.seconds_a_car is None else 100 * self.seconds_a_car / 60

    @property
    def waiting(self) -> int:
        """Cars without a finished advert yet: people's time for these is still to come."""
        return max(0, self.cars - self.alone - self.person)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """In the order of LINE."""
        of = max(self.cars, self.alone + self.person)  # the ones that wait need a person, most of them
        return (
            self.cars,
            self.alone,
            self.person,
            round(self.alone / of, 4) if of else None,
            round(self.seconds / 60, 1),
            None if self.seconds_a_car is None else round(self.seconds_a_car, 1),
            None if self.minutes_per_100 is None else round(self.minutes_per_100, 1),
            self.answers,
            self.unmeasured,
            self.corrected,
        )


@dataclass(frozen=True, slots=True)
class Numbers:
    """All of them. `audited`: audits of these weeks that say right or wrong; `wrong` those that say wrong."""

    first: date  # the first week's Monday
    dealer: str | None
    total: Line
    audited: int
    wrong: int  # confirmed by a second look
    disputed: int  # not looked at again yet
    tables: Mapping[str, Table] = field(default_factory=dict)

    @property
    def wrong_found(self) -> int:
        """Wrong cars: of the audit, disputed ones among them, and those that people met otherwise."""
        return self.wrong + self.disputed + self.total.corrected


def numbers(
    store: Store,
    *,
    weeks: int = WEEKS,
    dealer: str | None = None,
    prices: Mapping[str, float] | None = None,
) -> Numbers:
    """Of this week and those before it, of one dealer or of all. `prices` as `registers.charges.prices_of`.

    Raises UsageError for a number of weeks that is none.
    """
    if not 1 <= weeks <= MOST_WEEKS:
        raise UsageError(f"statistics: weeks is a number from 1 to {MOST_WEEKS}")
    return store.read(lambda tx: _numbers(tx, weeks, dealer, prices or {}))


def dealers(store: Store) -> list[str]:
    """Whose cars were ever counted."""
    query = sa.select(tallies.c.dealer).distinct().order_by(tallies.c.dealer)
    return [row["dealer"] for row in store.read(lambda tx: tx.rows(query)) if row["dealer"]]


def _numbers(tx: Tx, weeks: int, dealer: str | None, prices: Mapping[str, float]) -> Numbers:
    mondays = _mondays(tx.now, weeks)
    where = [tallies.c.week >= mondays[0]]
    if dealer is not None:
        where.append(tallies.c.dealer == dealer)
    both, empty = _lines(tx, where), Line()
    by_week: dict[str, Line] = {}
    by_dealer: dict[str, Line] = {}
    for (week, name), line in both.items():
        by_week[week] = by_week.get(week, empty) + line
        by_dealer[name] = by_dealer.get(name, empty) + line
    of_dealers = tuple((name, *by_dealer[name].cells) for name in sorted(by_dealer))
    found = [
        Table("weeks", ("week", *LINE), tuple((m, *by_week.get(m, empty).cells) for m in mondays)),
        Table("dealers", ("dealer", *LINE), of_dealers),
        Table(
            "dealer_weeks", ("week", "dealer", *LINE), tuple((*key, *both[key].cells) for key in sorted(both))
        ),
        *_words(tx, where, prices),
        _states(tx, dealer),
    ]
    total = sum(both.values(), empty)
    told = _audited(tx, mondays[0], dealer)
    return Numbers(
        date.fromisoformat(mondays[0]),
        dealer,
        total,
        sum(told.values()),
        told[WRONG],
        told[DISPUTED],
        {table.name: table for table in found},
    )


def _mondays(now: datetime, weeks: int) -> list[str]:
    last = date.fromisoformat(week_of(now))
    return [(last - timedelta(weeks=back)).isoformat() for back in reversed(range(weeks))]


def _lines(tx: Tx, where: Sequence[sa.ColumnElement[bool]]) -> dict[tuple[str, str], Line]:
    """Lines by week and dealer."""
    query = sa.select(tallies).where(*where, tallies.c.what.in_(COUNTED))
    found: dict[tuple[str, str], dict[str, float]] = {}
    for row in tx.rows(query):
        one = found.setdefault((row["week"], row["dealer"]), {})
        what = str(row["what"])
        word = str(row["word"]) if what == "finished" else FIELDS.get(what, what)
        one[word] = one.get(word, 0) + row["n"]
        one["seconds"] = one.get("seconds", 0.0) + row["amount"]
    return {key: Line(**values) for key, values in found.items()}  # type: ignore[arg-type]


def _words(tx: Tx, where: Sequence[sa.ColumnElement[bool]], prices: Mapping[str, float]) -> list[Table]:
    """Questions, gaps, registers and times, each word with its sums, the most first."""
    sums = (sa.func.sum(tallies.c.n).label("n"), sa.func.sum(tallies.c.amount).label("amount"))
    query = sa.select(tallies.c.what, tallies.c.word, *sums).where(*where)
    rows = tx.rows(query.group_by(tallies.c.what, tallies.c.word))
    n: dict[str, dict[str, int]] = {}
    seconds: dict[str, float] = {}
    for row in rows:
        n.setdefault(row["what"], {})[row["word"]] = row["n"]
        if row["what"] == "time":
            seconds[row["word"]] = row["amount"]
    asked, kept, paid = (n.get(what, {}) for what in ("asked", "kept", "paid"))
    calls = tuple(
        (name, count, kept.get(name, 0), paid.get(name, 0), _cost(name, paid.get(name, 0), prices))
        for name, count in _most_first(asked)
    )
    times = tuple(
        (word, count, round(seconds[word] / 60, 1)) for word, count in _most_first(n.get("time", {}))
    )
    return [
        Table("questions", ("reason", "questions", "share"), _shared(n.get("question", {}))),
        Table("missing", ("missing", "drafts", "share"), _shared(n.get("missing", {}))),
        Table("registers", ("register", "asked", "kept", "paid", "euros"), calls),
        Table("times", ("answer", "answers", "minutes"), times),
    ]


def _most_first(found: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def _shared(found: Mapping[str, int]) -> tuple[tuple[str, int, float], ...]:
    """The most first, each with its share of all."""
    of = sum(found.values())
    return tuple((word, n, round(n / of, 4) if of else 0.0) for word, n in _most_first(found))


def _states(tx: Tx, dealer: str | None) -> Table:
    """How many cars stand in each state now, whenever they came; the erased are none."""
    query = sa.select(cases.c.state, sa.func.count().label("n")).where(cases.c.state != State.ERASED.value)
    if dealer is not None:
        query = query.where(cases.c.dealer == dealer)
    found = {row["state"]: row["n"] for row in tx.rows(query.group_by(cases.c.state))}
    return Table("states", ("state", "cars", "share"), _shared(found))


def _cost(name: str, paid: int, prices: Mapping[str, float]) -> float | None:
    """Euros; None where look-ups were charged for and no price is set."""
    if not paid:
        return 0.0
    return round(paid * prices[name], 2) if name in prices else None


def _audited(tx: Tx, first: str, dealer: str | None) -> dict[str, int]:
    since = datetime.fromisoformat(f"{first}T00:00:00+00:00")
    query = sa.select(audits.c.verdict, sa.func.count().label("n")).where(audits.c.answered >= since)
    if dealer is not None:
        query = query.where(audits.c.dealer == dealer)
    found = dict.fromkeys((RIGHT, WRONG, DISPUTED), 0)
    for row in tx.rows(query.group_by(audits.c.verdict)):
        if row["verdict"] in found:
            found[row["verdict"]] = row["n"]
    return found
