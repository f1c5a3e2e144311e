"""Counts by week, what takes long to work out, settings that were changed, links for dealers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the four tables."""
    op.create_table(
        "tallies",
        *(sa.Column(name, TEXT, primary_key=True) for name in ("week", "dealer", "what", "word")),
        sa.Column("n", sa.Integer, nullable=False, server_default="0"),
        sa.Column("amount", sa.Float, nullable=False, server_default="0"),
    )
    op.create_table(
        "findings",
        sa.Column("name", TEXT, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("data", JSON),
    )
    op.create_table(
        "changes",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("by", "kind", "name")),
        sa.Column("data", JSON),
    )
    op.create_index("changes_name", "changes", ["kind", "name", "id"])
    op.create_table(
        "asks",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("digest", TEXT, nullable=False, unique=True),
        sa.Column("case_id", TEXT, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("ends", MOMENT, nullable=False),
        sa.Column("used", MOMENT),
        sa.Column("ended", MOMENT),
    )
    op.create_index("asks_case", "asks", ["case_id", "id"])
