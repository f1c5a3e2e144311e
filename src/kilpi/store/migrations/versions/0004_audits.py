"""The audited sample of accepted cars, and switches that hold for all cases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes both tables."""
    op.create_table(
        "audits",
        sa.Column("case_id", TEXT, sa.ForeignKey("cases.id"), primary_key=True),
        _text("dealer"),
        sa.Column("seq", sa.Integer, nullable=False, server_default="0"),
        sa.Column("p", sa.Float),
        sa.Column("sampled", MOMENT, nullable=False),
        sa.Column("answered", MOMENT),
        _text("by"),
        _text("verdict"),
        sa.Column("held_by", TEXT),
        sa.Column("held_until", MOMENT),
    )
    op.create_index("audits_verdict", "audits", ["verdict", "sampled"])
    op.create_table(
        "switches",
        sa.Column("name", TEXT, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        _text("by"),
        _text("why"),
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=False, server_default="")
