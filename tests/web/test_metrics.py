"""/metrics counts what there is, and names no car; the log neither."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.cases.helping import MARK, in_state
from tests.web.serving import Server, server

from kilpi.cases import State
from kilpi.cases.outgoing import outbox
from kilpi.cli.logs import JsonLines, Plain
from kilpi.doors.looks import note_look
from kilpi.errors import StoreError
from kilpi.registers.trace import Step
from kilpi.web import tokens
from kilpi.web.accounts import Role

__all__ = ["server"]


def numbers(server: Server) -> dict[str, float]:
    answer = server.client(Role.STAFF).get("/metrics")
    assert answer.status_code == 200
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_queues_cases_doors_and_deliveries(server: Server) -> None:
    outbox.add_hook(server.store, "https://hooks.example/")
    in_state(server.store, State.READY)
    case = in_state(server.store, State.RECEIVED, "b")
    note_look(server.store, "watch /srv/in", "no room")
    server.serving.metrics.decided(case, 5)
    server.serving.metrics.asked(Step("traficom", "found", False, 10.0))
    server.serving.metrics.delivered("ok")
    found = numbers(server)
    assert found["kilpi_database_up"] == 1
    assert found["kilpi_cases ready"] == 1 and found["kilpi_cases received"] == 1
    assert found["kilpi_jobs waiting"] == 1 and found["kilpi_jobs_oldest_seconds"] >= 0
    assert found["kilpi_deliveries waiting"] >= 2 and found["kilpi_events_total received"] == 2
    assert found["kilpi_door_ok watch 0"] == 0
    assert found["kilpi_photos_total"] == 5 and found["kilpi_decisions_total received"] == 1
    assert found["kilpi_register_calls_total false found traficom"] == 1
    assert found["kilpi_delivery_attempts_total ok"] == 1


def test_a_token_of_the_staff_is_needed_and_no_mark_is_told(server: Server) -> None:
    in_state(server.store, State.READY)
    secret = tokens.make(server.store, "prometheus", Role.STAFF)
    answer = server.nobody().get("/metrics", headers={"authorization": f"Bearer {secret}"})
    assert answer.status_code == 200 and MARK.text not in answer.text
    assert server.nobody().get("/metrics", headers={"accept": "application/json"}).status_code == 401
    assert server.client(Role.DEALER).get("/metrics").status_code == 403


def test_a_database_that_is_down_is_a_number(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(store: object) -> object:
        raise StoreError("database: failed")

    monkeypatch.setattr("kilpi.web.metrics.counts", fail)
    assert numbers(server)["kilpi_database_up"] == 0


def test_the_log_tells_cases_and_no_words_of_errors() -> None:
    try:
        raise ValueError(f"cannot parse {MARK.text}")
    except ValueError:
        record = logging.LogRecord("kilpi", logging.ERROR, "x.py", 1, "stopped", (), sys.exc_info())
    record.case = "0195"
    told = json.loads(JsonLines().format(record))
    assert (told["message"], told["level"], told["case"]) == ("stopped", "error", "0195")
    assert told["error"]["kind"] == "ValueError"
    for form in (JsonLines(), Plain()):
        line = form.format(record)
        assert "0195" in line and MARK.text not in line and "\n" not in line
