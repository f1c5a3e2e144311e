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
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052; behind such a translator every name leads there
# Most embed an IPv4 address too; no server that is to be reached has one: refused as private ones are.
TUNNELS = tuple(
    map(
        ipaddress.ip_network,
        (
            "::/96",  # IPv4-compatible, given up (RFC 4291)
            "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
            "64:ff9b:1::/48",  # NAT64 of a network's own (RFC 8215)
            "2001::/32",  # Teredo (RFC 4380)
            "2002::/16",  # 6to4, given up (RFC 7526)
            "fec0::/10",  # site-local, given up (RFC 3879)
            "5f00::/16",  # segment routing inside a network (RFC 9602)
            "192.0.0.0/24",  # of protocols (RFC 6890); older Pythons know a part of it
            "192.88.99.0/24",  # 6to4 relays, given up (RFC 7526)
        ),
    )
)


def both(ip: Address) -> tuple[Address, ...]:
    """The address, and the IPv4 address that what is sent to it reaches in the end."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return ip, ip.ipv4_mapped
        if ip in NAT64:
            return ip, ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return (ip,)


def is_private(ip: Address) -> bool:
    """Whether it is none that anybody on the internet has, or one whose way leads through old tunnels."""
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        return False  # the IPv4 address inside tells
    return (
        not ip.is_global or ip.is_multicast or any(ip in net for net in TUNNELS if net.version == ip.version)
    )


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
            ips = both(ipaddress.ip_address(address.partition("%")[0]))
            private = any(map(is_private, ips))
            if private and not any(ip in net for ip in ips for net in self.nets if ip.version == net.version):
                raise UsageError(f"hook on {host}: is a private address; KILPI_HOOKS_PRIVATE may allow it")
            if not private and parts.scheme == "http":
                raise UsageError(f"hook on {host}: plain http is read by others on the way; use https")
        if not found:
            raise OSError(0, "no address")
        return parts, found[0]
