"""The nouns, in the order in which data meets them. Frozen, without models and without I/O.

Photo -> Sighting -> Reading -> Plate -> Decision -> Vehicle -> Listing -> Car -> Record, PublicAdvert
"""

from kilpi.types.car import Car, Problem
from kilpi.types.dealer import Dealer
from kilpi.types.decision import Decision, Reason, Verdict
from kilpi.types.geometry import Box, Pixels, Point, Quad
from kilpi.types.layout import Hidden, Ink, PlateLayout
from kilpi.types.listing import Fact, Listing
from kilpi.types.mark import Candidate, Mark
from kilpi.types.odometer import DistanceReading, DistanceUnit, OdometerCheck, OdometerOutcome
from kilpi.types.offer import Offer
from kilpi.types.photo import Photo, Photos, by_id
from kilpi.types.photo_read import PhotoRead, Timing
from kilpi.types.picture import MEDIUM_FROM, MEDIUM_SIDE, SMALL_SIDE, LeftOut, Picture, PlateCrop
from kilpi.types.plate import EndPlace, Plate, Sighting
from kilpi.types.public_advert import PublicAdvert, PublicPicture, PublicVehicle
from kilpi.types.reading import CountryGuess, Guess, Place, Reading
from kilpi.types.record import LEAST_P, Record, ShownPicture, Trouble
from kilpi.types.shop import Shop, ShopImage
from kilpi.types.text_line import TextLine, TextLook
from kilpi.types.vehicle import Consumption, Vehicle
from kilpi.types.view import (
    FRONTS,
    GROUPS,
    REARS,
    SURELY_LIES,
    VIEWS,
    Group,
    PlatePlace,
    Shown,
    View,
    ViewGuess,
)
from kilpi.types.wishes import NO_WISHES, Wishes

__all__ = [
    "FRONTS",
    "GROUPS",
    "LEAST_P",
    "MEDIUM_FROM",
    "MEDIUM_SIDE",
    "NO_WISHES",
    "REARS",
    "SMALL_SIDE",
    "SURELY_LIES",
    "VIEWS",
    "Box",
    "Candidate",
    "Car",
    "Consumption",
    "CountryGuess",
    "Dealer",
    "Decision",
    "DistanceReading",
    "DistanceUnit",
    "EndPlace",
    "Fact",
    "Group",
    "Guess",
    "Hidden",
    "Ink",
    "LeftOut",
    "Listing",
    "Mark",
    "OdometerCheck",
    "OdometerOutcome",
    "Offer",
    "Photo",
    "PhotoRead",
    "Photos",
    "Picture",
    "Pixels",
    "Place",
    "Plate",
    "PlateCrop",
    "PlateLayout",
    "PlatePlace",
    "Point",
    "Problem",
    "PublicAdvert",
    "PublicPicture",
    "PublicVehicle",
    "Quad",
    "Reading",
    "Reason",
    "Record",
    "Shop",
    "ShopImage",
    "Shown",
    "ShownPicture",
    "Sighting",
    "TextLine",
    "TextLook",
    "Timing",
    "Trouble",
    "Vehicle",
    "Verdict",
    "View",
    "ViewGuess",
    "Wishes",
    "by_id",
]
