"""What `kilpi publish` sent, noted in the cases."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.adverts_data import accepted
from tests.cases.helping import arrive, publish, ready, review, worked

from kilpi.adverts.folders import advert_digest, write_car
from kilpi.adverts.records import DECISION
from kilpi.cases import (
    Case,
    Kind,
    SaidMark,
    SaidNotThese,
    State,
    answer,
    ask_dealer,
    backlog,
    erase,
    find,
    history,
    noted,
    photos,
    read_case,
    sold,
    to_take_down,
)
from kilpi.cases.records import append
from kilpi.publishing.publish import PublishReport
from kilpi.publishing.publish import publish as send
from kilpi.schemas import read_record
from kilpi.store import Store
from kilpi.types import Mark


def made(store: Store, out: Path, address: str = "leaf") -> Case:
    """A case that is ready, and its folder."""
    case = arrive(store, address, addresses=(address,))
    folder = write_car(accepted(address), out, address=address, case=case.id)
    record = read_record(folder / DECISION)
    assert record is not None and record.id == address
    return worked(store, case, ready(advert=advert_digest(record), public=record.id))


def run(store: Store, out: Path, to: Path) -> PublishReport:
    """One `kilpi publish`."""
    this = noted.Noted(store, out, str(to.resolve()))
    report = send(out, str(to), keeper=this)
    this.after({held.folder for held in report.failed})
    return report


def contested(store: Store, case: Case) -> Case:
    return store.write(lambda tx: append(tx, case.id, Kind.CONTESTED, "kilpi", {"reasons": []}))


def answered(store: Store, case: Case) -> Case:
    return answer(store, case.id, SaidMark("XYZ-123", "FI"), by="anna", staff=True)


def waiting(store: Store, case: Case) -> Case:
    return ask_dealer(store, contested(store, case).id, [], by="anna")


def gone(store: Store, case: Case) -> Case:
    return sold(store, case.id, by="anna")


def erased(store: Store, case: Case) -> Case:
    return erase(store, case.id, by="anna")


@pytest.mark.parametrize("become", [contested, answered, waiting, gone, erased])
def test_a_folder_leaves_only_while_its_case_is_ready(
    store: Store, tmp_path: Path, become: Callable[..., Case]
) -> None:
    out, to = tmp_path / "out", tmp_path / "site"
    case = made(store, out)
    become(store, case)
    report = run(store, out, to)
    assert [(held.folder, held.why) for held in report.held] == [
        ("leaf", read_case(store, case.id).state.value)
    ]
    assert (report.sent, (to / "leaf").exists()) == ((), False)
    assert read_case(store, case.id).live == 0
    assert "publishing" not in [event.kind for event in history(store, case.id)]


def test_a_copy_of_a_cases_folder_does_not_leave_and_a_folder_of_no_case_does(
    store: Store, tmp_path: Path
) -> None:
    out, to = tmp_path / "out", tmp_path / "site"
    case = made(store, out)
    shutil.copytree(out / "leaf", out / "a copy")
    write_car(accepted("golf"), out)
    report = run(store, out, to)
    assert {(held.folder, held.why) for held in report.held} == {("a copy", noted.NOT_THE_CASES)}
    assert report.sent == ("golf", "leaf")
    assert read_case(store, case.id).state is State.PUBLISHED


def test_what_another_database_wrote_over_a_folder_does_not_leave(store: Store, tmp_path: Path) -> None:
    out, to = tmp_path / "out", tmp_path / "site"
    case = made(store, out)
    write_car(accepted("leaf", count=1), out, address="leaf", case="of another database")
    assert noted.holds_another(store, out, case)
    assert [held.why for held in run(store, out, to).held] == [noted.NOT_THE_CASES]


def test_what_is_held_back_at_the_last_moment_is_not_noted_as_out(store: Store, tmp_path: Path) -> None:
    out, to = tmp_path / "out", tmp_path / "site"
    case = made(store, out)
    (out / "leaf" / "01.jpg").unlink()
    assert [held.folder for held in run(store, out, to).held] == ["leaf"]
    assert (read_case(store, case.id).state, read_case(store, case.id).live) == (State.READY, 0)


def test_all_that_is_over_is_noted_as_down_also_where_it_is_much(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noted, "MOST", 2)  # cases a page
    for n in range(5):
        case = worked(store, arrive(store, f"a{n}"), ready(Mark(f"ABC-{100 + n}", "FI")))
        sold(store, publish(store, case).id, by="anna")
    stays = publish(store, worked(store, arrive(store, "b"), ready()))
    elsewhere = publish(store, worked(store, arrive(store, "d"), ready(Mark("KLM-200", "FI"))), "there")
    sold(store, elsewhere.id, by="anna")
    assert len(to_take_down(store)) == 6
    noted.Noted(store, tmp_path, "site").after()
    assert [case.id for case in to_take_down(store)] == [elsewhere.id]
    assert stays.id in {case.id for case in find(store).cases if case.live}
    assert backlog(store).waiting == 1, "the other place's job"


def test_a_corrected_advert_is_not_kept_while_it_is_asked_about(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Read:
        id, vin = "public", None

    monkeypatch.setattr(noted, "read_record", lambda path: Read)
    case = publish(store, worked(store, arrive(store, "a", "b"), ready()))
    answer(store, case.id, SaidNotThese((photos(store, case.id)[0].sha256,)), by="bo")
    assert noted.Noted(store, tmp_path, "site").stays() == {"public": None}, "it may be made again yet"
    worked(store, case, review())
    assert noted.Noted(store, tmp_path, "site").stays() == {}
    noted.Noted(store, tmp_path, "site").after()
    assert read_case(store, case.id).live == 0
    assert history(store, case.id)[-1].data["why"] == "corrected"
    assert backlog(store).waiting == 0
