"""Kilpi: the photos that car dealers send, turned into used-car adverts that are ready to publish.

from kilpi import Kilpi
car = Kilpi().advert("front.jpg", "rear.jpg")
"""

from importlib.metadata import version

from kilpi.errors import KilpiError
from kilpi.images import open_photo
from kilpi.pipeline import Kilpi
from kilpi.registers.file import FileRegister
from kilpi.types import (
    Car,
    Decision,
    Listing,
    Mark,
    Offer,
    Photo,
    PhotoRead,
    Picture,
    Plate,
    Reading,
    Reason,
    Sighting,
    Vehicle,
    Verdict,
)

__version__ = version("kilpi")

__all__ = [
    "Car",
    "Decision",
    "FileRegister",
    "Kilpi",
    "KilpiError",
    "Listing",
    "Mark",
    "Offer",
    "Photo",
    "PhotoRead",
    "Picture",
    "Plate",
    "Reading",
    "Reason",
    "Sighting",
    "Vehicle",
    "Verdict",
    "open_photo",
]
