"""Cases for tests: photos that are only names, and flows that say what they are told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from kilpi.cases import (
    Arrival,
    Case,
    Flow,
    Later,
    Outcome,
    SaidMark,
    SaidNoPlate,
    Sent,
    State,
    Task,
    Traits,
    answer,
    ask_dealer,
    erase,
    published,
    publishing,
    receive,
    sold,
    withdraw,
    work,
)
from kilpi.store import Store
from kilpi.types import Mark, Reason

MARK = Mark("ABC-987", "FI")
OTHER = Mark("XYZ-123", "FI")
WORRY = Reason("not_sure_enough", {"p": 0.5})


def sha(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def sent(*names: str) -> tuple[Sent, ...]:
    """Photos in a folder that is not there."""
    return tuple(Sent(sha(name), f"{name}.jpg", f"/nowhere/{name}.jpg") for name in names)


def arrive(store: Store, *names: str, **more: Any) -> Case:
    return receive(store, Arrival(sent(*names), **more)).case


@dataclass
class Told:
    """A flow that gives `outcome`, with a person's mark in its place where there is one; notes its tasks."""

    outcome: Outcome | Later
    tasks: list[Task] = field(default_factory=list)

    def __call__(self, task: Task) -> Outcome | Later:
        self.tasks.append(task)
        said, outcome = task.answers.identity, self.outcome
        if isinstance(outcome, Later):
            return outcome
        if isinstance(said, SaidMark):
            answered = Mark(said.text, said.country)
            told = tuple(why for why in outcome.reasons if why.code.startswith("contradiction_"))
            return replace(
                outcome, state=State.READY, mark=answered, reasons=told, advert=f"advert {said.text}"
            )
        return replace(outcome, state=State.DRAFT, mark=None) if isinstance(said, SaidNoPlate) else outcome


def ready(mark: Mark | None = MARK, **more: Any) -> Outcome:
    words: dict[str, Any] = {"state": State.READY, "mark": mark, "read": mark, "p": 0.9999, "weights": "w1"}
    return Outcome(**(words | {"advert": f"advert {mark.text if mark else ''}"} | more))


def review(mark: Mark | None = MARK, **more: Any) -> Outcome:
    return Outcome(**({"state": State.REVIEW, "mark": mark, "p": 0.5, "reasons": (WORRY,)} | more))


def worked(store: Store, case: Case, outcome: Outcome | Later | Flow) -> Case:
    """The case after all free jobs were done with this outcome."""
    seen: list[Case] = []
    flow = Told(outcome) if isinstance(outcome, Outcome | Later) else outcome
    work(store, flow, watch=seen.append)
    return next((one for one in reversed(seen) if one.id == case.id), case)


def publish(store: Store, case: Case, target: str = "site") -> Case:
    return published(store, case.id, target, publishing(store, case.id, target))


def in_state(store: Store, state: State, name: str = "a", **more: Any) -> Case:
    """A case that went the usual way to `state`; its photos are `name`1 and `name`2."""
    steps: dict[State, Callable[[Case], Case]] = {
        State.RECEIVED: lambda case: case,
        State.WORKING: lambda case: answer(
            store, worked(store, case, review()).id, SaidMark("ABC-987", "FI"), by="anna"
        ),
        State.REVIEW: lambda case: worked(store, case, review()),
        State.WAITING: lambda case: ask_dealer(store, worked(store, case, review()).id, [WORRY], by="anna"),
        State.DRAFT: lambda case: worked(store, case, ready(state=State.DRAFT, missing=("price",))),
        State.READY: lambda case: worked(store, case, ready()),
        State.PUBLISHED: lambda case: publish(store, worked(store, case, ready())),
        State.SOLD: lambda case: sold(store, publish(store, worked(store, case, ready())).id, by="anna"),
        State.WITHDRAWN: lambda case: withdraw(store, worked(store, case, ready()).id, by="anna"),
        State.ERASED: lambda case: erase(store, case.id, by="anna"),
    }
    case = steps[state](arrive(store, f"{name}1", f"{name}2", **more))
    assert case.state is state
    return case


def traits(**more: str) -> Traits:
    return Traits(**more)
