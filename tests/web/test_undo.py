"""Undo is offered on a car's page where it works, and nowhere else; what hinders it is said in words."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient
from tests.cases.helping import arrive, in_state, ready, worked
from tests.web.serving import DEALER, Server, server

from kilpi.cases import Case, State, join, read_case, sold, withdraw
from kilpi.cases.undoable import undoable
from kilpi.cases.verbs import taken_down
from kilpi.web.accounts import Role

__all__ = ["server"]
OFFERED = 'action="/cars/{}/undo"'


def offers(client: TestClient, case: Case) -> bool:
    return OFFERED.format(case.id) in client.get(f"/cars/{case.id}").text


def take_back(server: Server, client: TestClient, case: Case) -> int:
    last = undoable(server.store, case.id)
    data = {"last": str(last.event.seq if last else 1)}
    return client.post(f"/cars/{case.id}/undo", data=data).status_code


@pytest.mark.parametrize("state", list(State), ids=lambda state: str(state.value))
def test_what_is_offered_works_and_what_is_not_is_refused(server: Server, state: State) -> None:
    case = in_state(server.store, state)
    client = server.client()
    offered = offers(client, case)
    assert offered == (state in (State.WORKING, State.WAITING, State.SOLD, State.WITHDRAWN))
    assert take_back(server, client, case) == (303 if offered else 409)


@pytest.mark.parametrize("role", [Role.STAFF, Role.DEALER])
@pytest.mark.parametrize("dealer", [DEALER, "Another Oy"])
def test_a_car_that_is_here_once_more_is_not_put_up_for_sale_twice(
    server: Server, role: Role, dealer: str
) -> None:
    first = in_state(server.store, State.PUBLISHED, "a", dealer=DEALER)
    sold(server.store, first.id, by=role.value)
    client = server.client(role)
    assert offers(client, first)
    second = worked(server.store, arrive(server.store, "b", dealer=dealer), ready())
    html = client.get(f"/cars/{first.id}").text
    assert not offers(client, first) and "the same car is here once more" in html
    theirs = role is Role.DEALER and dealer != DEALER
    assert (f'href="/cars/{second.id}"' in html) is not theirs and ("Ask the department" in html) is theirs
    assert second.id not in html or not theirs, "another dealer's car is nobody else's to know"
    assert take_back(server, client, first) == 409
    withdraw(server.store, second.id, by="anna")
    assert offers(client, first) and take_back(server, client, first) == 303


def test_a_car_whose_photos_are_anothers_leads_there(server: Server) -> None:
    first = in_state(server.store, State.READY, "a")
    second = in_state(server.store, State.REVIEW, "b")
    join(server.store, second.id, first.id, by="staff")
    client = server.client()
    html = client.get(f"/cars/{second.id}").text
    assert not offers(client, second) and f'<a href="/cars/{first.id}">Its photos' in html
    assert "once more" not in html and take_back(server, client, second) == 409


def test_a_sale_is_taken_back_though_its_advert_came_down_meanwhile(server: Server) -> None:
    case = in_state(server.store, State.SOLD)
    client = server.client()
    html = client.get(f"/cars/{case.id}").text
    assert "data-working" in html, "the page goes on until the advert is down"
    form = html.partition(OFFERED.format(case.id))[2].partition("</form>")[0]
    data = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    taken_down(server.store, case.id, "site")
    assert "data-working" not in client.get(f"/cars/{case.id}").text
    assert client.post(f"/cars/{case.id}/undo", data=data).status_code == 303
    assert read_case(server.store, case.id).state is State.WORKING, "and is made again"
    again = client.post(f"/cars/{case.id}/undo", data=data)
    assert again.status_code == 409, "it was taken back already"
