"""Who may use what: every route of the app, by every role, with the rule written here once more by hand."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.testclient import TestClient
from tests.cases.helping import arrive, in_state
from tests.web.serving import DEALER, Server, server

from kilpi.cases import State, read_case
from kilpi.errors import UsageError
from kilpi.web import create_app, tokens
from kilpi.web.accounts import Role
from kilpi.web.app import rule_of, ruled

__all__ = ["server"]

NOBODY, DEALERS, STAFF, ADMIN = "nobody", "dealer", "staff", "admin"
RANKS = [NOBODY, DEALERS, STAFF, ADMIN]
LEAST = {
    "GET /": DEALERS,
    "GET /sign-in": NOBODY,
    "POST /sign-in": NOBODY,
    "POST /sign-out": DEALERS,
    "GET /enter/{secret}": NOBODY,
    "GET /invited/{secret}": NOBODY,
    "POST /invited/{secret}": NOBODY,
    "POST /language": NOBODY,
    "GET /healthz": NOBODY,
    "GET /readyz": NOBODY,
    "GET /metrics": STAFF,
    "GET /account": DEALERS,
    "POST /account": DEALERS,
    "GET /users": ADMIN,
    "POST /users": ADMIN,
    "POST /users/{user_id}/invite": ADMIN,
    "POST /users/{user_id}/end": ADMIN,
    "POST /tokens": ADMIN,
    "POST /tokens/{token_id}/end": ADMIN,
    "GET /receive": DEALERS,
    "POST /receive": DEALERS,
    "POST /receive/have": DEALERS,
    "POST /receive/file": DEALERS,
    "POST /receive/done": DEALERS,
    "GET /cars": DEALERS,
    "POST /cars": DEALERS,
    "POST /cars/many": DEALERS,
    "GET /cars/{case_id}": DEALERS,
    "GET /cars/{case_id}/photos/{sha256}": DEALERS,
    "GET /cars/{case_id}/thumbnail": DEALERS,
    "GET /cars/{case_id}/pictures/{name}": DEALERS,
    "GET /cars/{case_id}/advert": DEALERS,
    "GET /cars/{case_id}/advert/": DEALERS,
    "GET /cars/{case_id}/advert/{name}": DEALERS,
    "POST /cars/{case_id}/facts": DEALERS,
    "POST /cars/{case_id}/arrange": DEALERS,
    "GET /cars/{case_id}/photos/{sha256}/edit": DEALERS,
    "POST /cars/{case_id}/photos/{sha256}/crop": DEALERS,
    "POST /cars/{case_id}/photos/{sha256}/cover": DEALERS,
    "POST /cars/{case_id}/photos/{sha256}/uncover": STAFF,
    "POST /cars/{case_id}/photos/{sha256}/view": STAFF,
    "POST /cars/{case_id}/publish": DEALERS,
    "POST /cars/{case_id}/sold": DEALERS,
    "POST /cars/{case_id}/withdraw": DEALERS,
    "POST /cars/{case_id}/undo": DEALERS,
    "POST /cars/{case_id}/erase": STAFF,
    "GET /favicon.ico": NOBODY,
    "GET /review": STAFF,
    "POST /review/check": STAFF,
    "GET /review/{case_id}": STAFF,
    "GET /review/{case_id}/next": STAFF,
    "GET /review/{case_id}/plates/{sha256}/{corners}": STAFF,
    "GET /review/{case_id}/photos/{sha256}": STAFF,
    "GET /review/{case_id}/around/{sha256}/{corners}": STAFF,
    "GET /review/{case_id}/odometer": STAFF,
    "GET /review/{case_id}/look": STAFF,
    "POST /review/{case_id}/look": STAFF,
    "POST /review/{case_id}/answer": STAFF,
    "POST /review/{case_id}/strange": STAFF,
    "POST /review/{case_id}/ask": STAFF,
    "POST /review/{case_id}/later": STAFF,
    "POST /review/{case_id}/undo": STAFF,
    "GET /audits": STAFF,
    "POST /audits/{case_id}": STAFF,
    "GET /cars/{case_id}/ask": STAFF,
    "POST /cars/{case_id}/ask": STAFF,
    "POST /cars/{case_id}/ask/end": STAFF,
    "GET /link/{secret}": NOBODY,
    "POST /link/{secret}": NOBODY,
    "GET /settings": ADMIN,
    "GET /settings/dealers": ADMIN,
    "POST /settings/dealers": ADMIN,
    "GET /statistics": STAFF,
    "GET /statistics/{table}.csv": STAFF,
    "GET /deliveries": ADMIN,
    "POST /deliveries/resend": ADMIN,
    "GET /sign-in/oidc": NOBODY,
    "GET /sign-in/oidc/back": NOBODY,
    "POST /users/waiting/{digest}/grant": ADMIN,
    "POST /users/waiting/{digest}/forget": ADMIN,
    "GET /sort": STAFF,
    "POST /sort": STAFF,
    **{
        f"{method} {path}": NOBODY
        for method in ("GET", "HEAD")
        for path in ("/robots.txt", "/stock", "/stock/", "/stock/{name}", "/stock/{car}/{name}")
    },
    "GET /v1/openapi.json": NOBODY,
    "POST /v1/plates": DEALERS,
    "GET /v1/cases": DEALERS,
    "POST /v1/cases": DEALERS,
    "POST /v1/cases/search": DEALERS,
    "GET /v1/cases/{case_id}": DEALERS,
    "GET /v1/cases/{case_id}/photos": DEALERS,
    "POST /v1/cases/{case_id}/photos": DEALERS,
    "GET /v1/cases/{case_id}/history": DEALERS,
    "POST /v1/cases/{case_id}/answer": STAFF,  # of a person; a token of any role may
    "POST /v1/cases/{case_id}/facts": DEALERS,
    "POST /v1/cases/{case_id}/publish": DEALERS,
    "POST /v1/cases/{case_id}/sold": DEALERS,
    "POST /v1/cases/{case_id}/withdraw": DEALERS,
    "POST /v1/cases/{case_id}/for-sale": DEALERS,
    "DELETE /v1/cases/{case_id}": STAFF,
}
"""The least role. A new route that is not written here fails `test_every_route_has_its_rule`."""


def named(server: Server) -> dict[str, APIRoute]:
    return {f"{method} {route.path}": route for route in ruled(server.app) for method in route.methods or ()}


def test_every_route_has_its_rule(server: Server) -> None:
    assert set(named(server)) == set(LEAST)


def test_a_route_without_a_rule_does_not_start(server: Server) -> None:
    router = APIRouter()
    router.add_api_route("/open", lambda: {"open": True})
    with pytest.raises(UsageError, match="/open"):
        rule_of(router.routes[0])  # type: ignore[arg-type]


def clients(server: Server) -> dict[str, TestClient]:
    roles = {DEALERS: Role.DEALER, STAFF: Role.STAFF, ADMIN: Role.ADMIN}
    return {NOBODY: server.nobody(), **{name: server.client(role) for name, role in roles.items()}}


def ask(client: TestClient, name: str, fill: Callable[[str], str]) -> int:
    """The status of an empty request: what is refused for its content has passed the rule."""
    method, path = name.split(" ")
    address = re.sub(r"\{(\w+)\}", lambda found: fill(found[1]), path)
    sent = {"headers": {"accept": "application/json"}}
    return client.request(method, address, **sent).status_code  # type: ignore[arg-type]


@pytest.mark.parametrize("role", RANKS)
def test_nobody_reaches_what_is_above(server: Server, role: str) -> None:
    """Of every route and method: below its role 401 or 403, from its role on neither."""
    case = in_state(server.store, State.REVIEW, dealer=DEALER)
    fill = {"case_id": case.id, "sha256": "0" * 64, "name": "01.jpg"}
    for name, least in LEAST.items():
        client = clients(server)[role]  # signing out ends a session, so each request has its own
        status = ask(client, name, lambda part: fill.get(part, "x"))
        enough = RANKS.index(role) >= RANKS.index(least)
        assert (status not in (401, 403)) if enough else (status in (401, 403)), (name, status)


@pytest.mark.parametrize("name", [name for name in LEAST if "{case_id}" in name])
def test_another_dealers_case_is_none(server: Server, name: str) -> None:
    case = in_state(server.store, State.READY, dealer="Toinen Oy")
    client = server.client(Role.DEALER)
    fill = {"case_id": case.id, "sha256": server.store.read(lambda tx: "0" * 64), "name": "01.jpg"}
    status = ask(client, name, lambda part: fill.get(part, "x"))
    assert status in (403, 404, 422) or (name.endswith("/advert") and status == 303), status
    assert read_case(server.store, case.id) == case


def test_another_dealers_case_is_neither_shown_nor_changed(server: Server) -> None:
    """Whole requests, which would be done on an own case."""
    case = in_state(server.store, State.READY, dealer="Toinen Oy", name="b")
    own = in_state(server.store, State.REVIEW, dealer=DEALER, name="c")
    client = server.client(Role.DEALER)
    forms = {
        verb: {"seen": str(case.seq), "last": str(case.seq)}
        for verb in ("publish", "sold", "withdraw", "undo", "erase")
    }
    for verb, form in forms.items():
        assert client.post(f"/cars/{case.id}/{verb}", data=form).status_code in (403, 404)
    bodies = {"facts": {"price": "1"}, "answer": {"answer": {"what": "no_plate"}}, "publish": {}}
    for verb, body in bodies.items():
        refused = (403, 404) if verb == "answer" else (404,)
        assert client.post(f"/v1/cases/{case.id}/{verb}", json=body).status_code in refused
    assert client.delete(f"/v1/cases/{own.id}").status_code == 403
    assert read_case(server.store, case.id) == case
    for words in ("", "ABC"):
        found = client.post("/cars", data={"words": words}).text
        assert own.id in found and case.id not in found
    listed = client.get("/v1/cases").json()["cases"]
    assert [one["id"] for one in listed] == [own.id]


def test_a_dealers_user_cannot_send_for_another(server: Server) -> None:
    sent = {"files": [{"path": "a.jpg", "sha256": "0" * 64}], "dealer": "Toinen Oy"}
    assert server.client(Role.DEALER).post("/receive/done", json=sent).status_code == 403


def test_a_token_is_its_role_and_ends(server: Server) -> None:
    case = arrive(server.store, "a", dealer=DEALER)
    other = arrive(server.store, "b", dealer="Toinen Oy")
    secret = tokens.make(server.store, "robot", Role.DEALER, DEALER)
    client = server.nobody()
    client.headers["authorization"] = f"Bearer {secret}"
    assert client.get(f"/v1/cases/{case.id}").status_code == 200
    assert client.get(f"/v1/cases/{other.id}").status_code == 404
    assert client.get(f"/cars/{case.id}").status_code == 303  # pages are for people
    assert client.post(f"/v1/cases/{case.id}/facts", json={"price": "1"}).status_code == 200  # without csrf
    tokens.end(server.store, tokens.every(server.store)[0].id)
    assert client.get(f"/v1/cases/{case.id}").status_code == 401


def test_whose_plate_it_is_a_dealers_user_does_not_say_in_a_browser(server: Server) -> None:
    """As /review refuses it; the dealer's machine may, by its token."""
    case = in_state(server.store, State.REVIEW, dealer=DEALER)
    said = {"answer": {"what": "mark", "text": "ABC-987", "country": "FI"}}
    client = server.client(Role.DEALER)
    assert client.post(f"/v1/cases/{case.id}/answer", json=said).status_code == 403
    sent = [("photos", ("1.jpg", b"no photo", "image/jpeg"))]
    assert client.post("/v1/cases", files=sent, data={"mark": "ABC-987"}).status_code == 403
    assert client.post("/v1/cases", files=sent, data={"price": "1"}).status_code == 422, (
        "no photo, but allowed"
    )
    assert read_case(server.store, case.id) == case
    robot = server.nobody()
    robot.headers["authorization"] = f"Bearer {tokens.make(server.store, 'robot', Role.DEALER, DEALER)}"
    other = in_state(server.store, State.REVIEW, dealer="Toinen Oy", name="b")
    assert robot.post(f"/v1/cases/{other.id}/answer", json=said).status_code == 404
    assert robot.post(f"/v1/cases/{case.id}/answer", json=said).status_code == 200


def test_a_machine_is_never_an_administrator(server: Server) -> None:
    with pytest.raises(UsageError, match="never an administrator"):
        tokens.make(server.store, "robot", Role.ADMIN)


@pytest.mark.parametrize(
    "name", [name for name in LEAST if name.split(" ")[0] not in ("GET", "HEAD") and LEAST[name] != NOBODY]
)
def test_what_changes_something_wants_the_sessions_token(server: Server, name: str) -> None:
    case = in_state(server.store, State.REVIEW)
    client = server.client(Role.ADMIN)
    del client.headers["x-csrf-token"]
    fill = {"case_id": case.id}
    assert ask(client, name, lambda part: fill.get(part, "x")) in (403, 422)  # 422 before the rule: no body
    assert read_case(server.store, case.id) == case
    client.headers["x-csrf-token"] = "0" * 64
    assert ask(client, name, lambda part: fill.get(part, "x")) in (403, 422)


def test_a_form_without_or_with_anothers_token_is_refused(server: Server) -> None:
    case = in_state(server.store, State.READY)
    client, other = server.client(Role.STAFF), server.client(Role.STAFF, "other")
    theirs = other.headers["x-csrf-token"]
    mine = client.headers.pop("x-csrf-token")
    form = {"seen": str(case.seq)}
    for csrf in ("", theirs):
        assert client.post(f"/cars/{case.id}/sold", data={**form, "csrf": csrf}).status_code == 403
    assert read_case(server.store, case.id).state is State.READY
    assert client.post(f"/cars/{case.id}/sold", data={**form, "csrf": mine}).status_code == 303
    assert read_case(server.store, case.id).state is State.SOLD


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}],
)
def test_another_sites_page_is_refused(server: Server, headers: dict[str, str]) -> None:
    sent = {"name": "anna", "password": "guess"}
    assert server.nobody().post("/sign-in", data=sent, headers=headers).status_code == 403
    assert server.client().post("/sign-out", headers=headers).status_code == 403


def test_the_app_is_made_anew_without_fault(server: Server) -> None:
    create_app(server.serving)
    create_app(server.serving)
