"""The whole line, where what photos show decides: order, papers, instruments, bare ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.fakes import FakeDetector, FakeReader, FakeRegister
from tests.line import kilpi, photos

from kilpi.adverts.folders import write_car, write_index
from kilpi.geometry import quad_from_box
from kilpi.pipeline import Kilpi
from kilpi.schemas import read_record
from kilpi.types import (
    VIEWS,
    Box,
    Car,
    Offer,
    Photo,
    Reason,
    TextLine,
    TextLook,
    Verdict,
    View,
    ViewGuess,
)

__all__ = ["photos"]


class Views:
    """Tells of each photo the next of its views, in the end always the last; implements `Viewer`."""

    def __init__(self, *views: View) -> None:
        self.views = list(views)

    def read(self, photos: Sequence[Photo]) -> list[ViewGuess]:
        told = [self.views.pop(0) if len(self.views) > 1 else self.views[0] for _ in photos]
        return [ViewGuess(view, 0.99, 0.9, view, (1 / len(VIEWS),) * len(VIEWS)) for view in told]


def with_views(*views: View) -> Kilpi:
    return Kilpi(detector=FakeDetector(), reader=FakeReader("ABC123"), viewer=Views(*views))


class Ends:
    """Of every photo sure that it shows a car's front; implements `Viewer`."""

    def read(self, photos: Sequence[Photo]) -> list[ViewGuess]:
        shares = tuple(float(view is View.FRONT) for view in VIEWS)
        return [ViewGuess(View.FRONT, 1.0, 1.0, View.FRONT, shares) for _ in photos]


class Panel:
    """Reads the same mileage in every photo; implements `TextReader`."""

    def read_text(self, photos: Sequence[Photo]) -> list[list[TextLine]]:
        look = TextLook("128450 km", (0.99,) * 9)
        return [[TextLine(quad_from_box(Box(100, 100, 260, 130)), (look, look, look))] for _ in photos]


def odometer_car(photos: list[Path], offer: Offer) -> Car:
    views = Views(View.FRONT, View.INSTRUMENTS)
    register = FakeRegister({"ABC123": "Nissan"})
    line = Kilpi(
        detector=FakeDetector(), reader=FakeReader(), register=register, viewer=views, text_reader=Panel()
    )
    return line.advert(*photos, offer=offer)


def test_views_order_the_pictures_and_what_none_shows_is_named(photos: list[Path]) -> None:
    car = with_views(View.REAR, View.FRONT_QUARTER).advert(*photos)
    assert [p.view for p in car.pictures] == ["front three-quarter", "rear"]
    assert car.notes[-1] == Reason("views_missing", {"views": ["cockpit", "instruments"]})
    assert car.views == {str(photos[0]): View.REAR, str(photos[1]): View.FRONT_QUARTER}


def test_writing_on_instruments_is_no_plate_for_anybody(photos: list[Path]) -> None:
    views = Views(View.INSTRUMENTS, View.INSTRUMENTS, View.INSTRUMENTS)
    line = Kilpi(detector=FakeDetector(), reader=FakeReader("120", 0.3), viewer=views)
    car = line.advert(*photos)
    assert car.decision.verdict is Verdict.NO_PLATE and car.decision.plates == ()
    read = next(line.read(photos[0]))
    assert read.plates == () and len(read.aside) == 1, "what was found is still told"


def test_writing_that_reads_as_a_mark_is_covered_wherever_it_is(photos: list[Path]) -> None:
    reader = FakeReader("12AB34", 0.6)  # as unsurely as a mileage is taken for a mark, and no country's
    line = Kilpi(detector=FakeDetector(), reader=reader, viewer=Views(View.INSTRUMENTS, View.INSTRUMENTS))
    car = line.advert(*photos)
    assert car.decision.plates == ()
    assert [picture.covered for picture in car.pictures] == [1, 1]


def test_a_front_without_the_plate_that_was_read_is_a_question(photos: list[Path], tmp_path: Path) -> None:
    bare = tmp_path / "bare.png"
    Image.fromarray(np.full((900, 1200, 3), 200, np.uint8)).save(bare)
    line = Kilpi(detector=FakeDetector(), reader=FakeReader("ABC123"), viewer=Ends())
    assert line.advert(*photos).decision.verdict is Verdict.ACCEPTED
    decision = line.advert(*photos, bare).decision
    assert decision.verdict is Verdict.REVIEW
    assert decision.reasons == (Reason("end_without_plate", {"photos": 1, "seen": 2}),)


def test_a_paper_is_left_out_by_name_and_a_view_takes_no_cover_away(photos: list[Path]) -> None:
    car = with_views(View.DOCUMENT, View.SEATS).advert(*photos)
    assert [(left.path, left.reason.code) for left in car.left_out] == [(str(photos[0]), "document")]
    assert [(p.view, p.covered) for p in car.pictures] == [("seats", 1)]


def test_without_a_view_network_the_plates_place_says_what_it_can(
    photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kilpi.pipeline.default_viewer", lambda threads: None)
    car = kilpi().advert(*photos)
    assert [p.view for p in car.pictures] == ["exterior detail"] * 2
    assert [note.code for note in car.notes] == ["few_pictures"]


def test_only_instruments_that_differ_make_a_draft_and_the_crop_is_shown(
    photos: list[Path], tmp_path: Path
) -> None:
    right = odometer_car(photos, Offer(odometer_km=128450))
    assert right.odometer is not None and right.odometer.reason.code == "odometer_confirmed"
    wrong = odometer_car(photos, Offer(odometer_km=98450))
    assert right.listing == wrong.listing or wrong.listing is not None
    folder = write_car(wrong, tmp_path, "en")
    record = read_record(folder / "decision.json")
    assert record is not None and any("128,450" in gap for gap in record.missing)
    assert (folder / "odometer.jpg").read_bytes() == wrong.odometer_crop
    assert "odometer.jpg" in write_index(tmp_path).read_text(encoding="utf-8")
    stands = write_car(odometer_car(photos, Offer(odometer_km=98450, odometer_stands=True)), tmp_path, "en")
    record = read_record(stands / "decision.json")
    assert record is not None and not any("128,450" in gap for gap in record.missing)
    assert [note.code for note in record.notes][-1] == "odometer_differs", "told, and not asked again"


def test_what_the_instruments_show_is_proposed_to_a_person_and_never_published(
    photos: list[Path], tmp_path: Path
) -> None:
    folder = write_car(odometer_car(photos, Offer()), tmp_path, "en")
    record = read_record(folder / "decision.json")
    assert record is not None and record.notes[-1].code == "odometer_proposed"
    for name in ("advert.html", "listing.json"):
        assert "128" not in re.sub(r"sha256-\S+", "", (folder / name).read_text(encoding="utf-8"))
