"""A plate that could hardly be read is looked at again: what lies elsewhere and reads better counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from tests.plates.test_no_plate import GRAMMARS, PLATE, SIGN, lettering, shows

from kilpi.geometry import move_quad, quad_from_box
from kilpi.plates.detector import Look, PlateDetector
from kilpi.plates.look_closer import WINDOWS, look_closer
from kilpi.plates.no_plate import Parted
from kilpi.types import Box, Photo, Plate, Quad, Sighting, View

PHOTO = Photo("a", "a", 1600, 1200, np.zeros((1200, 1600, 3), np.uint8))
WHOLE = Sighting(PLATE.sighting.quad, 0.7)
HALF = replace(PLATE, sighting=Sighting(quad_from_box(Box(900, 580, 1020, 640)), 0.6))


class Sees(PlateDetector):
    """Sees one thing in the windows of one size, as the photo has it; counts the windows."""

    def __init__(self, seen: Sighting | None, side: int | None = None) -> None:
        self.seen, self.side, self.asked = seen, side, 0
        self.threshold, self.corners = 0.5, None

    def see(self, look: Look, threshold: float) -> list[Sighting]:
        self.asked += 1
        assert threshold == self.threshold
        there = self.seen is not None and self.side in {None, look.pixels.shape[0]}
        return [self.seen] if there and self.seen else []


def looked(
    detector: PlateDetector,
    found: Parted,
    reads: Mapping[Quad, str],
    score: float = 0.97,
    view: View = View.FRONT,
    country: str = "FI",
) -> Parted:
    def read(photo: Photo, sightings: Sequence[Sighting]) -> list[Plate]:
        return [
            replace(PLATE, sighting=s, reading=lettering(reads[s.quad], score, country)) for s in sightings
        ]

    return look_closer(PHOTO, found, detector, read, shows(view), GRAMMARS)


def closer(
    detector: PlateDetector, *plates: Plate, reads: Mapping[Quad, str], score: float = 0.97
) -> list[Plate]:
    return looked(detector, Parted(list(plates), []), reads, score).plates


def half(text: str, score: float) -> Plate:
    return replace(HALF, reading=lettering(text, score, "FI"))


def texts(plates: Sequence[Plate]) -> list[str]:
    return [plate.reading.text for plate in plates if plate.reading]


@pytest.mark.parametrize("found", [half("ABC", 0.99), half("ABC12", 0.5), half("", 0.0)])
@pytest.mark.parametrize("side", [side for _, side in WINDOWS])
def test_a_plate_that_lies_elsewhere_and_reads_better_takes_the_finds_place(found: Plate, side: int) -> None:
    seen = closer(Sees(WHOLE, side), found, reads={WHOLE.quad: "ABC123"})
    assert texts(seen) == ["ABC123"] and seen[0].sighting == WHOLE


@pytest.mark.parametrize(
    ("text", "score"),
    [("ABC12", 0.4), ("KILPI", 0.99), ("MZCARS", 0.99), ("A1", 0.99), ("ABC123", 0.2)],
)
def test_what_reads_no_better_or_as_no_mark_does_not(text: str, score: float) -> None:
    found = half("ABC12", 0.5)
    assert closer(Sees(WHOLE), found, reads={WHOLE.quad: text}, score=score) == [found]


def test_the_same_place_does_not_count_by_a_luckier_reading() -> None:
    found = half("ABC123", 0.5)
    near = Sighting(move_quad(found.sighting.quad, 1.0, 1.0), 0.9)
    assert closer(Sees(near), found, reads={near.quad: "ABC128"}) == [found]
    small = replace(found, sighting=Sighting(quad_from_box(Box(900, 580, 930, 590)), 0.6))
    near = Sighting(move_quad(small.sighting.quad, 1.0, 1.0), 0.9)
    assert closer(Sees(near), small, reads={near.quad: "ABC128"}) == [small], "a pixel is much of its overlap"


def test_a_sure_short_mark_does_not_yield_to_a_longer_guess() -> None:
    found = half("ABC1", 0.99)
    assert closer(Sees(WHOLE), found, reads={WHOLE.quad: "A8C11"}, score=0.7) == [found]
    assert texts(closer(Sees(WHOLE), found, reads={WHOLE.quad: "ABC123"}, score=0.9)) == ["ABC123"]


def test_a_find_that_cannot_be_read_stays_beside_another_plate() -> None:
    covered = half("", 0.0)
    beside = Sighting(move_quad(covered.sighting.quad, 0.0, 70.0), 0.9)
    assert set(texts(closer(Sees(beside), covered, reads={beside.quad: "XYZ987"}))) == {"", "XYZ987"}


def test_what_is_then_read_is_judged_by_its_place_too() -> None:
    """A speed on a display is no plate, however a window around it reads."""
    found = half("AB", 0.3)
    seen = looked(Sees(WHOLE), Parted([found], []), {WHOLE.quad: "120KM"}, 0.6, View.INSTRUMENTS, "XX")
    assert seen.plates == [] and texts(seen.aside) == ["120KM"]


def test_what_was_set_aside_is_not_found_again() -> None:
    aside = replace(SIGN, sighting=WHOLE)
    found = Parted([half("ABC12", 0.5)], [aside])
    assert looked(Sees(WHOLE), found, {WHOLE.quad: "ABC123"}) == found


def test_nor_does_a_plate_that_is_known_already_or_far_away() -> None:
    found, other = half("ABC12", 0.5), replace(PLATE, sighting=WHOLE, reading=lettering("XYZ987", 0.99, "FI"))
    assert set(texts(closer(Sees(WHOLE), found, other, reads={WHOLE.quad: "ABC123"}))) == {"ABC12", "XYZ987"}
    away = Sighting(move_quad(WHOLE.quad, 500.0, 0.0), 0.9)
    assert closer(Sees(away), found, reads={away.quad: "ABC123"}) == [found]


def test_what_was_read_well_and_what_a_person_marked_is_not_looked_at_again() -> None:
    detector = Sees(WHOLE)
    said = replace(half("AB", 0.3), sighting=Sighting(HALF.sighting.quad, 1.0))
    for plate in (half("ABC123", 0.9), said, replace(HALF, reading=None)):
        assert closer(detector, plate, reads={WHOLE.quad: "ABC123"}) == [plate]
    assert detector.asked == 0


def test_plates_stay_in_order_best_seen_first() -> None:
    other = replace(PLATE, sighting=Sighting(quad_from_box(Box(100, 580, 350, 640)), 0.65))
    seen = closer(Sees(WHOLE), other, half("ABC", 0.99), reads={WHOLE.quad: "ABC123"})
    assert [plate.sighting.score for plate in seen] == [0.7, 0.65]
