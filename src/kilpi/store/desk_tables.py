"""Tables of what a department counts, decides and asks for, beside the cases. None of them holds a mark.

The migrations say the same in steps, as for `kilpi.store.tables`.
"""

from __future__ import annotations

import sqlalchemy as sa

from kilpi.store.tables import Json, Moment, Text, metadata

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
