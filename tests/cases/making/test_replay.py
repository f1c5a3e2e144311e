from __future__ import annotations

import pytest
from tests.cases.helping import arrive, ready, review, sent, worked
from tests.stores import FakeClock

from kilpi.cases import (
    Arrival,
    Case,
    Flow,
    Kind,
    Later,
    Outcome,
    SaidMark,
    State,
    Task,
    answer,
    erase,
    history,
    receive,
    replay,
)
from kilpi.errors import CaseMissing, CaseRefused
from kilpi.store import Store
from kilpi.types import Mark


def weights(version: str) -> Flow:
    """A flow whose outcome depends on photos, answers and weights alone."""

    def flow(task: Task) -> Outcome:
        said = task.answers.identity
        names = "+".join(photo.sha256[:4] for photo in task.belonging)
        if isinstance(said, SaidMark):
            return ready(
                Mark(said.text, said.country), advert=f"{said.text} {names} {version}", weights=version
            )
        return review(record={"seen": names}, weights=version)

    return flow


def decisions(store: Store, case: Case) -> list[int]:
    return [event.seq for event in history(store, case.id) if event.kind is Kind.DECIDED]


def test_every_past_decision_replays_the_same_under_the_same_weights(store: Store) -> None:
    flow = weights("w1")
    case = worked(store, arrive(store, "a", reference="17", dealer="one"), flow)
    answer(store, case.id, SaidMark("ABC-987", "FI"), by="anna")
    worked(store, case, flow)
    receive(store, Arrival(sent("b"), reference="17", dealer="one"))
    worked(store, case, flow)
    answer(store, case.id, SaidMark("XYZ-123", "FI"), by="anna")
    before = history(store, case.id)
    found = [replay(store, case.id, seq, flow) for seq in decisions(store, case)]
    assert [one.same for one in found] == [True, True, True]
    assert [one.outcome.state for one in found] == [State.REVIEW, State.READY, State.READY]
    assert history(store, case.id) == before


def test_other_weights_are_seen(store: Store) -> None:
    case = worked(store, arrive(store, "a"), weights("w1"))
    again = replay(store, case.id, decisions(store, case)[0], weights("w2"))
    assert (again.same, again.differing) == (False, ("weights",))


def test_what_is_no_decision_cannot_be_replayed(store: Store, clock: FakeClock) -> None:
    case = worked(store, arrive(store, "a"), weights("w1"))
    seq = decisions(store, case)[0]
    with pytest.raises(CaseMissing, match="no decision"):
        replay(store, case.id, 1, weights("w1"))
    with pytest.raises(CaseRefused):
        replay(store, case.id, seq, lambda task: Later(clock()))
    erase(store, case.id, by="anna")
    with pytest.raises(CaseMissing, match="no decision"):
        replay(store, case.id, seq, weights("w1"))
