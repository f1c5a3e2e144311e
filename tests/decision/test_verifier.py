"""One decision a car: when LstmVerifier accepts, and with which words it hands a car to a person."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.drawn_cars import READER, drawn_plate

from kilpi.adverts.wording import LANGUAGES, load_wording
from kilpi.decision.agreement import AgreementVerifier
from kilpi.decision.features import CHARACTER_NUMBERS, CONTEXT, Evidence, Tokeniser
from kilpi.decision.policy import DecisionPolicy
from kilpi.decision.verifier import LstmVerifier, default_verifier
from kilpi.errors import UsageError, WeightsError
from kilpi.geometry import quad_from_box
from kilpi.grammar import load_grammars
from kilpi.types import Box, CountryGuess, Decision, Guess, Plate, Reading, Sighting, Verdict
from kilpi.weights import Card, Network

MIDDLE, SMALL, SIDE = Box(400, 500, 600, 550), Box(800, 480, 860, 495), Box(405, 500, 600, 548)

POLICY = DecisionPolicy(p=0.9)


ALONE = "QR814"  # only Finland has such marks


class Judge(LstmVerifier):
    """Everything but the network: a mark is as likely as its worst character's score."""

    def __init__(self, threshold: float = 0.9, reader: str = READER, home: Collection[str] = ()) -> None:
        edges = dict.fromkeys((*CONTEXT, *CHARACTER_NUMBERS), ())
        tokens = Tokeniser("", (), (), edges).state()
        known = {"tokens": tokens, "reader": reader, "calibration": [0.0, 0.0, 1.0, 1.0]}
        card = Card("verifier", "", 0, known, {"p": threshold})
        super().__init__(Network(card, cast(Any, None)), load_grammars(), home)

    def scores(self, evidence: Sequence[Evidence]) -> NDArray[np.float32]:
        return np.array([min(one.score for one in item.characters) for item in evidence], np.float32)


def plate(photo: str, text: str, box: Box = MIDDLE, clear: float = 1.0) -> Plate:
    rng = np.random.default_rng(list(f"{photo} {text}".encode()))  # the same in any order of tests
    return drawn_plate(photo, text, rng, clear, box)


def unread(photo: str, box: Box = MIDDLE) -> Plate:
    return Plate(photo, Sighting(quad_from_box(box), 0.9), Reading((), READER), (), (1000, 750), 0.1)


def decide(*plates: Plate, threshold: float = 0.9) -> Decision:
    return Judge(threshold).decide(plates)


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def looking_like(plate: Plate, country: str | None, score: float = 0.97) -> Plate:
    assert plate.reading is not None
    countries = (CountryGuess(country, score),) if country else ()
    return replace(plate, reading=replace(plate.reading, country=country, countries=countries))


@pytest.mark.parametrize(
    ("seen", "countries"),
    [(("FI", None), None), (("FI", "FI"), None), ((None, None), ["FI"]), (("FI", "SE"), ["FI", "SE"])],
)
def test_a_plate_must_look_like_one_of_the_marks_country(
    seen: tuple[str | None, ...], countries: list[str] | None
) -> None:
    decision = decide(*(looking_like(plate(str(i), "ABC123"), one) for i, one in enumerate(seen)))
    told = {reason.code: reason.values for reason in decision.reasons}
    assert told.get("country_unsure", {}).get("countries") == countries
    assert (decision.verdict is Verdict.ACCEPTED) == (countries is None)


def test_at_home_the_country_need_not_be_shown() -> None:
    faint = [looking_like(plate(photo, "ABC123"), "FI", 0.7) for photo in "ab"]
    assert codes(Judge().decide(faint)) == ["country_unsure"]
    assert Judge(home=["FI"]).decide(faint).verdict is Verdict.ACCEPTED


def test_a_home_that_no_rules_know_is_an_error_with_advice() -> None:
    with pytest.raises(UsageError, match="FL; give ISO codes"):
        LstmVerifier.load(home=["FI", "FL"])


def test_a_trade_plates_country_does_not_matter() -> None:
    assert codes(decide(looking_like(plate("a", "KOE123"), None))) == ["trade_plate"]


def test_photos_that_agree_are_accepted_with_a_calibrated_p() -> None:
    decision = decide(plate("a", "ABC123"), plate("b", "ABC123"))
    assert decision.verdict is Verdict.ACCEPTED and decision.mark is not None
    assert decision.mark.text == "ABC-123" and decision.p is not None and decision.p >= 0.9
    assert codes(decision) == ["plates_agree", "sure_enough"]


def test_a_neighbour_behind_is_left_aside_and_mentioned() -> None:
    decision = decide(plate("a", "ABC123"), plate("a", "XYZ987", SMALL), plate("b", "ABC123"))
    assert decision.verdict is Verdict.ACCEPTED and "others_behind" in codes(decision)


def test_one_photo_is_enough_where_the_plate_is_large_and_sure() -> None:
    assert decide(plate("a", ALONE)).verdict is Verdict.ACCEPTED
    narrow = Box(455, 500, 545, 523)
    aside = Box(20, 500, 180, 540)
    assert (aside.x2 - aside.x1) / 1000 > POLICY.aside  # of a photo 1000 pixels wide
    for place in (narrow, aside):
        assert codes(decide(plate("a", ALONE, place))) == ["only_aside"]
        assert decide(plate("a", ALONE, place), plate("b", ALONE, place)).verdict is Verdict.ACCEPTED


def test_a_plate_that_is_at_the_edge_of_every_photo_may_be_a_neighbours() -> None:
    edge, inner = Box(0, 500, 120, 530), Box(350, 500, 470, 530)
    decision = decide(plate("a", ALONE, edge), plate("b", ALONE, edge))
    assert codes(decision) == ["only_aside"] and decision.reasons[0].values["least"] == POLICY.aside_often
    assert decide(plate("a", ALONE, edge), plate("b", ALONE, inner)).verdict is Verdict.ACCEPTED


def with_reading(made: Plate, **changes: Any) -> Plate:
    assert made.reading is not None
    return replace(made, reading=replace(made.reading, **changes))


def ending(made: Plate, score: float) -> Plate:
    """The plate with its last character, a 4, so sure."""
    assert made.reading is not None
    return with_reading(made, slots=(*made.reading.slots[:-1], (Guess("4", score), Guess("9", 0.01))))


def test_one_weak_character_stops_a_likely_mark() -> None:
    decision = decide(ending(plate("a", ALONE), 0.8), threshold=0.5)
    assert decision.verdict is Verdict.REVIEW and codes(decision) == ["low_score"]
    assert decision.reasons[0].values == {"score": 0.8, "threshold": POLICY.weakest}


def test_a_character_that_may_have_been_left_out_stops_a_likely_mark() -> None:
    assert decide(with_reading(plate("a", ALONE), left_out=0.05)).verdict is Verdict.ACCEPTED
    assert codes(decide(with_reading(plate("a", ALONE), left_out=0.3))) == ["maybe_longer"]


def test_half_of_the_photos_are_no_majority() -> None:
    decision = decide(plate("a", "ABC123"), plate("b", "ABC128"))
    assert decision.verdict is Verdict.REVIEW and "photos_differ" in codes(decision)


def test_below_the_threshold_goes_to_a_person_with_its_p() -> None:
    decision = decide(plate("a", ALONE), threshold=0.99999)
    assert decision.verdict is Verdict.REVIEW and codes(decision) == ["not_sure_enough"]
    assert decision.reasons[0].values["threshold"] == 1.0 and decision.mark is not None


def test_front_and_rear_that_differ_go_to_a_person_with_both() -> None:
    decision = decide(plate("a", "ABC123"), plate("b", "XYZ987", SIDE))
    assert decision.verdict is Verdict.REVIEW and "marks_differ" in codes(decision)
    assert set(decision.reasons[-1].values["marks"]) == {"ABC-123", "XYZ-987"}


def test_another_car_in_another_photo_counts_where_one_photo_shows_the_plate() -> None:
    far, one = plate("b", "XYZ987", Box(450, 500, 530, 520)), plate("a", ALONE)
    assert codes(decide(one, far))[0] == "marks_differ"
    beside = replace(far, photo_id="a")  # a car behind, in the same photo
    assert decide(one, beside).verdict is Verdict.ACCEPTED
    assert decide(one, plate("c", ALONE), far).verdict is Verdict.ACCEPTED


def test_a_doubtful_rival_does_not_stop_a_sure_plate() -> None:
    blurred = plate("c", "QQQ777", SIDE, clear=0.0)
    decision = decide(plate("a", "ABC123"), plate("b", "ABC123"), blurred)
    assert "marks_differ" not in codes(decision)


def test_a_trade_plate_is_not_the_cars_identity() -> None:
    decision = decide(plate("a", "KOE123"), plate("b", "KOE123"))
    assert decision.verdict is Verdict.REVIEW and "trade_plate" in codes(decision)


def test_what_no_country_issues_goes_to_a_person() -> None:
    assert "show_plate" in codes(decide(plate("a", "AUTOKESKUS"), plate("b", "AUTOKESKUS")))
    assert "not_parsed" in codes(decide(plate("a", "1A2B3C4D5E"), plate("b", "1A2B3C4D5E")))


def test_what_only_motorcycles_wear_goes_to_a_person() -> None:
    assert "not_a_car" in codes(decide(plate("a", "58BHG"), plate("b", "58BHG")))


@pytest.mark.parametrize(("text", "verdict"), [("JAG278", Verdict.REVIEW), ("JXG278", Verdict.ACCEPTED)])
def test_a_letter_that_may_have_lost_its_ring_must_be_surer(text: str, verdict: Verdict) -> None:
    sure = plate("a", text)
    assert sure.reading is not None
    slots = list(sure.reading.slots)
    slots[1] = (Guess(text[1], 0.93), Guess("R", 0.01))
    decision = decide(
        with_reading(sure, slots=tuple(slots)), with_reading(plate("b", text), slots=tuple(slots))
    )
    assert decision.verdict is verdict
    if verdict is Verdict.REVIEW:
        assert decision.reasons[0].values == {"score": 0.93, "threshold": POLICY.weakest_diacritic}


def test_a_plate_far_away_may_be_another_cars() -> None:
    far = Box(480, 300, 510, 308)
    assert "too_small" in codes(decide(plate("a", "ABC123", far), plate("b", "ABC123", far)))


def test_a_large_plate_that_cannot_be_read_stops_a_small_one_that_can() -> None:
    assert "unreadable" in codes(decide(plate("a", "ABC123", SMALL), unread("a")))


def test_no_plate_and_nothing_readable() -> None:
    none = decide()
    assert none.verdict is Verdict.NO_PLATE and codes(none) == ["no_plate"]
    covered = decide(unread("a"), unread("b"))
    assert covered.verdict is Verdict.REVIEW and covered.mark is None and codes(covered) == ["unreadable"]


def test_reads_of_another_reader_are_left_to_the_plain_rule() -> None:
    plates = [plate("a", "ABC123"), plate("b", "ABC123")]
    decision = Judge(reader="another").decide(plates)
    assert decision.p is None and codes(decision)[0] in {"plates_agree", "low_score"}
    bare = [replace(p, frame=None, sharpness=None) for p in plates]
    assert Judge().decide(bare).p is None


def test_every_reason_has_words_in_every_language() -> None:
    decisions = [
        decide(plate("a", "ABC123"), plate("a", "XYZ987", SMALL), plate("b", "ABC123")),
        decide(plate("a", "ABC123"), threshold=0.99999),
        decide(plate("a", "ABC123", Box(480, 300, 510, 308))),
        decide(plate("a", "AUTOKESKUS")),
        decide(with_reading(plate("a", "ABC123"), left_out=0.3)),
    ]
    for language in LANGUAGES:
        wording = load_wording(language)
        for decision in decisions:
            for reason in decision.reasons:
                words = wording.reason(reason)
                assert reason.code in wording.tables["reason"] and reason.code not in words


def test_the_order_of_photos_does_not_matter() -> None:
    plates = [
        plate("a", "ABC123"),
        plate("b", "ABC123", clear=0.6),
        plate("c", "XYZ987", SMALL),
        plate("d", "ABD123"),
    ]
    decisions = {(d.verdict, d.mark, d.p) for order in ((0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1))
                 if (d := decide(*(plates[i] for i in order)))}  # fmt: skip
    assert len(decisions) == 1


def test_missing_weights_are_an_error_with_advice(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"verifier\.onnx"):
        LstmVerifier.load(tmp_path)


def test_without_a_network_the_plain_rule_decides(tmp_path: Path) -> None:
    assert isinstance(default_verifier(tmp_path), AgreementVerifier)
    (tmp_path / "verifier.onnx").write_bytes(b"damaged")
    with pytest.raises(WeightsError):
        default_verifier(tmp_path)


def test_a_verifier_asks_about_the_dealers_own_words() -> None:
    read = [plate(photo, "QR814") for photo in "ab"]
    asked = replace(Judge().rules, words=frozenset({"QR"}))
    judge = Judge()
    assert judge.decide(read).verdict is Verdict.ACCEPTED
    judge.rules = asked
    assert codes(judge.decide(read)) == ["show_plate"]
    assert LstmVerifier.load(words=["qr 814"]).rules.words == {"QR814"}
