"""The commands of docs/api.md, run as they stand against a real server on loopback."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from tests.fakes import FakeDetector, FakeReader, write_car_photo
from tests.web.serving import Server, server

from kilpi.cases import Maker, State, read_case
from kilpi.pipeline import Kilpi
from kilpi.web import tokens
from kilpi.web.accounts import Role

__all__ = ["server"]
PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def address(server: Server) -> Iterator[str]:
    line = Kilpi(detector=FakeDetector(), reader=FakeReader("ABC987"))
    server.serving.maker = Maker(line, server.serving.data)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    running = uvicorn.Server(uvicorn.Config(server.app, port=port, log_level="error"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join(10)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_every_command_works(server: Server, address: str, tmp_path: Path) -> None:
    for seed, name in enumerate(("front", "rear", "inside")):
        write_car_photo(tmp_path / f"{name}.jpg", seed, (320, 240))
    token = tokens.make(server.store, "docs", Role.STAFF)
    begin = f"set -eu\nKILPI={address}\nAUTH='Authorization: Bearer {token}'\n"
    for block in BLOCKS:
        done = subprocess.run(
            ["bash", "-c", begin + block], cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr + done.stdout
        assert '"kind":"Unprocessable' not in done.stdout, done.stdout
    assert len(BLOCKS) == 2
    made = json.loads((tmp_path / "made.json").read_text())
    assert (made["how"], made["case"]["reference"], made["refused"]) == ("new", "A-17", [])
    assert read_case(server.store, made["case"]["id"]).state is State.ERASED
    plates = json.loads(done.stdout)
    assert [one["plates"][0]["text"] for one in plates] == ["ABC-987", "ABC-987"]


def test_every_route_that_the_page_names_is_there(server: Server) -> None:
    there = set(server.nobody().get("/v1/openapi.json").json()["paths"])
    named = set(re.findall(r"`(?:GET|POST|DELETE) (/v1/[a-z0-9./{}_]+)`", PAGE)) - {"/v1/openapi.json"}
    assert named and named <= there
