"""kilpi serve: where it may listen, what it prints, that it ends well, and that samples become cars."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from tests.fakes import write_car_photo
from tests.ports import free_port
from typer.testing import CliRunner

from kilpi.cli import app
from kilpi.cli.logs import tell_log
from kilpi.cli.reach import address_of, listening, port_of
from kilpi.cli.serve import make_server
from kilpi.config import Settings
from kilpi.errors import UsageError
from kilpi.store import Store
from kilpi.web import Serving

CERT, KEY = Path("cert.pem"), Path("key.pem")


@pytest.mark.parametrize(
    ("host", "public", "proxied", "tls", "address"),
    [
        ("127.0.0.1", "", False, False, "http://127.0.0.1:8765"),
        ("localhost", "", False, False, "http://localhost:8765"),
        ("::1", "", False, False, "http://[::1]:8765"),
        ("0.0.0.0", "", False, True, "https://0.0.0.0:8765"),
        ("0.0.0.0", "https://kilpi.example/", True, False, "https://kilpi.example"),
        ("127.0.0.1", "https://kilpi.example", True, False, "https://kilpi.example"),
    ],
)
def test_addresses(host: str, public: str, proxied: bool, tls: bool, address: str) -> None:
    assert address_of(host, 8765, public, proxied, CERT if tls else None, KEY if tls else None) == address


@pytest.mark.parametrize(
    ("host", "public", "proxied", "cert", "key", "words"),
    [
        ("0.0.0.0", "", False, None, None, "--tls-cert"),
        ("192.168.1.4", "https://kilpi.example", False, None, None, "--proxy"),
        ("kilpi.example", "", False, None, None, "not this machine alone"),
        ("0.0.0.0", "", False, CERT, None, "together"),
        ("0.0.0.0", "", True, None, None, "--public-url"),
        ("127.0.0.1", "http://kilpi.example", True, None, None, "https://"),
        ("127.0.0.1", "http://127.0.0.1.evil.example", True, None, None, "https://"),
    ],
)
def test_passwords_never_travel_in_the_open(
    host: str, public: str, proxied: bool, cert: Path | None, key: Path | None, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        address_of(host, 8765, public, proxied, cert, key)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def test_a_port_that_is_in_use_is_told_before_a_way_in_is_given_out(taken_port: int, tmp_path: Path) -> None:
    told = ["serve", "--data", str(tmp_path / "data"), "--port", str(taken_port), "--workers", "0"]
    result = CliRunner().invoke(app, told)
    assert isinstance(result.exception, UsageError)
    assert str(taken_port) in str(result.exception) and "--port" in str(result.exception)
    assert "/enter/" not in result.output
    assert not (tmp_path / "data" / "kilpi.db").exists()


def test_tls_files_that_cannot_be_used_are_told_before_a_way_in_is_given_out(tmp_path: Path) -> None:
    told = ["serve", "--data", str(tmp_path / "data"), "--port", "0", "--workers", "0"]
    told += ["--tls-cert", str(tmp_path / "chain.pem"), "--tls-key", str(tmp_path / "key.pem")]
    result = CliRunner().invoke(app, told)
    assert isinstance(result.exception, UsageError) and "chain.pem" in str(result.exception)
    assert "/enter/" not in result.output


def test_it_listens_where_it_says() -> None:
    with listening("localhost", 0) as sockets:
        port = port_of(sockets)
        assert port > 0 and len({made.getsockname()[1] for made in sockets}) == 1
        socket.create_connection(("127.0.0.1", port), 5).close()
        with pytest.raises(UsageError, match="in use"), listening("localhost", port):
            pass
    with listening("127.0.0.1", port):
        pass  # what has ended leaves its port
    with pytest.raises(UsageError, match="--host"), listening("192.0.2.1", 0):
        pass


def test_it_serves_takes_photos_in_and_ends_at_a_signal(tmp_path: Path) -> None:
    """A process of its own, without workers, so that no network is loaded."""
    write_car_photo(tmp_path / "yard" / "leaf" / "1.jpg", 1)
    port, data = free_port(), tmp_path / "data"
    told = [
        sys.executable,
        "-m",
        "kilpi",
        "serve",
        "--data",
        str(data),
        "--port",
        str(port),
        "--workers",
        "0",
    ]
    told += ["--take", str(tmp_path / "yard"), "--language", "en"]
    environment = {**os.environ, "KILPI_DATABASE_URL": ""}
    with subprocess.Popen(
        told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as run:
        assert run.stdout is not None and run.stderr is not None
        link = next(found[0] for line in run.stdout if (found := re.search(r"http://\S+/enter/\S+", line)))
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", follow_redirects=True) as client:
            wait_for(client)
            assert "leaf" in client.get(link).text + client.get("/cars").text
            assert client.get("/readyz").json()["status"] == "no_worker"
        run.send_signal(signal.SIGTERM)
        assert run.wait(30) == 0
        log = run.stderr.read()
    assert "GET /enter/{secret} 303" in log and link.rpartition("/")[2] not in log
    assert (data.stat().st_mode & 0o777, (data / "kilpi.db").stat().st_mode & 0o777) == (0o700, 0o600)


def wait_for(client: httpx2.Client) -> None:
    for _ in range(300):
        try:
            client.get("/healthz")
            return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not begin")


def test_what_the_server_under_the_pages_says_of_a_fault_holds_none_of_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As uvicorn writes it where an answer breaks off."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    for name in ("uvicorn", "uvicorn.error"):  # other tests' servers leave handlers of their own
        monkeypatch.setattr(logging.getLogger(name), "handlers", [])
        monkeypatch.setattr(logging.getLogger(name), "propagate", True)
    fault = KeyError("KLT-482")
    with closing(Store.open(tmp_path / "data")) as store:
        make_server(Serving(store, tmp_path / "data", Settings()), None, None)
        tell_log("text")
        logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=fault)
    said = capsys.readouterr().err
    assert "Exception in ASGI application" in said and "KeyError" in said and "KLT-482" not in said
