"""Cars that the tests about adverts share: drawn pictures, made-up vehicles."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np

from kilpi.adverts.listing import TemplateWriter
from kilpi.images import encode_jpeg
from kilpi.types import (
    Car,
    Consumption,
    Decision,
    Mark,
    Offer,
    Picture,
    Reason,
    Vehicle,
    Verdict,
)

MARK = Mark("ABC-123", "FI", "ordinary")
LEAF = Vehicle(
    MARK,
    "stock",
    datetime(2026, 11, 20, tzinfo=UTC),
    make="NISSAN",
    model="LEAF",
    variant="TEKNA",
    vin="SJNFAAZE1U0012345",
    vehicle_class="car",
    body="hatchback",
    colour="white",
    doors=5,
    seats=5,
    fuels=("electricity",),
    gearbox="automatic",
    power_kw=110,
    mass_kg=1580,
    consumption=Consumption(None, 17.1, "WLTP"),
    first_registered=date(2019, 5, 3),
    next_inspection=date(2127, 5, 3),
    odometer_km=78120,
    odometer_date=date(2025, 5, 2),
)
OFFER = Offer(
    reference="leaf",
    price=Decimal(19900),
    odometer_km=84500,
    equipment=("Vetokoukku", "Lämpöpumppu"),
    description="Huollettu merkkiliikkeessä.",
    dealer="Autotalo Malli Oy",
    place="Turku",
    contact="+358 40 123 4567",
)


def pictures(count: int) -> tuple[Picture, ...]:
    """Small finished pictures, each of another grey."""
    made = []
    for n in range(1, count + 1):
        pixels = np.full((90, 120, 3), 20 * n, dtype=np.uint8)
        made.append(Picture(f"{n:02d}.jpg", f"{n:064x}", 120, 90, 1, encode_jpeg(pixels)))
    return tuple(made)


def accepted(reference: str = "leaf", offer: Offer = OFFER, count: int = 2, language: str = "en") -> Car:
    """An accepted car; ready where the offer is complete."""
    decision = Decision(Verdict.ACCEPTED, MARK, None, (Reason("plates_agree", {"photos": 2}),))
    listing = TemplateWriter(language).write(LEAF, offer)
    return Car(reference, ("in/a.jpg",), decision, LEAF, offer, listing, pictures(count))


def doubtful(reference: str = "blurred") -> Car:
    """A car that must go to a person."""
    reason = Reason("low_score", {"score": 0.4, "threshold": 0.8})
    decision = Decision(Verdict.REVIEW, MARK, None, (reason,))
    listing = TemplateWriter("en").write(None, Offer())
    return Car(reference, ("in/b.jpg",), decision, listing=listing, pictures=pictures(1))
