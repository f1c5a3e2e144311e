"""Reading the keys of a JSON object with a check each; messages say where and which key, never the value."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kilpi.errors import LabelError
from kilpi.types import Box, Point, Quad

MAX_PIXEL = 1e7  # a coordinate beyond this is a mistake, not a photo


class Fields:
    """One JSON object. `where` (file, line, element) begins every LabelError; a key not `known` is one."""

    def __init__(self, values: Mapping[str, Any], where: str, known: frozenset[str]) -> None:
        self.values, self.where = values, where
        strange = sorted(str(key) for key in values.keys() - known)
        if strange:
            raise self.error(f"unknown key {strange[0]!r}; known are {', '.join(sorted(known))}")

    def error(self, reason: str) -> LabelError:
        """A LabelError that begins with file and line."""
        return LabelError(f"{self.where}: {reason}")

    def text(self, key: str, pattern: re.Pattern[str] | None = None, expected: str = "") -> str | None:
        """A string that is not empty, and matches `pattern` as a whole; None where the key is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"{key} must be a string that is not empty; leave the key out if it is unknown")
        if pattern is not None and not pattern.fullmatch(value):
            raise self.error(f"{key} must be {expected}")
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise self.error(f"{key} holds half of a surrogate pair") from None
        return value

    def count(self, key: str) -> int | None:
        """A whole number above 0; None where the key is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 1_000_000:
            raise self.error(f"{key} must be a whole number above 0")
        return value

    def truth(self, key: str) -> bool | None:
        """True or false; None where the key is absent."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.error(f"{key} must be true or false")
        return value

    def moment(self, key: str) -> str | None:
        """A date or time as ISO 8601, kept as written; None where the key is absent."""
        value = self.text(key)
        if value is not None:
            try:
                datetime.fromisoformat(value)
            except ValueError:
                raise self.error(f"{key} must be a date or time like 2026-11-23 (ISO 8601)") from None
        return value

    def numbers(self, key: str, value: Any, length: int) -> list[float]:
        """A list of exactly `length` finite numbers."""
        if not isinstance(value, list) or len(value) != length:
            raise self.error(f"{key} must be a list of {length} numbers")
        if any(isinstance(v, bool) or not isinstance(v, int | float) for v in value):
            raise self.error(f"{key} must hold numbers, not strings or null")
        if any(not math.isfinite(v) or abs(v) > MAX_PIXEL for v in value):
            raise self.error(f"{key} must hold finite numbers of pixels")
        return [float(v) for v in value]

    def box(self, key: str) -> Box | None:
        """[x1, y1, x2, y2] with x1 <= x2 and y1 <= y2; None where the key is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        box = Box(*self.numbers(key, value, 4))
        if box.x1 > box.x2 or box.y1 > box.y2:
            raise self.error(f"{key} must be [left, top, right, bottom]")
        return box

    def quad(self, key: str) -> Quad | None:
        """[[x, y], ...] of four corners, clockwise as the text reads; None where the key is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or len(value) != 4:
            raise self.error(f"{key} must be a list of 4 corners")
        return Quad(*(Point(*self.numbers(key, corner, 2)) for corner in value))

    def parts(self, key: str, known: frozenset[str]) -> list[Fields]:
        """A list of objects, which may be empty; the key must be there, so that a typing error shows."""
        value = self.values.get(key)
        if not isinstance(value, list):
            raise self.error(f"{key} must be a list (an empty one where the photo has no plate)")
        for i, part in enumerate(value, start=1):
            if not isinstance(part, dict):
                raise self.error(f"{key}, number {i}: must be an object")
        return [Fields(part, f"{self.where}, plate {i}", known) for i, part in enumerate(value, start=1)]
