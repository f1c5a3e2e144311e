"""Sign-in by an OpenID provider: the authorization code flow with state, nonce and PKCE (RFC 7636).

Only the id token is believed, and only with the provider's signature. Nothing of it is kept but the name and
the SHA-256 of issuer and subject (`identities.py`). A sign-in that was begun is kept by its browser alone, in
a signed cookie: strangers who begin thousands push nobody's out. That a code is good for once is the
provider's part.
"""

from __future__ import annotations

import hmac
import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2 as httpx

from kilpi.config import Settings
from kilpi.errors import MissingExtra, UsageError
from kilpi.web.accounts import Role

LOG = logging.getLogger("kilpi.web")
BACK = "/sign-in/oidc/back"  # where the provider sends people back to
PENDING_S = 600.0  # a sign-in that was begun is over after so long
LONGEST_AFTER = 1_500  # bytes of the path to go on to: browsers drop cookies of 4,096 and more
KEPT_S = 3600.0  # what the provider says of itself is asked for again after so long
TIMEOUT_S = 10.0
LEEWAY_S = 60  # by which two clocks may differ
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
SEAL = "HS256"  # of our own cookies
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class SignInFailed(Exception):
    """The provider's sign-in did not succeed. `why` is a key of [error] in words/."""

    def __init__(self, why: str) -> None:
        self.why = why


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in that was begun in one browser. `begun` is by the server's own clock."""

    state: str
    nonce: str
    verifier: str
    after: str  # the path to go on to
    begun: float


@dataclass
class OpenId:
    """One provider, as the settings name it. Safe for several threads."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    scopes: str
    back: str  # the whole address of BACK
    client: httpx.Client = field(repr=False, default_factory=lambda: httpx.Client(timeout=TIMEOUT_S))
    clock: Callable[[], float] = time.monotonic
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)  # signs the cookies
    said: tuple[float, Mapping[str, Any]] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, settings: Settings, address: str) -> OpenId | None:
        """As configured; None: not at all. Raises UsageError, MissingExtra."""
        if not settings.oidc_issuer:
            return None
        parts = urlsplit(settings.oidc_issuer)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise UsageError("KILPI_OIDC_ISSUER: must begin with https; others on the way could sign in")
        if not settings.oidc_client_id:
            raise UsageError("KILPI_OIDC_CLIENT_ID: is missing; register Kilpi with the provider")
        try:
            import authlib  # noqa: F401
        except ImportError:
            raise MissingExtra("KILPI_OIDC_ISSUER needs Authlib; pip install 'kilpi[oidc]'") from None
        name = settings.oidc_name or parts.hostname or "OpenID"
        secret = settings.oidc_client_secret.get_secret_value()
        issuer, back = settings.oidc_issuer.rstrip("/"), address + BACK
        return cls(issuer, settings.oidc_client_id, secret, name, settings.oidc_scopes, back)

    def begin(self, after: str) -> tuple[str, str]:
        """A sign-in begins: (the provider's page to go to, the browser's cookie). Raises SignInFailed."""
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        where = self.provider()["authorization_endpoint"]
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        one = Pending(state, nonce, verifier, after if fits(after) else "/", self.clock())
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.back,
            "scope": self.scopes,
            "state": one.state,
            "nonce": one.nonce,
            "code_challenge": create_s256_code_challenge(one.verifier),
            "code_challenge_method": "S256",
        }
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}", self.sealed(one)

    def finish(self, cookie: str, state: str, code: str, error: str) -> tuple[Mapping[str, Any], str]:
        """The provider sent the person back: (the claims of the id token, where to go on).

        Raises SignInFailed.
        """
        one = self.opened(cookie)
        if one is None or self.clock() - one.begun >= PENDING_S:
            raise SignInFailed("oidc_stale")
        if not hmac.compare_digest(one.state.encode(), state.encode()):
            raise SignInFailed("oidc_stale")
        if error or not code:
            raise SignInFailed("oidc_refused")
        return self.claims(self.token(code, one.verifier), one.nonce), one.after

    def sealed(self, one: Pending) -> str:
        """A begun sign-in as a cookie that nobody else can make."""
        from joserfc import jwt
        from joserfc.jwk import OctKey

        return jwt.encode({"alg": SEAL}, asdict(one), OctKey.import_key(self.key), algorithms=[SEAL])

    def opened(self, cookie: str) -> Pending | None:
        """The begun sign-in of a cookie; None: it is not one of this server's, since its start."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import OctKey

        try:
            return Pending(**jwt.decode(cookie, OctKey.import_key(self.key), algorithms=[SEAL]).claims)
        except (JoseError, ValueError, TypeError, KeyError):
            return None

    def provider(self) -> Mapping[str, Any]:
        """What the provider says of itself. Raises SignInFailed."""
        if self.said and self.clock() - self.said[0] < KEPT_S:
            return self.said[1]
        found = self._json("GET", f"{self.issuer}/.well-known/openid-configuration")
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if found.get("issuer", "").rstrip("/") != self.issuer or not all(found.get(key) for key in needed):
            LOG.error("sign-in: the provider's discovery is of another issuer, or lacks an endpoint")
            raise SignInFailed("oidc_unreachable")
        self.said = self.clock(), found
        return found

    def token(self, code: str, verifier: str) -> str:
        """The id token for a code. Raises SignInFailed."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "client_id": self.client_id,
            "code_verifier": verifier,
        }
        ways = self.provider().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        basic = bool(self.client_secret) and "client_secret_basic" in ways
        if self.client_secret and not basic:
            form["client_secret"] = self.client_secret
        auth = httpx.BasicAuth(self.client_id, self.client_secret) if basic else None
        found = self._json("POST", self.provider()["token_endpoint"], data=form, auth=auth)
        return str(found.get("id_token", ""))

    def claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        """What a signed id token says, where it is ours, fresh, and answers this sign-in.

        Raises SignInFailed.
        """
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        try:
            keys = KeySet.import_key_set(self._json("GET", self.provider()["jwks_uri"]))  # type: ignore[arg-type]
            claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
            jwt.JWTClaimsRegistry(
                leeway=LEEWAY_S,
                iss={"essential": True, "values": [self.issuer, f"{self.issuer}/"]},
                aud={"essential": True, "value": self.client_id},
                exp={"essential": True},
                iat={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            LOG.error("sign-in: the id token is not valid (%s)", type(error).__name__)
            raise SignInFailed("oidc_invalid") from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self.client_id) != self.client_id:
            raise SignInFailed("oidc_invalid")
        return claims

    def _json(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        """An answer of the provider. Raises SignInFailed; what it said stays out of the log."""
        try:
            answer = self.client.request(method, address, headers={"Accept": "application/json"}, **more)
            found = answer.json() if answer.status_code == httpx.codes.OK else None
        except (httpx.HTTPError, ValueError) as error:
            LOG.error("sign-in: no answer of the provider (%s)", type(error).__name__)
            raise SignInFailed("oidc_unreachable") from None
        if not isinstance(found, dict):
            LOG.error("sign-in: the provider answered %d", answer.status_code)
            raise SignInFailed("oidc_refused" if 400 <= answer.status_code < 500 else "oidc_unreachable")
        return found


def fits(after: str) -> bool:
    """Whether a path is short enough for the cookie, as it is written there."""
    return len(json.dumps(after)) <= LONGEST_AFTER


def roles_of(text: str) -> dict[str, Role]:
    """The roles in "kilpi-staff=staff, kilpi-admin=admin". Raises UsageError."""
    found = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        value, _, role = part.rpartition("=")
        if not value.strip() or role.strip() not in set(Role):
            raise UsageError(f"KILPI_OIDC_ROLES: write VALUE=ROLE with {', '.join(Role)}, and commas between")
        found[value.strip()] = Role(role.strip())
    return found
