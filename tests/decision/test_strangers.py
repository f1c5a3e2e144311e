"""Another car's photos in a folder: named where the decided mark leads, else a doubt."""

from __future__ import annotations

from tests.decision.test_verifier import decide, plate

from kilpi.types import Box, Verdict

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
