"""A search that ended with a sign or a glance goes on; what it then sees counts where it is surely read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from tests.plates.test_no_plate import GRAMMARS, PLATE, SIGN, lettering, shows

from kilpi.geometry import quad_from_box
from kilpi.plates.detector import PlateDetector
from kilpi.plates.look_on import look_on
from kilpi.plates.no_plate import Parted
from kilpi.types import Box, Photo, Plate, Sighting, View

PHOTO = Photo("x", "x", 1600, 1200, np.zeros((12, 16, 3), np.uint8))

SMALL = replace(PLATE, sighting=Sighting(quad_from_box(Box(900, 580, 1050, 620)), 0.8))
BEHIND = replace(
    PLATE,
    sighting=Sighting(quad_from_box(Box(200, 480, 280, 500)), 0.6),
    reading=lettering("DEF456", 0.9, "FI"),
)


class Looks(PlateDetector):
    """Sees some places in further looks; `made` says in which."""

    def __init__(self, *seen: Sighting, looks: int = 3) -> None:
        self.seen, self.looks, self.made, self.corners = list(seen), looks, "", None

    def first(self, photo: Photo) -> list[Sighting]:
        self.made += "first "
        return self.seen

    def look_again(self, photo: Photo) -> list[Sighting]:
        self.made += "closer "
        return self.seen


def looked_on(found: Parted, detector: Looks, known: Sequence[Plate], view: View = View.FRONT) -> Parted:
    def read(photo: Photo, sightings: Sequence[Sighting]) -> list[Plate]:
        return [plate for plate in known if plate.sighting in sightings]

    return look_on(PHOTO, found, detector, read, shows(view), GRAMMARS)


@pytest.mark.parametrize("found", [Parted([], [SIGN]), Parted([replace(SIGN, frame=None)], [])])
def test_a_sign_does_not_end_the_search(found: Parted) -> None:
    detector = Looks(PLATE.sighting, SIGN.sighting)
    assert PLATE in looked_on(found, detector, [PLATE, SIGN]).plates
    assert detector.made == "closer "
    assert looked_on(found, detector, [PLATE, SIGN]).aside == found.aside, "the sign is not told twice"


def test_beside_what_a_glance_saw_the_first_look_sees_the_plates_behind() -> None:
    detector = Looks(PLATE.sighting, BEHIND.sighting)
    assert looked_on(Parted([PLATE], []), detector, [PLATE, BEHIND]).plates == [PLATE, BEHIND]
    assert detector.made == "first "
    unsure = replace(BEHIND, reading=lettering("DEF456", 0.3, "FI"))
    assert looked_on(Parted([PLATE], []), Looks(BEHIND.sighting), [unsure]).plates == [PLATE]


def test_a_sign_that_ended_the_search_with_a_glance_is_known_too() -> None:
    wide = replace(SIGN, sighting=replace(SIGN.sighting, score=0.95))
    detector = Looks(PLATE.sighting, BEHIND.sighting)
    assert BEHIND in looked_on(Parted([SMALL], [wide]), detector, [BEHIND]).plates


def test_what_is_not_surely_read_does_not_count() -> None:
    unsure = replace(PLATE, reading=lettering("2R25555", 0.3))
    assert looked_on(Parted([], [SIGN]), Looks(PLATE.sighting), [unsure]) == ([], [SIGN])


@pytest.mark.parametrize(
    ("found", "view"),
    [
        (Parted([SMALL], [SIGN]), View.FRONT),  # a mark was found, and not at a glance
        (Parted([], []), View.FRONT),  # all looks were made already
        (Parted([], [SIGN]), View.INSTRUMENTS),
    ],
)
def test_else_nothing_more_is_looked_for(found: Parted, view: View) -> None:
    detector = Looks(PLATE.sighting)
    assert looked_on(found, detector, [PLATE], view) == found and detector.made == ""


def test_a_sign_seen_at_a_glance_alone_is_followed_by_the_first_look_too() -> None:
    wide = replace(SIGN, sighting=replace(SIGN.sighting, score=0.95))
    detector = Looks(PLATE.sighting)
    assert PLATE in looked_on(Parted([], [wide]), detector, [PLATE]).plates
    assert detector.made == "first closer "


def test_a_photo_that_is_looked_at_once_is_not_looked_at_closer() -> None:
    detector = Looks(PLATE.sighting, looks=1)
    assert looked_on(Parted([], [SIGN]), detector, [PLATE]) == ([], [SIGN]) and detector.made == ""
