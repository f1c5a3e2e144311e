"""Which photos of a car are read for its mileage, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kilpi.geometry import quad_from_box
from kilpi.images import decode_photo
from kilpi.odometer.of_car import MOST, check_car, instrument_photos
from kilpi.types import VIEWS, Box, OdometerOutcome, Photo, TextLine, TextLook, View, ViewGuess


def guess(best: View, score: float = 0.9, view: View | None = None) -> ViewGuess:
    return ViewGuess(view or best, score, score, best, (1 / len(VIEWS),) * len(VIEWS))


class Panel:
    """Reads one line wherever it is asked; implements `TextReader`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.asked: list[str] = []

    def read_text(self, photos: Sequence[Photo]) -> list[list[TextLine]]:
        self.asked += [photo.id for photo in photos]
        look = TextLook(self.text, (0.99,) * len(self.text))
        line = TextLine(quad_from_box(Box(100, 100, 260, 130)), (look, look, look))
        return [[line] if self.text else [] for _ in photos]


def photo(name: str) -> Photo:
    return Photo(name, f"{name}.jpg", 400, 300, np.full((300, 400, 3), 90, np.uint8))


def test_instruments_are_read_and_the_cockpit_only_where_there_are_none() -> None:
    guesses = {
        "a": guess(View.COCKPIT),
        "b": guess(View.INSTRUMENTS, 0.4, View.UNSURE),
        "c": guess(View.SEATS),
    }
    assert instrument_photos(guesses) == ["b"]
    del guesses["b"]
    assert instrument_photos(guesses) == ["a"]
    many = {str(n): guess(View.INSTRUMENTS, n / 10) for n in range(8)}
    assert instrument_photos(many) == ["7", "6", "5", "4"]
    assert len(instrument_photos(many)) == MOST


def test_a_figure_is_confirmed_contradicted_or_proposed_with_the_crop() -> None:
    photos, guesses = [photo("a"), photo("b")], {"a": guess(View.SEATS), "b": guess(View.INSTRUMENTS)}
    panel = Panel("128450 km")
    right = check_car({p.id: p for p in photos}, guesses, panel, 128450)
    assert right is not None and right.check.outcome is OdometerOutcome.CONFIRMED
    assert panel.asked == ["b"], "nothing but the instruments is read"
    wrong = check_car({p.id: p for p in photos}, guesses, panel, 98450)
    assert wrong is not None and wrong.check.asks and wrong.crop is not None
    assert decode_photo(wrong.crop, "crop").height == 160
    none = check_car({p.id: p for p in photos}, guesses, panel, None)
    assert none is not None and none.check.reason.code == "odometer_proposed" and none.crop is not None


def test_nothing_comes_of_photos_without_instruments_or_of_a_reader_that_fails() -> None:
    class Broken(Panel):
        def read_text(self, photos: Sequence[Photo]) -> list[list[TextLine]]:
            raise RuntimeError("no model")

    shown = {"a": guess(View.INSTRUMENTS)}
    assert check_car({"a": photo("a")}, {"a": guess(View.SEATS)}, Panel("128450 km"), 1) is None
    assert check_car({"a": photo("a")}, shown, Panel(""), 128450) is None
    assert check_car({"a": photo("a")}, shown, Broken(""), 128450) is None
