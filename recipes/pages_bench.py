"""How long the server takes for the list of cars with many cases: python -m recipes.pages_bench PLACE

PLACE is a folder (SQLite) or the address of a Postgres database, filled by recipes/store_bench.py where it is
empty. Every page is asked for in this process, rendered whole, as a signed-in member of the staff. One JSON
line a page: milliseconds, and what else the machine did.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from recipes.store_bench import DEALERS, MAKES, backend_of, existing, fill, on_cpu_ms, place_parser
from starlette.testclient import TestClient

from kilpi.cases import Case
from kilpi.config import Settings
from kilpi.store import Store
from kilpi.web import Serving, accounts, create_app, sessions
from kilpi.web.accounts import Role
from kilpi.web.visitor import COOKIE

ADDRESS = "http://testserver"


def main() -> None:
    parser = place_parser(__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=60)
    asked = parser.parse_args()
    store, chance = Store.open(asked.place), random.Random(1)
    made = existing(store) or fill(store, asked.cases, chance)
    print(json.dumps({"database": store.engine.dialect.name, "cases": len(made)}))
    backend = backend_of(store)
    with tempfile.TemporaryDirectory() as data:
        client = signed_in(Serving(store, Path(data), Settings(language="en"), address=ADDRESS))
        for name, ask in pages(client, made, chance).items():
            print(json.dumps({"page": name, **measure(ask, asked.calls, backend)}), flush=True)
    store.close()


def signed_in(serving: Serving) -> TestClient:
    """A member of the staff."""
    user = accounts.add_user(serving.store, f"bench {time.time_ns()}", Role.STAFF, "")
    cookie = sessions.begin(serving.store, user.id)
    client = TestClient(create_app(serving), ADDRESS, follow_redirects=False)
    client.cookies.set(COOKIE, cookie, domain="testserver.local")
    client.headers["x-csrf-token"] = sessions.csrf_token(cookie)
    return client


def pages(client: TestClient, made: list[Case], chance: random.Random) -> dict[str, Callable[[], None]]:
    """Each call asks for something else."""

    def get(query: Callable[[], str]) -> Callable[[], None]:
        def ask() -> None:
            answer = client.get(f"/cars?{query()}")
            assert answer.status_code == 200, answer.status_code

        return ask

    def search(words: Callable[[Case], str], query: str = "") -> Callable[[], None]:
        def ask() -> None:
            answer = client.post(f"/cars?{query}", data={"words": words(chance.choice(made))})
            assert answer.status_code == 200, answer.status_code

        return ask

    def dealer() -> str:
        return str(chance.choice(DEALERS)).replace(" ", "+")

    found = {"first page": get(lambda: "")}
    for column in ("title", "dealer", "price", "age", "changed"):
        found[f"by {column}"] = get(lambda c=column: f"sort={c}")  # type: ignore[misc]
        found[f"by {column}, turned, a rare state of a dealer"] = get(
            lambda c=column: f"sort={c}&turned=1&state=waiting&dealer={dealer()}"  # type: ignore[misc]
        )
        found[f"by {column}, sold, over 90 days"] = get(
            lambda c=column: f"sort={c}&state=sold&age=over_quarter"  # type: ignore[misc]
        )
    found["search, a whole mark"] = search(lambda case: case.mark.text if case.mark else "")
    found["search, three letters"] = search(lambda case: case.mark.text[:3] if case.mark else "")
    found["search, a reference"] = search(lambda case: case.reference)
    found["search, a make, by price"] = search(lambda case: chance.choice(MAKES), "sort=price")
    found["search, a word of every case, by title"] = search(lambda case: "autotalo", "sort=title")
    found["search, make and year, sold, by title"] = search(lambda case: case.title, "sort=title&state=sold")
    found["search, a dealer's make in review"] = search(
        lambda case: f"{case.dealer} {chance.choice(MAKES)}", "state=review&sort=title"
    )
    return found


def measure(ask: Callable[[], None], calls: int, backend: Path | None = None) -> dict[str, float]:
    """Milliseconds of the whole answer, this process's own time, and that of Postgres's backend."""
    ask()
    took, cpu, served = [], [], []
    for _ in range(calls):
        begun, begun_cpu, begun_served = time.perf_counter(), time.process_time(), on_cpu_ms(backend)
        ask()
        took.append((time.perf_counter() - begun) * 1000)
        cpu.append((time.process_time() - begun_cpu) * 1000)
        served.append(on_cpu_ms(backend) - begun_served)
    p50, p95 = (round(float(part), 1) for part in np.percentile(took, [50, 95]))
    own, theirs = (round(float(np.percentile(part, 95)), 1) for part in (cpu, served))
    found = {"p50_ms": p50, "p95_ms": p95, "cpu_p95_ms": own, "load": round(os.getloadavg()[0], 1)}
    return found | ({"server_cpu_p95_ms": theirs} if backend else {})


if __name__ == "__main__":
    main()
