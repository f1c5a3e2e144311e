"""Seconds from the samples' files, sent to `kilpi serve`, to every car decided.

    python recipes/samples_in.py [--workers 2] [--runs 3]

A server of its own is started for each run, on a port of this machine, with networks loaded by the first car;
the clock starts with the first byte sent.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx2 as httpx

from kilpi.store import Store
from kilpi.web import tokens
from kilpi.web.accounts import Role

SAMPLES = Path("samples")
ENDS = frozenset({"review", "draft", "ready", "waiting"})
PATIENCE_S = 120


def main() -> None:
    """Prints the seconds of each run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--port", type=int, default=8791)
    asked = parser.parse_args()
    for _ in range(asked.runs):
        with tempfile.TemporaryDirectory() as folder:
            print(f"{run(Path(folder) / 'data', asked.workers, asked.port):.1f} s")


def run(data: Path, workers: int, port: int) -> float:
    """One server, one time."""
    command = [sys.executable, "-m", "kilpi", "serve", "--data", str(data), "--port", str(port)]
    command += ["--register", "samples/register.csv", "--workers", str(workers)]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, stdout=quiet, stderr=quiet)
    try:
        site = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(site))
        store = Store.open(data)
        secret = tokens.make(store, "samples", Role.STAFF)
        store.close()
        with httpx.Client(base_url=site, headers={"Authorization": f"Bearer {secret}"}, timeout=60) as client:
            start = time.perf_counter()
            cases = [send(client, folder) for folder in sorted(SAMPLES.iterdir()) if folder.is_dir()]
            wait_until(lambda: all(client.get(case).json()["state"] in ENDS for case in cases))
            return time.perf_counter() - start
    finally:
        server.terminate()
        server.wait()


def send(client: httpx.Client, folder: Path) -> str:
    """One car's photos; the address of its case."""
    photos = [("photos", (path.name, path.read_bytes())) for path in sorted(folder.glob("*.jpg"))]
    made = client.post("/v1/cases", files=photos, data={"reference": folder.name})
    made.raise_for_status()
    return str(made.headers["location"])


def answers(site: str) -> bool:
    """Whether the server is up."""
    try:
        return httpx.get(f"{site}/healthz").status_code == 200
    except httpx.HTTPError:
        return False


def wait_until(there: Callable[[], bool]) -> None:
    """Waits, looking ten times a second. Raises TimeoutError."""
    until = time.monotonic() + PATIENCE_S
    while not there():
        if time.monotonic() > until:
            raise TimeoutError(f"not done after {PATIENCE_S} s")
        time.sleep(0.1)


if __name__ == "__main__":
    main()
