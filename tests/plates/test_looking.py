"""What was found is read and sorted; another detector than Kilpi's is not asked to look again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from tests.fakes import reading_of

from kilpi.geometry import quad_from_box
from kilpi.grammar import load_grammars
from kilpi.plates.looking import read_and_look_again
from kilpi.plates.read_photo import read_plates
from kilpi.types import Box, Photo, Pixels, Reading, Sighting

MARK, SIGN = Box(300, 400, 420, 430), Box(100, 20, 260, 60)


class Words:
    """Reads a mark on the first crop and a word on the second."""

    def read(self, crops: Sequence[Pixels]) -> list[Reading]:
        return [reading_of("KLT482"), reading_of("AUTOTALO")][: len(crops)]


class Asked:
    """A detector that must not be asked again."""

    def find(self, photos: Sequence[Photo]) -> list[list[Sighting]]:
        raise AssertionError


def test_another_detectors_finds_are_read_and_nothing_more() -> None:
    photo = Photo("a", "a.jpg", 800, 600, np.full((600, 800, 3), 90, np.uint8))
    seen = [Sighting(quad_from_box(MARK), 0.9), Sighting(quad_from_box(SIGN), 0.6)]
    detectors = Asked(), Asked()
    reader, grammars = Words(), load_grammars()
    read = partial(read_plates, reader=reader, grammars=grammars)
    found = read_and_look_again(photo, seen, detectors, reader, read, lambda: None, grammars)
    texts = [plate.reading.text for plate in (*found.plates, *found.aside) if plate.reading]
    assert sorted(texts) == ["AUTOTALO", "KLT482"]
    assert found.plates[0].sighting.quad.box == MARK
