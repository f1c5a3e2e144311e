"""Adverts by HTTP POST to an address of the dealer's own: signed, repeatable, without surprises.

Body: JSON, {"event": "advert.published", "id", "listing", "pictures": [{"name", "sha256", "content"}]} with
pictures in base64, or {"event": "advert.withdrawn", "id"}. Headers:

- `Idempotency-Key`: the same for the same content of the same car; a receiver acts on each key once.
- `webhook-id` (that key), `webhook-timestamp`, `webhook-signature`: as Standard Webhooks has them, whose
  libraries check them.
- `Kilpi-Signature`: `t=<unix seconds>,v1=<hex>`, HMAC-SHA256 over `<t>.<body>` with the shared secret.
  A receiver compares in constant time and refuses what is older than a few minutes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx2

from kilpi.adverts.public_advert import LISTING
from kilpi.errors import PublishError, UsageError
from kilpi.publishing.entries import Entry
from kilpi.publishing.posting import post
from kilpi.publishing.standard import standard_headers
from kilpi.retry import AGAIN, pause_s, retry_after_s

TRIES = 4
TIMEOUT_S = 30.0  # for a whole attempt, and the time that its body takes:
SLOWEST = 50_000  # bytes a second that a line must carry
LONGEST_WAIT_S = 60.0
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def signature(secret: str, body: bytes, at: int) -> str:
    """The value of `Kilpi-Signature` for a body sent at unix second `at`."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def published(entry: Entry) -> bytes:
    """The body that tells of an advert; the small copies of pictures stay at home."""
    pictures = [
        {
            "name": picture.name,
            "sha256": hashlib.sha256(entry.files[picture.name]).hexdigest(),
            "content": base64.b64encode(entry.files[picture.name]).decode(),
        }
        for picture in entry.shown.pictures
    ]
    body = {
        "event": "advert.published",
        "id": entry.shown.id,
        "listing": json.loads(entry.files[LISTING]),
        "pictures": pictures,
    }
    return json.dumps(body, ensure_ascii=False).encode()


def withdrawn(identity: str) -> bytes:
    """The body that tells that an advert is gone."""
    return json.dumps({"event": "advert.withdrawn", "id": identity}, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Webhook:
    """One address. `send` posts until it is taken, or raises PublishError."""

    url: str = field(repr=False)  # may hold a token
    secret: str = field(repr=False)
    transport: httpx2.AsyncBaseTransport | None = None
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "https" and parts.hostname not in LOCAL:
            raise UsageError(f"webhook on {self.host}: plain http is read by others on the way; use https")
        if not self.secret:
            raise UsageError(f"webhook on {self.host}: set KILPI_WEBHOOK_SECRET, which signs what is sent")

    @property
    def host(self) -> str:
        """For messages: never the whole address."""
        return urlsplit(self.url).hostname or "?"

    def send(self, body: bytes, key: str) -> None:
        """Post one body under an idempotency key; tries again where the receiver is busy or away."""
        problem = ""
        for attempt in range(TRIES):
            at = int(self.now())
            headers = {
                "Content-Type": "application/json",
                "Idempotency-Key": key,
                "Kilpi-Signature": signature(self.secret, body, at),
                **standard_headers(self.secret, key, at, body),
            }
            asked = None
            try:
                answer = post(
                    self.url,
                    body,
                    headers,
                    within_s=TIMEOUT_S + len(body) / SLOWEST,
                    environment=True,
                    transport=self.transport,
                )
            except (httpx2.TransportError, TimeoutError) as error:
                problem = type(error).__name__
            else:
                if 200 <= answer.status < 300:
                    return
                problem = f"status {answer.status}"
                if answer.status not in AGAIN:
                    break
                asked = retry_after_s(answer.retry_after, datetime.fromtimestamp(self.now(), UTC))
            if attempt + 1 < TRIES:
                self.sleep(min(LONGEST_WAIT_S, pause_s(attempt, asked, first=1.0)))
        raise PublishError(f"webhook on {self.host}: {problem}; nothing is lost, run kilpi publish again")
