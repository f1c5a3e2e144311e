"""From an accepted mark to a vehicle: who is asked, and what an answer does to the decision."""

from __future__ import annotations

from tests.fakes import FakeRegister, reading_of

from kilpi.geometry import quad_from_box
from kilpi.types import Box, Candidate, Decision, Mark, Offer, Plate, Reason, Sighting, Verdict
from kilpi.vehicle.lookup import identify, own_sightings, runners_up

ABC, ABD = Mark("ABC-123", "FI", "ordinary"), Mark("ABD-123", "FI", "ordinary")
FRONT, SIGN = Sighting(quad_from_box(Box(0, 0, 90, 20)), 0.9), Sighting(quad_from_box(Box(5, 5, 9, 7)), 0.6)
PLATES = (
    Plate("a", FRONT, reading_of("ABC123"), (Candidate(ABC, 0.9), Candidate(ABD, 0.1))),
    Plate("a", SIGN, reading_of("AUTO"), (Candidate(Mark("AUTO"), 1.0),)),
)
ACCEPTED = Decision(Verdict.ACCEPTED, ABC, None, (Reason("plates_agree", {"photos": 2}),), PLATES)


def test_an_accepted_mark_gets_its_vehicle() -> None:
    vehicle, decision = identify(ACCEPTED, FakeRegister({"ABC123": "Nissan"}), (), Offer())
    assert vehicle is not None and vehicle.make == "Nissan" and decision == ACCEPTED


def test_another_make_than_the_dealers_goes_to_a_person() -> None:
    vehicle, decision = identify(ACCEPTED, FakeRegister({"ABC123": "Nissan"}), (), Offer(make="Volvo"))
    assert vehicle is not None and decision.verdict is Verdict.REVIEW
    assert decision.reasons[-1].code == "contradiction_make"


def test_only_the_accepted_mark_is_asked_for_unless_more_are_allowed() -> None:
    register = FakeRegister({"ABD123": "Volvo"})
    vehicle, decision = identify(ACCEPTED, register, (), Offer())
    assert register.asked == [ABC] and vehicle is None
    vehicle, decision = identify(ACCEPTED, register, (), Offer(), lookups=2)
    assert register.asked == [ABC, ABC, ABD] and decision.verdict is Verdict.REVIEW
    assert vehicle is None, "a runner-up's car is a hint in words, never this car's data"
    assert [reason.code for reason in decision.reasons[1:]] == [
        "not_registered",
        "other_candidate_registered",
    ]


def test_of_a_mark_that_a_person_gave_no_runner_up_is_asked_for() -> None:
    register = FakeRegister({"ABD123": "Volvo"})
    vehicle, decision = identify(ACCEPTED, register, (), Offer(), lookups=5, confirmed=True)
    assert register.asked == [ABC] and vehicle is None
    assert [reason.code for reason in decision.reasons] == ["plates_agree", "not_registered"]


def test_the_accepted_mark_comes_first_whatever_the_scores() -> None:
    assert [candidate.mark for candidate in runners_up(ACCEPTED)] == [ABC, ABD]


def test_a_sign_taken_for_a_plate_is_not_the_cars_own() -> None:
    assert own_sightings(ACCEPTED) == {"a": [FRONT]}
    assert own_sightings(Decision(Verdict.NO_PLATE, None, None, ())) is None
