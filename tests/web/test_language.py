"""The language buttons: on every page, also one about a problem, they work and lead back to it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from httpx2 import Response
from starlette.testclient import TestClient
from tests.cases.helping import in_state
from tests.web.serving import Server, server

from kilpi.cases import State
from kilpi.web.accounts import Role
from kilpi.web.routes import cars

__all__ = ["server"]


def browser(server: Server, role: Role = Role.STAFF) -> TestClient:
    """Signed in as a browser is: what a form sends is all that proves it comes from a page of ours."""
    client = TestClient(
        server.app, "http://testserver", raise_server_exceptions=False, follow_redirects=False
    )
    client.cookies.update(server.client(role).cookies)
    return client


def chosen(client: TestClient, html: str, code: str = "fi") -> Response:
    """The answer to the page's own language button."""
    form = re.search(r'<form method="post" action="/language".*?</form>', html, re.S)
    assert form is not None
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[0])
    data = {name: unescape(value) for name, value in hidden}
    return client.post("/language", data={**data, "code": code})


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nothing", 404), ("/users", 403), ("/statistics?weeks=x", 422), ("/cars/none", 404)],
)
def test_a_page_about_a_problem_is_told_in_another_language(server: Server, path: str, status: int) -> None:
    client = browser(server)
    problem = client.get(path)
    assert problem.status_code == status and 'href="/cars"' in problem.text, "with the menu"
    answer = chosen(client, problem.text)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    again = client.get(path)
    assert again.status_code == status and '<html lang="fi">' in again.text


def test_a_fault_of_our_own_too(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **more: object) -> None:
        raise ValueError

    client = browser(server)
    with monkeypatch.context() as patch:
        patch.setattr(cars, "find", broken)
        problem = client.get("/cars")
    assert problem.status_code == 500
    assert chosen(client, problem.text).status_code == 303
    assert '<html lang="fi">' in client.get("/cars").text


def test_a_refused_form_leads_back_to_the_page_that_it_was_on(server: Server) -> None:
    case = in_state(server.store, State.REVIEW)
    client = browser(server)
    html = client.get(f"/cars/{case.id}").text
    csrf = re.search(r'<meta name="csrf" content="([^"]+)"', html)
    assert csrf is not None
    data = {"csrf": csrf[1], "seen": str(case.seq + 1)}
    headers = {"referer": f"http://testserver/cars/{case.id}?from=list"}
    refused = client.post(f"/cars/{case.id}/sold", data=data, headers=headers)
    assert refused.status_code == 409
    assert chosen(client, refused.text).headers["location"] == f"/cars/{case.id}?from=list"
    for other in ("http://elsewhere.example/cars", "http://testserver/nothing", ""):
        refused = client.post(f"/cars/{case.id}/sold", data=data, headers={"referer": other})
        assert chosen(client, refused.text).headers["location"] == "/"


def test_what_was_asked_of_a_page_stays_asked(server: Server) -> None:
    client = browser(server)
    for path in ("/cars?dealer=Auto+Oy&state=review", "/statistics?weeks=26&dealer=Auto%20Oy"):
        assert chosen(client, client.get(path).text).headers["location"] == path


def test_before_the_sign_in_the_way_on_is_kept(server: Server) -> None:
    client = server.nobody()
    form = client.get("/sign-in?next=%2Fcars%3Fdealer%3DAuto%2BOy").text
    to = re.search(r'<form method="post" action="(/sign-in[^"]*)"', form)
    assert to is not None
    wrong = client.post(unescape(to[1]), data={"name": "nobody", "password": "a wrong one", "next": "/cars"})
    assert wrong.status_code == 401
    again = client.get(chosen(client, wrong.text).headers["location"]).text
    assert '<html lang="fi">' in again and 'name="next" value="/cars?dealer=Auto+Oy"' in again
