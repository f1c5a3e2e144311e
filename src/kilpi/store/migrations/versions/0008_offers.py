"""Which adverts are out, with what buyers search by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
TEXTS = ("language", "make", "fuel", "gearbox", "seller", "body", "colour", "title_key", "words")


def upgrade() -> None:
    """Makes the tables; the server fills them from the site's folder when it starts."""
    op.create_table(
        "offers",
        sa.Column("site", TEXT, primary_key=True),
        sa.Column("id", TEXT, primary_key=True),
        *(sa.Column(name, TEXT, nullable=False, server_default="") for name in TEXTS),
        sa.Column("price_cents", sa.BigInteger),
        sa.Column("year", sa.Integer),
        sa.Column("km", sa.Integer),
        sa.Column("age", sa.Integer, nullable=False),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
    )
    op.create_index("offers_order", "offers", ["site", "age", "title_key", "id"])
    op.create_index("offers_facets", "offers", ["site", "make", "fuel", "gearbox", "seller", "language"])
    op.create_table(
        "offer_sites",
        sa.Column("site", TEXT, primary_key=True),
        sa.Column("changed", MOMENT, nullable=False),
    )
