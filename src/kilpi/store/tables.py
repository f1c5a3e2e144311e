"""The tables, as SQLAlchemy Core. The migrations say the same in steps; a test holds the two together.

Marks stand in `cases` (mark, mark_key, live_key), `words.word` and `events.data`; a dealer may also have put
one into a reference, a folder's or a photo's name. No unique index covers a mark, since Postgres writes the
value that violated one into its log.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect

SCHEMA = "0008"
"""The newest migration. Migrations are numbered in order, so a greater number in a database is a newer one.
"""

VERSION_TABLE = "kilpi_schema"  # one row: the number of the last migration that was run

Text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Text that both databases compare byte by byte (UTF-8), so that prefixes and cursors mean the same in both.
"""

Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


class Moment(sa.types.TypeDecorator[datetime]):
    """A time with its zone, UTC. SQLite keeps no zones: it gets UTC without one, which sorts as text."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC, without its zone for SQLite. Raises ValueError for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """With its zone, whatever the database gives."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData()


def _text(name: str, **more: Any) -> sa.Column[str]:
    return sa.Column(name, Text, nullable=False, server_default="", **more)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", Text, primary_key=True),  # UUIDv7
    _text("dealer"),
    _text("reference"),  # the dealer's own name for the car; "": none
    sa.Column("address", Text, nullable=False, unique=True),  # of its folder and page; never another's
    sa.Column("receipt", Text),  # what was received under: a request's or a mail's key
    _text("place"),  # the folder on this machine that its photos were found in
    _text("state"),
    sa.Column("mark", Text),  # as written: ABC-123
    sa.Column("mark_key", Text),  # as compared: ABC123
    sa.Column("country", Text),
    sa.Column("settled", sa.Boolean, nullable=False, server_default=sa.false()),  # the mark is decided
    sa.Column("p", sa.Float),
    _number("version"),  # of its advert
    _text("weights"),  # which networks and settings decided
    _number("live"),  # how many places show an advert of it
    sa.Column("live_key", Text),  # whose advert is out: mark as compared, and country
    _text("title"),  # make, model, year
    sa.Column("traits", Json),  # what its photos and dealer say, to tell two cars apart
    sa.Column("reasons", Json),
    sa.Column("missing", Json),
    sa.Column("price_cents", sa.BigInteger, nullable=False, server_default="-1"),  # -1: none is known
    _text("currency"),
    _number("seq"),  # of its last event
    sa.Column("received", Moment, nullable=False),
    sa.Column("changed", Moment, nullable=False),
    sa.Column("ended", Moment),  # sold or withdrawn since
    sa.Column("next_try", Moment),
    sa.Column("rank", sa.Float, nullable=False, server_default="0"),  # least is asked first
    sa.Column("ask_at", Moment),  # in the queue from then on; NULL: not in it
    sa.Column("held_by", Text),  # who has the question on the screen
    sa.Column("held_until", Moment),
    sa.Index("cases_receipt", "dealer", "receipt", unique=True),
    sa.Index("cases_state", "state", "id"),
    sa.Index("cases_dealer", "dealer", "id"),
    sa.Index("cases_dealer_state", "dealer", "state", "id"),
    sa.Index("cases_reference", "dealer", "reference"),
    sa.Index("cases_place", "place"),
    sa.Index("cases_changed", "changed", "id"),
    sa.Index("cases_state_changed", "state", "changed", "id"),
    # What lists are filtered by stands in these too, so that what does not fit is passed over in the index.
    sa.Index("cases_title", "title", "id", "state", "dealer"),
    sa.Index("cases_by_dealer", "dealer", "id", "state"),
    sa.Index("cases_price", "price_cents", "id", "state", "dealer"),
    sa.Index("cases_mark", "mark_key", "country"),
    sa.Index("cases_live", "live_key"),
    sa.Index("cases_queue", "state", "rank", "ask_at", "id"),
    sa.Index("cases_ended", "ended"),
)

photos = sa.Table(
    "photos",
    metadata,
    sa.Column("case_id", Text, sa.ForeignKey("cases.id"), primary_key=True),
    sa.Column("sha256", Text, primary_key=True),
    _text("name"),  # as sent
    _number("position"),
    _text("view"),
    _text("rejected"),  # why it is not shown; "": it may be
    sa.Column("path", Text),  # of a photo in a folder on this machine; NULL: it is in originals/
    sa.Column("gone", sa.Boolean, nullable=False, server_default=sa.false()),  # not where it was
    sa.Index("photos_sha256", "sha256"),
)

words = sa.Table(
    "words",
    metadata,
    sa.Column("word", Text, primary_key=True),  # upper case; found by its beginning
    sa.Column("case_id", Text, sa.ForeignKey("cases.id"), primary_key=True),
    sa.Index("words_case", "case_id", "word"),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("case_id", Text, sa.ForeignKey("cases.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),  # 1, 2, 3 ... within the case
    sa.Column("at", Moment, nullable=False),
    sa.Column("by", Text, nullable=False),
    sa.Column("kind", Text, nullable=False),
    sa.Column("data", Json),  # NULL: erased
    sa.Index("events_kind", "kind", "at"),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("kind", Text, nullable=False),
    sa.Column("key", Text, unique=True),  # at most one open job of a key; NULL: given up
    sa.Column("case_id", Text, sa.ForeignKey("cases.id")),
    sa.Column("data", Json),
    sa.Column("created", Moment, nullable=False),
    sa.Column("free_at", Moment),  # nobody takes it before: its turn, or when its lease ends; NULL: given up
    sa.Column("token", Text),  # of the worker that has it
    _number("attempts"),
    _text("error"),  # the kind of the last one
    sa.Index("jobs_free", "free_at"),
    sa.Index("jobs_case", "case_id"),
)

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("name", Text, nullable=False),  # as written; stands in the history of what was done
    sa.Column("name_key", Text, nullable=False, unique=True),  # as compared
    sa.Column("role", Text, nullable=False),  # dealer, staff or admin
    _text("dealer"),  # whose cars a dealer's user sees
    sa.Column("password", Text),  # argon2; NULL: none chosen yet
    sa.Column("created", Moment, nullable=False),
    sa.Column("ended", Moment),  # may not sign in any more since
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("digest", Text, primary_key=True),  # sha256 of the cookie, which is kept nowhere
    sa.Column("user_id", Text, sa.ForeignKey("users.id"), nullable=False),
    sa.Column("created", Moment, nullable=False),
    sa.Column("seen", Moment, nullable=False),
    sa.Index("sessions_user", "user_id"),
)

links = sa.Table(
    "links",
    metadata,
    sa.Column("digest", Text, primary_key=True),  # sha256 of the link's secret
    sa.Column("user_id", Text, sa.ForeignKey("users.id"), nullable=False),
    sa.Column("purpose", Text, nullable=False),  # enter: signs in at once; invite: chooses a password
    sa.Column("ends", Moment, nullable=False),
)

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("digest", Text, primary_key=True),  # sha256 of an OpenID issuer and its subject
    sa.Column("name", Text, nullable=False),  # as the provider says it
    sa.Column("user_id", Text, sa.ForeignKey("users.id")),  # NULL: waits for an administrator
    sa.Column("claimed", sa.Boolean, nullable=False, server_default=sa.false()),  # its role is the provider's
    sa.Column("created", Moment, nullable=False),
    sa.Column("seen", Moment, nullable=False),  # last sign-in
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("digest", Text, nullable=False, unique=True),  # sha256 of the token
    sa.Column("name", Text, nullable=False),  # of the machine; stands in the history
    sa.Column("role", Text, nullable=False),
    _text("dealer"),
    sa.Column("created", Moment, nullable=False),
    sa.Column("used", Moment),
    sa.Column("ended", Moment),
)

uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("owner", Text, primary_key=True),  # the dealer whose user sent it; "": the staff
    sa.Column("sha256", Text, primary_key=True),
    sa.Column("kind", Text, nullable=False),  # photo, archive, list, beside or refused
    sa.Column("data", Json),  # an archive's members, or why it is refused
    sa.Column("at", Moment, nullable=False),
)

audits = sa.Table(
    "audits",
    metadata,
    sa.Column("case_id", Text, sa.ForeignKey("cases.id"), primary_key=True),
    _text("dealer"),
    _number("seq"),  # of the decision that is audited
    sa.Column("p", sa.Float),
    sa.Column("sampled", Moment, nullable=False),
    sa.Column("answered", Moment),
    _text("by"),
    _text("verdict"),  # "": not answered yet
    sa.Column("held_by", Text),
    sa.Column("held_until", Moment),
    sa.Index("audits_verdict", "verdict", "sampled"),
)
"""What became of the random sample of accepted cars. Holds no mark, so that the count outlives its cases."""

switches = sa.Table(
    "switches",
    metadata,
    sa.Column("name", Text, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    _text("by"),
    _text("why"),
)
"""What holds for all cases: `kilpi.cases.learning.audit` names them."""

doors = sa.Table(
    "doors",
    metadata,
    sa.Column("name", Text, primary_key=True),  # "watch /srv/in", "mail photos@example.org"
    sa.Column("looked", Moment, nullable=False),  # when it last looked for something new
    _text("problem"),  # why it could take nothing in; "": it could
    sa.Column("data", Json),  # its own memory
)

hooks = sa.Table(
    "hooks",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("url", Text, nullable=False),
    sa.Column("secret", Text, nullable=False),  # signs what is sent there: as it is, or nobody could sign
    _text("dealer"),  # whose cases alone are told; "": all
    sa.Column("kinds", Json),  # of events; NULL: all
    sa.Column("created", Moment, nullable=False),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", Text, primary_key=True),  # the receiver's idempotency key
    sa.Column("hook_id", Text, sa.ForeignKey("hooks.id"), nullable=False),
    sa.Column("case_id", Text, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),  # of the event
    sa.Column("kind", Text, nullable=False),
    sa.Column("state", Text, nullable=False),  # of the case, after it
    sa.Column("at", Moment, nullable=False),
    sa.Column("free_at", Moment),  # nobody takes it before: its turn, or when its lease ends; NULL: over
    sa.Column("token", Text),  # of who sends it
    _number("attempts"),
    sa.Column("delivered", Moment),
    _text("error"),  # of the last attempt: a status or a kind
    sa.Index("deliveries_free", "free_at"),
    sa.Index("deliveries_hook", "hook_id", "id"),
)
