"""Which look-ups a provider charges for, and what one costs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kilpi.errors import NotRegistered, UsageError
from kilpi.registers.provider import ADAPTERS
from kilpi.registers.trace import Step

ANSWERED = frozenset({"found", NotRegistered.__name__})
FILE = "file"  # what every register that is a file is called where look-ups are counted


def is_paid(step: Step) -> bool:
    """Whether a provider answered it, and not our own kept answers or a file."""
    return not step.kept and step.register in ADAPTERS and step.outcome in ANSWERED


def counted_as(step: Step) -> str:
    """The register's name for counts: a provider's, or FILE, whatever the file is called."""
    return step.register if step.register in ADAPTERS else FILE


def prices_of(text: str) -> Mapping[str, float]:
    """KILPI_REGISTER_PRICES, "traficom=0.15, dvla=0": euros a paid look-up. Raises UsageError."""
    found: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, price = (piece.strip() for piece in part.partition("="))
        if name not in ADAPTERS or not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", price):
            raise UsageError(
                "KILPI_REGISTER_PRICES: expected provider=euros with commas between, as traficom=0.15; "
                f"providers are {', '.join(ADAPTERS)}"
            )
        found[name] = float(price)
    return found
