"""The whole line with fake parts: what flows where, and what happens to bad files, doubts and registers."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.fakes import FakeDetector, FakeReader, FakeRegister, write_car_photo
from tests.line import kilpi, photos

from kilpi.adverts.folders import write_car
from kilpi.disclosure import mentions
from kilpi.errors import PhotoEmpty, PhotoMissing, RegisterError, RegisterUnavailable, UsageError
from kilpi.geometry import quad_from_box
from kilpi.hashing import file_sha256
from kilpi.images import decode_photo
from kilpi.pictures.to_cover import with_said
from kilpi.pipeline import Kilpi
from kilpi.plates.corners import corrected
from kilpi.schemas import read_record
from kilpi.types import (
    Box,
    Mark,
    Offer,
    Reason,
    Sighting,
    Vehicle,
    Verdict,
)

__all__ = ["photos"]


def test_two_photos_become_an_advert(photos: list[Path]) -> None:
    car = kilpi().advert(*photos, reference="leaf")
    assert car.decision.verdict is Verdict.ACCEPTED
    assert car.decision.mark == Mark("ABC-123", "FI", "ordinary")
    assert car.vehicle is not None and car.vehicle.make == "Nissan"
    assert car.listing is not None and car.listing.title.startswith("Nissan")
    assert [p.name for p in car.pictures] == ["01.jpg", "02.jpg"]
    assert car.problems == ()


def test_published_pictures_show_no_plate(photos: list[Path]) -> None:
    for picture in kilpi().advert(*photos).pictures:
        pixels = np.asarray(Image.open(io.BytesIO(picture.jpeg)))
        assert pixels[460:670, 310:890].min() > 60  # nothing of the black plate is left
        assert picture.covered == 1


def test_bad_files_are_named_and_the_rest_goes_on(photos: list[Path], tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    car = kilpi().advert(tmp_path / "empty.jpg", *photos, tmp_path / "gone.jpg")
    assert car.decision.verdict is Verdict.ACCEPTED
    assert [type(p.error) for p in car.problems] == [PhotoEmpty, PhotoMissing]


def test_the_same_file_twice_is_one_photo(photos: list[Path]) -> None:
    car = kilpi().advert(photos[0], photos[0])
    assert len(car.photos) == 1 and car.decision.verdict is Verdict.REVIEW


def test_a_doubtful_car_is_never_looked_up(photos: list[Path]) -> None:
    register = FakeRegister({"ABC123": "Nissan"})
    car = kilpi(register=register).advert(photos[0])
    assert car.decision.verdict is Verdict.REVIEW and car.vehicle is None and register.asked == []


def test_what_the_register_does_not_know_goes_to_a_person(photos: list[Path]) -> None:
    car = kilpi("XYZ789").advert(*photos)
    assert car.decision.verdict is Verdict.REVIEW and car.vehicle is None
    assert car.decision.reasons[-1].code == "not_registered"


def test_a_register_that_fails_sends_the_car_to_a_person(photos: list[Path]) -> None:
    class Down(FakeRegister):
        def look_up(self, mark: Mark) -> Vehicle:
            raise RegisterUnavailable("the register did not answer within 5 s")

    car = kilpi(register=Down({})).advert(*photos)
    assert car.decision.verdict is Verdict.REVIEW
    assert car.decision.reasons[-1].code == "register_unavailable"


def test_no_register_is_an_error_only_when_asked() -> None:
    with pytest.raises(RegisterError, match="register"):
        Kilpi().vehicle(Mark("ABC-123", "FI"))


def test_a_car_without_plates(tmp_path: Path) -> None:
    photo = write_car_photo(tmp_path / "seat.jpg", seed=5)
    car = Kilpi(detector=FakeDetector(boxes=()), reader=FakeReader()).advert(photo)
    assert car.decision.verdict is Verdict.NO_PLATE and len(car.pictures) == 1


def test_reading_streams_in_order_and_carries_errors(photos: list[Path], tmp_path: Path) -> None:
    reads = list(kilpi().read([photos[1], tmp_path / "gone.jpg", photos[0]]))
    assert [Path(r.path).name for r in reads] == ["1.jpg", "gone.jpg", "0.jpg"]
    assert [len(r.plates) for r in reads] == [1, 0, 1]
    assert isinstance(reads[1].error, PhotoMissing)
    assert reads[0].plates[0].candidates[0].mark.text == "ABC-123"
    assert reads[0].ms.decode > 0


def test_crops_are_one_plate_each(photos: list[Path]) -> None:
    (read,) = kilpi().read_crops(photos[:1])
    (plate,) = read.plates
    box = plate.sighting.quad.box
    assert box.x1 < 60 and box.y1 < 120 and box.x2 > 1140 and box.y2 > 780, "nearly the whole picture"


def test_one_path_is_one_photo_and_no_path_is_an_error(photos: list[Path]) -> None:
    assert [read.path for read in kilpi().read(str(photos[0]))] == [str(photos[0])]
    assert [read.path for read in kilpi().read(photos[0])] == [str(photos[0])]
    with pytest.raises(UsageError, match="photos of one car"):
        kilpi().advert()


def test_the_line_takes_photos_that_came_another_way(photos: list[Path]) -> None:
    opened = [decode_photo(path.read_bytes(), f"mail/{i}") for i, path in enumerate(photos)]
    car = kilpi().car(opened, "from a mail")
    assert car.photos == ("mail/0", "mail/1")
    assert car.decision == kilpi().advert(*photos).decision


def test_fewer_pictures_than_wanted_are_told_and_hold_nothing_back(photos: list[Path]) -> None:
    car = kilpi().advert(*photos)
    assert car.notes[0] == Reason("few_pictures", {"pictures": 2, "wanted": 5})
    assert car.decision.verdict is Verdict.ACCEPTED


def test_the_dealers_own_plate_lies_over_the_cars(photos: list[Path]) -> None:
    own = np.zeros((60, 240, 3), np.uint8)
    own[:] = (10, 90, 200)
    made = Kilpi(detector=FakeDetector(), reader=FakeReader("ABC123"), cover=own).advert(*photos)
    pixels = np.asarray(Image.open(io.BytesIO(made.pictures[0].jpeg))).astype(int)
    middle = pixels[520:600, 400:800].reshape(-1, 3)
    assert np.abs(np.median(middle, axis=0) - (10, 90, 200)).max() < 8


def test_a_row_about_another_car_stops_what_the_photos_say(photos: list[Path]) -> None:
    car = kilpi().advert(*photos, reference="a", offer=Offer(mark="XYZ987"))
    assert car.decision.verdict is Verdict.REVIEW and car.vehicle is None
    assert car.decision.reasons[-1].code == "contradiction_mark"


def test_a_car_without_a_plate_is_found_by_the_dealers_vin(tmp_path: Path) -> None:
    bright = write_car_photo(tmp_path / "1.jpg", seed=1)
    Image.new("RGB", (1200, 900), "white").save(bright)

    class ByVin(FakeRegister):
        def look_up_vin(self, vin: str) -> Vehicle:
            return self.look_up(Mark("ABC-123", "FI", "ordinary"))

    made = kilpi(register=ByVin({"ABC123": "Nissan"}))
    car = made.advert(bright, reference="a", offer=Offer(vin="SJNFAAJ11U0000682"))
    assert car.decision.verdict is Verdict.ACCEPTED and car.vehicle is not None
    assert made.advert(bright, reference="a").decision.verdict is Verdict.NO_PLATE


def test_a_person_says_where_the_plate_is_and_it_is_read_and_covered_there(tmp_path: Path) -> None:
    path = write_car_photo(tmp_path / "1.jpg", seed=1)
    blind = Kilpi(detector=FakeDetector(boxes=()), reader=FakeReader(), register=FakeRegister({}))
    said = quad_from_box(Box(300, 450, 900, 675))
    photo_id = file_sha256(path)
    assert blind.advert(path).decision.verdict is Verdict.NO_PLATE
    made = blind.advert(path, corners={photo_id: said})
    assert [plate.sighting.quad for plate in made.decision.plates] == [said]
    assert made.decision.mark is not None and made.decision.mark.text == "ABC-123"


def test_corners_take_the_place_of_what_was_found_there() -> None:
    found = [
        Sighting(quad_from_box(Box(100, 100, 200, 140)), 0.9),
        Sighting(quad_from_box(Box(500, 100, 600, 140)), 0.8),
    ]
    said = quad_from_box(Box(110, 95, 220, 150))
    assert corrected(found, said) == [Sighting(said, 1.0), found[1]]
    assert corrected(found, None) == found


def test_a_plate_that_a_person_pointed_at_is_covered_whatever_it_says() -> None:
    said = quad_from_box(Box(1, 1, 9, 5))
    assert with_said({"a": [], "b": []}, {"a": said, "gone": said}) == {"a": [Sighting(said, 1.0)], "b": []}


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({}, "ready"),
        ({"year": None}, "draft"),
        ({"model": "Leaf abc-123"}, "draft"),
        ({"make": "ABC", "model": "123"}, "draft"),
    ],
)
def test_without_a_register_a_row_is_enough_and_no_mark_gets_out(
    photos: list[Path], tmp_path: Path, row: dict[str, Any], state: str
) -> None:
    said = {
        "make": "Nissan",
        "model": "Leaf",
        "year": 2018,
        "price": Decimal(9900),
        "odometer_km": 84200,
        **row,
    }
    line = Kilpi(detector=FakeDetector(), reader=FakeReader("ABC123"))
    folder = write_car(line.advert(*photos, reference="leaf", offer=Offer(**said)), tmp_path, "en")
    record = read_record(folder / "decision.json")
    assert record is not None and record.state == state
    listing = (folder / "listing.json").read_text()
    assert not mentions(listing, Mark("ABC-123", "FI")) and '"ABC"' not in listing
