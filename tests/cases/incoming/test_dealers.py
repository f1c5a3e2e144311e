"""What is said of dealers in the browser: kept with a name, in force from the next decision on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.cases.helping import arrive

from kilpi.cases import Beside, LaidOut
from kilpi.cases.incoming.dealers import (
    DealerSettings,
    change_dealer,
    changes_of,
    dealer_names,
    dealer_settings,
)
from kilpi.decision.verifier import LstmVerifier
from kilpi.errors import UsageError
from kilpi.registers.limits import DailyBudget, spent_today
from kilpi.store import Store

AUTO = DealerSettings("Auto Oy", city="Turku", email="sales@auto.example", show=("MALLI",), home=("FI", "SE"))


def test_the_last_change_holds_and_each_has_its_name(store: Store) -> None:
    assert dealer_settings(store, "Auto Oy") == DealerSettings("Auto Oy")
    assert change_dealer(store, AUTO, by="anna")
    assert not change_dealer(store, AUTO, by="bob")
    change_dealer(store, replace(AUTO, city="Åbo"), by="bob")
    assert dealer_settings(store, "Auto Oy").city == "Åbo"
    assert [(one.by, one.changed) for one in changes_of(store, "Auto Oy")] == [
        ("bob", ("city",)),
        ("anna", ("city", "email", "show", "home")),
    ]


def test_dealers_are_those_of_the_cars_and_those_that_were_named(store: Store) -> None:
    for name, dealer in (("a", "Öljy Oy"), ("b", ""), ("c", "Berg Ab"), ("d", "Berg Ab")):
        arrive(store, name, dealer=dealer)
    change_dealer(store, AUTO, by="anna")
    assert dealer_names(store) == ["Auto Oy", "Berg Ab", "Öljy Oy"]


@pytest.mark.parametrize(
    "values",
    [{"name": ""}, {"email": "nobody"}, {"country": "Finland"}, {"home": ("XX",)},
     {"show": ("--",)}, {"city": "a\nb"}, {"street": "x" * 201}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="dealer"):
        replace(AUTO, **values)


@dataclass
class Made:
    """What `LaidOut` changes of a maker."""

    line: SimpleNamespace
    depends: Sequence[str] = ("1",)


def test_a_dealers_home_and_show_plates_count_for_its_own_cars(store: Store, tmp_path: Path) -> None:
    change_dealer(store, AUTO, by="anna")
    usual = LstmVerifier.load(home=("NO",), words=("KILPI",))
    line = SimpleNamespace(verifier=usual)
    flow = LaidOut(store, Made(line), Beside(tmp_path))  # type: ignore[arg-type]
    for dealer, home, words in (
        ("Auto Oy", {"FI", "SE"}, {"KILPI", "MALLI"}),
        ("Berg Ab", {"NO"}, {"KILPI"}),
    ):
        made = flow._of_dealer(dealer)
        assert (made.depends == ("1",)) == (dealer == "Berg Ab")  # other settings, another digest
        assert (line.verifier.rules.home, line.verifier.rules.words) == (home, words)
    assert usual.rules.home == {"NO"}


def test_what_a_budgets_file_counted_is_told(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    assert spent_today("svv", path) == 0 and not path.exists()
    budget = DailyBudget("svv", 10, path)
    budget.spend()
    budget.spend()
    assert (spent_today("svv", path), spent_today("dvla", path)) == (2, 0)
