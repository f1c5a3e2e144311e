from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from kilpi.types import (
    Decision,
    Mark,
    Offer,
    Photo,
    Pixels,
    Plate,
    Point,
    Quad,
    Reason,
    Sighting,
    Vehicle,
    Verdict,
)
from kilpi.vehicle.crosscheck import against, contradictions, same_make
from kilpi.vehicle.lookup import identify

QUAD = Quad(Point(250, 240), Point(350, 240), Point(350, 265), Point(250, 265))
CAR = Vehicle(
    Mark("ABC-123", "FI"), "test", datetime(2026, 11, 23, tzinfo=UTC), vehicle_class="car", status="in_use"
)
PAINTS = {"red": (190, 25, 30), "blue": (25, 60, 170), "white": (235, 235, 235), "black": (22, 22, 25)}


def drawn(paint: str, name: str = "1", reduction: int = 1) -> tuple[Photo, Plate]:
    """A car's rear as flat paint with a plate, noise on top; the plate as seen in native pixels."""
    noise = np.random.default_rng(7).normal(0, 6, (400, 600, 3))
    pixels = np.full((400, 600, 3), PAINTS[paint], dtype=np.float64)
    pixels[240:265, 250:350] = 240
    pixels[330:] = 90  # road
    image: Pixels = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    photo = Photo(name, f"{name}.jpg", 600 * reduction, 400 * reduction, image, reduction)
    quad = Quad(*(Point(point.x * reduction, point.y * reduction) for point in QUAD))
    return photo, Plate(name, Sighting(quad, 0.9))


def codes(vehicle: Vehicle, *paints: str, offer: Offer | None = None, reduction: int = 1) -> list[str]:
    pairs = [drawn(paint, str(i), reduction) for i, paint in enumerate(paints)]
    told = contradictions(vehicle, [p for _, p in pairs], [p for p, _ in pairs], offer or Offer())
    return [reason.code for reason in told]


@pytest.mark.parametrize("paint", sorted(PAINTS))
@pytest.mark.parametrize("reduction", [1, 2])
def test_the_right_colour_does_not_contradict(paint: str, reduction: int) -> None:
    assert codes(replace(CAR, colour=paint), paint, paint, reduction=reduction) == []


@pytest.mark.parametrize(
    ("registered", "paint"), [("white", "red"), ("red", "blue"), ("black", "white"), ("white", "black")]
)
def test_a_wrong_colour_contradicts_and_says_both(registered: str, paint: str) -> None:
    photo, plate = drawn(paint)
    (reason,) = contradictions(replace(CAR, colour=registered), [plate], [photo], Offer())
    assert (reason.code, reason.values) == ("contradiction_colour", {"registered": registered, "seen": paint})


def test_a_mark_that_a_person_read_is_held_against_the_paint_around_an_unread_plate() -> None:
    photo, plate = drawn("red")
    car = replace(CAR, colour="white")

    class Register:
        def look_up(self, mark: Mark) -> Vehicle:
            return car

    said = Decision(Verdict.ACCEPTED, car.mark, None, (Reason("answered"),), (plate,))
    _, told = identify(said, Register(), [photo], Offer(), confirmed=True)
    assert [why.code for why in told.reasons] == ["answered", "contradiction_colour"]


def test_colours_that_light_confuses_do_not_contradict() -> None:
    assert codes(replace(CAR, colour="silver"), "white") == []
    assert codes(replace(CAR, colour="grey"), "black") == []
    assert codes(replace(CAR, colour="multicolour"), "red") == []


def test_photos_that_disagree_say_nothing() -> None:
    assert codes(replace(CAR, colour="white"), "red", "blue") == []


def test_nothing_known_is_nothing_contradicted() -> None:
    assert codes(replace(CAR, vehicle_class=None, status=None), "red") == []
    assert codes(CAR) == []


def test_plates_of_photos_that_are_not_there_are_passed_over() -> None:
    _, plate = drawn("red")
    assert contradictions(replace(CAR, colour="white"), [plate], [], Offer()) == ()


@pytest.mark.parametrize("status", ["decommissioned", "scrapped", "exported", "stolen", "restricted"])
def test_a_car_that_may_not_be_sold_as_it_stands(status: str) -> None:
    assert codes(replace(CAR, status=status)) == [f"status_{status}"]


@pytest.mark.parametrize("kind", ["trailer", "motorcycle", "tractor", "lorry"])
def test_a_class_that_is_no_car(kind: str) -> None:
    assert codes(replace(CAR, vehicle_class=kind)) == ["contradiction_class"]


def test_a_class_that_no_table_has_is_asked_about() -> None:
    unknown = replace(CAR, vehicle_class=None, raw={"vehicle_class": {"from": "type", "value": "SLÄPKÄRRA"}})
    (reason,) = against(unknown, None, Offer())
    assert (reason.code, reason.values) == ("contradiction_class", {"registered": "SLÄPKÄRRA"})


def test_the_dealers_make() -> None:
    assert codes(replace(CAR, make="Volvo"), offer=Offer(make="Škoda")) == ["contradiction_make"]
    assert codes(replace(CAR, make="VOLKSWAGEN, VW"), offer=Offer(make="vw")) == []
    assert codes(replace(CAR, make="Volvo"), offer=Offer()) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Mercedes-Benz", "MERCEDES", True),
        ("MB", "Mercedes-Benz", True),
        ("Skoda", "ŠKODA", True),
        ("Citroën", "citroen", True),
        ("Volvo", "Volvo Cars", True),
        ("Mercedes-AMG", "MERCEDES-BENZ", True),
        ("DS", "CITROEN", True),
        ("Abarth", "FIAT", True),
        ("Lynk and Co", "LYNK & CO", True),
        ("Ford", "Fiat", False),
        ("Kia", "Nissan", False),
        ("DS", "Dacia", False),
        ("VW", "Volvo", False),
    ],
)
def test_makes(one: str, other: str, same: bool) -> None:
    assert same_make(one, other) is same_make(other, one) is same
