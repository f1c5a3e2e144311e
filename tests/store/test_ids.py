from __future__ import annotations

import time
from uuid import RFC_4122, UUID

from kilpi.store import uuid7


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
