"""When the plain rule accepts a car, and the reason when it does not."""

from __future__ import annotations

import pytest
from tests.decision.layouts import plate_of

from kilpi.decision.agreement import AgreementVerifier, usual_rules
from kilpi.geometry import quad_from_box
from kilpi.types import Box, Candidate, Guess, Mark, Plate, Reading, Sighting, Verdict

ABC = Mark("ABC-123", "FI", "ordinary")
XYZ = Mark("XYZ-9", "FI", "ordinary")
KOE = Mark("KOE 12", "FI", "trade", identifies_car=False)
VANITY = Mark("KILPI", None, None)
FINNISH = AgreementVerifier(usual_rules(home=("FI",)))  # of other readers nothing else proves a country


def plate(photo: str, *marks: tuple[Mark, float], score: float = 0.99, width: float = 200) -> Plate:
    """A plate whose candidates are `marks` with their shares; every character read with `score`."""
    slots = tuple((Guess(c, score),) for c in marks[0][0].compact) if marks else ()
    sighting = Sighting(quad_from_box(Box(0, 0, width, width / 4)), 0.9)
    return Plate(photo, sighting, Reading(slots, "fake"), tuple(Candidate(m, p) for m, p in marks))


def codes(*plates: Plate) -> tuple[Verdict, list[str]]:
    decision = FINNISH.decide(plates)
    return decision.verdict, [reason.code for reason in decision.reasons]


def test_two_photos_that_agree_are_accepted() -> None:
    decision = FINNISH.decide([plate("a", (ABC, 1.0)), plate("b", (ABC, 0.97), (XYZ, 0.03))])
    assert decision.verdict is Verdict.ACCEPTED and decision.mark == ABC
    assert decision.p is None  # nothing here is calibrated
    assert decision.reasons[0].values == {"photos": 2}


def test_no_plate_is_its_own_verdict() -> None:
    assert codes() == (Verdict.NO_PLATE, ["no_plate"])


def test_what_goes_to_a_person() -> None:
    sure = plate("a", (ABC, 1.0))
    cases = {
        "one_photo_only": [sure],
        "marks_differ": [sure, plate("b", (XYZ, 1.0)), plate("c", (ABC, 1.0))],
        "low_score": [sure, plate("b", (ABC, 1.0), score=0.5)],
        "ambiguous": [sure, plate("b", (ABC, 0.6), (XYZ, 0.4))],
        "trade_plate": [plate("a", (KOE, 1.0)), plate("b", (KOE, 1.0))],
        "not_parsed": [plate("a", (VANITY, 1.0)), plate("b", (VANITY, 1.0))],
    }
    for code, plates in cases.items():
        verdict, reasons = codes(*plates)
        assert verdict is Verdict.REVIEW and reasons[0] == code and len(reasons) == len(set(reasons))


def test_the_same_characters_under_two_countries_are_no_ambiguity() -> None:
    swedish = Mark("ABC 123", "SE", "ordinary")
    both = [plate(photo, (ABC, 0.7), (swedish, 0.3)) for photo in ("a", "b")]
    assert codes(*both)[0] is Verdict.ACCEPTED


def test_a_country_that_nothing_proves_is_asked() -> None:
    both = [plate(photo, (ABC, 1.0)) for photo in ("a", "b")]
    decision = AgreementVerifier().decide(both)
    assert decision.verdict is Verdict.REVIEW and [r.code for r in decision.reasons] == ["country_unsure"]


def test_a_small_plate_behind_the_car_does_not_count() -> None:
    behind = plate("a", (XYZ, 1.0), width=60)
    assert codes(plate("a", (ABC, 1.0)), behind, plate("b", (ABC, 1.0)))[0] is Verdict.ACCEPTED


def test_nothing_readable_goes_to_a_person_without_a_mark() -> None:
    decision = FINNISH.decide([plate("a"), plate("b")])
    assert decision.verdict is Verdict.REVIEW and decision.mark is None


def test_what_was_never_read_does_not_speak_against_what_was() -> None:
    noise = plate("c", (XYZ, 1.0), score=0.2, width=400)  # a wheel taken for a plate
    sure = [plate("a", (ABC, 1.0)), plate("b", (ABC, 1.0))]
    assert codes(*sure, noise, plate("d")) == (Verdict.ACCEPTED, ["plates_agree"])
    assert codes(sure[0], noise)[1][0] == "one_photo_only"


@pytest.mark.parametrize("at", range(6))
def test_a_covered_character_goes_to_a_person_whoever_reads(at: int) -> None:
    whole = [plate_of(photo, "KBC-123") for photo in "ab"]
    holed = [plate_of(photo, "KBC-123", [at]) for photo in "ab"]
    assert "maybe_hidden" not in codes(*whole)[1]
    assert codes(*holed)[0] is Verdict.REVIEW and "maybe_hidden" in codes(*holed)[1]
