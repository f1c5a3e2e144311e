"""What a second worker of `kilpi bulk` brings, beside what a second process of plain computing does; memory.

    python recipes/bulk_scaling.py speed --photos samples --copies 4 --rounds 3
    python recipes/bulk_scaling.py memory --rows 100000 --engine local

`speed` runs, for each engine, control, engine with one worker, then both with two; every other round turned
around: each engine is held against a control of the same minutes, for the machine may do other work too.
Rates count from the first rows to the last, so that loading is left out; `whole` counts all. `memory`
looks at no pixel: it asks whether rows that pass leave anything behind.
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
    with tempfile.TemporaryDirectory() as folder:
        names = copies(args.photos, args.copies, Path(folder))
        runs: dict[str, Callable[[int], tuple[float, float]]] = {
            "local": lambda n: timed(names, Local(n, 4), LoadKilpi()),
            "ray": lambda n: ray_timed(names, n),
        }
        for name in args.engines.split(","):
            told = [pair(name, runs[name], round_, args.tasks) for round_ in range(args.rounds)]
            print(json.dumps({"engine": name, "photos": len(names), "rounds": args.rounds, **summed(told)}))


Rates = dict[str, float]


def pair(name: str, run: Callable[[int], tuple[float, float]], round_: int, tasks: int) -> Rates:
    """One round of an engine and its control: rates of both with one and with two workers, and whole runs."""
    orders = [("control", 1), (name, 1), ("control", 2), (name, 2)]
    found: Rates = {}
    for which, workers in orders[:: 1 if round_ % 2 == 0 else -1]:
        rate, whole = (control(workers, tasks),) * 2 if which == "control" else run(workers)
        key = "control" if which == "control" else "engine"
        found |= {f"{key}{workers}": rate, f"{key}{workers}_whole": whole}
        seen = {"round": round_, "run": which, "workers": workers, "rate": round(rate, 3)}
        print(json.dumps({**seen, "load": round(os.getloadavg()[0], 1)}), flush=True)
    return found


def summed(told: list[Rates]) -> dict[str, object]:
    """Medians of the rates; two against one, and that as a share of the control's."""
    medians = {key: round(statistics.median(one[key] for one in told), 3) for key in told[0]}
    gains = {key: [one[f"{key}2"] / one[f"{key}1"] for one in told] for key in ("engine", "control")}
    shares = [mine / plain for mine, plain in zip(gains["engine"], gains["control"], strict=True)]
    return {
        **medians,
        "two_against_one": {key: round(statistics.median(values), 3) for key, values in gains.items()},
        "of_control": round(statistics.median(shares), 3),
        "of_control_by_round": [round(share, 3) for share in shares],
    }


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
    parser.add_argument("--engines", default="local,ray", help="of speed")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--engine", choices=("local", "ray"), default="local")
    args = parser.parse_args()
    {"speed": speed, "memory": memory}[args.what](args)


if __name__ == "__main__":
    main()
