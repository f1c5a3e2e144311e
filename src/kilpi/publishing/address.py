"""Addresses that may be posted to: not those of this machine or its neighbours, unless a person allows
them.

A name is looked up once, every address behind it is checked, and the connection goes to the one that was
checked: a name that answers otherwise the second time leads nowhere.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from kilpi.errors import UsageError

Resolve = Callable[[str, int], Sequence[str]]
Net = ipaddress.IPv4Network | ipaddress.IPv6Network


def addresses_of(host: str, port: int) -> list[str]:
    """What a name stands for now. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass(frozen=True)
class Allowed:
    """What may be posted to. `nets` are private networks that a person allows; plain http only to those."""

    nets: tuple[Net, ...] = ()
    resolve: Resolve = addresses_of

    @classmethod
    def parse(cls, text: str) -> Allowed:
        """KILPI_HOOKS_PRIVATE: "10.1.0.0/16, 127.0.0.1". Raises UsageError."""
        try:
            return cls(tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip()))
        except ValueError:
            raise UsageError(
                "KILPI_HOOKS_PRIVATE: expected networks, such as 10.1.0.0/16, with commas"
            ) from None

    def check(self, url: str) -> tuple[SplitResult, str]:
        """The address in parts, and the IP address to connect to. Raises UsageError, OSError.

        Of the address only its host is told: the rest may hold a token.
        """
        parts = urlsplit(url)
        host = parts.hostname
        if parts.scheme not in ("https", "http") or not host or parts.username or parts.password:
            raise UsageError("hook: expected https://host/path, without a name and password in it")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = list(self.resolve(host, port))
        for address in found:
            ip = ipaddress.ip_address(address.partition("%")[0])
            ip = getattr(ip, "ipv4_mapped", None) or ip
            private = not ip.is_global or ip.is_multicast
            if private and not any(ip in net for net in self.nets if ip.version == net.version):
                raise UsageError(f"hook on {host}: is a private address; KILPI_HOOKS_PRIVATE may allow it")
            if not private and parts.scheme == "http":
                raise UsageError(f"hook on {host}: plain http is read by others on the way; use https")
        if not found:
            raise OSError(0, "no address")
        return parts, found[0]
