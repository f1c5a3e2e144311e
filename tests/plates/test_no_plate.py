"""What was found and is no plate: signs on walls, writing on instruments; what is doubtful stays a plate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from kilpi.geometry import quad_from_box
from kilpi.grammar import load_grammars
from kilpi.plates.no_plate import part
from kilpi.types import VIEWS, Box, CountryGuess, Guess, Plate, PlatePlace, Reading, Sighting, View, ViewGuess

GRAMMARS = load_grammars()


def lettering(text: str, score: float = 0.4, country: str = "XX", seen: float = 0.8) -> Reading:
    return Reading(tuple((Guess(c, score),) for c in text), "fake", countries=(CountryGuess(country, seen),))


def shows(view: View, share: float = 1.0) -> Callable[[], ViewGuess]:
    rest = (1 - share) / (len(VIEWS) - 1)
    shares = tuple(share if one is view else rest for one in VIEWS)
    told = view if share > 0.64 else View.UNSURE
    return lambda: ViewGuess(told, share, share, view, shares)


FRONT = shows(View.FRONT)
SIGN = Plate(
    "a", Sighting(quad_from_box(Box(900, 180, 1150, 240)), 0.55), lettering("AUTOTALO"), (), (1600, 1200)
)
PLATE = replace(
    SIGN,
    sighting=Sighting(quad_from_box(Box(900, 580, 1150, 640)), 0.8),
    reading=lettering("ABC123", 0.9, "FI"),
)


def is_plate(plate: Plate, view: Callable[[], ViewGuess | None] = FRONT) -> bool:
    kept, aside = part([plate], view, GRAMMARS)
    assert [*kept, *aside] == [plate], "nothing is lost"
    return bool(kept)


def at(plate: Plate, top: float) -> Plate:
    return replace(plate, sighting=Sighting(quad_from_box(Box(900, top, 1150, top + 60)), 0.55))


def test_a_sign_is_no_plate() -> None:
    assert not is_plate(SIGN)
    assert not is_plate(at(SIGN, 1120)), "a seller's name along the photo's lower edge"
    assert not is_plate(SIGN, lambda: None), "nor where there is no view network"


@pytest.mark.parametrize(
    "plate",
    [
        at(SIGN, 580),  # where cars have their plates
        replace(SIGN, reading=Reading((), "fake")),  # nothing can be read on it
        replace(SIGN, reading=None),  # nobody tried
        replace(SIGN, reading=lettering("AB12")),  # as short as what a blurred plate leaves
        replace(SIGN, reading=lettering("AUTOTALO", country="FI")),  # looks like a country's plate
        replace(SIGN, reading=lettering("AUTOTALO", seen=0.4)),  # may look like one
        replace(SIGN, reading=lettering("AU101AL", 0.9, "FR")),  # reads as a mark
        replace(SIGN, frame=None),
        replace(SIGN, frame=(600, 1200)),  # a close-up
    ],
)
def test_what_is_doubtful_outside_is_a_plate(plate: Plate) -> None:
    assert is_plate(plate)


@pytest.mark.parametrize(
    "view", [View.INSTRUMENTS, View.COCKPIT, View.SEATS, View.INTERIOR_DETAIL, View.WHEEL]
)
@pytest.mark.parametrize(
    "reading",
    [
        Reading((), "fake"),
        lettering("1D0EE111", 0.3),
        lettering("OD192625", 0.6, "NO"),  # a mileage: it may be read as a mark, and is covered then
        lettering("120", 0.95),  # a speed
    ],
)
def test_what_is_seen_on_instruments_and_seats_is_no_plate(view: View, reading: Reading) -> None:
    assert not is_plate(replace(PLATE, reading=reading), shows(view))


@pytest.mark.parametrize("view", [View.INSTRUMENTS, View.BOOT, View.ENGINE])
def test_a_mark_that_is_surely_read_is_a_plate_wherever_it_is(view: View) -> None:
    assert is_plate(PLATE, shows(view)), "a car seen through the windscreen"


@pytest.mark.parametrize("view", [View.WHEEL, View.COCKPIT])
def test_a_mark_that_its_country_has_stays_however_dimly_it_is_read(view: View) -> None:
    assert is_plate(replace(PLATE, reading=lettering("ABC123", 0.6, "FI")), shows(view)), "it may be a rival"


def test_a_small_plate_through_the_window_stays_a_plate() -> None:
    far = quad_from_box(Box(400, 100, 440, 110))
    seen = replace(PLATE, sighting=Sighting(far, 0.6), reading=lettering("W403399", 0.3, "FI"))
    assert is_plate(seen, shows(View.COCKPIT))
    assert not is_plate(replace(seen, reading=lettering("W403399", 0.3)), shows(View.COCKPIT))
    near = Sighting(quad_from_box(Box(400, 700, 440, 710)), 0.6)
    assert not is_plate(replace(seen, sighting=near), shows(View.COCKPIT)), "on the dashboard"


@pytest.mark.parametrize("view", [View.BOOT, View.ENGINE, View.EXTERIOR_DETAIL, View.REAR_QUARTER])
def test_a_plate_that_cannot_be_read_stays_where_plates_are(view: View) -> None:
    assert is_plate(replace(PLATE, reading=lettering("2R25555", 0.2)), shows(view))
    assert is_plate(replace(PLATE, reading=lettering("2R25555", 0.2)), shows(View.SEATS, 0.4)), "unsure"


@pytest.mark.parametrize(("inside", "end", "plate"), [(0.5, 0.0, False), (0.5, 0.2, True), (0.4, 0.0, True)])
def test_half_an_inside_without_an_end_of_a_car_has_no_plate(inside: float, end: float, plate: bool) -> None:
    shares = {View.INSTRUMENTS: inside, View.FRONT: end, View.EXTERIOR_DETAIL: 1 - inside - end}
    rows = tuple(shares.get(view, 0.0) for view in VIEWS)
    guess = ViewGuess(View.UNSURE, 0.5, 0.5, View.EXTERIOR_DETAIL, rows)
    assert is_plate(replace(PLATE, reading=lettering("2R25555", 0.2)), lambda: guess) is plate


THERE, AWAY = PlatePlace(0.64, 0.51, 0.16, 0.9), PlatePlace(0.2, 0.8, 0.16, 0.9)


@pytest.mark.parametrize(
    ("places", "plate"),
    [
        ((), True),
        ((THERE,), True),
        ((AWAY,), False),
        ((AWAY, THERE), True),
        ((AWAY._replace(score=0.4),), True),
    ],
)
def test_lettering_away_from_where_the_photos_car_wears_its_plate_is_none(
    places: tuple[PlatePlace, ...], plate: bool
) -> None:
    badge = at(SIGN, 580)
    told = replace(FRONT(), places=places)
    assert is_plate(badge, lambda: told) is plate
    assert is_plate(replace(PLATE, sighting=badge.sighting), lambda: told), "a mark is one wherever it is"
    unread = replace(badge, reading=lettering("81", 0.3))
    assert is_plate(unread, lambda: told), "it may be the car's own under snow"
    known = any(place.score > 0.5 for place in places)
    assert is_plate(at(unread, 180), lambda: told) is not known, "but not up there"
    narrow = replace(badge, sighting=Sighting(quad_from_box(Box(1000, 590, 1080, 610)), 0.55))
    assert is_plate(narrow, lambda: told), "on a car behind, of which no place is told"


def test_what_touches_a_plate_that_is_surely_read_is_none_unless_it_may_be_another() -> None:
    grille = replace(at(SIGN, 515), reading=lettering("B333338", 0.5))
    assert part([PLATE, grille], FRONT, GRAMMARS) == ([PLATE], [grille])
    assert part([PLATE, at(grille, 480)], FRONT, GRAMMARS).aside == [], "apart from it"
    covered = replace(grille, reading=lettering("", 0.5))
    assert part([PLATE, covered], FRONT, GRAMMARS).aside == [], "it may be the car's own"
    other = replace(grille, reading=lettering("XYZ987", 0.5, "FI"))
    assert part([PLATE, other], FRONT, GRAMMARS).aside == []


def test_what_a_person_marked_is_a_plate() -> None:
    said = replace(SIGN, sighting=replace(SIGN.sighting, score=1.0))
    assert is_plate(said, shows(View.SEATS))


def test_what_the_photo_shows_is_only_asked_where_that_matters() -> None:
    def never() -> ViewGuess:
        raise AssertionError

    assert is_plate(PLATE, never)
    assert part([], never, GRAMMARS) == ([], [])
