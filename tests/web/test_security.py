"""What every answer carries, what a log line never holds, and what forms do with nonsense."""

from __future__ import annotations

import logging
import re
import string
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cases.helping import in_state
from tests.web.serving import Server, server

from kilpi.cases import State
from kilpi.web import create_app
from kilpi.web.app import ruled
from kilpi.web.serving import Serving
from kilpi.web.words import load_words

__all__ = ["server"]


@pytest.mark.parametrize("path", ["/sign-in", "/cars", "/nothing", "/v1/cases", "/static/kilpi.css"])
def test_every_answer_is_guarded(server: Server, path: str) -> None:
    headers = server.client().get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert ("no-store" in headers["cache-control"]) == (not path.startswith("/static"))
    assert "strict-transport-security" not in headers


def test_over_https_cookies_and_addresses_stay_there(server: Server) -> None:
    old = server.serving
    safe = Serving(old.store, old.data, old.settings, address="https://kilpi.example")
    server.app = create_app(safe)
    headers = server.nobody().post("/language", data={"code": "sv"}).headers
    assert "Secure" in headers["set-cookie"] and "strict-transport-security" in headers


@pytest.mark.parametrize("path", ["/sign-in", "/cars", "/receive", "/users", "/account"])
def test_pages_hold_no_inline_script_or_style(server: Server, path: str) -> None:
    from kilpi.web.accounts import Role

    html = server.client(Role.ADMIN).get(path).text
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son[a-z]+=|\sstyle=|<style|javascript:|https?://", html)
    assert len(html.encode()) < 200_000


def test_logs_name_the_route_and_nothing_that_was_sent(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    case = in_state(server.store, State.REVIEW)
    caplog.set_level(logging.INFO, logger="kilpi")
    client = server.client()
    client.post("/cars", data={"words": "ABC-987"})
    client.get("/cars?state=ABC-987")
    client.get(f"/cars/{case.id}/pictures/ABC-987.jpg")
    client.get("/ABC-987")
    client.post(f"/v1/cases/{case.id}/answer", json={"answer": {"what": "mark", "text": "ABC-987 " * 9}})
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("kilpi")]
    assert len(lines) >= 5 and not any("ABC" in line for line in lines)
    assert any("/cars/{case_id}/pictures/{name}" in line for line in lines)


def test_a_fault_tells_its_kind_and_no_more(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The client of the tests raises what a route raises: nothing is left for the server to log."""
    from kilpi.web.routes import cars

    def broken(*args: object, **more: object) -> None:
        raise ValueError("ABC-987")

    monkeypatch.setattr(cars, "find", broken)
    answer = server.client().get("/cars")
    assert answer.status_code == 500 and "ValueError" in answer.text and "ABC" not in answer.text
    assert (
        answer.headers["cache-control"] == "no-store"
        and "default-src" in answer.headers["content-security-policy"]
    )
    assert "ValueError" in caplog.text and "ABC" not in caplog.text


def test_all_languages_have_all_words() -> None:
    keys = [
        {(table, key) for table, words in load_words(code).tables.items() for key in words}
        for code in ("fi", "sv", "en")
    ]
    assert keys[0] == keys[1] == keys[2]


def test_the_language_is_the_visitors_choice(server: Server) -> None:
    client = server.nobody()
    assert 'lang="sv"' in client.get("/sign-in", headers={"accept-language": "sv-FI,fi;q=0.5"}).text
    assert 'lang="en"' in client.get("/sign-in", headers={"accept-language": "xx"}).text
    client.post("/language", data={"code": "fi"})
    assert 'lang="fi"' in client.get("/sign-in", headers={"accept-language": "sv"}).text


FORMS = sorted(
    {
        "/sign-in", "/cars", "/language", "/users", "/tokens", "/account", "/users/x/invite", "/users/x/end",
        "/tokens/x/end", "/receive", "/invited/x",
    }
)  # fmt: skip
NAMES = (
    "name",
    "password",
    "old",
    "next",
    "words",
    "state",
    "cursor",
    "code",
    "role",
    "dealer",
    "seen",
    "csrf",
)
TEXT = st.text(st.characters(codec="utf-8"), max_size=40) | st.text(string.printable, max_size=300)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(FORMS), form=st.dictionaries(st.sampled_from(NAMES), TEXT, max_size=5))
def test_forms_take_any_nonsense(server: Server, path: str, form: dict[str, str]) -> None:
    from kilpi.web.accounts import Role

    answer = server.client(Role.ADMIN, "fuzz").post(path, data=form)
    assert answer.status_code < 500, (path, form)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=TEXT, query=TEXT)
def test_addresses_take_any_nonsense(server: Server, path: str, query: str) -> None:
    from urllib.parse import quote

    client = server.client()
    for below in ("", "cars/", "v1/cases/", "static/", "cars/x/photos/"):
        answer = client.get(
            f"/{below}{quote(path, safe='')}?state={quote(query)}&cursor={quote(query)}&side=1"
        )
        assert answer.status_code < 500, (path, query)


def test_static_files_are_all_that_the_mount_gives(server: Server) -> None:
    ruled_ones = {id(route) for route in ruled(server.app)}
    assert [getattr(route, "path", "") for route in server.app.routes if id(route) not in ruled_ones] == [
        "/static"
    ]
    client = server.nobody()
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/sign-in", "/cars", "/v1/cases/search", "/nothing"])
def test_forms_are_small(server: Server, path: str) -> None:
    """Also without a length, and before anybody is asked who it is."""

    def pieces() -> Iterator[bytes]:
        for _ in range(40):
            yield b"name=" + b"a" * 100_000 + b"&"

    kind = {"content-type": "application/x-www-form-urlencoded"}
    for client in (server.nobody(), server.client()):
        assert client.post(path, content=pieces(), headers=kind).status_code in (413, 404)


def test_nobody_fills_the_disk(server: Server) -> None:
    large = {"photos": ("a.jpg", b"0" * 3_000_000)}
    for path in ("/v1/cases", "/v1/plates", "/receive"):
        assert server.nobody().post(path, files=large).status_code == 413
        assert server.client().post(path, files=large).status_code != 413
