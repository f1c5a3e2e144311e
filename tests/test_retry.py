from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from kilpi.retry import pause_s, retry_after_s

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(None, None), ("", None), ("soon", None), ("-5", None), ("0", 0.0), ("12", 12.0), ("1.5", None)],
)
def test_retry_after_in_odd_forms(value: str | None, seconds: float | None) -> None:
    assert retry_after_s(value, NOW) == seconds


def test_retry_after_in_the_past_is_now() -> None:
    assert retry_after_s(format_datetime(NOW - timedelta(hours=1), usegmt=True), NOW) == 0.0


def test_a_date_is_understood_as_well_as_seconds() -> None:
    assert retry_after_s(format_datetime(NOW + timedelta(seconds=90), usegmt=True), NOW) == 90.0


def test_pauses_double_up_to_a_limit_and_never_fall_short_of_what_was_asked() -> None:
    assert [pause_s(attempt) for attempt in range(6)] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert pause_s(0, asked=30.0) == 30.0
    assert pause_s(3, asked=1.0) == 4.0
