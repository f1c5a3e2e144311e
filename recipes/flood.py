"""Many photos by REST and by a watched folder: is any lost, does memory grow?

    PYTHONPATH=. python recipes/flood.py --photos 10000 --minutes 25

Half comes by POST /v1/cases to a real server on loopback (10 photos a case), half lies in a watched folder
(10 a folder). No network looks at them; everything else is as in earnest. Prints resident memory every
tenth, and at the end how many photos are in no case or in two. What does not fit the minutes is not sent:
each way has half of them.
"""

from __future__ import annotations

import argparse
import json
import socket
import tempfile
import threading
import time
from pathlib import Path

import httpx2
import numpy as np
import sqlalchemy as sa
import uvicorn

from kilpi.config import Settings
from kilpi.doors.watch import Watch
from kilpi.hashing import sha256_hex
from kilpi.images import encode_jpeg
from kilpi.store import Store
from kilpi.store.tables import photos
from kilpi.web import Serving, create_app, tokens
from kilpi.web.accounts import Role

EACH = 10  # photos of a case


def photo(number: int) -> bytes:
    """A small photo unlike any other."""
    return encode_jpeg(
        np.random.default_rng(number).integers(0, 255, (32, 48, 3), dtype=np.uint8).repeat(4, 0)
    )


def resident_mb() -> int:
    """VmRSS of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024


def told(what: str, done: int, total: int) -> None:
    """A line every tenth."""
    if done % max(EACH, total // 10) == 0:
        print(json.dumps({"by": what, "photos": done, "mb": resident_mb()}), flush=True)


def by_api(store: Store, data: Path, count: int, sent: set[str], until: float) -> None:
    """One request after the other."""
    serving = Serving(store, data, Settings(rate_per_minute=0))
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(serving), port=port, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    headers = {"authorization": f"Bearer {tokens.make(store, 'flood', Role.STAFF)}"}
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=120) as client:
        for begin in range(0, count, EACH):
            if time.monotonic() > until:
                break
            contents = [photo(begin + n) for n in range(EACH)]
            sent.update(map(sha256_hex, contents))
            files = [("photos", (f"{n}.jpg", content, "image/jpeg")) for n, content in enumerate(contents)]
            client.post("/v1/cases", files=files).raise_for_status()
            told("api", begin + EACH, count)
    server.should_exit = True


def by_folder(store: Store, data: Path, folder: Path, count: int, sent: set[str], until: float) -> None:
    """In tenths, as they would be copied in over a day."""
    folder.mkdir()
    watch = Watch(store, folder, data, settle_s=0.0)
    for begin in range(0, count, EACH):
        place = folder / f"car-{begin}"
        place.mkdir()
        for n in range(EACH):
            content = photo(1_000_000 + begin + n)
            sent.add(sha256_hex(content))
            (place / f"{n}.jpg").write_bytes(content)
        if (begin + EACH) % max(EACH, count // 10) == 0:
            while watch.look():
                pass
            told("folder", begin + EACH, count)
            if time.monotonic() > until:
                break


def main() -> None:
    """Prints what was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=120.0)
    args = parser.parse_args()
    half, half_s = args.photos // 2, args.minutes * 30
    with tempfile.TemporaryDirectory() as name:
        top, sent, start = Path(name), set[str](), time.monotonic()
        store = Store.open(top / "data")
        by_api(store, top / "data", half, sent, start + half_s)
        by_folder(store, top / "data", top / "in", half, sent, start + 2 * half_s)
        with store.engine.connect() as connection:
            kept = [row[0] for row in connection.execute(sa.select(photos.c.sha256))]
        doubled = len(kept) - len(set(kept))
        seconds = round(time.monotonic() - start)
        print(
            json.dumps(
                {"sent": len(sent), "lost": len(sent - set(kept)), "doubled": doubled, "seconds": seconds}
            )
        )
        store.close()


if __name__ == "__main__":
    main()
