"""What `kilpi publish` sent, noted in the cases."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from tests.adverts_data import accepted
from tests.cases.helping import arrive, publish, ready, review, worked

from kilpi.adverts.folders import advert_digest, write_car
from kilpi.adverts.records import DECISION
from kilpi.cases import (
    Case,
    Desk,
    Kind,
    SaidFacts,
    SaidMark,
    SaidNotThese,
    Site,
    State,
    answer,
    ask_dealer,
    backlog,
    erase,
    find,
    history,
    jobs,
    photos,
    publish_one,
    publisher,
    read_case,
    sold,
    to_take_down,
)
from kilpi.cases.outgoing import noted
from kilpi.cases.records import append, publish_kind
from kilpi.publishing.folder_target import FolderTarget
from kilpi.publishing.ledger import STATE
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
    mark = Mark(f"ABC-{100 + len(find(store).cases)}", "FI")
    return worked(store, case, ready(mark, advert=advert_digest(record), public=record.id))


def run(store: Store, out: Path, to: Path) -> PublishReport:
    """One `kilpi publish`."""
    this = noted.Noted(store, out, str(to.resolve()))
    report = send(out, str(to), keeper=this)
    this.after(report.withdrawn, {held.folder for held in report.failed})
    return report


def after_nothing(store: Store, out: Path) -> None:
    """A run that sent nothing, of adverts from before their public names were kept."""
    this = noted.Noted(store, out, "site")
    assert (this.stays(), this.goes([])) == ({}, set())
    this.after()


def serve(store: Store, site: Site) -> None:
    """What a server's workers do for its site."""
    kind = publish_kind(site.target)
    while job := jobs.take(store, [kind]):
        publisher(store, site.target, site)[kind](job)


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


def test_a_lost_list_of_what_was_sent_leaves_no_sold_car_out(store: Store, tmp_path: Path) -> None:
    out, to = tmp_path / "out", tmp_path / "site"
    case = made(store, out)
    run(store, out, to)
    (out / STATE).unlink()
    Desk(store, out).sold(case.id, by="anna")
    assert run(store, out, to).withdrawn == ("leaf",)
    assert not (to / "leaf").exists() and read_case(store, case.id).live == 0
    assert run(store, out, to).withdrawn == ()


def test_a_lost_list_leaves_what_is_asked_about_where_it_is(store: Store, tmp_path: Path) -> None:
    out, to = tmp_path / "out", tmp_path / "site"
    case = made(store, out)
    run(store, out, to)
    (out / STATE).unlink()
    contested(store, case)
    assert run(store, out, to).withdrawn == ()
    assert (to / "leaf" / "advert.html").is_file() and read_case(store, case.id).live == 1
    assert "leaf" in (to / "feeds" / "vehicles.csv").read_text()


@pytest.mark.parametrize("end", [gone, erased])
def test_what_a_server_put_out_is_taken_down_by_kilpi_publish(
    store: Store, tmp_path: Path, end: Callable[..., Case]
) -> None:
    out, to = tmp_path / "out", tmp_path / "site"
    case, site = made(store, out), Site(out, to)
    publish_one(store, case.id, site.target, by="anna")
    serve(store, site)
    assert (to / "leaf" / "advert.html").is_file()
    end(store, case)
    assert run(store, out, to).withdrawn == ("leaf",)
    assert not (to / "leaf").exists() and not (out / ".site" / case.id).exists()
    assert (read_case(store, case.id).live, backlog(store, [publish_kind(site.target)]).waiting) == (0, 0)


@pytest.mark.parametrize("end", [gone, erased])
def test_what_kilpi_publish_put_out_is_taken_down_by_a_server(
    store: Store, tmp_path: Path, end: Callable[..., Case]
) -> None:
    out, to = tmp_path / "out", tmp_path / "site"
    case = made(store, out)
    run(store, out, to)
    end(store, case)
    serve(store, Site(out, to))
    assert not (to / "leaf").exists() and read_case(store, case.id).live == 0
    assert run(store, out, to).failed == ()


def test_what_could_not_be_taken_down_stays_noted_and_its_job_stays(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, to = tmp_path / "out", tmp_path / "site"
    case, other = made(store, out), made(store, out, "golf")
    run(store, out, to)
    gone(store, case), gone(store, other)
    withdraw = FolderTarget.withdraw

    def full(self: FolderTarget, folder: Path, ours: Collection[str]) -> bool:
        if folder.name == "leaf":
            raise OSError
        return withdraw(self, folder, ours)

    with monkeypatch.context() as patched:
        patched.setattr(FolderTarget, "withdraw", full)
        for name in ("leaf", "golf"):
            shutil.rmtree(out / name)
        report = run(store, out, to)
    assert ([held.folder for held in report.failed], report.withdrawn) == (["leaf"], ("golf",))
    assert (read_case(store, case.id).live, read_case(store, other.id).live) == (1, 0)
    assert backlog(store, [publish_kind(str(to))]).waiting == 1, "a server may do it"
    assert run(store, out, to).withdrawn == ("leaf",)
    assert read_case(store, case.id).live == 0


def test_a_car_that_is_sold_while_it_is_sent_is_taken_down_by_the_next_run(
    store: Store, tmp_path: Path
) -> None:
    out, to = tmp_path / "out", tmp_path / "site"
    case = made(store, out)
    this = noted.Noted(store, out, str(to))
    report = send(out, str(to), keeper=this)
    Desk(store, out).sold(case.id, by="anna")
    this.after(report.withdrawn)
    assert (to / "leaf" / "advert.html").is_file() and read_case(store, case.id).live == 1
    assert run(store, out, to).withdrawn == ("leaf",)
    assert read_case(store, case.id).live == 0


def test_the_cars_of_another_folder_of_the_same_database_stay_out(store: Store, tmp_path: Path) -> None:
    south, north, to = tmp_path / "south", tmp_path / "north", tmp_path / "site"
    case = made(store, south)
    run(store, south, to)
    made(store, north, "golf")
    report = run(store, north, to)
    assert (report.sent, report.withdrawn) == (("golf",), ())
    assert (to / "leaf" / "advert.html").is_file() and read_case(store, case.id).live == 1


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
    after_nothing(store, tmp_path)
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
    after_nothing(store, tmp_path)
    assert read_case(store, case.id).live == 0
    assert history(store, case.id)[-1].data["why"] == "corrected"
    assert backlog(store).waiting == 0


@pytest.mark.parametrize("correct", [True, False])
def test_what_was_corrected_goes_where_the_right_one_cannot_be_sent(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, correct: bool
) -> None:
    out, to = tmp_path / "out", tmp_path / "site"
    case = made(store, out)
    run(store, out, to)
    photo = photos(store, case.id)[0].sha256
    answer(store, case.id, SaidNotThese((photo,)) if correct else SaidFacts(odometer_km=9), by="bo")
    record = read_record(write_car(accepted("leaf", count=1), out, address="leaf", case=case.id) / DECISION)
    assert record is not None and case.mark is not None
    worked(store, case, ready(case.mark, advert=advert_digest(record), public=record.id))

    def full(*anything: object) -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr("kilpi.publishing.folder_target.exchange", full)
        report = run(store, out, to)
    assert [held.folder for held in report.failed] == ["leaf"]
    assert (to / "leaf").exists() is not correct
    assert (report.withdrawn, read_case(store, case.id).live) == (("leaf",) if correct else (), not correct)
    assert '"leaf/' not in (to / "index.html").read_text() or not correct
    assert run(store, out, to).sent == ("leaf",)
    assert read_case(store, case.id).state is State.PUBLISHED
