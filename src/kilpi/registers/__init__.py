"""Vehicle registers: who knows a car by its mark. `open_register` makes one from a name or a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr

from kilpi.config import Settings
from kilpi.errors import UsageError
from kilpi.ports import Register
from kilpi.registers.cache import CachedRegister, KeptAnswers
from kilpi.registers.chain import ChainRegister, Link
from kilpi.registers.client import Client
from kilpi.registers.file import FileRegister
from kilpi.registers.http import JsonRegister
from kilpi.registers.limits import Clock, DailyBudget
from kilpi.registers.provider import ADAPTERS, Provider, provider
from kilpi.registers.rdw import RdwRegister
from kilpi.registers.trace import Watch, ignore, watched_look_up, watched_look_up_vin
from kilpi.registers.traficom import Contract, TraficomRegister
from kilpi.types import Mark, Vehicle

__all__ = ["ADAPTERS", "open_adapter", "open_register"]


class _Watched:
    def __init__(self, register: Register, name: str, watch: Watch) -> None:
        self._register, self._name, self._watch = register, name, watch

    def look_up(self, mark: Mark) -> Vehicle:
        return watched_look_up(self._register, self._name, mark, self._watch)

    def look_up_vin(self, vin: str) -> Vehicle:
        return watched_look_up_vin(self._register, self._name, vin, self._watch)


def open_register(
    name_or_path: str,
    settings: Settings,
    watch: Watch = ignore,
    warn: Callable[[str], None] = lambda line: None,
) -> ChainRegister:
    """A register from a file, a provider's name, or several of both with commas between, asked in that order.

    Every provider but the files is asked through the kept answers where settings name a file for them.
    `watch` hears of every register asked; `warn` gets one line for each row of a file that has a problem.
    Raises UsageError where a part is neither a file nor a provider, or lacks what it needs.
    """
    parts = (
        [name_or_path] if Path(name_or_path).is_file() else [part.strip() for part in name_or_path.split(",")]
    )
    links = [_link(part, settings, watch, warn) for part in parts if part]
    if not links:
        raise UsageError("no register named; give a file, or one or more of " + ", ".join(ADAPTERS))
    return ChainRegister(links, settings.country)


def _link(part: str, settings: Settings, watch: Watch, warn: Callable[[str], None]) -> Link:
    if Path(part).is_file():
        file = FileRegister.open(part)
        for problem in file.problems:
            warn(f"{file.name}: {problem}")
        return Link(_Watched(file, file.name, watch))
    if part not in ADAPTERS:
        raise UsageError(f"register {part}: is neither a file nor one of " + ", ".join(ADAPTERS))
    who, register = provider(part), open_adapter(part, settings)
    if settings.kept_answers is None:
        register = _Watched(register, part, watch)
    else:
        answers = KeptAnswers(settings.kept_answers)
        keep_s, keep_not_found_s = settings.kept_days * 86_400, settings.kept_not_found_hours * 3_600
        register = CachedRegister(register, part, answers, keep_s, keep_not_found_s, watch)
    return Link(register, who.countries, who.authoritative)


def open_adapter(
    name: str, settings: Settings, origin: str | None = None, clock: Clock | None = None
) -> Register:
    """The bare adapter of one provider. `origin` (https://host) replaces the provider's host.

    Raises UsageError where a required credential is not set.
    """
    who = provider(name)
    client = _client(who, settings, clock or Clock())
    if name == "traficom":
        contract = _contract(settings, origin)
        return TraficomRegister(who, client, contract)
    key: SecretStr = getattr(settings, who.key)
    if who.key_required and not key.get_secret_value():
        raise UsageError(f"register {name}: needs a key; set KILPI_{who.key.upper()}")
    return RdwRegister(who, client, key, origin) if name == "rdw" else JsonRegister(who, client, key, origin)


def _client(who: Provider, settings: Settings, clock: Clock) -> Client:
    own = settings.register_daily_budget
    limit = who.daily_budget if own is None else own
    if settings.kept_answers is not None:
        KeptAnswers(settings.kept_answers)  # makes the file, readable for its owner only
    budget = DailyBudget(who.name, limit, settings.kept_answers, clock)
    return Client(who.name, budget, settings.register_timeout_s, settings.register_retries, clock)


def _contract(settings: Settings, origin: str | None) -> Contract:
    url = origin or settings.traficom_url
    if not url or not settings.traficom_user or not settings.traficom_password.get_secret_value():
        raise UsageError(
            "register traficom: needs a contract with Traficom; set KILPI_TRAFICOM_URL, "
            "KILPI_TRAFICOM_USER and KILPI_TRAFICOM_PASSWORD"
        )
    return Contract(
        url=url,
        user=settings.traficom_user,
        password=settings.traficom_password,
        message_type=settings.traficom_message_type,
        application=settings.traficom_application,
        environment=settings.traficom_environment,
        customer=settings.traficom_customer,
        soku_id=settings.traficom_soku_id,
        service_id=settings.traficom_service_id,
        query=settings.traficom_query,
        purpose=settings.traficom_purpose,
    )
