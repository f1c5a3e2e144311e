"""What a register says of one mark."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from kilpi.types.mark import Mark

LONGEST_SHOWN = 60  # characters of what a register gave and nobody could use


@dataclass(frozen=True, slots=True)
class Consumption:
    """Energy per distance in one test cycle."""

    litres_per_100km: float | None = None
    kwh_per_100km: float | None = None
    cycle: str | None = None  # "WLTP" or "NEDC"


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What a register says of one mark. Every field but the first three may be absent (None or empty).

    Coded fields (body, colour, fuels, gearbox, vehicle_class, status) hold words of `kilpi.vocabulary`.
    Never holds an owner, a holder or an insurance: adapters read by allow-list.
    """

    mark: Mark
    source: str  # register's name
    fetched: datetime  # UTC
    make: str | None = None
    model: str | None = None
    trade_name: str | None = None
    variant: str | None = None
    vin: str | None = None
    vehicle_class: str | None = None
    body: str | None = None
    colour: str | None = None
    doors: int | None = None
    seats: int | None = None
    fuels: tuple[str, ...] = ()
    gearbox: str | None = None
    displacement_cc: int | None = None
    power_kw: float | None = None
    co2_g_km: float | None = None
    co2_cycle: str | None = None  # "WLTP" or "NEDC"
    consumption: Consumption | None = None
    mass_kg: int | None = None
    first_registered: date | None = None
    next_inspection: date | None = None
    odometer_km: int | None = None  # the register's last reading, not today's
    odometer_date: date | None = None
    status: str | None = None
    restrictions: tuple[str, ...] = ()
    raw: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def not_understood(self, name: str) -> str:
        """What the register gave for a field that is empty, in its own words; "" where it gave nothing."""
        origin = self.raw.get(name)
        if getattr(self, name) not in (None, ()) or not isinstance(origin, dict):
            return ""
        value = origin.get("value") or ""
        return str(value[0] if isinstance(value, list) else value)[:LONGEST_SHOWN]
