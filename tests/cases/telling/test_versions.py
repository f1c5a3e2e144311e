from __future__ import annotations

from tests.cases.helping import in_state, publish, ready, worked

from kilpi.cases import Kind, SaidFacts, State, answer, history, read_case, sold, undo
from kilpi.cases.picture_answers import SaidOrder, SaidShown, arranged
from kilpi.cases.telling.versions import steps
from kilpi.store import Store


def test_versions_are_counted_as_the_cases_own(store: Store) -> None:
    case = publish(store, in_state(store, State.READY))
    for advert in ("second", "second", "third"):
        answer(store, case.id, SaidFacts(odometer_km=1), by="anna")
        case = worked(store, case, ready(advert=advert))
    case = publish(store, case)
    told = steps(history(store, case.id))
    made = [one.version for one in told if one.event.kind is Kind.DECIDED]
    assert made == [1, 2, 0, 3] and max(made) == read_case(store, case.id).version
    assert [one.version for one in told if one.event.kind is Kind.PUBLISHED] == [1, 3]


def test_what_was_taken_back_is_told(store: Store) -> None:
    case = in_state(store, State.READY)
    sold(store, case.id, by="anna")
    undo(store, case.id, by="anna")
    told = steps(history(store, case.id))
    assert [one.event.kind for one in told if one.undone] == [Kind.SOLD]


def test_only_what_changed_is_said() -> None:
    before = ["a", "b", "c"]
    assert arranged(before, before, [], []) == []
    assert arranged(before, ["b", "c"], ["a"], []) == [SaidShown("a", False)]
    assert arranged(before, ["c", "x", "a", "b", "c"], [], []) == [SaidOrder(("c", "a", "b"))]
    assert arranged(before, ["a", "b", "c"], [], ["d"]) == [SaidShown("d", True)]
    moved = arranged(before, ["b", "a", "c"], ["c"], ["d"])
    assert moved == [SaidOrder(("b", "a", "d")), SaidShown("c", False), SaidShown("d", True)]
