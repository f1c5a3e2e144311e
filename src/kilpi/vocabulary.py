"""The words that coded fields of a `Vehicle` may hold; every provider's codes map to these.

`Vehicle` holds them as plain str, so a word compares equal to its enum member. The sets are our own, made
wide enough for the code lists that are cited in registers/maps/. Wording per language belongs to adverts.
"""

from __future__ import annotations

from enum import StrEnum


class Colour(StrEnum):
    """Main colour of the paint: Traficom's list, with beige, pink and gold that other registers have."""

    BLACK = "black"
    GREY = "grey"
    SILVER = "silver"
    WHITE = "white"
    BEIGE = "beige"
    BROWN = "brown"
    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GOLD = "gold"
    GREEN = "green"
    TURQUOISE = "turquoise"
    BLUE = "blue"
    VIOLET = "violet"
    PINK = "pink"
    MULTICOLOUR = "multicolour"


class Body(StrEnum):
    """Shape of the body, after Annex I part C of Regulation (EU) 2018/858 as Traficom publishes it."""

    SEDAN = "sedan"
    HATCHBACK = "hatchback"
    ESTATE = "estate"
    COUPE = "coupe"
    CONVERTIBLE = "convertible"
    MPV = "mpv"  # "multi-purpose vehicle": registers put SUVs here too
    SUV = "suv"
    PICKUP = "pickup"
    VAN = "van"
    LORRY = "lorry"
    BUS = "bus"
    MOTORHOME = "motorhome"
    CARAVAN = "caravan"
    TRAILER = "trailer"
    AMBULANCE = "ambulance"
    HEARSE = "hearse"
    WHEELCHAIR_ACCESSIBLE = "wheelchair_accessible"
    OTHER = "other"


class Fuel(StrEnum):
    """One energy source; a hybrid has two of them in `Vehicle.fuels`."""

    PETROL = "petrol"
    DIESEL = "diesel"
    ELECTRICITY = "electricity"
    HYDROGEN = "hydrogen"
    CNG = "cng"
    LNG = "lng"
    LPG = "lpg"
    GAS = "gas"  # the register does not say which
    BIOMETHANE = "biomethane"
    ETHANOL = "ethanol"
    METHANOL = "methanol"
    BIODIESEL = "biodiesel"
    OTHER = "other"


class Gearbox(StrEnum):
    """How gears are changed."""

    MANUAL = "manual"
    AUTOMATIC = "automatic"
    SEMI_AUTOMATIC = "semi_automatic"
    STEPLESS = "stepless"
    OTHER = "other"


class VehicleClass(StrEnum):
    """What kind of vehicle it is, coarser than the EU categories M1, N1, L3e and so on."""

    CAR = "car"
    VAN = "van"
    LORRY = "lorry"
    BUS = "bus"
    TRAILER = "trailer"
    MOTORCYCLE = "motorcycle"
    MOPED = "moped"
    QUADRICYCLE = "quadricycle"
    TRACTOR = "tractor"
    OFF_ROAD = "off_road"  # snowmobile and the like
    MACHINE = "machine"
    OTHER = "other"


class Status(StrEnum):
    """Whether the vehicle may be on the road."""

    IN_USE = "in_use"
    DECOMMISSIONED = "decommissioned"  # off the road for now
    SCRAPPED = "scrapped"  # off the register for good
    EXPORTED = "exported"
    STOLEN = "stolen"
    RESTRICTED = "restricted"
