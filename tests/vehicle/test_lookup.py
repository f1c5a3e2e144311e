from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kilpi.config import Settings
from kilpi.errors import NotRegistered, RegisterError, RegisterUnavailable, UsageError
from kilpi.registers import open_adapter, open_register
from kilpi.registers.cache import CachedRegister, KeptAnswers
from kilpi.registers.simulator.scenarios import PLAYS
from kilpi.registers.simulator.server import rehearsal_settings, serve
from kilpi.types import Candidate, Mark, Vehicle
from kilpi.vehicle.lookup import explain, lookup_candidates

BEST, SECOND, THIRD = (Mark(text, "FI") for text in ("OIO-010", "QIO-10", "OLO-10"))
LIST = [Candidate(SECOND, 0.2), Candidate(BEST, 0.7), Candidate(THIRD, 0.1)]


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings without anything from the environment."""
    for name in [name for name in os.environ if name.startswith("KILPI_")]:
        monkeypatch.delenv(name)
    return Settings()


class Table:
    """Knows some marks; others are not registered, or fail."""

    def __init__(self, known: set[Mark], error: type[RegisterError] = NotRegistered) -> None:
        self.known, self.error, self.asked = known, error, list[Mark]()

    def look_up(self, mark: Mark) -> Vehicle:
        self.asked.append(mark)
        if mark in self.known:
            return Vehicle(mark, "table", datetime.now(UTC))
        raise self.error("no")


def test_the_best_is_asked_first_and_ends_it() -> None:
    table = Table({BEST, SECOND})
    search = lookup_candidates(LIST, table, budget=3)
    assert search.vehicle is not None and search.vehicle.mark == BEST
    assert (table.asked, search.reasons) == ([BEST], ())


def test_not_registered_counts_against_the_best() -> None:
    search = lookup_candidates(LIST, Table({SECOND}), budget=3)
    assert search.vehicle is not None and search.vehicle.mark == SECOND
    assert [reason.code for reason in search.reasons] == ["not_registered", "other_candidate_registered"]


def test_the_budget_holds() -> None:
    table = Table(set())
    search = lookup_candidates(LIST, table, budget=2)
    assert (search.vehicle, table.asked) == (None, [BEST, SECOND])
    assert [reason.code for reason in search.reasons] == ["not_registered", "register_budget_spent"]


def test_a_failure_does_not_let_a_weaker_candidate_win() -> None:
    table = Table({SECOND}, RegisterUnavailable)
    search = lookup_candidates(LIST, table, budget=3)
    assert (search.vehicle, table.asked) == (None, [BEST])
    assert [reason.code for reason in search.reasons] == ["register_unavailable"]


def test_nothing_to_ask() -> None:
    assert lookup_candidates([], Table(set()), budget=3).reasons == ()
    assert Table(set()).asked == []


def test_a_chain_is_opened_from_names_and_files(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("mark,country,make,vari\nABC-1,FI,Ford,8\n,,,\n,,Fiat,\n")
    warnings: list[str] = []
    register = open_register(f"{path},rdw", settings, warn=warnings.append)
    assert register.look_up(Mark("ABC-1", "FI")).make == "Ford"
    assert warnings == ["stock.csv: line 4: has no mark (row left out)"]


def test_explain_tells_fields_with_their_origin(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("mark,make,vari\nABC-1,Ford,8\n")
    told = explain(Mark("ABC-1"), str(path), settings)
    assert [(step.register, step.outcome, step.kept) for step in told.steps] == [
        ("stock.csv", "found", False)
    ]
    origins = {origin.name: origin for origin in told.fields}
    assert (origins["colour"].value, origins["colour"].source_value) == ("grey", "8")
    none = explain(Mark("ABC-2"), str(path), settings)
    assert isinstance(none.error, NotRegistered) and none.vehicle is None


@pytest.mark.parametrize("name", ["", ",", "nowhere.csv", "svv", "traficom", "rdw,svv"])
def test_what_cannot_be_opened_is_told(name: str, settings: Settings) -> None:
    with pytest.raises(UsageError):
        open_register(name, settings)


def test_kept_answers_come_from_settings(tmp_path: Path) -> None:
    kept = tmp_path / "kept.sqlite"
    mark = PLAYS["svv"].mark
    with serve("svv") as server:
        adapter = open_adapter("svv", rehearsal_settings(kept_answers=kept), origin=server.origin)
        CachedRegister(adapter, "svv", KeptAnswers(kept)).look_up(mark)
    keyed = rehearsal_settings(kept_answers=kept)
    told = explain(mark, "svv", keyed)  # the server is gone: only the kept answer is left
    assert told.vehicle is not None and [step.kept for step in told.steps] == [True]
