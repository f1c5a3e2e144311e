"""How each provider stands, for who looks after the server. No credential is shown, and nobody is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kilpi.config import Settings
from kilpi.errors import UsageError
from kilpi.registers import open_adapter
from kilpi.registers.charges import FILE
from kilpi.registers.limits import spent_today
from kilpi.registers.provider import ADAPTERS, provider


@dataclass(frozen=True, slots=True)
class RegisterState:
    """One provider. `lacks` names the variables that must be set, "" where all is there.

    `limit` None: no daily budget. `spent`: requests of today (UTC), None where no file counts them for all
    processes.
    """

    name: str
    chosen: bool
    countries: tuple[str, ...] = ()
    lacks: str = ""
    spent: int | None = None
    limit: int | None = None


def register_states(chosen: str, settings: Settings) -> list[RegisterState]:
    """All providers and files, those that the server asks (`chosen`, as KILPI_REGISTER) first."""
    named = [part.strip() for part in chosen.split(",") if part.strip()]
    files = [RegisterState(FILE, True) for part in named if part not in ADAPTERS][:1]
    states = [_state(name, named, settings) for name in ADAPTERS]
    return sorted(files + states, key=lambda one: (not one.chosen, bool(one.lacks), one.name))


def _state(name: str, named: Sequence[str], settings: Settings) -> RegisterState:
    who, own = provider(name), settings.register_daily_budget
    try:
        open_adapter(name, settings)
        lacks = ""
    except UsageError as error:
        lacks = ", ".join(re.findall(r"KILPI_[A-Z_]+", str(error))) or str(error)
    return RegisterState(
        name,
        name in named,
        who.countries,
        lacks,
        spent_today(name, settings.kept_answers) if settings.kept_answers else None,
        who.daily_budget if own is None else own,
    )
