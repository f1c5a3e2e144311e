"""The blind audit in the browser: it shows nothing that was read, and says nothing back."""

from __future__ import annotations

import re

from tests.cases.helping import Told, arrive, ready, review, worked
from tests.web.serving import Server, server

from kilpi.cases import AuditPlan, State, figures, history, read_case, work
from kilpi.types import Mark

__all__ = ["server"]


def sampled(server: Server, name: str = "a") -> str:
    """An accepted car that the audit asks for."""
    case = arrive(server.store, name, reference="ABC-987 punainen")
    work(server.store, Told(ready()), plan=AuditPlan(share=1.0))
    return case.id


def form(html: str, **more: str) -> dict[str, str]:
    fields = dict(re.findall(r'type="hidden" name="(shown|spent)" value="([^"]*)"', html))
    return {**fields, "take": "typed", "country": "FI", **more}


def test_the_page_shows_nothing_of_what_was_read(server: Server) -> None:
    case_id = sampled(server)
    client = server.client()
    assert client.get("/review").headers["location"] == "/audits"
    text = client.get("/audits").text
    assert f"/audits/{case_id}" in text
    for told in ("ABC", "987", "punainen", ".jpg", "0.99"):
        assert told not in re.sub(r"[0-9a-f]{32,}|[0-9a-f-]{36}|v=\w+", "", text), told


def test_a_review_comes_before_an_audit(server: Server) -> None:
    sampled(server)
    asked = worked(server.store, arrive(server.store, "b"), review(Mark("XYZ-123", "FI")))
    assert server.client().get("/review").headers["location"] == f"/review/{asked.id}"


def test_a_right_answer_counts_with_its_time_and_changes_nothing(server: Server) -> None:
    case_id = sampled(server)
    client = server.client()
    before = read_case(server.store, case_id)
    answered = client.post(f"/audits/{case_id}", data=form(client.get("/audits").text, text="abc-987"))
    assert (answered.status_code, answered.headers["location"]) == (303, "/review")
    assert read_case(server.store, case_id).state is before.state
    assert (figures(server.store).answered, figures(server.store).disputed) == (1, 0)
    assert "seconds" in history(server.store, case_id)[-1].data


def test_another_answer_sends_the_car_to_a_second_look(server: Server) -> None:
    case_id = sampled(server)
    server.client().post(f"/audits/{case_id}", data={"take": "no_plate"})
    assert read_case(server.store, case_id).state is State.REVIEW
    assert figures(server.store).disputed == 1


def test_what_cannot_be_told_what_is_no_mark_and_later(server: Server) -> None:
    case_id = sampled(server)
    client = server.client()
    client.get("/audits")
    assert client.post(f"/audits/{case_id}", data=form("", text="")).status_code == 422
    client.post(f"/audits/{case_id}", data={"take": "later"})
    assert "/audits/" not in client.get("/audits").text
    assert figures(server.store).answered == 0
    client.post(f"/audits/{case_id}", data={"take": "unclear"})  # a page that is still open
    assert (figures(server.store).unclear, figures(server.store).answered) == (0, 0)


def test_two_people_are_not_asked_about_one_car(server: Server) -> None:
    case_id = sampled(server)
    first, second = server.client(name="anna"), server.client(name="bob")
    assert case_id in first.get("/audits").text
    assert case_id not in second.get("/audits").text
