"""Where browsers reach a server, whether passwords would be safe on the way, and its place to listen."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from kilpi.errors import UsageError

BACKLOG = 2048  # who may wait until the server answers; uvicorn's default


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


@contextmanager
def listening(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Sockets that listen on every address of `host`, with one port; 0: any free one.

    Who comes before the server answers waits. Raises UsageError where nobody may listen there.
    """
    with ExitStack() as held:
        sockets: list[socket.socket] = []
        for family, kind, protocol, _, place in addresses(host, port):
            try:
                made = held.enter_context(closing(socket.socket(family, kind, protocol)))
                listen(made, (place[0], port_of(sockets) if sockets else port, *place[2:]))
            except OSError as error:
                if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):  # a machine without IPv6
                    raise UsageError(refused(host, port, error)) from None
            else:
                sockets.append(made)
        if not sockets:
            raise UsageError(f"serve: --host {host} is no address of this machine; give another")
        yield sockets


def addresses(host: str, port: int) -> list[tuple[int, int, int, str, tuple[object, ...]]]:
    """What a host's name stands for, as `socket.getaddrinfo` has it. Raises UsageError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise UsageError(f"serve: --host {host} is no address of this machine; give another") from None
    return list(dict.fromkeys(found))


def listen(made: socket.socket, place: tuple[object, ...]) -> None:
    """Begin to listen; the port of a server that has just ended is free. OSError."""
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if made.family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    made.bind(place)
    made.listen(BACKLOG)


def port_of(sockets: list[socket.socket]) -> int:
    """The port that they listen on."""
    return int(sockets[0].getsockname()[1])


def refused(host: str, port: int, error: OSError) -> str:
    """Why nobody may listen there, and what to do."""
    if error.errno == errno.EADDRINUSE:
        return (
            f"serve: port {port} of {host} is in use, perhaps by another kilpi serve; give another by --port"
        )
    if error.errno == errno.EACCES:
        return f"serve: port {port} is kept for the system; give one from 1024 on by --port"
    return f"serve: cannot listen on {host}, port {port} ({error.strerror}); give others by --host and --port"
