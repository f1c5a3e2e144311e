"""The car's own number is covered where a card or a screen tells it, where that is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from tests.fakes import FakeDetector

from kilpi.geometry import quad_from_box
from kilpi.images import decode_photo, encode_png
from kilpi.pictures.hide import finish
from kilpi.pictures.search import Search
from kilpi.pictures.written import Written, tells
from kilpi.pipeline import Kilpi
from kilpi.types import Box, Mark, Photo, TextLine, TextLook

MARK = Mark("ABC-123", "FI")
CARD = Box(100, 60, 300, 100)


@dataclass
class ReadsCard:
    """A white card in a grey picture that says this, until it is covered."""

    text: str

    def read_text(self, photos: Sequence[Photo]) -> list[list[TextLine]]:
        return [[self.line()] if self.is_open(photo) else [] for photo in photos]

    def is_open(self, photo: Photo) -> bool:
        part = photo.pixels[int(CARD.y1) : int(CARD.y2), int(CARD.x1) : int(CARD.x2)]
        return float(part.mean()) > 230

    def line(self) -> TextLine:
        return TextLine(quad_from_box(CARD), (TextLook(self.text, (1.0,) * len(self.text)),))


def photo() -> Photo:
    pixels = np.full((300, 400, 3), 120, np.uint8)
    pixels[60:100, 100:300] = 255
    return decode_photo(encode_png(pixels), "card")


@pytest.mark.parametrize(
    "text",
    ["ABC-123", "Rek. nro ABC 123", "abc123", "A8C-123", "REKABC-I23", "A B C - 1 2 3", "WVWZZZ1KZAW123456"],
)
def test_a_line_that_tells_the_number_or_a_vin(text: str) -> None:
    assert tells(text, MARK)


@pytest.mark.parametrize("text", ["", "15 900 €", "84 200 km 2018", "XYZ-987", "ABC", "Puh. 040 1231234"])
def test_a_line_that_tells_nothing_of_the_car(text: str) -> None:
    assert not tells(text, MARK)


@pytest.mark.parametrize(("text", "told"), [("AB-1", True), ("AB-7", False), ("hinta ab 1", True)])
def test_of_a_short_mark_no_character_may_be_another(text: str, told: bool) -> None:
    assert tells(text, Mark("AB-1", "FI")) is told


def test_the_line_is_covered_where_it_is_looked_for_and_searched_again() -> None:
    plain = Search(FakeDetector(()))
    assert finish(photo(), [], plain).covers == ()
    search = Search(FakeDetector(()), written=Written(ReadsCard("Rek. ABC-123"), MARK))
    picture = finish(photo(), [], search)
    (covered,) = [quad.box for quad in picture.covers]
    assert covered.x1 <= CARD.x1 + 1 and covered.x2 >= CARD.x2 - 1
    assert not ReadsCard("").is_open(decode_photo(picture.jpeg, "finished"))


def test_another_cars_number_and_a_price_stay_open() -> None:
    for text in ("XYZ-987", "15 900 €"):
        search = Search(FakeDetector(()), written=Written(ReadsCard(text), MARK))
        assert finish(photo(), [], search).covers == ()


def test_the_line_looks_for_it_only_where_it_is_told_to() -> None:
    line = Kilpi(detector=FakeDetector(()))
    assert line.studio.search_of(MARK).written is None
    line.texts = ReadsCard("ABC-123")
    assert line.studio.search_of(MARK).written == Written(line.texts, MARK)
    assert line.studio.search_of(None).written is None
