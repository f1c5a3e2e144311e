"""What a photo shows."""

from __future__ import annotations

from enum import StrEnum


class View(StrEnum):
    """What a photo shows, as far as it can be told. "End" is front or rear, "quarter" is seen at an angle."""

    FRONT = "front"
    FRONT_QUARTER = "front_quarter"
    REAR = "rear"
    REAR_QUARTER = "rear_quarter"
    END = "end"
    END_QUARTER = "end_quarter"
    DETAIL = "detail"
    DOCUMENT = "document"
    UNSURE = "unsure"
