"""A real Postgres for the tests: made in a temporary folder, on a Unix socket, gone at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "nobody"  # Postgres refuses to run as root


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl: on the path, or where Debian puts them."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin: int(bin.parent.name))
    found = shutil.which("initdb")
    folders = ([Path(found).resolve().parent] if found else []) + debian[::-1]
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@contextmanager
def server(bin: Path) -> Iterator[str]:
    """A running server; its address, database `postgres`. The folder's name is short: sockets need that."""
    as_user = ["runuser", "-u", USER, "--"] if os.getuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="kilpi-pg-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if as_user:
            shutil.chown(folder, USER)
        data = folder / "data"
        run([*as_user, str(bin / "initdb"), "-D", str(data), "-U", "kilpi", "-A", "trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-sync"])  # fmt: skip
        ctl = [*as_user, str(bin / "pg_ctl"), "-D", str(data)]
        run([*ctl, *start(folder)])
        try:
            yield f"postgresql://kilpi@/postgres?host={folder}"
        finally:
            run([*ctl, "-m", "immediate", "stop"])


@contextmanager
def away(bin: Path, url: str) -> Iterator[None]:
    """The server of `url` is not there for a while, as after a power cut."""
    folder = Path(url.partition("host=")[2])
    as_user = ["runuser", "-u", USER, "--"] if os.getuid() == 0 else []
    ctl = [*as_user, str(bin / "pg_ctl"), "-D", str(folder / "data")]
    run([*ctl, "-m", "immediate", "stop"])
    try:
        yield
    finally:
        run([*ctl, *start(folder)])


def start(folder: Path) -> list[str]:
    """What pg_ctl is told to start the server of a folder."""
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c max_connections=60 -c fsync=off"
    return ["-w", "-l", str(folder / "log"), "-o", options, "start"]


def run(command: list[str]) -> None:
    """Runs a command; its output only where it fails."""
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd="/tmp")
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr}")
