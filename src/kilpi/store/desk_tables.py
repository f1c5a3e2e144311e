"""Tables of what a department counts, decides and asks for, beside the cases. None of them holds a mark.

The migrations say the same in steps, as for `kilpi.store.tables`.
"""

from __future__ import annotations

import sqlalchemy as sa

from kilpi.store.tables import Json, Moment, Text, metadata


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, Text, nullable=False, server_default="")


tallies = sa.Table(
    "tallies",
    metadata,
    sa.Column("week", Text, primary_key=True),  # its Monday, UTC: 2026-03-02
    sa.Column("dealer", Text, primary_key=True),
    sa.Column("what", Text, primary_key=True),  # `kilpi.cases.tally` names them
    sa.Column("word", Text, primary_key=True),
    sa.Column("n", sa.Integer, nullable=False, server_default="0"),
    sa.Column("amount", sa.Float, nullable=False, server_default="0"),  # seconds, where time is counted
)
"""Counts by week and dealer, written with the event that they count, so that they outlive its case."""

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("name", Text, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("data", Json),
)
"""What takes long to work out, as it was last worked out."""

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("id", Text, primary_key=True),  # UUIDv7
    sa.Column("at", Moment, nullable=False),
    sa.Column("by", Text, nullable=False),
    sa.Column("kind", Text, nullable=False),  # "dealer"
    sa.Column("name", Text, nullable=False),  # which one
    sa.Column("data", Json),
    sa.Index("changes_name", "kind", "name", "id"),
)
"""Settings that people changed in a browser, append-only: the last of a name holds."""

asks = sa.Table(
    "asks",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("digest", Text, nullable=False, unique=True),  # sha256 of the link's secret
    sa.Column("case_id", Text, sa.ForeignKey("cases.id"), nullable=False),
    sa.Column("by", Text, nullable=False),  # who asks
    sa.Column("created", Moment, nullable=False),
    sa.Column("ends", Moment, nullable=False),
    sa.Column("used", Moment),
    sa.Column("ended", Moment),  # revoked, or another was made
    sa.Index("asks_case", "case_id", "id"),
)
"""Links by which a dealer answers for one case, without an account."""

offers = sa.Table(
    "offers",
    metadata,
    sa.Column("site", Text, primary_key=True),  # the folder that shows it
    sa.Column("id", Text, primary_key=True),  # its public name
    _text("language"),  # that it is written in
    _text("make"),
    _text("fuel"),  # words of the vocabulary, joined by "+"
    _text("gearbox"),
    _text("seller"),
    _text("body"),
    _text("colour"),
    sa.Column("price_cents", sa.BigInteger),
    sa.Column("year", sa.Integer),
    sa.Column("km", sa.Integer),
    sa.Column("age", sa.Integer, nullable=False),  # the newest is least; 0: of no known year
    _text("title_key"),
    _text("words"),  # all that it is found by in any language
    sa.Column("mtime_ns", sa.BigInteger, nullable=False),  # of the file that the row was made of
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Index("offers_order", "site", "age", "title_key", "id"),
    sa.Index("offers_facets", "site", "make", "fuel", "gearbox", "seller", "language"),
)
"""Which adverts are out, with what buyers search by. The folder is the truth; the rows only find its cars."""

offer_sites = sa.Table(
    "offer_sites",
    metadata,
    sa.Column("site", Text, primary_key=True),
    sa.Column("changed", Moment, nullable=False),  # when a car last came, changed or went
)
