from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from kilpi.store import first_id, uuid7


def test_version_variant_and_time_are_where_the_rfc_puts_them() -> None:
    before = time.time_ns() // 1_000_000
    made = UUID(uuid7())
    assert (made.version, made.variant) == (7, RFC_4122)
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_sorts_by_time_and_never_repeats() -> None:
    first = uuid7()
    time.sleep(0.002)
    assert first < uuid7()
    assert len({uuid7() for _ in range(20_000)}) == 20_000


def test_the_first_id_of_a_moment_parts_what_came_before_from_what_came_after() -> None:
    made, now = uuid7(), datetime.now(UTC)
    assert first_id(now - timedelta(seconds=2)) <= made < first_id(now + timedelta(seconds=2))
