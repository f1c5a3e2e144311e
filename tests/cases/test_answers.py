from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from tests.cases.helping import OTHER, Told, arrive, in_state, ready, review, sha, worked
from tests.stores import FakeClock

from kilpi.cases import (
    Answer,
    SaidCorners,
    SaidFacts,
    SaidMark,
    SaidNoPlate,
    SaidNotThese,
    SaidVin,
    State,
    answer,
    history,
    next_question,
    undo,
)
from kilpi.cases.answers import Answers, combine, from_data, to_data
from kilpi.errors import CaseChanged, CaseMissing, CaseRefused, UsageError
from kilpi.store import Store
from kilpi.text import compact_mark
from kilpi.types import Point, Quad

QUAD = Quad(Point(1.5, 2), Point(30, 2), Point(30, 9.25), Point(1, 9))
ALL: list[Answer] = [
    SaidMark("ÄÖÅ-2", "FI"),
    SaidVin("YV1TESTE0A0000001"),
    SaidNoPlate(),
    SaidNotThese((sha("a1"), sha("a2"))),
    SaidCorners(sha("a1"), QUAD),
    SaidFacts(price=Decimal("15900.50"), currency="EUR", odometer_km=84200),
]


@pytest.mark.parametrize("said", ALL, ids=lambda said: str(said.what))
def test_every_answer_survives_its_event(said: Answer) -> None:
    assert from_data(to_data(said)) == said


@pytest.mark.parametrize(
    ("typed", "kept", "key"),
    [("abc-123", "ABC-123", "ABC123"), (" aÄ-1 ", "AÄ-1", "AÄ1"), ("A\u0308BC 12", "ÄBC 12", "ÄBC12")],
)
def test_a_mark_is_tidied(typed: str, kept: str, key: str) -> None:
    said = SaidMark(typed, "FI")
    assert (said.text, compact_mark(said.text)) == (kept, key)


@pytest.mark.parametrize(
    ("text", "country"), [("", "FI"), ("--", "FI"), ("ABC-987" * 3, "FI"), ("ABC-987", "fi")]
)
def test_no_mark_is_refused_without_being_told(text: str, country: str) -> None:
    with pytest.raises(UsageError) as error:
        SaidMark(text, country)
    assert "ABC" not in str(error.value)


@pytest.mark.parametrize("vin", ["", "YV1TEST", "YV1TESTO0A0000001"])
def test_no_vin_is_refused(vin: str) -> None:
    with pytest.raises(UsageError, match="17"):
        SaidVin(vin)


@pytest.mark.parametrize("wrong", [{"price": Decimal(-1)}, {"price": Decimal("NaN")}, {"odometer_km": -1}])
def test_facts_make_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        SaidFacts(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["Golf wvwzzz1kzaw000001", "A4 WVWZZZ 1KZ AW000001", "matti.meikalainen@dealer.example", "", "--"]
)
def test_what_gives_a_car_or_a_person_away_is_no_model(name: str) -> None:
    with pytest.raises(UsageError):
        SaidFacts(model=name)


@pytest.mark.parametrize("name", ["XC 60", "Transporter T6.1 2.0 TDI 110 kW", "e-tron 55 quattro"])
def test_a_models_name_may_have_figures(name: str) -> None:
    assert SaidFacts(model=name).model == name


def combined(store: Store, case_id: str) -> Answers:
    return combine(history(store, case_id))


def test_how_answers_combine(store: Store) -> None:
    case = in_state(store, State.REVIEW)
    for said in (
        SaidNoPlate(),
        SaidMark("ABC-987", "FI"),
        SaidNotThese((sha("a1"),)),
        SaidNotThese((sha("a2"),)),
        SaidCorners(sha("a1"), QUAD),
        SaidFacts(price=Decimal(9), odometer_km=100),
        SaidFacts(price=Decimal(8)),
    ):
        case = answer(store, case.id, said, by="anna")
    now = combined(store, case.id)
    assert (now.identity, now.identity_staff) == (SaidMark("ABC-987", "FI"), False)
    assert now.without == {sha("a1"), sha("a2")}
    assert now.corners == {sha("a1"): QUAD}
    assert now.facts == SaidFacts(price=Decimal(8), odometer_km=100)
    for _ in range(3):  # the last fact, the first facts, the corners
        undo(store, case.id, by="bo")
    now = combined(store, case.id)
    assert (now.facts, now.corners) == (SaidFacts(), {})
    for _ in range(3):
        undo(store, case.id, by="bo")
    assert combined(store, case.id).identity == SaidNoPlate()


def test_who_may_undo_only_their_own_leaves_what_others_said(store: Store) -> None:
    case = worked(store, arrive(store, "a"), review(OTHER))
    answer(store, case.id, SaidMark("ABC-987", "FI"), by="anna", staff=True)
    assert combined(store, case.id).identity_staff
    with pytest.raises(CaseRefused, match="somebody else"):
        undo(store, case.id, by="Auto Oy", own=True)
    answer(store, case.id, SaidFacts(odometer_km=9), by="Auto Oy")
    undo(store, case.id, by="Auto Oy", own=True)
    assert combined(store, case.id).identity == SaidMark("ABC-987", "FI")


def test_the_flow_is_run_again_with_the_answer_and_without_strange_photos(store: Store) -> None:
    case = in_state(store, State.REVIEW)
    answer(store, case.id, SaidNotThese((sha("a1"),)), by="anna")
    flow = Told(review())
    worked(store, case, flow)
    assert [photo.sha256 for photo in flow.tasks[0].belonging] == [sha("a2")]
    assert len(flow.tasks[0].photos) == 2


def test_photos_of_other_cases_cannot_be_named(store: Store) -> None:
    case = in_state(store, State.REVIEW)
    for chosen in ((), (sha("b1"),)):
        with pytest.raises(UsageError, match="its photos"):
            answer(store, case.id, SaidNotThese(chosen), by="anna")


def test_who_answers_what_has_changed_is_told(store: Store) -> None:
    case = in_state(store, State.REVIEW)
    answer(store, case.id, SaidMark("ABC-987", "FI"), by="anna", seen=case.seq)
    with pytest.raises(CaseChanged, match="look at it again"):
        answer(store, case.id, SaidMark("XYZ-123", "FI"), by="bo", seen=case.seq)
    with pytest.raises(CaseMissing):
        answer(store, "none", SaidNoPlate(), by="bo")


def test_a_question_on_one_screen_is_not_answered_on_another(store: Store, clock: FakeClock) -> None:
    case = in_state(store, State.REVIEW)
    assert next_question(store, "anna") is not None
    with pytest.raises(CaseChanged, match="somebody else"):
        answer(store, case.id, SaidNoPlate(), by="bo")
    clock.tick(301)
    assert answer(store, case.id, SaidNoPlate(), by="bo").held_by is None


def test_who_and_when_is_kept(store: Store, clock: FakeClock) -> None:
    case = in_state(store, State.REVIEW)
    clock.now = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
    answer(store, case.id, SaidNoPlate(), by="anna")
    last = history(store, case.id)[-1]
    assert (last.by, last.at, last.kind) == ("anna", clock.now, "answered")


@pytest.mark.parametrize(
    "quad",
    [
        Quad(Point(1, 1), Point(1, 9), Point(30, 9), Point(30, 1)),  # the other way round
        Quad(Point(1, 1), Point(30, 9), Point(30, 1), Point(1, 9)),  # crossed
        Quad(Point(1, 1), Point(1, 1), Point(1, 1), Point(1, 1)),
        Quad(Point(1, 1), Point(float("nan"), 1), Point(30, 9), Point(1, 9)),
    ],
)
def test_corners_that_are_none_are_refused(quad: Quad) -> None:
    with pytest.raises(UsageError, match="clockwise"):
        SaidCorners(sha("a1"), quad)


def test_several_answers_at_once_are_all_or_none(store: Store) -> None:
    case = in_state(store, State.REVIEW)
    before = history(store, case.id)
    with pytest.raises(UsageError):
        answer(store, case.id, SaidMark("ABC-123", "FI"), SaidCorners(sha("of another"), QUAD), by="anna")
    with pytest.raises(UsageError):
        answer(store, case.id, by="anna")
    assert history(store, case.id) == before
    answer(store, case.id, SaidCorners(sha("a1"), QUAD), SaidMark("ABC-123", "FI"), by="anna", seen=case.seq)
    now = combine(history(store, case.id))
    assert now.corners == {sha("a1"): QUAD} and now.identity == SaidMark("ABC-123", "FI")
    undo(store, case.id, by="anna")
    assert combine(history(store, case.id)).corners == {sha("a1"): QUAD}, "the last one first"


def test_a_price_that_names_no_currency_has_the_one_that_the_car_has(store: Store) -> None:
    outcome = ready(price=Decimal(159000), currency="SEK")
    case = worked(store, arrive(store, "a"), outcome)

    def said() -> tuple[Decimal | None, str | None]:
        facts = combine(history(store, case.id)).facts
        return facts.price, facts.currency

    answer(store, case.id, SaidFacts(odometer_km=9), by="anna")
    assert said() == (None, None)
    answer(store, case.id, SaidFacts(price=Decimal(149000)), by="anna")
    assert said() == (Decimal(149000), "SEK")
    answer(store, case.id, SaidFacts(price=Decimal(14900), currency="EUR"), by="anna")
    answer(store, case.id, SaidFacts(price=Decimal(13900)), by="anna")
    assert said() == (Decimal(13900), "EUR"), "a currency that a person named stands"
    other = worked(store, arrive(store, "b"), ready(price=None, currency=""))
    answer(store, other.id, SaidFacts(price=Decimal(8)), by="anna")
    assert combine(history(store, other.id)).facts == SaidFacts(price=Decimal(8))
