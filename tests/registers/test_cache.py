from __future__ import annotations

import multiprocessing
import sqlite3
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kilpi.errors import NotRegistered, RegisterUnavailable, UsageError
from kilpi.registers.cache import CachedRegister, KeptAnswers
from kilpi.registers.limits import DailyBudget
from kilpi.registers.trace import Step
from kilpi.schemas import vehicle_from_json, vehicle_to_json
from kilpi.types import Consumption, Mark, Vehicle

MARK = Mark("ÄÖÅ-2", "FI", "car")
FULL = Vehicle(
    mark=MARK, source="test",
    fetched=datetime(2026, 11, 23, 12, 0, tzinfo=UTC), make="Škoda", model="Octavia",
    trade_name="OCTAVIA", variant="X", vin="XXXTEST0000000001", vehicle_class="car",
    body="estate", colour="grey",
    doors=5, seats=5, fuels=("petrol", "electricity"), gearbox="manual", displacement_cc=1390, power_kw=110.5,
    co2_g_km=139.0, co2_cycle="WLTP", consumption=Consumption(5.2, None, "NEDC"), mass_kg=1500,
    first_registered=date(2018, 3, 16), next_inspection=date(2027, 3, 16), odometer_km=187508,
    odometer_date=date(2026, 2, 10), status="in_use", restrictions=("03",),
    raw={"colour": {"from": "vari", "value": "8"}, "power_kw": {"from": "a", "value": ["1", "2"]}},
)  # fmt: skip


class Counting:
    def __init__(self, answer: Vehicle | type[Exception]) -> None:
        self.answer, self.asked = answer, 0

    def look_up(self, mark: Mark) -> Vehicle:
        self.asked += 1
        if isinstance(self.answer, Vehicle):
            return self.answer
        raise self.answer("no")


def test_every_field_survives_json() -> None:
    assert all(getattr(FULL, field.name) not in (None, (), {}) for field in fields(Vehicle))
    back = vehicle_from_json(vehicle_to_json(FULL))
    assert back == FULL
    assert back.raw == FULL.raw


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"shape": 2}', '{"shape": 1, "owner": "x"}'])
def test_other_records_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        vehicle_from_json(text)


def cached(
    path: Path, register: Counting, times: list[float], steps: list[Step] | None = None
) -> CachedRegister:
    watch = steps.append if steps is not None else lambda step: None
    return CachedRegister(register, "test", KeptAnswers(path), 100, 10, watch, lambda: times[-1])


def test_the_same_car_costs_one_query(tmp_path: Path) -> None:
    register, times, steps = Counting(FULL), [0.0], list[Step]()
    one = cached(tmp_path / "kept.sqlite", register, times, steps)
    assert one.look_up(MARK) == one.look_up(Mark("äöå 2", "FI")) == FULL
    assert register.asked == 1
    assert [(s.outcome, s.kept) for s in steps] == [("found", False), ("found", True)]
    times.append(101.0)
    one.look_up(MARK)
    assert register.asked == 2


def test_not_registered_is_kept_shorter(tmp_path: Path) -> None:
    register, times = Counting(NotRegistered), [0.0]
    one = cached(tmp_path / "kept.sqlite", register, times)
    for moment, asked in ((0.0, 1), (9.0, 1), (11.0, 2)):
        times.append(moment)
        with pytest.raises(NotRegistered):
            one.look_up(MARK)
        assert register.asked == asked


def test_failures_are_not_kept(tmp_path: Path) -> None:
    register = Counting(RegisterUnavailable)
    one = cached(tmp_path / "kept.sqlite", register, [0.0])
    for _ in range(2):
        with pytest.raises(RegisterUnavailable):
            one.look_up(MARK)
    assert register.asked == 2


def test_countries_and_letters_are_kept_apart(tmp_path: Path) -> None:
    register = Counting(FULL)
    one = cached(tmp_path / "kept.sqlite", register, [0.0])
    for mark in (MARK, Mark("ÄÖÅ-2", "SE"), Mark("AOA-2", "FI"), Mark("ÄÖÅ-2")):
        one.look_up(mark)
    assert register.asked == 4


def test_expired_rows_are_deleted_and_marks_can_be_forgotten(tmp_path: Path) -> None:
    path, times = tmp_path / "deep" / "kept.sqlite", [0.0]
    one = cached(path, Counting(FULL), times)
    one.look_up(MARK)
    times.append(500.0)
    one.look_up(Mark("XYZ-1", "FI"))
    with sqlite3.connect(path) as db:
        assert [row[0] for row in db.execute("SELECT mark FROM kept")] == ["XYZ1"]
    KeptAnswers(path).forget(Mark("xyz-1"))
    assert KeptAnswers(path).get("test", Mark("XYZ-1", "FI"), 0.0) == (False, None)


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite"
    KeptAnswers(path)
    assert path.stat().st_mode & 0o077 == 0


def test_rows_of_another_version_are_asked_anew(tmp_path: Path) -> None:
    path, register = tmp_path / "kept.sqlite", Counting(FULL)
    one = cached(path, register, [0.0])
    one.look_up(MARK)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE kept SET vehicle = '{\"shape\": 0}'")
    db.close()
    one.look_up(MARK)
    assert register.asked == 2


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite"
    path.write_text("this is not a database, but long enough to look at" * 50)
    with pytest.raises(UsageError, match="KILPI_KEPT_ANSWERS"):
        KeptAnswers(path)


def _work(path: Path, number: int) -> int:
    register = Counting(FULL)
    one = CachedRegister(register, "test", KeptAnswers(path), 100, 10, now=lambda: 0.0)
    for i in range(40):
        one.look_up(Mark(f"ABC-{1 + (i * 7 + number) % 40}", "FI"))
    return register.asked


def test_many_processes_may_use_one_file(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite"
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        asked = pool.starmap(_work, [(path, number) for number in range(3)])
    assert 40 <= sum(asked) <= 120
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM kept").fetchone() == (40,)
    db.close()


def damage(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def test_a_damaged_file_stops_a_look_up_in_words_before_anybody_is_paid(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path / "kept.sqlite")
    register = Counting(FULL)
    damage(kept.path)
    with pytest.raises(RegisterUnavailable, match=r"kept answers kept[.]sqlite: cannot be used"):
        CachedRegister(register, "test", kept).look_up(MARK)
    assert register.asked == 0
    with pytest.raises(RegisterUnavailable, match="KILPI_KEPT_ANSWERS"):
        kept.forget(MARK)
    with pytest.raises(RegisterUnavailable, match=r"kept[.]sqlite"):
        DailyBudget("test", 5, kept.path).spend()


def test_an_answer_that_cannot_be_kept_is_still_an_answer(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path / "kept.sqlite")

    class Damaging(Counting):
        def look_up(self, mark: Mark) -> Vehicle:
            damage(kept.path)
            return super().look_up(mark)

    assert CachedRegister(Damaging(FULL), "test", kept).look_up(MARK) == FULL
