from __future__ import annotations

from tests.cases.helping import arrive, in_state

from kilpi.cases import Case, State, read_case, sold, withdraw
from kilpi.cases.many import Chosen, to_each
from kilpi.store import Store

DEALERS = ("one", "two", "one")


def test_one_that_fails_does_not_stop_the_others(store: Store) -> None:
    ready = in_state(store, State.READY, "a", dealer="one")
    over = withdraw(store, arrive(store, "b", dealer="one").id, by="anna")
    moved, strange, last = (
        arrive(store, name, dealer=dealer) for name, dealer in zip("cde", DEALERS, strict=True)
    )

    def verb(case: Case, seen: int | None) -> Case:
        if case.id == last.id:
            raise ZeroDivisionError
        return sold(store, case.id, by="anna", seen=seen)

    asked = [Chosen(over.id, over.seq), Chosen("none", 1), Chosen(moved.id, moved.seq - 1)]
    asked += [Chosen(strange.id), Chosen(last.id), Chosen(ready.id, ready.seq), Chosen(ready.id, ready.seq)]
    told = list(to_each(store, asked, verb, dealer="one"))
    kinds = [one.error.kind if one.error else "" for one in told]
    assert kinds == ["CaseRefused", "CaseMissing", "CaseChanged", "CaseMissing", "Unexpected", ""]
    assert [one.case.id if one.case else None for one in told] == [
        over.id, None, moved.id, None, last.id, ready.id
    ]  # fmt: skip
    assert read_case(store, ready.id).state is State.SOLD
    assert read_case(store, strange.id) == strange
