from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.cases.helping import in_state
from tests.sent_cars import a_photo, send_car, work_all
from tests.web.serving import ADDRESS, Server, server

from kilpi.cases import State, read_case
from kilpi.errors import UsageError
from kilpi.store import Tx
from kilpi.store.tables import sessions as session_rows
from kilpi.web import accounts, sessions, tokens
from kilpi.web.accounts import ENTER, INVITE, Role
from kilpi.web.visitor import COOKIE
from kilpi.web.words import load_words

__all__ = ["server"]
PASSWORD = "correct horse battery"


def test_nobody_is_led_to_the_form_and_back(server: Server) -> None:
    answer = server.nobody().get("/cars?state=review")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fcars%3Fstate%3Dreview"


def test_the_owners_link_lets_in_once(server: Server) -> None:
    secret = accounts.make_link(server.store, accounts.owner(server.store).id, ENTER)
    client = server.nobody()
    assert client.get(f"/enter/{secret}").headers["location"] == "/"
    assert client.get("/cars").status_code == 200
    assert server.nobody().get(f"/enter/{secret}").status_code == 404


def test_the_owner_is_made_once(server: Server) -> None:
    assert accounts.owner(server.store) == accounts.owner(server.store)


def test_an_invitation_sets_a_password_that_lets_in(server: Server) -> None:
    user = accounts.add_user(server.store, "Åsa", Role.STAFF)
    secret = accounts.make_link(server.store, user.id, INVITE)
    client = server.nobody()
    assert "Åsa" in client.get(f"/invited/{secret}").text
    assert client.post(f"/invited/{secret}", data={"password": "short"}).status_code == 422
    assert client.post(f"/invited/{secret}", data={"password": PASSWORD}).status_code == 303
    assert client.get(f"/invited/{secret}").status_code == 404
    other = server.nobody()
    assert other.post("/sign-in", data={"name": "åsa", "password": PASSWORD}).status_code == 303
    assert other.get("/cars").status_code == 200


def test_a_wrong_password_is_told_and_guessing_must_wait(server: Server) -> None:
    user = accounts.add_user(server.store, "anna", Role.STAFF)
    accounts.set_password(server.store, user.id, PASSWORD)
    now = [0.0]
    server.serving.throttle.clock = lambda: now[0]
    client = server.nobody()
    for _ in range(5):
        assert client.post("/sign-in", data={"name": "anna", "password": "guess"}).status_code == 401
    refused = client.post("/sign-in", data={"name": "anna", "password": PASSWORD})
    assert refused.status_code == 429 and int(refused.headers["retry-after"]) >= 2
    now[0] += 3
    assert client.post("/sign-in", data={"name": "anna", "password": PASSWORD}).status_code == 303


def test_a_name_that_is_not_there_is_told_in_the_same_words(server: Server) -> None:
    user = accounts.add_user(server.store, "anna", Role.STAFF)
    accounts.set_password(server.store, user.id, PASSWORD)
    pages = [
        server.nobody().post("/sign-in", data={"name": name, "password": "guess"}) for name in ("anna", "bo")
    ]
    assert pages[0].status_code == pages[1].status_code == 401
    assert pages[0].text.replace('value="anna"', 'value="bo"') == pages[1].text


def test_a_name_is_compared_without_what_no_database_keeps(server: Server) -> None:
    """Postgres refuses a NUL: whoever typed one at the sign-in was told that the database is away."""
    assert accounts.key_of("An\0na ") == "anna"
    form = {"name": "an\0na", "password": "not so"}
    assert server.nobody().post("/sign-in", data=form).status_code == 401


@pytest.mark.parametrize(("column", "ago_s"), [("seen", sessions.IDLE_S), ("created", sessions.LONGEST_S)])
def test_sessions_end(server: Server, column: str, ago_s: float) -> None:
    client = server.client()
    assert client.get("/cars").status_code == 200

    def age(tx: Tx) -> None:
        tx.run(session_rows.update().values({column: tx.now - timedelta(seconds=ago_s)}))

    server.store.write(age)
    assert client.get("/cars").status_code == 303
    told = client.get("/cars", headers={"accept": "application/json"})
    assert told.status_code == 401 and "sign in" in told.json()["detail"].lower()


def test_signing_out_ends_the_session_on_the_server(server: Server) -> None:
    client = server.client()
    cookie = client.cookies[COOKIE]
    assert client.post("/sign-out").status_code == 303
    assert sessions.find(server.store, cookie) is None


def test_an_ended_user_is_out_at_once(server: Server) -> None:
    client = server.client(Role.STAFF, "bo")
    accounts.end_user(server.store, server.users["bo"])
    assert client.get("/cars").status_code == 303


def test_secrets_are_kept_nowhere(server: Server) -> None:
    cookie = server.client().cookies[COOKIE]
    kept = server.store.read(lambda tx: tx.rows(sa.select(session_rows)))
    assert kept and all(cookie not in str(row) for row in kept)


def test_cookies_cannot_be_read_by_scripts(server: Server) -> None:
    secret = accounts.make_link(server.store, accounts.owner(server.store).id, ENTER)
    said = server.nobody().get(f"/enter/{secret}").headers["set-cookie"].lower()
    assert "httponly" in said and "samesite=lax" in said and "secure" not in said.replace("httponly", "")


@pytest.mark.parametrize(
    "path", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:x"]
)
def test_the_way_back_never_leads_to_another_site(server: Server, path: str) -> None:
    user = accounts.add_user(server.store, "anna", Role.STAFF)
    accounts.set_password(server.store, user.id, PASSWORD)
    sent = {"name": "anna", "password": PASSWORD, "next": path}
    assert server.nobody().post("/sign-in", data=sent).headers["location"] == "/"


def test_a_name_is_one_users_or_one_machines(server: Server) -> None:
    accounts.add_user(server.store, "Anna", Role.STAFF)
    tokens.make(server.store, "robot", Role.STAFF)
    for taken in ("anna", "ROBOT"):
        with pytest.raises(UsageError, match="taken"):
            accounts.add_user(server.store, taken, Role.STAFF)
        with pytest.raises(UsageError, match="taken"):
            tokens.make(server.store, taken, Role.STAFF)
    tokens.end(server.store, tokens.every(server.store)[0].id)
    tokens.make(server.store, "robot", Role.STAFF)


def test_the_last_administrator_stays(server: Server) -> None:
    owner = accounts.owner(server.store)
    with pytest.raises(UsageError, match="last administrator"):
        accounts.end_user(server.store, owner.id)
    other = accounts.add_user(server.store, "bo", Role.ADMIN)
    accounts.end_user(server.store, owner.id)
    assert accounts.owner(server.store) == other


def test_a_form_of_somebody_who_was_signed_out_leads_to_the_sign_in_and_back(server: Server) -> None:
    case, words = in_state(server.store, State.READY), load_words("en").say
    page = f"/cars/{case.id}"
    told = server.nobody().post(
        f"{page}/sold", data={"seen": case.seq}, headers={"referer": f"{ADDRESS}{page}"}
    )
    assert told.status_code == 401 and words("error", "signed_out") in told.text
    assert f'<a class="button main" href="{page}">{words("page", "sign_in")}</a>' in told.text
    assert read_case(server.store, case.id).state is State.READY
    robot = server.nobody().post(f"/v1/cases/{case.id}/publish", json={})
    assert robot.json()["detail"] == words("error", "sign_in")


def test_nobody_is_ended_by_one_click(server: Server) -> None:
    """It cannot be taken back: what it does stands before the button that does it."""
    client = server.client(Role.ADMIN)
    bo = accounts.add_user(server.store, "Bo", Role.STAFF)
    tokens.make(server.store, "robot", Role.STAFF)
    html = client.get("/users").text
    for kind, said in (("users", "Bo is signed out at once"), ("tokens", "is refused from now on")):
        folded = re.findall(r"<details>(.*?)</details>", html, re.DOTALL)
        assert any(said in part and re.search(rf'action="/{kind}/[^"]+/end"', part) for part in folded)
        assert len(re.findall(rf'action="/{kind}/[^"]+/end"', html)) == sum(
            f'action="/{kind}/' in part for part in folded
        )
    client.post(f"/users/{bo.id}/end")
    assert "ended" in client.get("/users").text


def test_users_are_made_by_an_administrator(server: Server) -> None:
    client = server.client(Role.ADMIN)
    made = client.post("/users", data={"name": "Bo", "role": "dealer", "dealer": "Auto Oy"})
    link = re.search(r"http://testserver/invited/[\w-]+", made.text)
    assert link is not None and server.nobody().get(link[0]).status_code == 200
    assert client.post("/users", data={"name": "Ce", "role": "dealer"}).status_code == 422
    shown = client.post("/tokens", data={"name": "robot", "role": "staff"}).text
    secret = re.search(r"kilpi_[\w-]{40,}", shown)
    assert secret is not None and secret[0] not in client.get("/users").text


def test_a_dealers_first_user_sees_the_cars_that_named_the_dealer_before(
    server: Server, tmp_path: Path
) -> None:
    """As under Settings: who is let in for a dealer would otherwise find an empty list."""
    sent = {"leaf/1.jpg": a_photo(tmp_path, 1), "leaf/car.toml": b'dealer = "auto  oy"\nprice = 15900\n'}
    (made,) = send_car(server.store, server.serving.data, sent).cars
    work_all(server.store, server.serving.data)
    admin = server.client(Role.ADMIN)
    admin.post("/users", data={"name": "Bo", "role": "staff", "dealer": "Auto Oy"})
    assert read_case(server.store, made.case.id).dealer == "", "the staff is no dealer"
    admin.post("/users", data={"name": "Ce", "role": "dealer", "dealer": "Auto Oy"})
    assert read_case(server.store, made.case.id).dealer == "Auto Oy"
    assert made.case.id in server.client(Role.DEALER, "di").get("/cars").text
    assert '<option value="Auto Oy">' in admin.get("/users").text, "the next one's is offered"


def test_a_password_is_changed_by_who_knows_it(server: Server) -> None:
    client = server.client(Role.STAFF, "anna")
    assert client.post("/account", data={"password": PASSWORD}).status_code == 303, "none was chosen before"
    client = server.client(Role.STAFF, "anna")
    wrong = client.post("/account", data={"password": "another password", "old": "guess"})
    assert wrong.status_code == 401 and "not your present password" in wrong.text, (
        "its name was not asked for"
    )
    saved = client.post("/account", data={"password": "another password", "old": PASSWORD})
    assert saved.status_code == 303
    told = client.get(saved.headers["location"]).text
    assert "Saved." in told and "with the name anna" in told
    assert "Saved." not in client.get("/account").text
    assert client.get("/cars").status_code == 200, "the answer's cookie is the new session's"
