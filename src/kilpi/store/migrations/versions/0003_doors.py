"""When each door last looked; where news of cases goes, and the news itself."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "doors",
        sa.Column("name", TEXT, primary_key=True),
        sa.Column("looked", MOMENT, nullable=False),
        _text("problem"),
        sa.Column("data", JSON),
    )
    op.create_table(
        "hooks",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("secret", TEXT, nullable=False),
        _text("dealer"),
        sa.Column("kinds", JSON),
        sa.Column("created", MOMENT, nullable=False),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("hook_id", TEXT, sa.ForeignKey("hooks.id"), nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("free_at", MOMENT),
        sa.Column("token", TEXT),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("delivered", MOMENT),
        _text("error"),
    )
    op.create_index("deliveries_free", "deliveries", ["free_at"])
    op.create_index("deliveries_hook", "deliveries", ["hook_id", "id"])


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=False, server_default="")
