"""The settings page: dealers are changed there, secrets are never shown, variables are named."""

from __future__ import annotations

import html
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from tests.cases.helping import arrive, review, worked
from tests.web.serving import DEALER, Server, server

from kilpi.adverts.wording import LANGUAGES
from kilpi.cases.incoming.dealers import dealer_settings
from kilpi.config import Settings
from kilpi.registers.trace import Step
from kilpi.web.accounts import Role
from kilpi.web.words import load_words

__all__ = ["server"]


def test_a_dealer_is_changed_with_a_name_in_its_history(server: Server) -> None:
    arrive(server.store, "a", dealer=DEALER)
    client = server.client(Role.ADMIN)
    assert DEALER in client.get("/settings").text
    form = {"name": DEALER, "known": "1", "city": "Turku", "email": "sales@auto.example"}
    form |= {"home": "fi, se", "show": "Malli, KILPI"}
    answered = client.post("/settings/dealers", data=form)
    assert answered.status_code == 200 and load_words("en").say("settings", "saved") in answered.text
    said = dealer_settings(server.store, DEALER)
    assert (said.home, said.show) == (("FI", "SE"), ("Malli", "KILPI"))
    again = client.post("/settings/dealers", data=form).text
    assert load_words("en").say("settings", "same") in again and '<span class="soft">admin</span>' in again
    listed = client.get("/settings").text
    assert "sales@auto.example" in listed and "FI, SE" in listed


def test_what_cannot_be_kept_is_said_and_stays_typed(server: Server) -> None:
    client = server.client(Role.ADMIN)
    answered = client.post("/settings/dealers", data={"name": DEALER, "city": "Turku", "email": "nobody"})
    assert answered.status_code == 422 and 'value="Turku"' in answered.text
    assert dealer_settings(server.store, DEALER).city == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_is_said_in_the_visitors_language(server: Server, language: str) -> None:
    client = server.client(Role.ADMIN)
    client.headers["accept-language"] = language
    words = load_words(language)
    for form, why, values in (
        ({"email": "nobody"}, "email", {}),
        ({"country": "Finland"}, "country", {}),
        ({"home": "XX"}, "home", {"codes": "XX"}),
        ({"show": "--"}, "show", {"n": 20}),
        ({"street": "x" * 300}, "long", {"name": words.say("settings", "street"), "n": 200}),
        ({"name": " "}, "no_name", {}),
    ):
        text = html.unescape(client.post("/settings/dealers", data={"name": DEALER, **form}).text)
        assert words.say("dealer_trouble", why, **values) in text, form
        assert "dealer: " not in text


def test_a_name_alone_makes_a_dealer_known(server: Server) -> None:
    client = server.client(Role.ADMIN)
    assert "Uusi Oy" not in client.get("/settings").text
    client.post("/settings/dealers", data={"name": "Uusi Oy"})
    assert "Uusi Oy" in client.get("/settings").text


def test_the_dealers_address_stands_in_the_question(server: Server) -> None:
    client = server.client(Role.ADMIN)
    client.post("/settings/dealers", data={"name": DEALER, "email": "sales@auto.example"})
    server.serving.settings = Settings(language="en", smtp_host="127.0.0.1", smtp_from="kilpi@dealer.example")
    case = worked(server.store, arrive(server.store, "a", dealer=DEALER), review())
    assert 'value="sales@auto.example"' in client.get(f"/cars/{case.id}/ask").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_variables_are_named_and_no_secret_is_shown(server: Server, language: str) -> None:
    server.serving.settings = Settings(
        default_register="svv,cars.csv",
        svv_key=SecretStr("very-secret-1"),
        smtp_password=SecretStr("very-secret-2"),
        database_url=SecretStr("postgresql://kilpi:very-secret-3@db/kilpi"),
        keep_days=33,
    )
    client = server.client(Role.ADMIN)
    client.cookies.set("kilpi_language", language, domain="testserver.local")
    text = client.get("/settings").text
    assert "very-secret" not in text
    for told in ("KILPI_KEEP_DAYS", "33", "KILPI_KEEP_IDLE_DAYS", "KILPI_REGISTER", "KILPI_PROMISE"):
        assert told in text
    words = load_words(language)
    assert text.count(words.say("settings", "asked_now")) >= 2  # svv and the file
    assert "KILPI_TRAFICOM_URL" in text  # what is missing


def test_a_registers_last_answer_and_its_silence_are_told(server: Server) -> None:
    client = server.client(Role.ADMIN)
    server.serving.metrics.asked(Step("svv", "found", False, 1.0))
    today = datetime.now(UTC).astimezone().strftime("%H:")
    text = client.get("/settings").text
    words = load_words("en")
    assert f"{words.word('register_answer', 'found')}</td>" in text and today[:2] in text
    server.serving.metrics.asked(Step("svv", "NotRegistered", False, 1.0))
    text = client.get("/settings").text
    assert words.word("register_answer", "NotRegistered") in text and "NotRegistered" not in text
    for _ in range(3):
        server.serving.metrics.asked(Step("svv", "RegisterUnavailable", False, 1.0))
    server.serving.metrics.asked(Step("svv", "found", True, 1.0))  # from the kept answers: says nothing of it
    assert load_words("en").say("settings", "failing", n=3) in client.get("/settings").text


def test_settings_are_the_administrators(server: Server) -> None:
    assert server.client(Role.STAFF).get("/settings").status_code == 403
    assert server.client(Role.STAFF).post("/settings/dealers", data={"name": "x"}).status_code == 403


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_register_lacks_is_named_in_no_language_of_its_own(server: Server, language: str) -> None:
    client = server.client(Role.ADMIN)
    text = html.unescape(client.get("/settings", headers={"accept-language": language}).text)
    lacks = load_words(language).say("settings", "lacks")
    assert f"{lacks}: KILPI_TRAFICOM_URL, KILPI_TRAFICOM_USER, KILPI_TRAFICOM_PASSWORD<" in text
    assert f"{lacks}: KILPI_DVLA_KEY<" in text
