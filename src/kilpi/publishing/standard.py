"""The headers of Standard Webhooks 1.0 (github.com/standard-webhooks): id, timestamp, signature.

The package `standardwebhooks` does the same and tests hold this against it; it is not needed to run, for
these few lines are all of it that a sender needs, and `kilpi publish` posts without the extras of the
server.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """The key in a secret: base64 behind "whsec_"; any other secret is its own bytes."""
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError):
            pass
    return secret.encode()


def standard_headers(secret: str, identity: str, at: int, body: bytes) -> dict[str, str]:
    """What goes with a body that is sent at unix second `at` under the id `identity`."""
    digest = hmac.new(key_of(secret), f"{identity}.{at}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": identity, "webhook-timestamp": str(at), "webhook-signature": signature}
