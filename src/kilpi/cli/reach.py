"""Where browsers reach a server, and whether passwords would be safe on the way."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

from kilpi.errors import UsageError


def address_of(
    host: str, port: int, public_url: str, proxied: bool, cert: Path | None, key: Path | None
) -> str:
    """Where browsers reach the server. Raises UsageError where passwords would travel in the open."""
    if (cert is None) != (key is None):
        raise UsageError("serve: --tls-cert and --tls-key belong together; give both")
    if not is_loopback(host) and cert is None and not proxied:
        raise UsageError(
            f"serve: --host {host} is not this machine alone; give --tls-cert and --tls-key, or name the "
            "proxy in front of it with --proxy and its address with --public-url"
        )
    if proxied and not public_url:
        raise UsageError("serve: --proxy needs --public-url, the https address that browsers use")
    if public_url:
        parts = urlsplit(public_url)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            raise UsageError("serve: --public-url begins with https://")
        return public_url.rstrip("/")
    named = f"[{host}]" if ":" in host else host
    return f"{'https' if cert else 'http'}://{named}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
