"""A form that is refused comes back with what was typed, its fields open, and why at the field."""

from __future__ import annotations

import re

import pytest
from tests.cases.helping import arrive, in_state, ready, review, worked
from tests.web.serving import DEALER, Server, server

from kilpi.cases import SaidFacts, State, answer, history, read_case
from kilpi.cases.answers import combine
from kilpi.cases.incoming.dealers import dealer_settings
from kilpi.web import accounts
from kilpi.web.accounts import INVITE, Role
from kilpi.web.words import load_words

__all__ = ["server"]
SAY = load_words("en").say
PASSWORD = "a long enough one"


def field(html: str, id_: str) -> str:
    """The input of that id, as it is written."""
    (found,) = re.findall(rf"<(?:input|textarea)[^>]* ?id=\"{id_}\"[^>]*>", html)
    return str(found)


def assert_refused(html: str, id_: str, value: str, told: str) -> None:
    """The field holds what was typed, is marked, and its message says why."""
    written = field(html, id_)
    assert f'value="{value}"' in written and 'type="hidden"' not in written
    assert 'aria-invalid="true"' in written and f"{id_}-amiss" in written
    message = re.search(rf'id="{id_}-amiss">([^<]*)<', html)
    assert message is not None and message[1].replace("&#39;", "'") == told


def test_a_new_dealers_name_can_be_corrected(server: Server) -> None:
    client = server.client(Role.ADMIN)
    typed = {"name": "Auto Uusi Oy", "city": "Turku", "email": "nobody"}
    html = client.post("/settings/dealers", data=typed).text
    assert_refused(html, "email", "nobody", SAY("dealer_trouble", "email"))
    assert 'value="Auto Uusi Oy"' in field(html, "name") and "Turku" in field(html, "city")
    assert not re.search(r'type="hidden" name="(name|known)"', html), "it is not here yet"
    client.post("/settings/dealers", data={**typed, "name": "Auto Toinen Oy", "email": "a@auto.example"})
    assert dealer_settings(server.store, "Auto Toinen Oy").city == "Turku"
    assert "Auto Uusi Oy" not in client.get("/settings").text


def test_a_new_dealer_does_not_overwrite_one_of_that_name(server: Server) -> None:
    client = server.client(Role.ADMIN)
    client.post("/settings/dealers", data={"name": "Auto Uusi Oy", "city": "Turku"})
    html = client.post("/settings/dealers", data={"name": "auto uusi oy", "city": "Oulu"}).text
    assert_refused(html, "name", "auto uusi oy", SAY("dealer_trouble", "is_here"))
    assert dealer_settings(server.store, "Auto Uusi Oy").city == "Turku"
    client.post("/settings/dealers", data={"name": "Auto Uusi Oy", "city": "Oulu", "known": "1"})
    assert dealer_settings(server.store, "Auto Uusi Oy").city == "Oulu"


def test_a_dealers_name_that_is_no_name_is_said_at_the_name(server: Server) -> None:
    client = server.client(Role.ADMIN)
    for name in ("", " "):
        html = client.post("/settings/dealers", data={"name": name, "city": "Turku"}).text
        assert_refused(html, "name", name, SAY("dealer_trouble", "no_name"))


def test_a_dealer_that_is_here_keeps_its_name(server: Server) -> None:
    arrive(server.store, "a", dealer=DEALER)
    client = server.client(Role.ADMIN)
    assert 'name="known" value="1"' in client.get("/settings/dealers", params={"name": DEALER}).text
    html = client.post("/settings/dealers", data={"name": DEALER, "known": "1", "home": "XX"}).text
    assert f'type="hidden" name="name" value="{DEALER}"' in html
    assert_refused(html, "home", "XX", SAY("dealer_trouble", "home", codes="XX"))


@pytest.mark.parametrize("kind", ["user", "token"])
def test_users_and_tokens(server: Server, kind: str) -> None:
    client = server.client(Role.ADMIN)
    accounts.add_user(server.store, "Bo", Role.STAFF)
    asked = client.post(f"/{kind}s", data={"name": "bo", "role": "dealer", "dealer": DEALER})
    assert asked.status_code == 422
    assert_refused(asked.text, f"{kind}-name", "bo", SAY("error", "name_taken"))
    assert f'value="{DEALER}"' in field(asked.text, f"{kind}-dealer")
    assert re.search(rf'id="{kind}-role".*?<option value="dealer" selected>', asked.text, re.DOTALL)
    html = client.post(f"/{kind}s", data={"name": "Ce", "role": "dealer"}).text
    assert_refused(html, f"{kind}-dealer", "", SAY("error", "dealer_name"))
    assert 'value="Ce"' in field(html, f"{kind}-name")
    html = client.post(f"/{kind}s", data={"name": "", "role": "staff"}).text
    assert_refused(html, f"{kind}-name", "", SAY("error", "bad_name"))


def test_passwords_are_asked_for_again_and_never_written_back(server: Server) -> None:
    user = accounts.add_user(server.store, "Åsa", Role.STAFF)
    secret = accounts.make_link(server.store, user.id, INVITE)
    nobody, anna = server.nobody(), server.client(Role.STAFF, "anna")
    anna.post("/account", data={"password": PASSWORD})
    anna = server.client(Role.STAFF, "anna")
    for client, path, more in (
        (nobody, f"/invited/{secret}", {}),
        (anna, "/account", {"old": PASSWORD}),
    ):
        answer = client.post(path, data={"password": "tooshort", **more})
        assert answer.status_code == 422 and SAY("error", "bad_password") in answer.text
        assert 'aria-invalid="true"' in field(answer.text, "password")
        assert "tooshort" not in answer.text and PASSWORD not in answer.text
    assert nobody.post(f"/invited/{secret}", data={"password": PASSWORD}).status_code == 303


def test_the_name_of_a_sign_in_stays(server: Server) -> None:
    answer = server.nobody().post("/sign-in", data={"name": "anna", "password": "guess"})
    assert answer.status_code == 401 and 'value="anna"' in field(answer.text, "name")
    assert "guess" not in answer.text


def test_a_price_for_many_cars_is_typed_again_and_the_cars_stay_chosen(server: Server) -> None:
    case = in_state(server.store, State.READY, "a")
    client, chosen = server.client(), f"{case.id}:{case.seq}"
    typed = {"verb": "price", "price": "cheap", "chosen": chosen, "back": "/cars?state=ready"}
    html = client.post("/cars/many", data=typed).text
    assert_refused(html, "price", "cheap", SAY("error", "no_price"))
    assert f'name="chosen" value="{chosen}"' in html and 'value="/cars?state=ready"' in html
    client.post("/cars/many", data={**typed, "price": "12900"})
    assert read_case(server.store, case.id).seq > case.seq


def test_the_note_to_a_dealer(server: Server) -> None:
    case = worked(server.store, arrive(server.store, "a", dealer=DEALER), review())
    client = server.client()
    typed = {"seen": str(case.seq), "wanted": "price", "note": "Is it ABC-123?", "days": "3"}
    answer = client.post(f"/cars/{case.id}/ask", data=typed)
    assert 'aria-invalid="true"' in field(answer.text, "note") and "note-lead" in field(answer.text, "note")
    assert "Is it ABC-123?" in answer.text and SAY("trouble", "note_mark") in answer.text
    assert 'value="3"' in field(answer.text, "days")


def test_a_figure_of_a_car_is_marked_where_it_is_refused(server: Server) -> None:
    case = in_state(server.store, State.READY, "a")
    html = (
        server.client()
        .post(f"/cars/{case.id}/facts", data={"seen": str(case.seq), "price": "9900", "km": "many"})
        .text
    )
    assert 'aria-invalid="true"' in field(html, "km") and 'value="many"' in field(html, "km")
    assert "aria-invalid" not in field(html, "price") and 'value="9900"' in field(html, "price")


def test_a_price_typed_while_a_colleague_was_quicker_stands_there_still(server: Server) -> None:
    case = in_state(server.store, State.DRAFT, "a")
    client, page = server.client(), f"/cars/{case.id}"
    answer(server.store, case.id, SaidFacts(odometer_km=90000), by="bo", seen=case.seq)
    worked(server.store, case, ready())
    told = client.post(f"{page}/facts", data={"seen": case.seq, "price": "9900"})
    assert told.status_code == 409 and SAY("trouble", "changed") in told.text
    assert 'value="9900"' in field(told.text, "price")
    assert combine(history(server.store, case.id)).facts.price is None, "nothing is written unseen"
    now = read_case(server.store, case.id).seq
    assert f'name="seen" value="{now}"' in told.text, "sent once more, it counts"
    assert client.post(f"{page}/facts", data={"seen": now, "price": "9900"}).status_code == 303
