"""Does the register's car look like the car in the photos? Contradictions send a car to a person."""

from __future__ import annotations

from collections.abc import Sequence

from kilpi.geometry import scale_quad
from kilpi.photos.colour import COMPATIBLE, SeenColour, agreed_colour, see_colour
from kilpi.text import compact_mark, is_vin, letters
from kilpi.types import Offer, Photo, Photos, Plate, Reason, Vehicle, by_id
from kilpi.vehicle.models import other_model
from kilpi.vocabulary import Colour, Status, VehicleClass

FOR_SALE_AS_CARS = frozenset({VehicleClass.CAR, VehicleClass.VAN, VehicleClass.OTHER})
OFF_THE_ROAD = frozenset(
    {Status.DECOMMISSIONED, Status.SCRAPPED, Status.EXPORTED, Status.STOLEN, Status.RESTRICTED}
)

YEARS_APART = 2  # a car is sold as of the year after its registration, or stood a year before it; ours


def contradictions(
    vehicle: Vehicle, plates: Sequence[Plate], photos: Photos, offer: Offer
) -> tuple[Reason, ...]:
    """Why this register's car may not be the photos' car; empty where nothing speaks against it.

    Codes: contradiction_colour (registered, seen), contradiction_make, contradiction_model,
    contradiction_year, contradiction_vin (registered, dealer), contradiction_class (registered),
    status_<word>. `plates` are this car's own only, those of cars in the background left out; they belong to
    `photos` by photo id.
    """
    return against(vehicle, seen_colour(plates, photos), offer)


def seen_colour(plates: Sequence[Plate], photos: Photos) -> Colour | None:
    """The paint that the photos agree on around these plates."""
    known = by_id(photos)
    return agreed_colour(
        see_in_photo(known[plate.photo_id], plate) for plate in plates if plate.photo_id in known
    )


def against(vehicle: Vehicle, colour: Colour | None, offer: Offer) -> tuple[Reason, ...]:
    """`contradictions` where the colour of the photos is known already."""
    reasons: list[Reason] = []
    if vehicle.colour and colour and vehicle.colour not in COMPATIBLE[colour]:
        reasons.append(Reason("contradiction_colour", {"registered": vehicle.colour, "seen": colour.value}))
    if vehicle.make and offer.make and not same_make(vehicle.make, offer.make):
        reasons.append(Reason("contradiction_make", {"registered": vehicle.make, "dealer": offer.make}))
    elif other_model(vehicle, offer):
        names = {"registered": vehicle.trade_name or vehicle.model, "dealer": offer.model}
        reasons.append(Reason("contradiction_model", names))
    first = vehicle.first_registered
    if first and offer.year and abs(first.year - offer.year) > YEARS_APART:
        reasons.append(Reason("contradiction_year", {"registered": first.year, "dealer": offer.year}))
    if same_vin(vehicle.vin, offer.vin) is False:
        reasons.append(Reason("contradiction_vin", {"registered": vehicle.vin, "dealer": offer.vin}))
    kind = vehicle.vehicle_class or vehicle.not_understood("vehicle_class")
    if kind and kind not in FOR_SALE_AS_CARS:
        reasons.append(Reason("contradiction_class", {"registered": kind}))
    if vehicle.status in OFF_THE_ROAD:
        reasons.append(Reason(f"status_{vehicle.status}"))
    return tuple(reasons)


def see_in_photo(photo: Photo, plate: Plate) -> SeenColour:
    """`see_colour` for a plate whose quad is in the photo's native pixels."""
    return see_colour(photo.pixels, scale_quad(plate.sighting.quad, 1 / photo.reduction))


SAME_MAKES = (
    frozenset({"vw", "volkswagen", "volkswagenvw"}),
    frozenset({"mercedes", "mercedesbenz", "mb", "daimler", "daimlerchrysler", "daimlerag", "mercedesamg"}),
    frozenset({"bmw", "bmwi", "bayerischemotorenwerke"}),
    frozenset({"skoda", "škoda"}),
    frozenset({"citroen", "citroën"}),
    frozenset({"landrover", "rover", "rangerover", "jaguarlandrover"}),
    frozenset({"chevrolet", "chevroletgmdaewoo", "daewoo", "gmdaewoo"}),
    frozenset({"alfa", "alfaromeo"}),
    frozenset({"aston", "astonmartin"}),
    frozenset({"tesla", "teslamotors"}),
    frozenset({"toyota", "toyotamotor"}),
    frozenset({"ssangyong", "kgm"}),
    frozenset({"ds", "dsautomobiles", "citroends", "citroen", "citroën"}),  # was Citroën's until 2015
    frozenset({"abarth", "fiat"}),  # registers have some by the one name, dealers by the other
    frozenset({"cupra", "seat"}),
    frozenset({"lynkco", "lynkandco"}),
    frozenset({"gwm", "greatwall", "greatwallmotor", "ora"}),
)
"""Spellings of one make, letters and digits only; ours, from registers' and dealers' habits."""


def same_make(one: str, other: str) -> bool:
    """True where two spellings may name one make: a known pair, or one begins the other ("Volvo Cars")."""
    a, b = (letters(text) for text in (one, other))
    if a == b or (min(len(a), len(b)) >= 3 and (a.startswith(b) or b.startswith(a))):
        return True
    return any(a in group and b in group for group in SAME_MAKES)


def same_vin(one: str | None, other: str | None) -> bool | None:
    """Whether two VINs are the same; None where one is not known, or no whole VIN (`kilpi.text.is_vin`)."""
    a, b = compact_mark(one or ""), compact_mark(other or "")
    return a == b if is_vin(a) and is_vin(b) else None
