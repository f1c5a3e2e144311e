"""Cases, photos, words, events (append-only), jobs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)

# An event may only be added; erasure may blank its data and who it was by, nothing more.
SQLITE_GUARDS = (
    "CREATE TRIGGER events_stay BEFORE DELETE ON events "
    "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
    "CREATE TRIGGER events_are_erased BEFORE UPDATE ON events WHEN NEW.data IS NOT NULL "
    "OR NEW.case_id <> OLD.case_id OR NEW.seq <> OLD.seq OR NEW.kind <> OLD.kind OR NEW.at <> OLD.at "
    "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
)
POSTGRES_GUARDS = (
    "CREATE FUNCTION kilpi_events_guard() RETURNS trigger AS $$ BEGIN "
    "IF TG_OP = 'UPDATE' AND NEW.data IS NULL AND NEW.case_id = OLD.case_id AND NEW.seq = OLD.seq "
    "AND NEW.kind = OLD.kind AND NEW.at = OLD.at THEN RETURN NEW; END IF; "
    "RAISE EXCEPTION 'events are append-only'; END $$ LANGUAGE plpgsql",
    "CREATE TRIGGER events_guard BEFORE UPDATE OR DELETE ON events FOR EACH ROW "
    "EXECUTE FUNCTION kilpi_events_guard()",
)


def upgrade() -> None:
    """Makes the tables."""
    _cases()
    _photos_and_words()
    _events_and_jobs()
    for guard in POSTGRES_GUARDS if op.get_bind().dialect.name == "postgresql" else SQLITE_GUARDS:
        op.execute(guard)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=False, server_default="")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def _case_id(*, primary: bool) -> sa.Column[str]:
    return sa.Column("case_id", TEXT, sa.ForeignKey("cases.id"), primary_key=primary)


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", TEXT, primary_key=True),
        _text("dealer"),
        _text("reference"),
        sa.Column("address", TEXT, nullable=False, unique=True),
        sa.Column("receipt", TEXT),
        _text("place"),
        _text("state"),
        sa.Column("mark", TEXT),
        sa.Column("mark_key", TEXT),
        sa.Column("country", TEXT),
        sa.Column("settled", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("p", sa.Float),
        _number("version"),
        _text("weights"),
        _number("live"),
        sa.Column("live_key", TEXT),
        _text("title"),
        sa.Column("traits", JSON),
        sa.Column("reasons", JSON),
        sa.Column("missing", JSON),
        _number("seq"),
        sa.Column("received", MOMENT, nullable=False),
        sa.Column("changed", MOMENT, nullable=False),
        sa.Column("ended", MOMENT),
        sa.Column("next_try", MOMENT),
        sa.Column("rank", sa.Float, nullable=False, server_default="0"),
        sa.Column("ask_at", MOMENT),
        sa.Column("held_by", TEXT),
        sa.Column("held_until", MOMENT),
    )
    op.create_index("cases_receipt", "cases", ["dealer", "receipt"], unique=True)
    op.create_index("cases_state", "cases", ["state", "id"])
    op.create_index("cases_dealer", "cases", ["dealer", "id"])
    op.create_index("cases_dealer_state", "cases", ["dealer", "state", "id"])
    op.create_index("cases_reference", "cases", ["dealer", "reference"])
    op.create_index("cases_place", "cases", ["place"])
    op.create_index("cases_changed", "cases", ["changed", "id"])
    op.create_index("cases_state_changed", "cases", ["state", "changed", "id"])
    op.create_index("cases_mark", "cases", ["mark_key", "country"])
    op.create_index("cases_live", "cases", ["live_key"])
    op.create_index("cases_queue", "cases", ["state", "rank", "ask_at", "id"])
    op.create_index("cases_ended", "cases", ["ended"])


def _photos_and_words() -> None:
    op.create_table(
        "photos",
        _case_id(primary=True),
        sa.Column("sha256", TEXT, primary_key=True),
        _text("name"),
        _number("position"),
        _text("view"),
        _text("rejected"),
        sa.Column("path", TEXT),
        sa.Column("gone", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_index("photos_sha256", "photos", ["sha256"])
    op.create_table("words", sa.Column("word", TEXT, primary_key=True), _case_id(primary=True))
    op.create_index("words_case", "words", ["case_id", "word"])


def _events_and_jobs() -> None:
    op.create_table(
        "events",
        _case_id(primary=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("data", JSON),
    )
    op.create_index("events_kind", "events", ["kind", "at"])
    op.create_table(
        "jobs",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("key", TEXT, unique=True),
        _case_id(primary=False),
        sa.Column("data", JSON),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("free_at", MOMENT),
        sa.Column("token", TEXT),
        _number("attempts"),
        _text("error"),
    )
    op.create_index("jobs_free", "jobs", ["free_at"])
    op.create_index("jobs_case", "jobs", ["case_id"])
