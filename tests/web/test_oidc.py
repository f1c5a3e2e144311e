"""Sign-in by an OpenID provider: a real one on loopback, and one that lies."""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2 as httpx
import oidc_provider_mock
import pytest
import sqlalchemy as sa
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient
from tests.web.serving import ADDRESS, Server, cheap_passwords, server

from kilpi.config import Settings
from kilpi.errors import UsageError
from kilpi.store import Store
from kilpi.store.tables import identities as table
from kilpi.web import Serving, accounts, create_app, identities
from kilpi.web.accounts import Role
from kilpi.web.oidc import OpenId, SignInFailed, roles_of
from kilpi.web.visitor import COOKIE

__all__ = ["server"]
BACK = "/sign-in/oidc/back"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A real provider's address; it knows anna, of the staff, and bo, of whom nothing more is said."""
    users = [
        oidc_provider_mock.User(sub="anna", claims={"name": "Anna A", "groups": ["kilpi-staff"]}),
        oidc_provider_mock.User(sub="bo", claims={"name": "Bo B"}),
    ]
    with oidc_provider_mock.run_server_in_thread(user_claims=users) as running:
        yield f"http://localhost:{running.server_port}"


Make = Callable[..., Server]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Servers with settings of OpenID."""
    cheap_passwords(monkeypatch)
    stores: list[Store] = []

    def one(issuer: str, **more: Any) -> Server:
        store = Store.open(tmp_path / f"data-{len(stores)}")
        stores.append(store)
        asked = {"oidc_client_id": "kilpi", "oidc_client_secret": "secret", "oidc_name": "Company", **more}
        settings = Settings(language="en", oidc_issuer=issuer, **asked)
        serving = Serving(store, tmp_path / "data", settings, address=ADDRESS)
        return Server(serving, create_app(serving))

    yield one
    for store in stores:
        store.close()


def go(client: TestClient, after: str = "/") -> str:
    """The provider's address that the button leads to."""
    return str(client.get("/sign-in/oidc", params={"next": after}).headers["location"])


def through(client: TestClient, sub: str, after: str = "/") -> httpx.Response:
    """Signs in at the real provider, and is sent back."""
    to = go(client, after)
    sent = httpx.post(to, data={"sub": sub}, follow_redirects=False)
    back = urlsplit(sent.headers["location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == f"{ADDRESS}{BACK}"
    return client.get(f"{back.path}?{back.query}")


def test_a_person_with_a_mapped_role_comes_in_and_goes_on(make: Make, provider: str) -> None:
    server = make(provider, oidc_role_claim="groups", oidc_roles="kilpi-staff=staff, kilpi-boss=admin")
    client = server.nobody()
    assert "Sign in with Company" in client.get("/sign-in").text
    answer = through(client, "anna", "/cars?state=review")
    assert answer.status_code == 303 and answer.headers["location"] == "/cars?state=review"
    assert (
        client.get("/review").status_code != 303
        or "/sign-in" not in client.get("/review").headers["location"]
    )
    (user,) = accounts.all_users(server.store)
    assert (user.name, user.role, user.has_password) == ("Anna A", Role.STAFF, False)
    assert through(server.nobody(), "anna").status_code == 303
    assert len(accounts.all_users(server.store)) == 1, "the same person is the same user"


def test_thousands_of_strangers_push_nobody_out(make: Make, provider: str) -> None:
    server = make(provider, oidc_role_claim="groups", oidc_roles="kilpi-staff=staff")
    client, openid = server.nobody(), server.serving.openid
    assert openid is not None
    to = go(client, "/cars")
    for _ in range(3_000):
        openid.begin("/")
    sent = httpx.post(to, data={"sub": "anna"}, follow_redirects=False)
    back = urlsplit(sent.headers["location"])
    answer = client.get(f"{back.path}?{back.query}")
    assert answer.status_code == 303 and answer.headers["location"] == "/cars"


def test_without_a_role_nobody_comes_in_until_an_administrator_grants_it(make: Make, provider: str) -> None:
    server = make(provider)
    client = server.nobody()
    answer = through(client, "bo")
    assert answer.status_code == 403 and "Ask an administrator" in answer.text
    assert COOKIE not in client.cookies and accounts.all_users(server.store) == []
    boss = server.client(Role.ADMIN)
    (one,) = identities.waiting(server.store)
    assert one.name == "Bo B" and "Bo B" in boss.get("/users").text
    refused = boss.post(f"/users/waiting/{one.id}/grant", data={"role": "dealer"})
    assert refused.status_code == 422 and 'aria-describedby="dealer-1-amiss"' in refused.text
    assert boss.post(f"/users/waiting/{one.id}/grant", data={"role": "staff"}).status_code == 303
    assert identities.waiting(server.store) == []
    assert through(client, "bo").headers["location"] == "/"
    assert client.get("/cars").status_code == 200
    bo = next(user for user in accounts.all_users(server.store) if user.name == "Bo B")
    accounts.end_user(server.store, bo.id)
    assert client.get("/cars").status_code == 303, "out at once"
    ended = through(client, "bo")
    assert ended.status_code == 403 and "was ended" in ended.text


def test_who_is_refused_is_forgotten_and_waits_again(make: Make, provider: str) -> None:
    server = make(provider)
    through(server.nobody(), "bo")
    (one,) = identities.waiting(server.store)
    assert server.client(Role.ADMIN).post(f"/users/waiting/{one.id}/forget").status_code == 303
    assert identities.waiting(server.store) == []
    through(server.nobody(), "bo")
    assert len(identities.waiting(server.store)) == 1


@dataclass
class Liar:
    """A provider whose answers a test changes; it holds what it was asked."""

    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    claims: dict[str, Any] = field(default_factory=dict)
    signed_by: RSAKey | None = None
    algorithm: str = "RS256"
    status: int = 200
    nonce: str = ""
    form: dict[str, str] = field(default_factory=dict)
    issuer: str = "https://login.example"

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("openid-configuration"):
            paths = {"authorization_endpoint": "/auth", "token_endpoint": "/token", "jwks_uri": "/keys"}
            return httpx.Response(
                200, json={"issuer": self.issuer, **{k: self.issuer + p for k, p in paths.items()}}
            )
        if request.url.path == "/keys":
            return httpx.Response(200, json={"keys": [self.key.as_dict(private=False)]})
        self.form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        now = int(time.time())
        said = {"iss": self.issuer, "aud": "kilpi", "sub": "1", "name": "Eve", "iat": now, "exp": now + 60}
        said |= {"nonce": self.nonce, "groups": ["s"], **self.claims}
        token = jwt.encode({"alg": self.algorithm, "kid": "1"}, said, self.signed_by or self.key)
        return httpx.Response(self.status, json={"id_token": token})


@pytest.fixture
def liar() -> Liar:
    return Liar()


def lied_to(make: Make, liar: Liar, **more: Any) -> tuple[Server, TestClient]:
    """A server that believes in the liar, and a browser."""
    server = make(liar.issuer, oidc_role_claim="groups", oidc_roles="s=staff, d=dealer, a=admin", **more)
    assert server.serving.openid is not None
    server.serving.openid.client = httpx.Client(transport=httpx.MockTransport(liar))
    return server, server.nobody()


def answered(client: TestClient, liar: Liar, **change: str) -> httpx.Response:
    """The way through the liar; `change` is put into the address that leads back."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(go(client)).query).items()}
    liar.nonce = asked["nonce"]
    return client.get(BACK, params={"code": "c", "state": asked["state"], **change})


def test_state_nonce_and_pkce_go_along(make: Make, liar: Liar) -> None:
    _, client = lied_to(make, liar)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(go(client)).query).items()}
    assert asked["code_challenge_method"] == "S256" and asked["redirect_uri"] == ADDRESS + BACK
    liar.nonce = asked["nonce"]
    assert client.get(BACK, params={"code": "c", "state": asked["state"]}).status_code == 303
    assert create_s256_code_challenge(liar.form["code_verifier"]) == asked["code_challenge"]
    assert len({asked["state"], asked["nonce"], liar.form["code_verifier"]}) == 3
    again = client.get(BACK, params={"code": "c", "state": asked["state"]})
    assert again.status_code == 400, "once"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "another"},
        {"aud": ["kilpi", "another"]},  # and nobody says for whom
        {"aud": ["kilpi", "another"], "azp": "another"},
        {"iss": "https://evil.example"},
        {"exp": 1_000},
        {"exp": None},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    make: Make, liar: Liar, claims: dict[str, Any]
) -> None:
    server, client = lied_to(make, liar)
    liar.claims = claims
    answer = answered(client, liar)
    assert answer.status_code == 400 and "cannot be trusted" in answer.text
    assert COOKIE not in client.cookies and accounts.all_users(server.store) == []


def test_a_token_with_another_signature_is_refused(make: Make, liar: Liar) -> None:
    _, client = lied_to(make, liar)
    liar.signed_by = RSAKey.generate_key(2048, {"kid": "1"})
    assert "cannot be trusted" in answered(client, liar).text


def test_a_sign_in_of_another_browser_or_state_is_refused(make: Make, liar: Liar) -> None:
    server, client = lied_to(make, liar)
    assert "Begin again" in answered(client, liar, state="guessed").text
    asked = parse_qs(urlsplit(go(client)).query)
    stolen = server.nobody().get(BACK, params={"code": "c", "state": asked["state"][0]})
    assert stolen.status_code == 400 and "another browser" in stolen.text
    assert server.nobody().get(BACK).status_code == 400
    assert answered(client, liar).status_code == 303


def test_a_begun_sign_in_is_this_servers_and_ends(make: Make, liar: Liar) -> None:
    server, _ = lied_to(make, liar)
    openid = server.serving.openid
    assert openid is not None
    _, cookie = openid.begin("/cars")
    one = openid.opened(cookie)
    assert one is not None and one.after == "/cars"
    head, body, seal = cookie.split(".")
    other = replace(openid, key=b"x" * 32)
    unsigned = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=") + f".{body}."
    changed = f"{head}.{body[:-2]}{'AA' if body[-2:] != 'AA' else 'BB'}.{seal}"
    for false in (other.sealed(one), unsigned, changed, "", "a.b.c", "é", cookie + "x"):
        assert openid.opened(false) is None, false
    now = openid.clock()
    for later, found in ((599.0, "oidc_refused"), (601.0, "oidc_stale")):
        openid.clock = partial(float.__add__, now, later)
        with pytest.raises(SignInFailed) as caught:
            openid.finish(cookie, one.state, "", "access_denied")
        assert caught.value.why == found


def test_a_browser_keeps_the_cookie_wherever_one_goes_on(make: Make, liar: Liar) -> None:
    server, _ = lied_to(make, liar)
    openid = server.serving.openid
    assert openid is not None
    for after, kept in (("/cars?q=" + "x" * 1_000, True), ("/cars?q=" + "ä" * 1_900, False)):
        _, cookie = openid.begin(after)
        one = openid.opened(cookie)
        assert len(cookie) < 3_500 and one is not None and (one.after == after) is kept
        assert kept or one.after == "/"


def test_what_the_provider_refuses_or_cannot_is_said(make: Make, liar: Liar) -> None:
    _, client = lied_to(make, liar)
    refused = answered(client, liar, code="", error="access_denied")
    assert refused.status_code == 400 and "did not let you in" in refused.text
    liar.status = 503
    gone = answered(client, liar)
    assert gone.status_code == 502 and "gives no answer" in gone.text
    liar.issuer = "https://login.example"
    finnish = client.get(BACK, headers={"accept-language": "fi"})
    assert "Aloita uudelleen" in finnish.text


def test_a_role_follows_the_claims(make: Make, liar: Liar) -> None:
    server, client = lied_to(make, liar, oidc_dealer_claim="org.name")
    answered(client, liar)
    liar.claims = {"groups": ["d"], "org": {"name": " Auto  Oy "}}
    assert answered(server.nobody(), liar).status_code == 303
    (user,) = accounts.all_users(server.store)
    assert (user.role, user.dealer) == (Role.DEALER, "Auto Oy")
    assert client.get("/review").status_code == 303, "the sessions with the old role are over"
    liar.claims = {"groups": []}
    assert answered(server.nobody(), liar).status_code == 403
    liar.claims = {"groups": ["d"]}
    assert answered(server.nobody(), liar).status_code == 403, "a dealer's user without a dealer"


def test_the_last_administrator_stays(make: Make, liar: Liar) -> None:
    server, client = lied_to(make, liar)
    liar.claims = {"groups": "a"}
    assert answered(client, liar).status_code == 303
    liar.claims = {"groups": "s"}
    told = answered(server.nobody(), liar)
    assert told.status_code == 400 and "last administrator" in told.text


def test_two_people_of_one_name_are_two_users(make: Make, liar: Liar) -> None:
    server, _ = lied_to(make, liar)
    for sub in ("1", "2"):
        liar.claims = {"sub": sub}
        answered(server.nobody(), liar)
    assert [user.name for user in accounts.all_users(server.store)] == ["Eve", "Eve 2"]


def test_nobody_waits_for_ever(make: Make, liar: Liar) -> None:
    server, _ = lied_to(make, liar)
    liar.claims = {"groups": []}
    answered(server.nobody(), liar)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    server.store.write(lambda tx: tx.run(sa.update(table).values(seen=long_ago)))
    liar.claims = {"groups": [], "sub": "2", "name": "Adam"}
    answered(server.nobody(), liar)
    assert [one.name for one in identities.waiting(server.store)] == ["Adam"]


def test_settings_that_make_no_sense_do_not_start(server: Server) -> None:
    assert roles_of("a b=staff, c=admin ,") == {"a b": Role.STAFF, "c": Role.ADMIN}
    for roles in ("staff", "x=boss", "=staff"):
        with pytest.raises(UsageError, match="KILPI_OIDC_ROLES"):
            roles_of(roles)
    for wrong in (
        {"oidc_issuer": "http://login.example", "oidc_client_id": "k"},
        {"oidc_issuer": "https://a"},
    ):
        with pytest.raises(UsageError, match="KILPI_OIDC"):
            OpenId.of(Settings(**wrong), ADDRESS)  # type: ignore[arg-type]
    assert server.nobody().get("/sign-in/oidc").status_code == 404, "none is configured"
