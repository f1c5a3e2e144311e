"""Names for rows that sort by when they were made."""

from __future__ import annotations

import os
import time
from datetime import datetime
from uuid import UUID


def uuid7() -> str:
    """A UUID version 7 as text: 48 bits of Unix milliseconds, 74 random bits (RFC 9562, section 5.7).

    Ids made in different milliseconds sort by time, as text too. Python's own comes with 3.14.
    """
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (2**48 - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 7 << 76  # the version
    value = value & ~(0b11 << 62) | 0b10 << 62  # the variant
    return str(UUID(int=value))


def first_id(moment: datetime) -> str:
    """Ids that were made at `moment` or later are not less than this, and all earlier ones are."""
    milliseconds = max(0, int(moment.timestamp() * 1000))
    text = f"{milliseconds:012x}"
    return f"{text[:8]}-{text[8:]}"
