"""Another car's photos in a folder: named where the decided mark leads, else a doubt."""

from __future__ import annotations

from tests.decision.test_verifier import Judge, decide, plate

from kilpi.decision.strangers import strangers_to, with_followers
from kilpi.types import VIEWS, Box, Mark, Plate, PlatePlace, Shown, Verdict, View, ViewGuess

LARGE, OTHER = Box(400, 500, 600, 550), Box(380, 480, 620, 540)


def test_two_cars_in_even_shares_go_to_a_person() -> None:
    decision = decide(
        *(plate(f"a{i}", "QR814") for i in "12"), *(plate(f"b{i}", "XZ377", OTHER) for i in "12")
    )
    assert decision.verdict is Verdict.REVIEW
    assert "marks_differ" in [reason.code for reason in decision.reasons]


def test_marks_in_sequence_are_two_cars() -> None:
    decision = decide(plate("a", "QR814"), plate("b", "QR814"), plate("c", "QR815"))
    assert decision.verdict is Verdict.REVIEW
    assert "marks_differ" in [reason.code for reason in decision.reasons]


def test_one_photo_of_another_car_among_many_is_left_out_and_told() -> None:
    own = [plate(f"a{i}", "QR814", Box(300 + 40 * i, 500, 500 + 40 * i, 550)) for i in range(4)]
    decision = decide(*own, plate("b", "XZ377"))
    assert decision.verdict is Verdict.ACCEPTED
    assert decision.strangers == ("b",)
    assert "other_car_photos" in [reason.code for reason in decision.reasons]


def test_what_follows_another_cars_photo_is_left_out_up_to_the_next_outside() -> None:
    own = [plate(f"a{i}", "QR814", Box(300 + 40 * i, 500, 500 + 40 * i, 550)) for i in range(4)]
    decision = decide(*own, plate("b", "XZ377"))
    views = {
        key: ViewGuess(view, 0.99, 0.9, view, (1 / len(VIEWS),) * len(VIEWS))
        for view, keys in {
            View.FRONT: ["a0", "a1", "a2", "a3", "b"],
            View.COCKPIT: ["seat1", "seat2", "seat3", "seat4"],
            View.SIDE: ["side"],
            View.UNSURE: ["dim"],
        }.items()
        for key in keys
    }
    order = ["a0", "seat1", "b", "seat2", "dim", "a1", "seat3", "a2", "a3", "side", "seat4"]
    told = with_followers(decision, order, views)
    assert told.strangers == ("b", "seat2", "dim")
    assert {why.code: why.values for why in told.reasons}["other_car_photos"] == {"photos": 3}
    ends = with_followers(decision, ["a0", "a1", "a2", "a3", "b", "seat1", "side", "seat2"], views)
    assert ends.strangers == ("b", "seat1"), "a car from outside may be the own one again"
    alone = decide(*own)
    assert with_followers(alone, order, views) == alone


def test_copies_of_one_photo_are_one_vote() -> None:
    copies = [plate(f"a{i}", "QR814") for i in range(4)]
    decision = decide(*copies, plate("b", "XZ377"))
    assert decision.verdict is Verdict.REVIEW
    assert "marks_differ" in [reason.code for reason in decision.reasons]


def test_photos_of_one_car_have_no_stranger() -> None:
    assert decide(*(plate(photo, "QR814") for photo in "abc")).strangers == ()


def test_a_plate_in_the_sky_is_a_neighbours() -> None:
    high = Box(400, 60, 600, 110)
    decision = decide(plate("a", "QR814", high), plate("b", "QR814"))
    assert "odd_place" in [reason.code for reason in decision.reasons]


SMALL = Box(400, 500, 450, 512)  # of a photo of 1000 x 750 pixels


def test_another_cars_end_is_left_out_however_small_its_plate_is() -> None:
    own = [plate(f"a{i}", "QR814", Box(300 + 40 * i, 500, 500 + 40 * i, 550)) for i in range(4)]
    stray = plate("b", "XZ377", SMALL)
    place = PlatePlace(0.425, 0.675, 0.05, 0.9)
    ends = {"b": 0.9, **{f"a{i}": 0.9 for i in range(4)}}

    def left_out(ends: dict[str, float], *places: PlatePlace) -> tuple[str, ...]:
        decision = Judge().decide([*own, stray], Shown(ends, places={"b": places}))
        assert decision.verdict is Verdict.ACCEPTED
        return decision.strangers

    assert left_out(ends, place) == ("b",)
    # A car in the background: what the photo is of is no end, or it has a wider place for a plate.
    assert left_out({**ends, "b": 0.5}, place) == ()
    assert left_out(ends, place, PlatePlace(0.7, 0.6, 0.2, 0.3)) == ()
    assert left_out(ends) == ()


def strangers(said: str, *plates: Plate) -> tuple[str, ...]:
    return strangers_to(Mark(said, "FI"), decide(*plates))


def test_a_mark_that_a_person_corrects_brings_no_strangers_photo_back() -> None:
    own = [plate(f"a{i}", "QR814", Box(300 + 40 * i, 500, 500 + 40 * i, 550)) for i in range(4)]
    stray = plate("b", "XZ377")
    assert decide(*own, stray).strangers == ("b",)
    assert strangers("QR814", *own, stray) == strangers("QR-815", *own, stray) == ("b",)
    # It was the other car that is for sale: the photos of the first one are another's now.
    assert set(strangers("XZ-377", *own, stray)) == {"a0", "a1", "a2", "a3"}
    assert strangers("XZ-371", *own, stray) == ("a0", "a1", "a2", "a3"), "its plate was misread a little"
    assert strangers("ABC-987", *own, stray) == ("b",), "no photo reads it: those that led may be misread"


def test_of_marks_in_sequence_the_one_that_was_said_counts() -> None:
    own = [plate(f"a{i}", "QR814", Box(300 + 40 * i, 500, 500 + 40 * i, 550)) for i in range(4)]
    assert strangers("QR-815", *own, plate("b", "QR815")) == ("a0", "a1", "a2", "a3")
    assert strangers("QR-814", *own, plate("b", "QR815")) == ("b",)
