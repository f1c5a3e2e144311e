"""20 reviewers and 5 senders for 10 minutes on loopback: p95, errors, and the server's memory.

    python recipes/load.py --minutes 10 [--samples samples]

The networks are stand-ins, as in review_speed.py: every photo shows one plate, not surely read, so every car
is asked about. All else is real, and the server is a process of its own. Needs kilpi[dev].
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from kilpi.cases import Beside, LaidOut, Maker, Workers, counts
from kilpi.config import Settings
from kilpi.geometry import quad_from_box
from kilpi.pipeline import Kilpi
from kilpi.store import Store
from kilpi.types import Box, Guess, Photo, Pixels, Reading, Sighting
from kilpi.web import Serving, accounts, create_app, sessions
from kilpi.web.accounts import Role

PLATE = Box(522, 838, 813, 926)  # of samples/qashqai/1.jpg
MARK = re.compile(rb"#mark:(\w+)$")
REVIEWERS, SENDERS = 20, 5
EVERY_S = 15.0  # the server's memory is looked at


class Finds:
    """The plate where it is in every copy, and the mark that stands behind the JPEG's end."""

    def __init__(self) -> None:
        self.seen = ""

    def find(self, photos: Sequence[Photo]) -> list[list[Sighting]]:
        """One plate in each photo that was sent; none in a finished picture."""
        found = [MARK.search(photo.data[-40:]) for photo in photos]
        self.seen = next((one[1].decode() for one in found if one), "")
        return [[Sighting(quad_from_box(PLATE), 0.9)] if one else [] for one in found]

    def read(self, crops: Sequence[Pixels]) -> list[Reading]:
        """The mark of the photo, not surely."""
        return [Reading(tuple((Guess(char, 0.6),) for char in self.seen), "stand-in") for _ in crops]


def serve(data: Path, port: int) -> None:
    """The server, with one worker, until it is killed."""
    store = Store.open(data)

    def maker() -> Maker:
        nets = Finds()
        return Maker(Kilpi(detector=nets, reader=nets, language="en"), data, originals=store.originals)

    asking = maker()
    working = Workers(store, lambda: LaidOut(store, maker(), Beside(data)), watch=asking.settle)
    working.start()
    serving = Serving(
        store,
        data,
        Settings(language="en"),
        address=f"http://127.0.0.1:{port}",
        changed=working.wake,
        maker=asking,
    )
    uvicorn.run(create_app(serving), host="127.0.0.1", port=port, log_level="warning", access_log=False)


def people(data: Path, photo: Path) -> Path:
    """Users with sessions, as load_people.py reads them."""
    store = Store.open(data)
    kinds = {"reviewers": REVIEWERS, "senders": SENDERS}
    asked: dict[str, object] = {"photo": str(photo.resolve())}
    for kind, count in kinds.items():
        users = [accounts.add_user(store, f"{kind} {n}", Role.STAFF) for n in range(count)]
        asked[kind] = [sessions.begin(store, user.id) for user in users]
    store.close()
    path = data / "people.json"
    path.write_text(json.dumps(asked))
    return path


def rss_mb(pid: int) -> float:
    """The resident memory of a process."""
    text = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", text)
    return int(found[1]) / 1024 if found else 0.0


def watch(pid: int, seen: list[float], over: threading.Event) -> None:
    """Notes the server's memory until it is over."""
    while not over.wait(EVERY_S):
        seen.append(rss_mb(pid))


def main() -> None:
    """Runs it and prints what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--samples", type=Path, default=Path("samples"))
    parser.add_argument("--port", type=int, default=8793)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.serve, asked.port)
        return
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        env = {**os.environ, "KILPI_LOAD": str(people(data, asked.samples / "qashqai" / "1.jpg"))}
        command = [sys.executable, __file__, "--serve", folder, "--port", str(asked.port)]
        server = subprocess.Popen(command)
        seen: list[float] = []
        over = threading.Event()
        watcher = threading.Thread(target=watch, args=(server.pid, seen, over), daemon=True)
        load = [f"{os.getloadavg()[0]:.1f}"]
        try:
            time.sleep(8)
            watcher.start()
            run_locust(data, env, asked.minutes, asked.port)
        finally:
            over.set()
            load.append(f"{os.getloadavg()[0]:.1f}")
            server.terminate()
            server.wait(30)
        tell(data, seen, load)


def run_locust(data: Path, env: dict[str, str], minutes: float, port: int) -> None:
    """All people at once after 10 s, until the time is over."""
    everybody = str(REVIEWERS + SENDERS)
    command = [sys.executable, "-m", "locust", "-f", str(Path(__file__).with_name("load_people.py"))]
    command += ["--headless", "-u", everybody, "-r", "3", "-t", f"{round(60 * minutes)}s", "--only-summary"]
    command += [
        "--host",
        f"http://127.0.0.1:{port}",
        "--csv",
        str(data / "load"),
        "--exit-code-on-error",
        "0",
    ]
    quiet = subprocess.DEVNULL
    subprocess.run(command, env=env, check=True, stdout=quiet, stderr=quiet)


def tell(data: Path, seen: Sequence[float], load: Sequence[str]) -> None:
    """Each kind of request, all of them, the memory, and what became of the cars."""
    with (data / "load_stats.csv").open() as file:
        for row in csv.DictReader(file):
            name = row["Name"]
            print(
                f"{name:28} n {int(row['Request Count']):6}  errors {row['Failure Count']:>3}  "
                f"median {row['50%']:>5} ms  p95 {row['95%']:>5} ms  p99 {row['99%']:>5} ms"
            )
    with (data / "load_failures.csv").open() as file:
        for row in csv.DictReader(file):
            print(f"failed: {row['Method']} {row['Name']}: {row['Error']} ({row['Occurrences']})")
    third = max(1, len(seen) // 3)
    middle, last = (sum(part) / len(part) for part in (seen[third : 2 * third] or seen, seen[-third:]))
    print(f"memory MB: {seen[0]:.0f} after {EVERY_S:.0f} s, most {max(seen):.0f}, last {seen[-1]:.0f}")
    print("memory MB, minute by minute:", *(f"{value:.0f}" for value in seen[:: round(60 / EVERY_S)]))
    print(f"memory MB, mean of the middle third {middle:.0f}, of the last {last:.0f}")
    store = Store.open(data)
    print("cars:", ", ".join(f"{state.value} {n}" for state, n in counts(store).items() if n))
    store.close()
    print(f"machine's load before and after: {' and '.join(load)}")


if __name__ == "__main__":
    main()
