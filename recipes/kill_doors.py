"""kill -9 at random moments of a mixed load: server, watcher, mail, worker, sender, IMAP, Postgres.

    PYTHONPATH=. python recipes/kill_doors.py --kills 100 --folders 60 --mails 30 --seed 1

Cars come as folders that are copied slowly into a watched folder, as mails and by REST. Printed at the end:
how many photos are in no case (lost) or in two (doubled), how many events were never delivered, and how
many ids came with two different bodies. All of these must be 0. The flow looks at no pixel; everything else
is as in earnest: a real Postgres, a real IMAP server (dovecot), a real receiver, all on loopback. Needs
Debian's postgresql and dovecot-imapd.
"""

from __future__ import annotations

import argparse
import http.server
import json
import logging
import multiprocessing as mp
import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import httpx2
import numpy as np
import sqlalchemy as sa
import uvicorn
from pydantic import SecretStr
from tests.mail_server import PASSWORD, USER, Dovecot, dovecot
from tests.ports import free_port
from tests.postgres import binaries

from kilpi.cases import Outcome, State, Task, Workers
from kilpi.cases.outgoing import outbox
from kilpi.cases.outgoing.outbox import add_hook
from kilpi.config import Settings
from kilpi.doors import deliver
from kilpi.doors.deliver import Deliver
from kilpi.doors.mail import MailDoor
from kilpi.doors.watch import Watch
from kilpi.errors import KilpiError
from kilpi.hashing import sha256_hex
from kilpi.images import encode_jpeg
from kilpi.publishing.address import Allowed
from kilpi.store import Store
from kilpi.store.tables import cases, deliveries, events, photos
from kilpi.web import Serving, create_app, tokens
from kilpi.web.accounts import Role

CONTEXT = mp.get_context("forkserver")
SETTLE_S = 0.5
STILL_S = 240.0


def flow(task: Task) -> Outcome:
    """Takes a while and says what stands fast, so that a worker may die in it."""
    time.sleep(random.uniform(0.0, 0.2))
    return Outcome(state=State.DRAFT, missing=("price",), weights="none")


def opened(url: str, folder: Path) -> Store:
    """The store, as soon as Postgres is there."""
    while True:
        try:
            return Store.open(url, originals=folder / "data" / "originals")
        except KilpiError:
            time.sleep(0.2)


def watcher(url: str, folder: Path, settings: Settings) -> None:
    """One process."""
    watch = Watch(opened(url, folder), folder / "in", folder / "data", settle_s=SETTLE_S, patience_s=3.0)
    watch.steady.settle_s = SETTLE_S
    watch.run(threading.Event())


def reader(url: str, folder: Path, settings: Settings) -> None:
    """One process."""
    MailDoor(opened(url, folder), folder / "data", settings, every_s=0.5).run(threading.Event())


def worker(url: str, folder: Path, settings: Settings) -> None:
    """One process."""
    workers = Workers(opened(url, folder), lambda: flow, lease_s=3.0, poll_s=0.3)
    workers.start()
    while workers.alive:
        time.sleep(1)


def sender(url: str, folder: Path, settings: Settings) -> None:
    """One process."""
    outbox.LEASE_S, deliver.WAITS_S = 3.0, (1,) * 9  # in earnest minutes and hours
    Deliver(opened(url, folder), Allowed.parse("127.0.0.0/8")).run(threading.Event())


def server(url: str, folder: Path, settings: Settings) -> None:
    """One process: the REST core, without workers."""
    serving = Serving(opened(url, folder), folder / "data", settings)
    uvicorn.run(create_app(serving), port=int((folder / "port").read_text()), log_level="critical")


ROLES: dict[str, Callable[[str, Path, Settings], None]] = {
    "watcher": watcher,
    "mail": reader,
    "worker": worker,
    "sender": sender,
    "server": server,
}


def run_role(name: str, url: str, folder: Path, settings: Settings) -> None:
    """What a child does; it says nothing, for whatever is killed complains."""
    logging.disable(logging.CRITICAL)
    ROLES[name](url, folder, settings)


class Postgres:
    """A server in a folder, that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        found = binaries()
        assert found, "apt-get install postgresql"
        self.bin, self.folder, self.user = (
            found,
            folder,
            ["runuser", "-u", "nobody", "--"] if os.getuid() == 0 else [],
        )
        if self.user:
            shutil.chown(folder, "nobody")
        initdb = [
            str(found / "initdb"),
            "-D",
            str(folder / "data"),
            "-U",
            "kilpi",
            "-A",
            "trust",
            "--no-sync",
        ]
        subprocess.run([*self.user, *initdb], check=True, capture_output=True, cwd="/tmp")

    @property
    def url(self) -> str:
        """Its address."""
        return f"postgresql://kilpi@/postgres?host={self.folder}"

    def start(self) -> None:
        """Until it answers; the children of a killed server may need a moment to end."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c max_connections=100"
        ctl = [
            str(self.bin / "pg_ctl"),
            "-D",
            str(self.folder / "data"),
            "-w",
            "-l",
            str(self.folder / "log"),
        ]
        for _ in range(60):
            done = subprocess.run([*self.user, *ctl, "-o", options, "start"], capture_output=True, cwd="/tmp")
            if done.returncode == 0:
                return
            time.sleep(0.5)
        raise RuntimeError((self.folder / "log").read_text()[-2000:])

    def kill(self) -> None:
        """The postmaster, at once."""
        pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes webhooks; now and then it is busy."""

    seen: dict[str, set[bytes]] = {}  # noqa: RUF012 (one receiver a run)

    def do_POST(self) -> None:
        """One webhook."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.seen.setdefault(str(self.headers["webhook-id"]), set()).add(body)
        self.send_response(503 if random.random() < 0.05 else 204)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Nothing."""


def photo(number: int) -> bytes:
    """A small photo unlike any other."""
    pixels = np.random.default_rng(number).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    return encode_jpeg(pixels.repeat(4, 0).repeat(4, 1))


def put_folders(folder: Path, count: int, sent: set[str]) -> None:
    """Each is copied in pieces, as over a slow network."""
    for n in range(count):
        place = folder / "in" / f"car-{n}"
        place.mkdir()
        for i in range(2):
            content = photo(10_000 + 2 * n + i)
            sent.add(sha256_hex(content))
            with (place / f"{i}.jpg").open("wb") as file:
                for piece in range(0, len(content), 4000):
                    file.write(content[piece : piece + 4000])
                    file.flush()
                    time.sleep(0.01)
        time.sleep(random.uniform(0, 0.5))


def put_mails(server: Dovecot, count: int, sent: set[str]) -> None:
    """Each until the server has it; one that was killed in between may then have it twice."""
    for n in range(count):
        mail = EmailMessage()
        mail["From"], mail["Subject"], mail["Message-ID"] = "a@x.example", f"car {n}", f"<{n}@x.example>"
        mail.set_content("Hello")
        for i in range(2):
            content = photo(20_000 + 2 * n + i)
            sent.add(sha256_hex(content))
            mail.add_attachment(content, maintype="image", subtype="jpeg", filename=f"{i}.jpg")
        while True:
            try:
                server.put(mail.as_bytes())
                break
            except Exception:
                time.sleep(0.2)
        time.sleep(random.uniform(0, 0.5))


def put_rest(folder: Path, count: int, sent: set[str]) -> None:
    """Each request until it is answered; the key makes a second one the same."""
    headers = {"authorization": f"Bearer {(folder / 'token').read_text()}"}
    address = f"http://127.0.0.1:{(folder / 'port').read_text()}/v1/cases"
    for n in range(count):
        contents = [photo(30_000 + 2 * n + i) for i in range(2)]
        sent.update(map(sha256_hex, contents))
        files = [("photos", (f"{i}.jpg", content, "image/jpeg")) for i, content in enumerate(contents)]
        while True:
            try:
                asked = {**headers, "idempotency-key": f"car-{n}"}
                if httpx2.post(address, files=files, headers=asked, timeout=20).is_success:
                    break
            except httpx2.HTTPError:
                pass
            time.sleep(0.2)
        time.sleep(random.uniform(0, 0.5))


def counted(store: Store, sent: set[str]) -> dict[str, int]:
    """What is wrong, and how much there is."""
    with store.engine.connect() as connection:
        rows = [row[0] for row in connection.execute(sa.select(photos.c.sha256))]
        told = {row[0] for row in connection.execute(sa.select(deliveries.c.id))}
        waiting = connection.execute(
            sa.select(sa.func.count()).where(deliveries.c.delivered.is_(None))
        ).scalar_one()
        given_up = connection.execute(
            sa.select(sa.func.count()).where(deliveries.c.delivered.is_(None), deliveries.c.free_at.is_(None))
        ).scalar_one()
        happened = connection.execute(sa.select(sa.func.count()).select_from(events)).scalar_one()
        made = connection.execute(sa.select(sa.func.count()).select_from(cases)).scalar_one()
        undecided = connection.execute(
            sa.select(sa.func.count()).where(cases.c.state.in_(["received", "working"]))
        ).scalar_one()
    return {
        "cases": made,
        "photos": len(rows),
        "lost": len(sent - set(rows)),
        "doubled": len(rows) - len(set(rows)),
        "undecided": undecided,
        "events": happened,
        "events_without_delivery": happened - len(told),
        "undelivered": waiting,
        "given_up": given_up,
        "never_received": len(told - set(Receiver.seen)),
        "ids_with_two_bodies": sum(len(bodies) > 1 for bodies in Receiver.seen.values()),
    }


def run(kills: int, folders: int, mails: int, requests: int, seed: int, limit_s: float) -> dict[str, object]:
    """The whole; gives the counts."""
    random.seed(seed)
    with (
        tempfile.TemporaryDirectory(prefix="kp-", dir="/tmp", ignore_cleanup_errors=True) as pg,
        dovecot() as imap,
        tempfile.TemporaryDirectory(prefix="kilpi-doors-") as name,
    ):
        folder, sent = Path(name), set[str]()
        (folder / "in").mkdir()
        postgres = Postgres(Path(pg))
        postgres.start()
        receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        settings = Settings(
            mail_host="127.0.0.1", mail_port=imap.port, mail_tls="none", mail_user=USER,
            mail_password=SecretStr(PASSWORD), mail_senders="@x.example=X Oy",
        )  # fmt: skip
        store = opened(postgres.url, folder)
        (folder / "port").write_text(str(free_port()))
        (folder / "token").write_text(tokens.make(store, "load", Role.STAFF))
        add_hook(store, f"http://127.0.0.1:{receiver.server_address[1]}/")
        children = {role: begin(role, postgres.url, folder, settings) for role in ROLES}
        loads = [
            threading.Thread(target=put_folders, args=(folder, folders, sent), daemon=True),
            threading.Thread(target=put_mails, args=(imap, mails, sent), daemon=True),
            threading.Thread(target=put_rest, args=(folder, requests, sent), daemon=True),
        ]
        try:
            for load in loads:
                load.start()
            killed = kill_at_random(kills, limit_s, children, postgres, imap, folder, settings)
            for load in loads:
                load.join()
            found = drained(store, sent, imap, folder)
            return {"killed": killed, **found, "seed": seed}
        finally:
            for child in children.values():
                child.kill()
            receiver.shutdown()
            store.close()
            postgres.kill()


def begin(role: str, url: str, folder: Path, settings: Settings) -> mp.process.BaseProcess:
    """A child of a role."""
    child = CONTEXT.Process(target=run_role, args=(role, url, folder, settings), daemon=True)
    child.start()
    return child


def kill_at_random(
    kills: int,
    limit_s: float,
    children: dict[str, mp.process.BaseProcess],
    postgres: Postgres,
    imap: Dovecot,
    folder: Path,
    settings: Settings,
) -> dict[str, int]:
    """One after the other, each begun again at once; how often each was killed."""
    killed = dict.fromkeys([*ROLES, "postgres", "imap"], 0)
    until = time.monotonic() + limit_s
    while sum(killed.values()) < kills and time.monotonic() < until:
        time.sleep(random.uniform(0.05, 1.0))
        victim = random.choice(list(killed))
        killed[victim] += 1
        if victim == "postgres":
            postgres.kill()
            postgres.start()
        elif victim == "imap":
            imap.kill()
            imap.start()
        else:
            children[victim].kill()
            children[victim].join()
            children[victim] = begin(victim, postgres.url, folder, settings)
    return killed


def drained(store: Store, sent: set[str], imap: Dovecot, folder: Path) -> dict[str, int]:
    """The counts once all is done, or once nothing has moved for STILL_S: a busy machine takes longer."""
    before, found, moved = dict[str, int](), dict[str, int](), time.monotonic()
    while time.monotonic() < moved + STILL_S:
        time.sleep(1)
        try:
            left = [name for name in os.listdir(folder / "in") if name not in ("done", "failed")]  # noqa: PTH208
            found = counted(store, sent) | {"mails_left": imap.count(), "folders_left": len(left)}
        except (sa.exc.SQLAlchemyError, OSError):
            continue
        waits = ("lost", "undecided", "undelivered", "mails_left", "folders_left")
        if not any(found[name] for name in waits):
            break
        if found != before:
            before, moved = found, time.monotonic()
    return found


def main() -> None:
    """Prints the counts as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("kills", 100), ("folders", 60), ("mails", 30), ("requests", 30), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--limit-s", type=float, default=420.0)
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    CONTEXT.set_forkserver_preload(
        ["kilpi.doors.watch", "kilpi.doors.mail", "kilpi.doors.deliver", "kilpi.web", "uvicorn"]
    )
    print(json.dumps(run(args.kills, args.folders, args.mails, args.requests, args.seed, args.limit_s)))


if __name__ == "__main__":
    main()
