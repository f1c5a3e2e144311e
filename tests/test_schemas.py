from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from tests.adverts_data import accepted
from tests.drawn_cars import drawn_plate

from kilpi.adverts.records import record
from kilpi.schemas import (
    plate_line,
    plate_of_line,
    plate_to_json,
    read_record,
    to_json,
    vehicle_from_json,
    vehicle_to_json,
)
from kilpi.types import Consumption, EndPlace, LeftOut, Mark, Reason, Vehicle


def test_a_decision_can_be_made_again_from_its_record(tmp_path: Path) -> None:
    plates = tuple(drawn_plate(str(i), "ÄBC123", np.random.default_rng(i)) for i in range(2))
    car = accepted()
    made = record(car, "leaf", None, {})
    path = tmp_path / "decision.json"

    path.write_text(to_json(replace(made, plates=plates)), encoding="utf-8")
    back = read_record(path)
    assert back is not None and back.plates == plates  # quads, slots, candidates: to the last digit
    assert back.reasons == car.decision.reasons


def test_a_record_of_the_first_schema_is_still_read(tmp_path: Path) -> None:
    values = json.loads(to_json(record(accepted(), "leaf", None, {})))
    for gone in ("plates", "notes"):
        del values[gone]
    values |= {
        "schema": 1,
        "reasons": [{"code": "trade_plate", "values": {}, "words": "A trade plate."}],
        "problems": [{"where": "a.jpg", "kind": "PhotoEmpty", "message": "empty", "words": "is empty"}],
        "left_out": [{"photo": "b.jpg", "words": "blurred"}],
    }
    path = tmp_path / "decision.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    back = read_record(path)
    assert back is not None
    assert back.reasons == (Reason("trade_plate"),) and back.problems[0].kind == "PhotoEmpty"
    assert back.left_out == (LeftOut("b.jpg", Reason("said", {"words": "blurred"})),)


def test_what_a_script_reads_of_a_plate_is_what_was_promised() -> None:
    told = plate_to_json(drawn_plate("a", "ABC123", np.random.default_rng(0)))
    assert list(told) == ["text", "country", "quad", "box", "score", "raw", "candidates"]


def test_a_plate_comes_back_from_its_line() -> None:
    plate = drawn_plate("a", "ABC123", np.random.default_rng(0))
    back, own = plate_of_line(json.loads(json.dumps(plate_line(plate, True))))
    assert own and back.reading is not None and plate.reading is not None
    assert back.reading.text == plate.reading.text and back.frame == plate.frame and back.on_end is None
    placed = replace(plate, on_end=EndPlace(0.5, -0.25))
    assert plate_of_line(json.loads(json.dumps(plate_line(placed, True))))[0].on_end == placed.on_end
    before = plate_line(placed, True) | {"on_end": [0.5, -0.25, 0.8]}
    assert plate_of_line(before)[0].on_end == EndPlace(0.5, -0.25), "a line of an earlier version"
    with pytest.raises(ValueError, match="photo"):
        plate_of_line({"quad": []})


def test_a_vehicle_comes_back_and_its_errors_name_no_mark() -> None:
    vehicle = Vehicle(
        Mark("ÄBC-123", "FI"),
        "test",
        datetime(2026, 11, 28, 12, tzinfo=UTC),
        fuels=("petrol", "electricity"),
        first_registered=date(2019, 5, 3),
        consumption=Consumption(5.1, None, "WLTP"),
    )
    text = vehicle_to_json(vehicle)
    assert vehicle_from_json(text) == vehicle and "doors" not in text
    with pytest.raises(ValueError, match="vehicle record") as error:
        vehicle_from_json(text.replace("2019-05-03", "yesterday"))
    assert "BC-123" not in str(error.value)
