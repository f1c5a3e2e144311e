"""Which ties hold, what they are worth, and which decisions they may lift."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from kilpi.adverts.wording import load_wording
from kilpi.photos.colour import COMPATIBLE
from kilpi.types import Decision, Mark, Offer, Reason, Vehicle, Verdict
from kilpi.vehicle.ties import LIFTABLE, belief_in, lifted, load_shares, possible_ties, suffices, ties_of
from kilpi.vocabulary import Colour

SHARES = load_shares()
MARK = Mark("ABC-123", "FI")
VIN = "WVWZZZAUZJW000417"
CAR = Vehicle(
    MARK, "test", datetime(2026, 1, 1, tzinfo=UTC), make="VOLKSWAGEN", colour="red", vin=VIN,
    first_registered=date(2018, 5, 14),
)  # fmt: skip
ROW = Offer(make="VW", year=2018, mark="ABC123", vin=VIN)
LEAST = 0.96


def review(p: float | None, *codes: str) -> Decision:
    return Decision(Verdict.REVIEW, MARK, p, tuple(Reason(code) for code in codes))


def names(vehicle: Vehicle, offer: Offer = ROW, seen: Colour | None = Colour.RED) -> set[str]:
    return {tie.about for tie in ties_of(vehicle, MARK, offer, seen, SHARES)}


def test_all_that_fits_ties() -> None:
    assert names(CAR) == {"mark", "vin", "colour", "make", "year"}


def test_what_does_not_fit_or_is_not_known_ties_nothing() -> None:
    bare = Vehicle(MARK, "test", CAR.fetched)
    assert names(bare) == {"mark"}
    assert names(bare, Offer(), None) == set()
    other = replace(CAR, make="Volvo", colour="green", vin=VIN[:-1] + "8", first_registered=date(2015, 1, 1))
    assert names(other) == {"mark"}
    assert names(CAR, replace(ROW, mark="ABC124")) == {"vin", "colour", "make", "year"}


def test_ties_never_exceed_what_was_hoped_for_before_asking() -> None:
    possible = possible_ties(MARK, ROW, Colour.RED, SHARES)
    assert set(ties_of(CAR, MARK, ROW, Colour.RED, SHARES)) == set(possible)


def test_the_table_has_every_colour_and_only_chances() -> None:
    assert set(SHARES.colour) == {str(colour) for colour in Colour}
    assert all(seen in SHARES.colour for seen in COMPATIBLE)
    tables = (SHARES.right, SHARES.another, SHARES.misread, SHARES.make, SHARES.colour)
    assert all(0 < share <= 1 for table in tables for share in table.values())
    assert sum(SHARES.colour.values()) >= 1.0


def test_a_make_of_another_country_is_worth_less_than_one_at_home() -> None:
    home = SHARES.make_tie("Volvo", MARK).misread
    assert SHARES.make_tie("VW", MARK).misread > home
    assert SHARES.make_tie("Volvo", Mark("ABC 123", "SE")).misread > home


@pytest.mark.parametrize("code", sorted(LIFTABLE))
def test_doubts_that_ties_answer_may_be_lifted(code: str) -> None:
    assert suffices(review(0.93, code), ties_of(CAR, MARK, ROW, Colour.RED, SHARES), LEAST, SHARES)


@pytest.mark.parametrize(
    "code",
    [
        "marks_differ",
        "trade_plate",
        "split_unsure",
        "photos_differ",
        "longer_elsewhere",
        "new",
    ],
)
def test_every_other_doubt_stays(code: str) -> None:
    assert belief_in(review(0.99, "not_sure_enough", code), SHARES) is None


@pytest.mark.parametrize("code", ["dots_unsure", "maybe_hidden", "maybe_longer", "spacing_odd", "cut_off"])
def test_where_a_part_may_be_hidden_only_the_rows_mark_or_its_vin_settles_it(code: str) -> None:
    doubted = review(0.999, code)
    belief = belief_in(doubted, SHARES)
    assert belief is not None and belief.right <= 0.5
    assert not suffices(
        doubted, ties_of(CAR, MARK, Offer(make="VW", year=2018), Colour.RED, SHARES), LEAST, SHARES
    )
    for row in (Offer(mark="ABC123"), Offer(vin=VIN)):
        assert suffices(doubted, ties_of(CAR, MARK, row, None, SHARES), LEAST, SHARES)


def test_which_countrys_mark_it_is_only_the_vin_settles() -> None:
    doubted = review(0.999, "country_unsure")
    for row in (replace(ROW, vin=None), Offer(mark="ABC123"), replace(ROW, vin=VIN[:-1] + "8")):
        assert not suffices(doubted, ties_of(CAR, MARK, row, Colour.RED, SHARES), LEAST, SHARES)
    assert suffices(doubted, ties_of(CAR, MARK, Offer(vin=VIN), None, SHARES), LEAST, SHARES)
    beside = review(0.999, "country_unsure", "marks_differ")
    assert not suffices(beside, ties_of(CAR, MARK, ROW, None, SHARES), LEAST, SHARES)


def test_nothing_is_believed_of_what_is_unlikely_unmeasured_or_decided() -> None:
    assert belief_in(review(0.4, "not_sure_enough"), SHARES) is None
    assert belief_in(review(None, "not_sure_enough"), SHARES) is None
    assert belief_in(replace(review(0.9, "not_sure_enough"), mark=None), SHARES) is None
    assert belief_in(Decision(Verdict.ACCEPTED, MARK, 0.99, ()), SHARES) is None


def test_colour_and_make_do_not_show_whose_plate_it_is() -> None:
    ties = ties_of(CAR, MARK, Offer(make="VW"), Colour.RED, SHARES)
    assert len(ties) == 2 and not suffices(review(0.999, "only_aside"), ties, LEAST, SHARES)


def test_a_lifted_decision_leaves_other_cars_photos_out_as_an_accepted_one_does() -> None:
    decision = replace(review(0.95, "not_sure_enough"), strangers=("photo",))
    made = lifted(decision, ties_of(CAR, MARK, ROW, Colour.RED, SHARES), SHARES)
    assert made.strangers == ("photo",)
    assert made.reasons[-1] == Reason("other_car_photos", {"photos": 1})


def test_no_tie_never_suffices() -> None:
    assert not suffices(review(0.99, "not_sure_enough"), (), 0.5, SHARES)


def test_a_decision_that_no_tie_may_lift_is_not_lifted() -> None:
    with pytest.raises(ValueError, match="no tie"):
        lifted(review(0.99, "marks_differ"), ties_of(CAR, MARK, ROW, None, SHARES), SHARES)


def test_a_lifted_decision_tells_its_ties_and_keeps_its_own_p() -> None:
    decision = review(0.95, "not_sure_enough")
    made = lifted(decision, ties_of(CAR, MARK, Offer(make="VW", year=2018), Colour.RED, SHARES), SHARES)
    assert (made.verdict, made.p) == (Verdict.ACCEPTED, 0.95)
    (reason,) = made.reasons
    assert reason.values["p"] > reason.values["p_doubled"] >= LEAST
    assert "the colour, the make, the year" in load_wording("en").reason(reason)


def test_a_plate_that_other_ends_of_the_car_lack_needs_the_rows_mark_or_its_vin() -> None:
    doubted = review(0.999, "end_without_plate")
    belief = belief_in(doubted, SHARES)
    assert belief is not None and belief.another >= 0.5
    year = ties_of(CAR, MARK, Offer(make="VW", year=2017), Colour.RED, SHARES)
    assert not suffices(doubted, year, LEAST, SHARES)
    assert suffices(doubted, ties_of(CAR, MARK, replace(ROW, make="VW"), None, SHARES), LEAST, SHARES)
