"""Users, their sessions and links, tokens of machines, files that were sent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables."""
    _users()
    _keys()
    op.create_table(
        "uploads",
        sa.Column("owner", TEXT, primary_key=True),
        sa.Column("sha256", TEXT, primary_key=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("data", JSON),
        sa.Column("at", MOMENT, nullable=False),
    )


def _dealer() -> sa.Column[str]:
    return sa.Column("dealer", TEXT, nullable=False, server_default="")


def _user_id() -> sa.Column[str]:
    return sa.Column("user_id", TEXT, sa.ForeignKey("users.id"), nullable=False)


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("name_key", TEXT, nullable=False, unique=True),
        sa.Column("role", TEXT, nullable=False),
        _dealer(),
        sa.Column("password", TEXT),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("ended", MOMENT),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", TEXT, primary_key=True),
        _user_id(),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("seen", MOMENT, nullable=False),
    )
    op.create_index("sessions_user", "sessions", ["user_id"])


def _keys() -> None:
    op.create_table(
        "links",
        sa.Column("digest", TEXT, primary_key=True),
        _user_id(),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("ends", MOMENT, nullable=False),
    )
    op.create_table(
        "tokens",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("digest", TEXT, nullable=False, unique=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        _dealer(),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("used", MOMENT),
        sa.Column("ended", MOMENT),
    )
