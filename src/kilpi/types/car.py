"""All that became of one car's photos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kilpi.errors import KilpiError
from kilpi.types.decision import Decision, Reason
from kilpi.types.listing import Listing
from kilpi.types.odometer import OdometerCheck
from kilpi.types.offer import Offer
from kilpi.types.picture import LeftOut, Picture, PlateCrop
from kilpi.types.vehicle import Vehicle
from kilpi.types.view import View


@dataclass(frozen=True, slots=True)
class Problem:
    """One photo, or one step, that gave nothing; the rest went on."""

    where: str  # path as given, or the step's name
    error: KilpiError


@dataclass(frozen=True, slots=True)
class Car:
    """All that became of one car's photos."""

    reference: str
    photos: tuple[str, ...]  # paths as given, readable ones
    decision: Decision
    vehicle: Vehicle | None = None
    offer: Offer = field(default_factory=Offer)
    listing: Listing | None = None
    pictures: tuple[Picture, ...] = ()
    problems: tuple[Problem, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[Reason, ...] = ()  # worth telling, and nothing is held back for it
    crops: tuple[PlateCrop, ...] = ()  # of a car that a person is asked about
    asked_in_vain: bool = False  # a register was asked for a mark that was not accepted, and it stayed so
    odometer: OdometerCheck | None = None  # None: no photo of instruments was read
    odometer_crop: bytes | None = field(default=None, compare=False, repr=False)  # JPEG, for the dealer only
    views: Mapping[str, View] = field(default_factory=dict)  # by path, what each photo shows
