"""The price of a case's car, and indexes for lists that are ordered by title, dealer or price."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds both columns and the indexes. Prices come with the next decision of each case."""
    price = sa.Column("price_cents", sa.BigInteger, nullable=False, server_default="-1")
    op.add_column("cases", price)
    op.add_column("cases", sa.Column("currency", TEXT, nullable=False, server_default=""))
    op.create_index("cases_title", "cases", ["title", "id", "state", "dealer"])
    op.create_index("cases_by_dealer", "cases", ["dealer", "id", "state"])
    op.create_index("cases_price", "cases", ["price_cents", "id", "state", "dealer"])
