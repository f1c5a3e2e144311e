"""What was seen of cars survives its file; labels name one mark a car."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.drawn_cars import drawn_cars
from tests.fakes import FakeReader

from kilpi.errors import LabelError
from kilpi.evaluation.car_reads import (
    CarReads,
    country_of,
    group_cars,
    is_own,
    load_reads,
    read_cars,
    truth_of,
    write_reads,
)
from kilpi.geometry import quad_from_box
from kilpi.grammar import load_grammars
from kilpi.labels.record import LabelledPhoto, LabelledPlate, write_labels
from kilpi.pipeline import Kilpi
from kilpi.types import Box, Mark, Photo, Sighting


class Middle:
    """Sees one plate in the middle of every photo."""

    def find(self, photos: Sequence[Photo]) -> list[list[Sighting]]:
        return [[Sighting(quad_from_box(Box(60, 80, 180, 120)), 0.9)] for _ in photos]


def photo(path: str, car: str | None, *marks: str | None, country: str | None = None) -> LabelledPhoto:
    return LabelledPhoto(
        path=path,
        car=car,
        country=country,
        plates=tuple(LabelledPlate(box=Box(60, 80, 180, 120), mark=m) for m in marks),
    )


def test_reads_come_back_from_their_file(tmp_path: Path) -> None:
    cars = drawn_cars(5, 0)
    assert write_reads(tmp_path / "reads.jsonl", cars) == 5
    again = load_reads([tmp_path / "reads.jsonl"], load_grammars())
    for old, new in zip(cars, again, strict=True):
        assert (old.truth, old.country, old.photos) == (new.truth, new.country, new.photos)
        assert old.own == new.own
        for a, b in zip(old.plates, new.plates, strict=True):
            assert a.reading is not None and b.reading is not None and a.reading.text == b.reading.text
            assert a.candidates[0].mark == b.candidates[0].mark and a.frame == b.frame


def test_cars_are_photos_with_one_name() -> None:
    cars = group_cars([photo("1.jpg", "x"), photo("2.jpg", "x"), photo("3.jpg", None)])
    assert {name: len(records) for name, records in cars.items()} == {"x": 2, "3.jpg": 1}


def test_a_car_has_one_mark_or_none() -> None:
    assert truth_of("x", [photo("1.jpg", "x", "ABC-123", None), photo("2.jpg", "x", "abc 123")]) == "ABC123"
    assert truth_of("x", [photo("1.jpg", "x", None)]) is None
    with pytest.raises(LabelError, match="several marks"):
        truth_of("x", [photo("1.jpg", "x", "ABC-123", "XYZ-9")])


def test_a_mark_has_its_labels_country() -> None:
    assert (
        country_of([photo("1.jpg", "x", "KOE 65", country="FI"), photo("2.jpg", "x", country="SE")]) == "FI"
    )
    assert country_of([photo("1.jpg", "x", "KOE 65")]) is None


def test_a_mark_is_a_cars_own_with_its_country_and_no_trade_plates() -> None:
    grammars = load_grammars()
    finnish = CarReads("x", "ABC123", 1, (), (), "FI")
    assert is_own(Mark("ABC-123", "FI", "ordinary"), finnish, grammars)
    assert not is_own(Mark("ABC 123", "SE", "ordinary"), finnish, grammars)
    assert is_own(Mark("ABC 123", "SE", "ordinary"), replace(finnish, country=None), grammars)
    assert not is_own(Mark("KOE 65", "FI", "trade"), replace(finnish, truth="KOE65"), grammars)
    assert not is_own(Mark("ABC-123", "FI", "ordinary"), replace(finnish, truth=None), grammars)


def test_photos_are_read_and_damaged_ones_show_nothing(tmp_path: Path, jpeg: Callable[..., Path]) -> None:
    jpeg("a/1.jpg")
    (tmp_path / "a" / "2.jpg").write_bytes(b"no image")
    records = [photo("a/1.jpg", "a", "ABC-123"), photo("a/2.jpg", "a"), photo("a/3.jpg", "a")]
    write_labels(tmp_path / "labels.jsonl", records)
    (car,) = read_cars(tmp_path / "labels.jsonl", (), Kilpi(detector=Middle(), reader=FakeReader("ABC123")))
    assert car.truth == "ABC123" and car.photos == 3 and car.own == (True,)
    (plate,) = car.plates
    assert plate.frame == (240, 160) and plate.sharpness is not None


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"image": 1}\n')
    with pytest.raises(LabelError, match="no reads"):
        load_reads([tmp_path / "x.jsonl"], load_grammars())
