"""What a second worker of `kilpi bulk` brings, beside what a second process of plain computing does; memory.

    python recipes/bulk_scaling.py speed --photos samples --copies 4 --rounds 3
    python recipes/bulk_scaling.py memory --rows 100000 --engine local

`speed` runs control, local and Ray with one and with two workers, one after the other, `rounds` times, since
the machine may do other work as well. Rates count from the first rows to the last, so that loading is left
out; `whole` counts all. `memory` looks at no pixel: it asks whether rows that pass leave anything behind.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing as mp
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from kilpi.bulk.batch import LoadKilpi, Loads, Looked
from kilpi.bulk.engines import Engine, Local, Ray
from kilpi.bulk.run import bulk
from kilpi.photos.intake import walk_photos
from kilpi.types import Decision, Mark, PhotoRead, Reason, Verdict

PIECE = b"\0" * (1 << 20)


def spin(_: int) -> None:
    """Computing that needs no memory, disk or lock: sha256 of 100 MB."""
    for _ in range(100):
        hashlib.sha256(PIECE)


def control(workers: int, tasks: int) -> float:
    """Tasks a second."""
    with mp.get_context("spawn").Pool(workers) as pool:
        pool.map(abs, range(workers * 4), chunksize=1)  # all are up
        start = time.perf_counter()
        pool.map(spin, range(tasks), chunksize=1)
        return tasks / (time.perf_counter() - start)


def copies(photos: Path, count: int, to: Path) -> list[str]:
    """`count` copies of each photo, each with bytes of its own behind the end of the picture."""
    names = []
    for n in range(count):
        for i, name in enumerate(walk_photos([str(photos)])):
            copy = to / f"{n:03}-{i:03}{Path(name).suffix}"
            copy.write_bytes(Path(name).read_bytes() + f"copy {n}".encode())
            names.append(str(copy))
    return names


def timed(names: list[str], engine: Engine, loads: Loads) -> tuple[float, float]:
    """(photos a second from the first rows on, photos a second of the whole run)."""
    moments: list[tuple[float, int]] = []
    with tempfile.TemporaryDirectory() as out:
        done = bulk(names, out, engine, loads, "speed", lambda n: moments.append((time.perf_counter(), n)))
    seconds = moments[-1][0] - moments[0][0]
    return (done.read - moments[0][1]) / seconds, done.read / done.seconds


def speed(args: argparse.Namespace) -> None:
    """Prints a line a run and, last, the medians and ratios."""
    rates: dict[str, list[float]] = {}
    wholes: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        names = copies(args.photos, args.copies, Path(folder))
        for round_ in range(args.rounds):
            for workers in (1, 2):
                runs: dict[str, Callable[[], tuple[float, float]]] = {
                    "control": lambda n=workers: (control(n, args.tasks),) * 2,  # type: ignore[misc]
                    "local": lambda n=workers: timed(names, Local(n, 4), LoadKilpi()),  # type: ignore[misc]
                    "ray": lambda n=workers: ray_timed(names, n),  # type: ignore[misc]
                }
                for name, run in runs.items():
                    rate, whole = run()
                    rates.setdefault(f"{name}{workers}", []).append(rate)
                    wholes.setdefault(f"{name}{workers}", []).append(whole)
                    seen = {"round": round_, "run": name, "workers": workers, "rate": round(rate, 3)}
                    print(json.dumps({**seen, "load": os.getloadavg()[0]}), flush=True)
    gains = {
        name: statistics.median(b / a for a, b in zip(rates[f"{name}1"], rates[f"{name}2"], strict=True))
        for name in ("control", "local", "ray")
    }
    medians = {name: round(statistics.median(found), 3) for name, found in rates.items()}
    all_of = {name: round(statistics.median(found), 3) for name, found in wholes.items()}
    share = {name: round(gains[name] / gains["control"], 3) for name in ("local", "ray")}
    told = {"photos": len(names), "rates": medians, "whole": all_of, "two_against_one": gains}
    print(json.dumps({**told, "of_control": share}))


def ray_timed(names: list[str], workers: int) -> tuple[float, float]:
    """A Ray of its own for each run, so that no worker is warm."""
    import ray

    try:
        return timed(names, Ray(workers, 4), LoadKilpi())
    finally:
        ray.shutdown()


class Blank:
    """Looks at nothing and says what a car's photo usually gives."""

    def look(self, data: bytes, name: str) -> Looked:
        """A row like any other."""
        decision = Decision(Verdict.REVIEW, Mark("AAA-000", "FI"), 0.5, (Reason("not_sure_enough"),))
        return Looked(PhotoRead(name, 4000, 3000), decision)


def memory(args: argparse.Namespace) -> None:
    """Prints resident megabytes of this process, and of the largest child, every tenth of the rows."""
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory() as folder:
        photos, out = Path(folder) / "in", Path(folder) / "out"
        photos.mkdir()
        for n in range(args.rows):
            (photos / f"{n:06}.jpg").write_bytes(f"photo {n}".encode())
        seen, step = 0, args.rows // 10

        def tick(rows: int) -> None:
            nonlocal seen
            if (seen + rows) // step > seen // step:
                print(json.dumps({"rows": seen + rows, "mb": resident_mb(os.getpid())}), flush=True)
            seen += rows

        engine: Engine = Ray(2, 64) if args.engine == "ray" else Local(2, 64)
        done = bulk([str(photos)], str(out), engine, Blank, "memory", tick)
        unique = pq.read_table(out, columns=["sha256"]).column(0).unique()
        print(json.dumps({"rows": done.read, "unique": len(unique), "seconds": round(done.seconds, 1)}))


def resident_mb(pid: int) -> int:
    """VmRSS of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024


def main() -> None:
    """`speed` or `memory`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("speed", "memory"))
    parser.add_argument("--photos", type=Path, default=Path("samples"))
    parser.add_argument("--copies", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tasks", type=int, default=100)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--engine", choices=("local", "ray"), default="local")
    args = parser.parse_args()
    {"speed": speed, "memory": memory}[args.what](args)


if __name__ == "__main__":
    main()
