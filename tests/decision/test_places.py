"""A place where a car wears its plate and none is seen: the plate read beside it may be another car's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.decision.test_verifier import ALONE, Judge, codes, plate
from tests.fakes import reading_of

from kilpi.geometry import quad_from_box
from kilpi.types import (
    VIEWS,
    Box,
    EndPlace,
    Plate,
    PlatePlace,
    Reason,
    Shown,
    Sighting,
    Verdict,
    View,
    ViewGuess,
)

FRAME = (1000, 750)
READ = Box(300, 500, 500, 550)  # 0.2 of the photo's width, its middle at 0.4, 0.7
WORN = PlatePlace(0.41, 0.65, 0.2, 0.9)


def shown(*places: PlatePlace, photo: str = "seen") -> Shown:
    return Shown({}, {photo: places})


def far(width: float, score: float = 0.9) -> PlatePlace:
    return PlatePlace(0.85, 0.7, width, score)


@pytest.mark.parametrize(
    ("places", "accepted"),
    [
        ((), True),
        ((WORN,), True),
        ((WORN, far(0.15)), True),  # a car behind
        ((WORN, far(0.17)), False),
        ((WORN, far(0.3, score=0.45)), True),
        ((far(0.13),), False),  # the plate that was read is at no place itself
        ((far(0.11),), True),
        ((WORN._replace(score=0.4), far(0.13)), False),
    ],
)
def test_an_empty_place_as_wide_as_the_plate_is_a_question(
    places: tuple[PlatePlace, ...], accepted: bool
) -> None:
    decision = Judge().decide([plate("seen", ALONE, READ)], shown(*places))
    assert (decision.verdict is Verdict.ACCEPTED) is accepted
    if not accepted:
        assert decision.reasons == (Reason("blank_plate", {"photos": 1}),)


@pytest.mark.parametrize(("beside", "accepted"), [((True, False, False), True), ((True, True, False), False)])
def test_where_the_plate_is_worn_itself_half_of_the_photos_must_show_the_empty_one(
    beside: tuple[bool, ...], accepted: bool
) -> None:
    """A car without plates behind the one for sale is in one photo of several, a covered plate in most."""
    boxes = [Box(300 + 40 * i, 500, 500 + 40 * i, 550) for i in range(3)]
    plates = [plate(f"seen{i}", ALONE, box) for i, box in enumerate(boxes)]
    places = {f"seen{i}": (WORN, far(0.3)) if empty else (WORN,) for i, empty in enumerate(beside)}
    assert (Judge().decide(plates, Shown({}, places)).verdict is Verdict.ACCEPTED) is accepted


@pytest.mark.parametrize(
    ("away", "asked"),
    [
        ((0.2, 0.2), True),  # in both photos above the place; so near that it fills it
        ((0.2, 0.0), False),  # in one photo the network is a cell off
        ((0.0, 0.0), False),
    ],
)
def test_a_plate_that_is_off_the_place_in_every_photo_is_a_question(
    away: tuple[float, ...], asked: bool
) -> None:
    """A neighbour's plate before the car, so large that it reaches over the place of the covered one."""
    tall = Box(300, 300, 500, 500)  # two rows: 0.2 of the photo's width, 0.27 of its height
    plates = [plate(f"seen{i}", ALONE, tall) for i in range(len(away))]
    places = {f"seen{i}": (PlatePlace(0.4, 0.53 + down, 0.2, 0.9),) for i, down in enumerate(away)}
    reasons = Judge().decide(plates, Shown({}, places)).reasons
    assert (Reason("blank_plate", {"photos": 2}) in reasons) is asked


ASIDE = Box(20, 500, 180, 540)  # 0.16 of the photo's width, its middle at 0.1, 0.69: prominence 0.07
THERE = PlatePlace(0.11, 0.68, 0.16, 0.9)


@pytest.mark.parametrize(
    ("places", "share", "asked"),
    [
        ((THERE,), 0.99, False),
        ((THERE,), 0.45, False),
        ((THERE,), 0.35, True),  # rather a side: the plate at its edge may be a neighbour's
        ((THERE._replace(score=0.4),), 0.99, True),
        ((THERE, far(0.09)), 0.99, False),
        ((THERE, far(0.1)), 0.99, True),  # another car, nearly as large
        ((), 0.99, True),
    ],
)
def test_a_small_plate_aside_at_the_photos_widest_place_is_the_cars_own(
    places: tuple[PlatePlace, ...], share: float, asked: bool
) -> None:
    decision = Judge().decide([plate("seen", ALONE, ASIDE)], Shown({"seen": share}, {"seen": places}))
    assert codes(decision) == (["only_aside"] if asked else ["plates_agree", "sure_enough"])


def test_a_neighbours_small_plate_is_not_at_the_place_of_the_large_car_before_it() -> None:
    """The own plate is off, and its place hidden behind nothing: the neighbour's plate is above it."""
    own = PlatePlace(0.5, 0.7, 0.16, 0.9)
    neighbour = plate("seen", ALONE, Box(580, 440, 645, 462))
    decision = Judge().decide([neighbour], Shown({"seen": 0.99}, {"seen": (own,)}))
    assert {"only_aside", "blank_plate"} <= set(codes(decision))


@pytest.mark.parametrize(("wide", "asked"), [(0.16, False), (0.3, True)])
def test_on_its_end_a_plate_must_have_the_size_of_its_place(wide: float, asked: bool) -> None:
    """The place is the large car's before it, whose plate is off; what is near it there is a neighbour's."""
    seen = replace(plate("seen", ALONE, ASIDE), on_end=EndPlace(0.8, 0.1))
    at = THERE._replace(x=0.12, width=wide)
    rival = far(0.2, score=0.4)  # so that it does not lead
    decision = Judge().decide([seen], Shown({"seen": 0.99}, {"seen": (at, rival)}))
    assert ("only_aside" in codes(decision)) is asked


def test_an_unsure_place_nearly_as_wide_is_a_rival_too() -> None:
    unsure = PlatePlace(0.6, 0.7, 0.16, 0.3)
    decision = Judge().decide([plate("seen", ALONE, ASIDE)], Shown({"seen": 0.99}, {"seen": (THERE, unsure)}))
    assert codes(decision) == ["only_aside"]


def test_one_photo_of_three_with_an_empty_place_beside_the_plate_is_enough_to_leave_it_aside() -> None:
    boxes = [Box(20 + 30 * i, 500, 140 + 30 * i, 530) for i in range(3)]
    plates = [plate(f"seen{i}", ALONE, box) for i, box in enumerate(boxes)]
    there = [(PlatePlace((80 + 30 * i) / 1000, 0.69, 0.12, 0.9),) for i in range(3)]
    ends = {f"seen{i}": 0.99 for i in range(3)}

    def decided(*first: PlatePlace) -> list[str]:
        places = {f"seen{i}": (*at, *(first if i == 0 else ())) for i, at in enumerate(there)}
        return codes(Judge().decide(plates, Shown(ends, places)))

    assert decided() == ["plates_agree", "sure_enough"]
    assert "only_aside" in decided(far(0.3))


def test_where_it_is_not_known_how_large_the_photo_is_no_place_is_empty() -> None:
    found = Plate("bare", Sighting(quad_from_box(READ), 0.9), reading_of("QQQQQ1"))
    told = Shown({"bare": 0.1, "seen": 0.9}, {"bare": (far(0.2),)})
    assert "end_without_plate" not in codes(Judge().decide([plate("seen", ALONE, READ), found], told))


def find(text: str, box: Box) -> Plate:
    return Plate("seen", Sighting(quad_from_box(box), 0.9), reading_of(text), (), FRAME, 1.0)


@pytest.mark.parametrize(("text", "accepted"), [("", False), ("8118", False), ("QQQQQ1", True)])
def test_only_what_is_written_on_fills_a_place(text: str, accepted: bool) -> None:
    """A covered plate may be found as well; another car's plate is a rival or one behind, not a cover."""
    other = find(text, Box(780, 540, 920, 575))
    decision = Judge().decide([plate("seen", ALONE, READ), other], shown(WORN, far(0.2)))
    assert ("blank_plate" not in codes(decision)) is accepted


@pytest.mark.parametrize(
    ("place", "accepted"), [(far(0.2), False), (far(0.05), True), (far(0.2, score=0.4), True)]
)
def test_a_photo_without_the_plate_whose_place_is_empty_is_a_bare_end(
    place: PlatePlace, accepted: bool
) -> None:
    told = Shown({"bare": 0.1, "seen": 0.9}, {"bare": (place,)})
    decision = Judge().decide([plate("seen", ALONE, READ)], told)
    assert codes(decision) == (["plates_agree", "sure_enough"] if accepted else ["end_without_plate"])


def test_an_inside_or_a_paper_has_no_places() -> None:
    """An open boot looks a little like the place that its lid has taken away."""

    def guess(view: View, share: float) -> ViewGuess:
        rest = (1 - share) / (len(VIEWS) - 1)
        return ViewGuess(
            view, share, share, view, tuple(share if v is view else rest for v in VIEWS), (), (far(0.3),)
        )

    assert Shown.by({"a": guess(View.BOOT, 0.9)}).places == {"a": ()}
    assert Shown.by({"a": guess(View.EXTERIOR_DETAIL, 0.9)}).places == {"a": (far(0.3),)}
